import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../companies/principal.ts';
import { type AppError, busy, InternalError, OverloadError, UsageLimitError } from '../errors.ts';
import type { Authenticate } from './authenticate.ts';
import type { CrossOrigin } from './cross-origin.ts';
import type { EntryLimits } from './entry-limits.ts';
import {
  notFound,
  sendAppError,
  sendChallenge,
  sendErro,
  sendJson,
  sendNotAllowed,
  sendRpcError,
} from './error-response.ts';
import type { createGuards, Refusal } from './guards.ts';
import type { Health } from './health.ts';
import { createRestApp, type RestAppOptions } from './rest-app.ts';
import { setSecurityHeaders } from './security-headers.ts';

export { createCrossOrigin } from './cross-origin.ts';

/** The MCP transports as this door needs them: they write their own answers. */
export interface McpRoutes {
  streamableHttp(req: IncomingMessage, res: ServerResponse, principal: Principal): void;
  sseOpen(req: IncomingMessage, res: ServerResponse, principal: Principal): void;
  sseMessage(req: IncomingMessage, res: ServerResponse, principal: Principal): void;
}

export interface HttpAppOptions extends RestAppOptions {
  readonly guards: ReturnType<typeof createGuards>;
  readonly crossOrigin: CrossOrigin;
  readonly authenticate: Authenticate;
  readonly entry: EntryLimits;
  readonly mcp: McpRoutes;
  readonly health: Health;
}

/** Which transports a listener serves; the main one serves all and the REST routes. */
export interface Doors {
  readonly http: boolean;
  readonly sse: boolean;
  readonly rest: boolean;
}

export type RequestListener = (req: IncomingMessage, res: ServerResponse) => void;

const mcpPaths = new Set(['/mcp', '/streamable', '/sse', '/messages']);

/** One request on its way in. */
interface Visit {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
  readonly doors: Doors;
}

/**
 * One request's way in: Host and Origin, then (health apart) whether there is room, who asks and how often, then the
 * route. The MCP paths are answered before express sees them, because routing through it costs more than the protocol
 * itself. Where there is nothing to wait for nobody waits: a limit that is not set costs nothing.
 */
export function createHttpApp(options: HttpAppOptions): (doors: Doors) => RequestListener {
  const { guards, crossOrigin, authenticate, mcp, health, logger, onRefused } = options;
  const { limits, logins, load } = options.entry;
  const principals = new WeakMap<IncomingMessage, Principal>();
  const rest = createRestApp(options, principals);

  return (doors) => (req, res) => {
    setSecurityHeaders(res);
    const refusal = guards(req);
    if (refusal !== undefined) refuse(res, refusal);
    else if (!crossOrigin(req, res)) receive({ req, res, path: pathOf(req.url), doors });
  };

  function refuse(res: ServerResponse, { status, reason, message: mensagem }: Refusal): void {
    onRefused(reason);
    const codigo = status === 403 ? 'sem_permissao' : 'parametro_invalido';
    sendErro(res, status, { codigo, mensagem, tente_novamente: false });
  }

  function receive(visit: Visit): void {
    const { req, res, path } = visit;
    if (path === '/health' || path.startsWith('/health/')) answerHealth(path, req, res);
    else if (load.sheds()) {
      onRefused('overload');
      sendRefusal(visit, busy());
    } else unlessTooOften(visit, limits.ofAddress(req), () => identify(visit));
  }

  function identify(visit: Visit): void {
    const { req, res } = visit;
    const authentication = authenticate(req);
    if (authentication === undefined) {
      refuseLogin(req, res);
      return;
    }
    const { principal, byToken } = authentication;
    const waitMs = byToken ? logins.mustWait(req, principal) : undefined;
    if (waitMs !== undefined) refuseGuessing(res, waitMs);
    else unlessTooOften(visit, limits.ofPrincipal(principal), () => route(visit, principal));
  }

  function route({ req, res, path, doors }: Visit, principal: Principal): void {
    if (doors.http && (path === '/mcp' || path === '/streamable')) mcp.streamableHttp(req, res, principal);
    else if (doors.sse && path === '/sse') byMethod('GET', req, res, () => mcp.sseOpen(req, res, principal));
    else if (doors.sse && path === '/messages') byMethod('POST', req, res, () => mcp.sseMessage(req, res, principal));
    else if (!doors.rest) sendAppError(res, notFound());
    else if (!health.isReady()) sendAppError(res, new OverloadError('O servidor está encerrando.', 5_000));
    else {
      principals.set(req, principal);
      rest(req, res);
    }
  }

  /** Goes on at once when there is no limit to ask. */
  function unlessTooOften(visit: Visit, limit: Promise<number | undefined> | undefined, goOn: () => void): void {
    if (limit === undefined) {
      goOn();
      return;
    }
    const settle = (waitMs: number | undefined): void => {
      if (waitMs === undefined) goOn();
      else {
        onRefused('rate');
        sendRefusal(visit, new UsageLimitError('Consultas demais neste minuto.', waitMs));
      }
    };
    limit.then(settle).catch((thrown: unknown) => {
      logger.error({ err: thrown }, 'request broke');
      sendAppError(visit.res, new InternalError(thrown));
    });
  }

  /** No token at all is no guess. */
  function refuseLogin(req: IncomingMessage, res: ServerResponse): void {
    if (req.headers.authorization === undefined) {
      onRefused('auth');
      sendChallenge(res);
      return;
    }
    logins.failed(req).then(
      (waitMs) => {
        if (waitMs !== undefined) refuseGuessing(res, waitMs);
        else {
          onRefused('auth');
          sendChallenge(res);
        }
      },
      () => sendChallenge(res),
    );
  }

  function refuseGuessing(res: ServerResponse, waitMs: number): void {
    onRefused('login');
    sendAppError(res, new UsageLimitError('Tentativas demais com um token inválido vindas deste endereço.', waitMs));
  }

  function answerHealth(path: string, req: IncomingMessage, res: ServerResponse): void {
    if (req.method !== 'GET' && req.method !== 'HEAD') sendNotAllowed(res, 'GET');
    else if (path === '/health') sendJson(res, 200, health.report(maySeeDetails(req)));
    else if (path === '/health/live') sendJson(res, 200, health.live());
    else if (path === '/health/ready') sendJson(res, health.isReady() ? 200 : 503, health.report(false));
    else sendAppError(res, notFound());
  }

  /** A token may be guessed here no more often than elsewhere. */
  function maySeeDetails(req: IncomingMessage): boolean {
    const authentication = authenticate(req);
    if (authentication !== undefined) {
      return authentication.byToken && logins.mustWait(req, authentication.principal) === undefined;
    }
    if (req.headers.authorization !== undefined) logins.failed(req).catch(() => {});
    return false;
  }
}

/** Clients of MCP look for an error of JSON-RPC, whatever went wrong. */
function sendRefusal({ res, path }: Visit, error: AppError): void {
  if (mcpPaths.has(path)) sendRpcError(res, error);
  else sendAppError(res, error);
}

/** Clients probe `/sse` with a POST to learn whether it speaks the newer transport: 405 is the answer they look for. */
function byMethod(method: string, req: IncomingMessage, res: ServerResponse, answer: () => void): void {
  if (req.method === method) answer();
  else sendNotAllowed(res, method);
}

function pathOf(url = '/'): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
