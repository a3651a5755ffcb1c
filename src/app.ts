import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompanyDirectory } from './companies/company-directory.ts';
import { CredentialManager } from './companies/credential-manager.ts';
import { CredentialsSource } from './companies/credentials-source.ts';
import { fullAccess } from './companies/principal.ts';
import type { Environment } from './config/environment.ts';
import type { Variables } from './config/load-config.ts';
import { packageVersion } from './config/package-version.ts';
import { refuseOpenDoor, refuseUnsupported } from './config/start-checks.ts';
import { ConfigurationError } from './errors.ts';
import { type Clock, todayInSaoPaulo } from './finance/dates.ts';
import { createAuthenticate } from './http/authenticate.ts';
import { CallsInFlight } from './http/calls-in-flight.ts';
import { createGuards } from './http/guards.ts';
import { createHealth, type Health } from './http/health.ts';
import { portProblem } from './http/listen.ts';
import type { Metrics } from './http/metrics.ts';
import { type OpenDoors, openDoors } from './http/open-doors.ts';
import { createLogger, type Logger } from './logging/logger.ts';
import { SecretScrubber } from './logging/redact.ts';
import { createOmieClient } from './omie/client.ts';
import { dashboardOf } from './resources/dashboard.ts';
import { companiesUri, dashboardUri } from './resources/resource-catalog.ts';
import { createCatalog } from './server/create-catalog.ts';
import { createToolSource } from './server/run-tool.ts';
import { tools } from './tools/catalog.ts';
import { createCompanyServices } from './tools/company-services.ts';
import type { ToolServices } from './tools/define-tool.ts';
import { createMcpEndpoints, type McpEndpoints } from './transports/mcp-endpoints.ts';

export const transportNames = ['stdio', 'sse', 'http'] as const;
export type TransportName = (typeof transportNames)[number];

export interface AppOptions {
  readonly environment: Environment;
  /** Values for `${VAR}` in the credentials file. */
  readonly variables: Variables;
  readonly transports: readonly TransportName[];
  readonly stdio?: {
    readonly stdin: Readable;
    readonly stdout: Writable;
    /** True when a program, not a terminal or nothing, is at the other end. */
    readonly piped: boolean;
  };
  /** Where log lines go; stderr by default. */
  readonly writeLog?: (line: string) => void;
  readonly clock?: Clock;
}

/** How long calls in flight may take once a stop was asked for. */
const drainMs = 10_000;

export interface RunningApp {
  /** The main HTTP port; undefined when only stdio is served. */
  readonly port: number | undefined;
  /** Resolves when a conversation over stdio has ended; never when there was none. */
  readonly finished: Promise<void>;
  /** Refuses new work, lets what is in flight end (10 s at most), closes everything. */
  stop(): Promise<void>;
}

/**
 * Builds the house from the ground up and opens its doors.
 *
 * @throws ConfigurationError when a setting or the credentials file is bad, or a port cannot be had and nobody speaks
 * over stdio.
 */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const { environment } = options;
  const overHttp = options.transports.includes('http') || options.transports.includes('sse');
  refuseUnsupported(options.variables);
  refuseOpenDoor(environment, overHttp);
  const scrubber = new SecretScrubber();
  if (environment.MCP_AUTH_TOKEN !== undefined) scrubber.register(environment.MCP_AUTH_TOKEN);
  const logger = createLogger({ level: environment.MCP_LOG_LEVEL, scrubber, write: options.writeLog });
  const house = await buildHouse(options, scrubber, logger);
  const { endpoints } = house;
  // Express is a sixth of the start of a server that speaks stdio alone. Whoever needs it waits before the first answer.
  const web = speaksHttp(options.transports) ? await import('./http/app.ts') : undefined;

  const finished = serveStdio(options, endpoints);
  const doors = await openHttp(options, house, logger, web).catch(async (error: unknown) => {
    await house.close();
    throw error;
  });
  let stopped: Promise<void> | undefined;
  return {
    port: doors?.port,
    finished,
    stop() {
      stopped ??= (async () => {
        house.drain();
        const outOfTime = sleep(drainMs, undefined, { ref: false });
        // The doors stay open meanwhile: who comes now is told 503 and when to come back, and health says "draining".
        await Promise.all([endpoints.close({ drainMs }), Promise.race([house.calls.idle(), outOfTime])]);
        const closed = doors?.close();
        await Promise.race([closed, sleep(250, undefined, { ref: false })]);
        doors?.closeAll();
        await closed;
        await house.close();
      })();
      return stopped;
    },
  };
}

interface House {
  readonly endpoints: McpEndpoints;
  readonly health: Health;
  readonly tools: ReturnType<typeof createToolSource>;
  drain(): void;
  /** REST calls in flight. */
  readonly calls: CallsInFlight;
  close(): Promise<void>;
}

