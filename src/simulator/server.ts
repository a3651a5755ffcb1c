/** A whole Omie on one port: `const omie = await startSimulator(); … await omie.close()`. */
import { createServer } from 'node:http';
import { createClock, type SimulatorClock } from './clock.ts';
import { FaultPlan } from './faults.ts';
import { Journal } from './journal.ts';
import { defaultLimits, LimitGate, noLimits, type SimulatorLimits } from './limits.ts';
import type { SimulatedCompany } from './model.ts';
import { defaultQuirks, type Quirks } from './quirks.ts';
import { createRequestHandler } from './request-handler.ts';
import { Store } from './store.ts';

export interface SimulatorOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  host?: string;
  seed?: number;
  companies?: number;
  titlesPerCompany?: number;
  /** How long every admitted call takes. */
  latencyMs?: number;
  clock?: SimulatorClock;
  /** `false` switches all of them off; a key set to `false`, that one. */
  limits?: Partial<SimulatorLimits> | false;
  quirks?: Partial<Quirks>;
  /** `rate_limit` written into the credentials file. */
  rateLimit?: number;
}

/** One entry of the credentials file. */
export interface SimulatedCredential {
  app_key: string;
  app_secret: string;
  nome: string;
  cnpj: string;
  ambiente: 'producao' | 'sandbox';
  rate_limit: number;
  grupos: string[];
}

export interface Simulator {
  /** What OMIE_BASE_URL takes, e.g. http://127.0.0.1:PORT/api/v1/ */
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  readonly companies: readonly SimulatedCompany[];
  readonly faults: FaultPlan;
  readonly clock: SimulatorClock;
  readonly journal: Journal;
  readonly quirks: Readonly<Quirks>;
  credentialsFile(): Record<string, SimulatedCredential>;
  /** Seeds anew and forgets faults, journal, rates and blocks. The clock stays. */
  reset(): void;
  close(): Promise<void>;
}

const DEFAULT_RATE_LIMIT = 240;

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const clock = options.clock ?? createClock();
  const quirks: Quirks = { ...defaultQuirks, ...options.quirks };
  const limits: SimulatorLimits = options.limits === false ? noLimits : { ...defaultLimits, ...options.limits };
  const store = new Store({
    seed: options.seed ?? 1,
    companies: options.companies ?? 3,
    titlesPerCompany: options.titlesPerCompany ?? 400,
    clock,
  });
  const faults = new FaultPlan();
  const journal = new Journal();
  const gate = new LimitGate(limits, quirks, clock);
  const server = createServer(
    // Connections stay open between calls, as Omie's front keeps them.
    { keepAliveTimeout: 30_000 },
    createRequestHandler({
      store,
      gate,
      faults,
      journal,
      clock,
      quirks,
      latencyMs: options.latencyMs ?? 0,
    }),
  );
  const host = options.host ?? '127.0.0.1';
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/api/v1/`,
    port,
    store,
    companies: store.companies,
    faults,
    clock,
    journal,
    quirks,
    credentialsFile: () => credentialsOf(store.companies, options.rateLimit ?? DEFAULT_RATE_LIMIT),
    reset: () => {
      store.reset();
      faults.clear();
      journal.clear();
      gate.reset();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function credentialsOf(companies: readonly SimulatedCompany[], rateLimit: number): Record<string, SimulatedCredential> {
  return Object.fromEntries(
    companies.map((company) => [
      company.id,
      {
        app_key: company.appKey,
        app_secret: company.appSecret,
        nome: company.nome,
        cnpj: company.cnpj,
        ambiente: company.ambiente,
        rate_limit: rateLimit,
        grupos: [...company.grupos],
      },
    ]),
  );
}
