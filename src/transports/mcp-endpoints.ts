import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../companies/principal.ts';
import { BAD_REQUEST } from '../protocol/error-codes.ts';
import { Admission } from '../server/admission.ts';
import type { Catalog, CatalogChange } from '../server/catalog.ts';
import { InFlight } from '../server/in-flight.ts';
import type { InteractiveTools } from '../server/interactive-tools.ts';
import { Lane } from '../server/lane.ts';
import type { OnRefused } from '../server/refusal-reason.ts';
import type { ServerParts } from '../server/server-parts.ts';
import type { SessionRef } from '../tools/tool-source.ts';
import { type Refusal, refuse } from './http-reply.ts';
import { KeepAlive } from './keep-alive.ts';
import { ModernEndpoint } from './modern-endpoint.ts';
import { type ProtocolErrorReport, ProtocolErrors } from './protocol-errors.ts';
import type { SessionParts } from './session-parts.ts';
import type { SessionShelf } from './session-shelf.ts';
import { SessionStore } from './session-store.ts';
import { Sse } from './sse.ts';
import type { SseSession } from './sse-session.ts';
import { Stdio, type StdioOptions } from './stdio.ts';
import type { HttpSession } from './streamable/http-session.ts';
import { StreamableHttp } from './streamable-http.ts';
import type { LimitGuesses } from './unknown-session.ts';

export interface McpEndpointsOptions {
  readonly catalog: Catalog;
  readonly interactive?: InteractiveTools;
  /** Protocol errors nobody is waiting for: broken streams, notifications that could not be delivered. */
  readonly onError?: (error: unknown) => void;
  /** A defect behind an answer: what to log under the request id the client was given. Else `onError` hears of it. */
  readonly onInternalError?: (error: unknown, requestId: string) => void;
  /** An error of the protocol that a client was given, under the id in it. */
  readonly onProtocolError?: (report: ProtocolErrorReport) => void;
  /** Takes every secret out of a text; what it returns unchanged costs one search. */
  readonly scrub?: (text: string) => string;
  /** Whether the bytes of a text hold what `scrub` would take out. */
  readonly holdsSecret?: (bytes: Buffer) => boolean;
  /** Milliseconds now; the sessions' ages are told from it. */
  readonly clock?: () => number;
  /** Counts calls of every door; one of its own when none is given. */
  readonly inFlight?: InFlight;
  /** Calls are traced, so the `traceparent` of HTTP requests is handed on. */
  readonly traced?: boolean;
  readonly keepAliveMs?: number;
  /** This process's name among several; session ids begin with it. */
  readonly replica?: string | undefined;
  /** Where Streamable HTTP sessions of a named replica lie so that they outlive it. */
  readonly shelf?: SessionShelf | undefined;
  /** How many sessions each of HTTP and SSE may have. */
  readonly sessionCap?: number;
  readonly idleMs?: number;
  /** Where requests of every door find room; one of its own, with `requestCap` places, when none is given. */
  readonly admission?: Admission;
  readonly requestCap?: number;
  /** Limits how often one sender may name a session that does not exist. */
  readonly limitGuesses?: LimitGuesses;
  /** Hears of the requests of a batch besides the first. */
  readonly onBatch?: (principal: Principal, further: number) => void;
  readonly onRefused?: OnRefused;
  /** A session is over, however it ended: what was kept for it may go. */
  readonly onSessionEnd?: (session: SessionRef) => void;
  /** Where `/messages` is mounted, as clients of `/sse` are told. */
  readonly messagesPath?: string;
}

export interface McpEndpoints {
  readonly streamableHttp: { handle: HttpHandler };
  readonly sse: { open: HttpHandler; message: HttpHandler };
  readonly stdio: { serve(principal: Principal, options: StdioOptions): void };
  stats(): EndpointStats;
  /** Closes the sessions, streams and connections of a principal whose rights have ended. */
  end(principal: Principal): void;
  /** Refuses new work, waits for what is in progress, then ends every stream and session. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** @param domains those that the address named; undefined when it named none */
export type HttpHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  principal: Principal,
  domains?: readonly string[],
) => void;

