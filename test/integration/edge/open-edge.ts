import { request } from 'node:http';
import { unknown } from '../../../src/access/identification.ts';
import { fullAccess, type Principal } from '../../../src/companies/principal.ts';
import { createCrossOrigin, createHttpApp, type Doors } from '../../../src/http/app.ts';
import type { Authenticate } from '../../../src/http/authenticate.ts';
import { createEntryLimits, type EntryLimitOptions } from '../../../src/http/entry-limits.ts';
import { createGuards } from '../../../src/http/guards.ts';
import { createHealth } from '../../../src/http/health.ts';
import { listen } from '../../../src/http/listen.ts';
import { WaitingLine } from '../../../src/http/waiting-line.ts';
import { createLogger } from '../../../src/logging/logger.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { Admission } from '../../../src/server/admission.ts';
import { InFlight } from '../../../src/server/in-flight.ts';
import type { RefusalReason } from '../../../src/server/refusal-reason.ts';
import { createMcpEndpoints, type McpEndpoints } from '../../../src/transports/mcp-endpoints.ts';
import { SampleCatalog } from '../transports/sample-catalog.ts';

export const corsOrigin = 'https://painel.exemplo.com.br';
export const goodToken = 'palavra-combinada';

export interface EdgeOptions extends Partial<EntryLimitOptions> {
  /** Who shows which token; everybody is let in without one when there are none. */
  readonly principals?: Readonly<Record<string, Principal>>;
  readonly doors?: Doors;
  readonly requestCap?: number;
  readonly sessionCap?: number;
  readonly idleMs?: number;
  /** Pages that may call; {@link corsOrigin} alone when left out. */
  readonly corsOrigins?: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Edge {
  readonly url: string;
  readonly port: number;
  readonly endpoints: McpEndpoints;
  readonly refused: RefusalReason[];
  /** How many tool calls ran. */
  readonly ran: () => number;
  ask(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<Answer>;
  /** What the house does first when it stops. */
  leave(): void;
  close(): Promise<void>;
}

/** The product's own way in, over a catalog that counts what runs. */
export async function openEdge(options: EdgeOptions = {}): Promise<Edge> {
  const refused: RefusalReason[] = [];
  const onRefused = (reason: RefusalReason): number => refused.push(reason);
  const catalog = new SampleCatalog();
  const counted = countRuns(catalog);
  const { trustedProxies = [], perAddress = 3_000, perPrincipal = 6_000, failedLogins = 10 } = options;
  // The test shares this process: its processor time says nothing of the edge.
  const { corsOrigins = [corsOrigin], line = new WaitingLine({ readCpuMs: () => 0 }), hasty } = options;
  const entry = createEntryLimits({
    trustedProxies,
    perAddress,
    perPrincipal,
    failedLogins,
    line,
    ...(hasty === undefined ? {} : { hasty }),
  });
  const admission = new Admission(options.requestCap, onRefused);
  const { sessionCap, idleMs } = options;
  const endpoints = createMcpEndpoints({
    catalog,
    admission,
    onRefused,
    limitGuesses: (req) => entry.limits.guess(req),
    onBatch: (principal, further) => entry.limits.chargeBatch(principal, further),
    ...(sessionCap === undefined ? {} : { sessionCap }),
    ...(idleMs === undefined ? {} : { idleMs }),
  });
  const scrubber = new SecretScrubber();
  const handlerFor = createHttpApp({
    ownDomain: 'omie',
    guards: createGuards({ host: '127.0.0.1', allowedHosts: [], corsOrigins }),
    crossOrigin: createCrossOrigin(corsOrigins),
    authenticate: authenticateBy(options.principals),
    entry,
    mcp: {
      streamableHttp: endpoints.streamableHttp.handle,
      sseOpen: endpoints.sse.open,
      sseMessage: endpoints.sse.message,
    },
    health: createHealth({ isDraining: () => false, problem: () => undefined, details: () => ({ a: 1 }) }),
    tools: catalog.tools,
    calls: new InFlight(),
    admission,
    scrub: (text) => text,
    logger: createLogger({ level: 'silent', scrubber }),
    onRefused,
  });
  const { doors = { http: true, sse: true, rest: true } } = options;
  const listener = await listen(handlerFor(doors), { host: '127.0.0.1', port: 0, behindProxy: false });
  const url = `http://127.0.0.1:${listener.port}`;
  return {
    url,
    port: listener.port,
    endpoints,
    refused,
    ran: () => counted.runs,
    ask: (method, path, headers = {}, body) => ask(`${url}${path}`, method, headers, body),
    leave: () => entry.hasty.close(),
    async close() {
      entry.hasty.close();
      await endpoints.close({ drainMs: 0 });
      listener.closeAll();
      await listener.close();
    },
  };
}

function authenticateBy(principals: EdgeOptions['principals']): Authenticate {
  if (principals === undefined) {
    const principal = fullAccess('local');
    return () => ({ kind: 'known', principal, byToken: false });
  }
  const byToken = new Map(Object.entries(principals));
  return (req) => {
    const principal = byToken.get(/^Bearer (\S+)$/.exec(req.headers.authorization ?? '')?.[1] ?? '');
    return principal === undefined ? unknown : { kind: 'known', principal, byToken: true };
  };
}

function countRuns(catalog: SampleCatalog): { runs: number } {
  const counted = { runs: 0 };
  const { call } = catalog.tools;
  catalog.tools.call = (...args) => {
    counted.runs += 1;
    return call(...args);
  };
  return counted;
}

/** A request with whatever headers, as `fetch` would not send them. The answer of an endless stream is its beginning. */
export function ask(url: string, method: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (res) => {
      const status = res.statusCode ?? 0;
      let text = '';
      const answer = (): void => resolve({ status, headers: res.headers, text });
      res.on('data', (chunk) => {
        text += String(chunk);
      });
      res.on('end', answer);
      res.on('error', answer);
      if (res.headers['content-type'] === 'text/event-stream') {
        answer();
        sent.destroy();
      }
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
