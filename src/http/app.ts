import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Identification } from '../access/identification.ts';
import { METADATA_PATH, type ResourceMetadata } from '../access/oauth/protected-resource.ts';
import type { Principal } from '../companies/principal.ts';
import { asAppError, InternalError, NotFoundError, OverloadError } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';
import type { Authenticate } from './authenticate.ts';
import { sendChallenge } from './challenge.ts';
import { sendAppError, sendErro, sendJson, sendNotAllowed } from './error-response.ts';
import type { createGuards } from './guards.ts';
import type { Health } from './health.ts';
import { BodyTooLargeError } from './read-body.ts';
import { type RestParts, restTools } from './rest-tools.ts';

/** The MCP transports as this door needs them: they write their own answers. */
export interface McpRoutes {
  streamableHttp(req: IncomingMessage, res: ServerResponse, principal: Principal): void;
  sseOpen(req: IncomingMessage, res: ServerResponse, principal: Principal): void;
  sseMessage(req: IncomingMessage, res: ServerResponse, principal: Principal): void;
}

export interface HttpAppOptions extends RestParts {
  readonly guards: ReturnType<typeof createGuards>;
  readonly authenticate: Authenticate;
  /** What clients are told of the authorization server; undefined without OAuth. */
  readonly resourceMetadata?: ResourceMetadata | undefined;
  readonly mcp: McpRoutes;
  readonly health: Health;
  readonly logger: Logger;
}

/** Which transports a listener serves; the main one serves all and the REST routes. */
export interface Doors {
  readonly http: boolean;
  readonly sse: boolean;
  readonly rest: boolean;
}

export type RequestListener = (req: IncomingMessage, res: ServerResponse) => void;

/**
 * One request's way in: Host and Origin, then (health apart) who asks, then the route. The MCP paths are answered
 * before express sees them, because routing through it costs more than the protocol itself.
 */
export function createHttpApp(options: HttpAppOptions): (doors: Doors) => RequestListener {
  const { guards, authenticate, resourceMetadata, mcp, health } = options;
  const principals = new WeakMap<IncomingMessage, Principal>();
  const rest = restRoutes(options, principals);

  return (doors) => (req, res) => {
    const refusal = guards(req);
    if (refusal !== undefined) return refuse(res, refusal.status, refusal.message);
    const path = pathOf(req.url);
    if (path === '/health' || path.startsWith('/health/')) return answerHealth(path, req, res);

    if (path.startsWith(METADATA_PATH)) return answerMetadata(path, req, res);

    const identification = authenticate(req);
    if (!(identification instanceof Promise)) return admit(identification, path, doors, req, res);
    // `identify` never rejects; a client may have left meanwhile.
    void identification.then((known) => {
      if (!res.destroyed) admit(known, path, doors, req, res);
    });
  };

  function admit(
    identification: Identification,
    path: string,
    doors: Doors,
    req: IncomingMessage,
    res: ServerResponse,
  ): void {
    if (identification.kind === 'known') route(identification.principal, path, doors, req, res);
    else sendChallenge(req, res, identification, resourceMetadata?.url);
  }

  function route(principal: Principal, path: string, doors: Doors, req: IncomingMessage, res: ServerResponse): void {
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

  function answerHealth(path: string, req: IncomingMessage, res: ServerResponse): void {
    if (req.method !== 'GET' && req.method !== 'HEAD') sendNotAllowed(res, 'GET');
    else if (path === '/health') void answerHealthOf(req, res);
    else if (path === '/health/live') sendJson(res, 200, health.live());
    else if (path === '/health/ready') sendJson(res, health.isReady() ? 200 : 503, health.report(undefined));
    else sendAppError(res, notFound());
  }

  async function answerHealthOf(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const identification = await authenticate(req);
    const named = identification.kind === 'known' && identification.byToken;
    sendJson(res, 200, health.report(named ? identification.principal : undefined));
  }

  /** Before anybody is asked who they are: it is how they learn where to get a token (RFC 9728 §3). */
  function answerMetadata(path: string, req: IncomingMessage, res: ServerResponse): void {
    if (resourceMetadata === undefined || !resourceMetadata.paths.has(path)) sendAppError(res, notFound());
    else if (req.method !== 'GET' && req.method !== 'HEAD') sendNotAllowed(res, 'GET');
    else sendJson(res, 200, resourceMetadata.document);
  }
}

function restRoutes(options: HttpAppOptions, principals: WeakMap<IncomingMessage, Principal>): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(restTools(options, (req) => principalOf(req, principals)));
  app.use((_req, res) => sendAppError(res, notFound()));
  const onError: ErrorRequestHandler = (thrown: unknown, _req, res, _next) => {
    const error = isBadPath(thrown) ? notFound() : asAppError(thrown);
    if (error instanceof BodyTooLargeError) sendErro(res, 413, error.toErro(), { connection: 'close' });
    else if (error instanceof InternalError) {
      const requestId = randomUUID();
      options.logger.error({ requestId, err: error.cause }, 'request broke');
      sendErro(res, 500, { ...error.toErro(), id_requisicao: requestId });
    } else sendAppError(res, error);
  };
  app.use(onError);
  return app;
}

/** A path that cannot be decoded, such as `/tools/%ff`, names nothing. */
function isBadPath(thrown: unknown): boolean {
  return thrown instanceof URIError || (thrown instanceof Error && thrown.cause instanceof URIError);
}

function principalOf(req: IncomingMessage, principals: WeakMap<IncomingMessage, Principal>): Principal {
  const principal = principals.get(req);
  if (principal === undefined) throw new InternalError(new Error('a request reached REST without a principal'));
  return principal;
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

function notFound(): NotFoundError {
  return new NotFoundError('Este caminho não existe.', { hint: 'Use /mcp, /sse, /tools ou /health.' });
}

function refuse(res: ServerResponse, status: number, mensagem: string, headers: Record<string, string> = {}): void {
  const codigo = status === 403 ? 'sem_permissao' : 'parametro_invalido';
  sendErro(res, status, { codigo, mensagem, tente_novamente: false }, headers);
}