export interface EndpointStats {
  readonly sessions: { readonly http: number; readonly sse: number; readonly stdio: number };
  /** Open `subscriptions/listen` streams of 2026-07-28. */
  readonly listeners: number;
  readonly inFlight: number;
}

const DEFAULT_DRAIN_MS = 10_000;
const DRAINING: Refusal = {
  status: 503,
  code: BAD_REQUEST,
  message: 'Server is shutting down',
  headers: { 'retry-after': '5', connection: 'close' },
};

/** Every MCP transport over one catalog: what the application mounts, watches and closes. */
export function createMcpEndpoints(options: McpEndpointsOptions): McpEndpoints {
  const { catalog, interactive, sessionCap: cap, idleMs, clock } = options;
  const onError = options.onError ?? (() => {});
  const server: ServerParts = {
    catalog,
    interactive,
    scrub: options.scrub,
    holdsSecret: options.holdsSecret,
    onInternalError: options.onInternalError ?? onError,
  };
  const parts: SessionParts = {
    ...server,
    lane: new Lane(server),
    keepAlive: new KeepAlive(options.keepAliveMs),
    inFlight: options.inFlight ?? new InFlight(),
    admission: options.admission ?? new Admission(options.requestCap, options.onRefused),
    exchanges: new Set(),
    traced: options.traced ?? false,
    onError,
    errors: new ProtocolErrors(options.onProtocolError ?? (() => {})),
    onRefused: options.onRefused ?? (() => {}),
    onBatch: options.onBatch ?? (() => {}),
    onSessionEnd: options.onSessionEnd ?? (() => {}),
  };
  const limits = {
    replica: options.replica,
    ...(cap === undefined ? {} : { cap }),
    ...(idleMs === undefined ? {} : { idleMs }),
    ...(clock ? { clock } : {}),
    ...(options.limitGuesses ? { limitGuesses: options.limitGuesses } : {}),
  };
  const httpSessions = new SessionStore<HttpSession>({ ...limits, shelf: options.shelf });
  const sseSessions = new SessionStore<SseSession>(limits);
  const stdioConnections = new Set<Stdio>();
  const modern = new ModernEndpoint(parts);
  const http = new StreamableHttp(parts, httpSessions, modern);
  const sse = new Sse(parts, sseSessions, options.messagesPath);
  let draining = false;

  const unlessDraining =
    (handle: HttpHandler): HttpHandler =>
    (req, res, principal, domains) => {
      if (draining) refuse(res, DRAINING);
      else handle(req, res, principal, domains);
    };

  const stopListening = catalog.onChange((change: CatalogChange) => {
    modern.announce(change);
    for (const session of httpSessions) session.announceChange(change);
    for (const session of sseSessions) session.announce(change);
    for (const connection of stdioConnections) connection.announce(change);
  });

  return {
    streamableHttp: {
      handle: unlessDraining((req, res, principal, domains) => http.handle(req, res, { principal, domains })),
    },
    sse: {
      open: unlessDraining((req, res, principal, domains) => sse.open(req, res, { principal, domains })),
      message: unlessDraining((req, res, principal) => sse.message(req, res, principal)),
    },
    stdio: {
      serve: (principal, stdio) => {
        const connection: Stdio = new Stdio(parts, modern, principal, {
          ...stdio,
          onClose: () => {
            stdioConnections.delete(connection);
            stdio.onClose();
          },
        });
        stdioConnections.add(connection);
      },
    },
    stats: () => ({
      sessions: { http: httpSessions.size, sse: sseSessions.size, stdio: stdioConnections.size },
      listeners: modern.listeners,
      inFlight: parts.inFlight.count,
    }),
    end: (principal) => {
      modern.stopListeningFor(principal);
      for (const exchange of [...parts.exchanges]) if (exchange.principal === principal) exchange.cutOff();
      httpSessions.removeOf(principal);
      sseSessions.removeOf(principal);
      for (const connection of [...stdioConnections]) if (connection.principal === principal) connection.close();
    },
    close: async ({ drainMs = DEFAULT_DRAIN_MS } = {}) => {
      draining = true;
      stopListening();
      modern.stopListening();
      await parts.inFlight.whenIdle(drainMs);
      httpSessions.close();
      sseSessions.close();
      for (const connection of stdioConnections) connection.close();
      modern.close();
    },
  };
}