async function buildHouse(options: AppOptions, scrubber: SecretScrubber, logger: Logger): Promise<House> {
  const { environment, clock = { now: () => new Date() } } = options;
  let metrics: Metrics | undefined;
  const credentials = openCredentials(options, scrubber, logger, (outcome) => metrics?.reload(outcome));
  const directory = new CompanyDirectory(credentials);
  const omie = createOmieClient({ baseUrl: environment.OMIE_BASE_URL, observe: (call) => metrics?.omieCall(call) });
  const servicesOf = createCompanyServices({ omie, clock });
  const services: ToolServices = {
    directory,
    forCompany: async (company) => servicesOf(await credentials.get(company.id)),
    async reloadCredentials() {
      await credentials.reload();
      return { disabled: credentials.disabledEntries() };
    },
  };
  const toolSource = createToolSource({
    tools,
    services,
    logger,
    scrubber,
    observe: (call) => metrics?.toolCall(call),
  });
  const catalog = createCatalog({
    version: packageVersion(),
    tools: toolSource,
    directory,
    dashboard: async (company, context) => dashboardOf(company, await services.forCompany(company), context),
    today: () => todayInSaoPaulo(clock),
  });
  credentials.onChange(({ rekeyed, removed, companies }) => {
    for (const id of [...rekeyed, ...removed]) omie.forget(id);
    catalog.announce({ kind: 'resources' });
    catalog.announce({ kind: 'resource', uri: companiesUri });
    for (const { id } of companies) catalog.announce({ kind: 'resource', uri: dashboardUri(id) });
  });
  const endpoints = createMcpEndpoints({ catalog, onError: (err) => logger.debug({ err }, 'protocol error') });

  let draining = false;
  const health = createHealth({
    isDraining: () => draining,
    credentialProblem: () => credentials.status().reason,
    details: () => ({
      credenciais: { ...credentials.stats() },
      sessoes: { ...endpoints.stats().sessions },
      omie: { ...omie.stats(), cache: { ...omie.stats().cache } },
    }),
  });
  let closeMetrics = async (): Promise<void> => {};
  if (environment.ENABLE_METRICS) {
    const { createMetrics } = await import('./http/metrics.ts');
    metrics = createMetrics({
      sessions: () => ({ ...endpoints.stats().sessions }),
      credentialCache: () => credentials.stats(),
      omieQueue: () => omie.stats(),
    });
    try {
      const listener = await metrics.listen(environment.MCP_HOST, environment.METRICS_PORT);
      closeMetrics = listener.close;
      logger.info({ metricsPort: listener.port }, 'metrics');
    } catch (error) {
      // Numbers for operators are no reason to leave users without answers.
      const reason = portProblem(error);
      if (reason === undefined) throw error;
      logger.warn({ port: environment.METRICS_PORT, reason }, 'METRICS_PORT cannot be opened; serving without metrics');
    }
  }
  return {
    endpoints,
    health,
    tools: toolSource,
    calls: new CallsInFlight(),
    drain() {
      draining = true;
    },
    async close() {
      await closeMetrics();
      directory.close();
      credentials.close();
      await omie.close();
    },
  };
}

function speaksHttp(transports: readonly TransportName[]): boolean {
  return transports.includes('http') || transports.includes('sse');
}

function openCredentials(
  { environment, variables }: AppOptions,
  scrubber: SecretScrubber,
  logger: Logger,
  countReload: (outcome: 'ok' | 'failed') => void,
): CredentialManager {
  const path = environment.CREDENTIALS_FILE;
  return new CredentialManager({
    source: new CredentialsSource({ path, variables }),
    maxEntries: environment.CREDENTIAL_MAX_CACHE_SIZE,
    ttlMs: Math.round(environment.CREDENTIAL_TIMEOUT_MINUTES * 60_000),
    watch: true,
    scrubber,
    report(event) {
      countReload(event.kind === 'loaded' ? 'ok' : 'failed');
      if (event.kind === 'rejected')
        logger.error({ problems: event.problems }, 'credentials file refused, last good set stays');
      else {
        const { companies, disabled } = event.result;
        logger.info({ companies: companies.length, disabled: disabled.length }, 'credentials loaded');
        for (const warning of event.warnings) logger.warn(warning);
      }
    },
  });
}

/** The end of stdin ends the process only if somebody ever spoke: containers have no stdin and serve HTTP. */
function serveStdio({ transports, stdio }: AppOptions, endpoints: McpEndpoints): Promise<void> {
  return new Promise((resolve) => {
    if (!transports.includes('stdio') || stdio === undefined) return;
    let heard = false;
    stdio.stdin.once('data', () => {
      heard = true;
    });
    const alone = transports.length === 1;
    endpoints.stdio.serve(fullAccess('stdio'), {
      stdin: stdio.stdin,
      stdout: stdio.stdout,
      onClose: () => {
        if (heard || alone) resolve();
      },
    });
  });
}

async function openHttp(
  options: AppOptions,
  house: House,
  logger: Logger,
  web: typeof import('./http/app.ts') | undefined,
): Promise<OpenDoors | undefined> {
  const { environment, transports, stdio } = options;
  if (web === undefined) return undefined;
  const { endpoints, health, tools: toolSource, calls } = house;
  const app = web.createHttpApp({
    guards: createGuards({
      host: environment.MCP_HOST,
      allowedHosts: environment.MCP_ALLOWED_HOSTS,
      corsOrigins: environment.MCP_CORS_ORIGINS,
    }),
    authenticate: createAuthenticate(environment.MCP_AUTH_TOKEN),
    mcp: {
      streamableHttp: endpoints.streamableHttp.handle,
      sseOpen: endpoints.sse.open,
      sseMessage: endpoints.sse.message,
    },
    tools: toolSource,
    health,
    logger,
    calls,
  });
  const { MCP_HOST: host, MCP_PORT: port, MCP_SSE_PORT: ssePort, MCP_HTTP_PORT: httpPort } = environment;
  try {
    const plan = { host, port, ssePort, httpPort, sse: transports.includes('sse'), http: transports.includes('http') };
    const doors = await openDoors(plan, app);
    logger.info({ port: doors.port, host, transports }, 'listening');
    return doors;
  } catch (error) {
    const reason = portProblem(error);
    if (reason === undefined) throw error;
    const message = `A porta ${port} em ${host} não pôde ser aberta (${reason}).`;
    if (!transports.includes('stdio') || stdio?.piped !== true) {
      throw new ConfigurationError(`${message} Escolha outra com MCP_PORT ou --port; 0 pega uma livre.`);
    }
    logger.warn({ port, reason }, `${message} O stdio continua; HTTP e SSE não estão disponíveis neste processo.`);
    return undefined;
  }
}
