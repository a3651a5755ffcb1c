import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Principal } from '../companies/principal.ts';
import { asAppError, InternalError, NotFoundError, OverloadError } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';
import type { Authenticate } from './authenticate.ts';
import type { EdgeObserver } from './edge-observer.ts';
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
  readonly mcp: McpRoutes;
  readonly health: Health;
  readonly logger: Logger;
  readonly watch?: EdgeObserver | undefined;
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
  const { guards, authenticate, mcp, health, watch } = options;
  const tell = failureLog(options);
  const principals = new WeakMap<IncomingMessage, Principal>();
  const rest = restRoutes(options, principals);

  return (doors) => (req, res) => {
    tell(req, res);
    const refusal = guards(req);
    if (refusal !== undefined) {
      watch?.refused('host_or_origin');
      return refuse(res, refusal.status, refusal.message);
    }
    const path = pathOf(req.url);
    if (path === '/health' || path.startsWith('/health/')) return answerHealth(path, req, res);

    const authentication = authenticate(req);
    if (authentication === undefined) {
      watch?.refused('unauthenticated');
      return challenge(res);
    }
    const { principal } = authentication;

    if (doors.http && (path === '/mcp' || path === '/streamable')) return mcp.streamableHttp(req, res, principal);
    if (doors.sse && path === '/sse') return byMethod('GET', req, res, () => mcp.sseOpen(req, res, principal));
    if (doors.sse && path === '/messages') return byMethod('POST', req, res, () => mcp.sseMessage(req, res, principal));
    if (!doors.rest) return sendAppError(res, notFound());
    if (!health.isReady()) return sendAppError(res, new OverloadError('O servidor está encerrando.', 5_000));
    principals.set(req, principal);
    rest(req, res);
  };

  function answerHealth(path: string, req: IncomingMessage, res: ServerResponse): void {
    if (req.method !== 'GET' && req.method !== 'HEAD') sendNotAllowed(res, 'GET');
    else if (path === '/health') sendJson(res, 200, health.report(authenticate(req)?.byToken === true));
    else if (path === '/health/live') sendJson(res, 200, health.live());
    else if (path === '/health/ready') sendJson(res, health.isReady() ? 200 : 503, health.report(false));
    else sendAppError(res, notFound());
  }
}

/**
 * One log line for every response of 400 and above, under the id in its body. Shed and limited requests come by the
 * thousand just when there is no time for them, hence `debug`.
 */
function failureLog({ logger, watch }: HttpAppOptions): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    res.once('finish', () => {
      const { statusCode: status } = res;
      if (status < 400) return;
      watch?.failed(status);
      const level = status === 429 || status === 503 ? 'debug' : status >= 500 ? 'warn' : 'info';
      if (!logger.isLevelEnabled(level)) return;
      const path = pathOf(req.url).slice(0, 200);
      logger[level]({ requestId: res.getHeader('x-request-id'), status, method: req.method, path }, 'http failure');
    });
  };
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

function challenge(res: ServerResponse): void {
  sendErro(
    res,
    401,
    {
      codigo: 'sem_permissao',
      mensagem: 'Falta um token válido.',
      tente_novamente: false,
      sugestao: 'Envie o cabeçalho Authorization: Bearer <token>.',
    },
    { 'www-authenticate': 'Bearer realm="omie-mcp-hub", error="invalid_token"' },
  );
}

function refuse(res: ServerResponse, status: number, mensagem: string, headers: Record<string, string> = {}): void {
  const codigo = status === 403 ? 'sem_permissao' : 'parametro_invalido';
  sendErro(res, status, { codigo, mensagem, tente_novamente: false }, headers);
}
