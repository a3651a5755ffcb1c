import type { IncomingMessage, ServerResponse } from 'node:http';
import { METADATA_PATH, type ResourceMetadata } from '../access/oauth/protected-resource.ts';
import type { Principal } from '../companies/principal.ts';
import { AppError, asAppError, OverloadError } from '../errors.ts';
import { addressDomains, domainInPath, UnknownDomainError } from './address-domains.ts';
import type { CrossOrigin } from './cross-origin.ts';
import { createEntrance, type EntranceOptions, type Visit } from './entrance.ts';
import { notFound, sendAppError, sendErro, sendJson, sendNotAllowed, sendRpcError } from './error-response.ts';
import { watchFailures } from './failure-log.ts';
import type { createGuards, Refusal } from './guards.ts';
import type { Health } from './health.ts';
import { pathOf, takeAuthority } from './request-path.ts';
import { createRestApp, type RestAppOptions } from './rest-app.ts';
import { setSecurityHeaders } from './security-headers.ts';

export { createCrossOrigin } from './cross-origin.ts';

/** Those that the address named. */
type Domains = readonly string[];

/** The MCP transports as this door needs them: they write their own answers. */
export interface McpRoutes {
  streamableHttp(req: IncomingMessage, res: ServerResponse, principal: Principal, domains?: Domains): void;
  sseOpen(req: IncomingMessage, res: ServerResponse, principal: Principal, domains?: Domains): void;
  sseMessage(req: IncomingMessage, res: ServerResponse, principal: Principal): void;
}

export interface HttpAppOptions extends RestAppOptions, Omit<EntranceOptions, 'metadataUrl'> {
  readonly guards: ReturnType<typeof createGuards>;
  readonly crossOrigin: CrossOrigin;
  /** What clients are told of the authorization server; undefined without OAuth. */
  readonly resourceMetadata?: ResourceMetadata | undefined;
  readonly mcp: McpRoutes;
  readonly health: Health;
  /** Asks for a token of its own; undefined: its paths do not exist. */
  readonly hub?: OwnDoor | undefined;
  /** Hears of every response of 400 and above. */
  readonly onFailed?: ((status: number) => void) | undefined;
}

/** A part of the house that answers on paths of its own, to people of its own. */
export interface OwnDoor {
  owns(path: string): boolean;
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** Says no as its other answers say it. */
  refuse(req: IncomingMessage, res: ServerResponse, error: AppError): void;
}

/** Which transports a listener serves; the main one serves all and the REST routes. */
export interface Doors {
  readonly http: boolean;
  readonly sse: boolean;
  readonly rest: boolean;
}

export type RequestListener = (req: IncomingMessage, res: ServerResponse) => void;

/**
 * One request's way in: room for it, Host and Origin, then (health and metadata apart) the entrance, then the route. The MCP paths
 * are answered before express sees them, because routing through it costs more than the protocol itself.
 */
export function createHttpApp(options: HttpAppOptions): (doors: Doors) => RequestListener {
  const { guards, crossOrigin, resourceMetadata, mcp, gateway, hub, health, onRefused } = options;
  const isOwn = (domain: string): boolean => domain === options.ownDomain;
  const entrance = createEntrance({ ...options, metadataUrl: resourceMetadata?.url });
  const watch = watchFailures(options);
  const principals = new WeakMap<IncomingMessage, Principal>();
  const rest = createRestApp(options, principals);

  return (doors) => (req, res) => {
    watch(res);
    const authority = takeAuthority(req);
    const visit = { req, res, path: pathOf(req.url) };
    // Before anything else is looked at, but for a page's request: its browser shows it an answer only with its Origin in it.
    const work = isWork(visit) && !isHub(visit.path, doors);
    const early = req.headers.origin === undefined && work;
    if (early && entrance.turnsAway(visit)) return;
    const refusal = guards(req, authority);
    if (refusal !== undefined) refuse(visit, doors, refusal);
    else if (!crossOrigin(req, res) && (early || !work || !entrance.turnsAway(visit))) receive(visit, doors);
  };

  function refuse({ req, res, path }: Visit, doors: Doors, { status, reason, message: mensagem }: Refusal): void {
    onRefused(reason);
    const codigo = status === 403 ? 'sem_permissao' : 'parametro_invalido';
    if (isHub(path, doors)) hub?.refuse(req, res, new AppError(codigo, mensagem));
    else sendErro(res, status, { codigo, mensagem, tente_novamente: false });
  }

  function isHub(path: string, { rest }: Doors): boolean {
    return rest && hub?.owns(path) === true;
  }

  function receive(visit: Visit, doors: Doors): void {
    const { path } = visit;
    if (isHealth(path)) answerHealth(visit);
    else if (path.startsWith(METADATA_PATH)) answerMetadata(visit);
    else if (isHub(path, doors)) {
      if (health.isReady()) hub?.handle(visit.req, visit.res);
      else hub?.refuse(visit.req, visit.res, closing());
    } else entrance.admit(visit, (principal) => route(visit, doors, principal));
  }

  function route({ req, res, path }: Visit, doors: Doors, principal: Principal): void {
    if (doors.http && isStreamable(path)) {
      scoped({ req, res, path }, (domains) => mcp.streamableHttp(req, res, principal, domains));
    } else if (doors.sse && path === '/sse') {
      byMethod('GET', req, res, () =>
        scoped({ req, res, path }, (domains) => mcp.sseOpen(req, res, principal, domains)),
      );
    } else if (doors.sse && path === '/messages') byMethod('POST', req, res, () => mcp.sseMessage(req, res, principal));
    else if (!doors.rest) sendAppError(res, notFound());
    else if (!health.isReady()) sendAppError(res, closing());
    else {
      principals.set(req, principal);
      setSecurityHeaders(res);
      rest(req, res);
    }
  }

  function isStreamable(path: string): boolean {
    return path === '/mcp' || path === '/streamable' || (gateway !== undefined && domainInPath(path) !== undefined);
  }

  /** Goes on with the domains of the address, or says that there is no such domain. */
  function scoped({ req, res, path }: Visit, goOn: (domains: Domains | undefined) => void): void {
    let domains: Domains | undefined;
    try {
      domains = addressDomains(path, req.url ?? '', gateway?.knows ?? isOwn);
    } catch (thrown) {
      sendRpcError(res, asAppError(thrown), thrown instanceof UnknownDomainError ? 404 : 400);
      return;
    }
    goOn(gateway === undefined ? undefined : domains);
  }

  function answerHealth({ req, res, path }: Visit): void {
    if (req.method !== 'GET' && req.method !== 'HEAD') sendNotAllowed(res, 'GET');
    else if (path === '/health') void entrance.holder(req).then((holder) => sendJson(res, 200, health.report(holder)));
    else if (path === '/health/live') sendJson(res, 200, health.live());
    else if (path === '/health/ready') sendJson(res, health.isReady() ? 200 : 503, health.report(undefined));
    else sendAppError(res, notFound());
  }

  /** Before anybody is asked who they are: it is how they learn where to get a token (RFC 9728 §3). */
  function answerMetadata({ req, res, path }: Visit): void {
    if (resourceMetadata === undefined || !resourceMetadata.paths.has(path)) sendAppError(res, notFound());
    else if (req.method !== 'GET' && req.method !== 'HEAD') sendNotAllowed(res, 'GET');
    else sendJson(res, 200, resourceMetadata.document);
  }
}

const closing = (): OverloadError => new OverloadError('O servidor está encerrando.', 5_000);

/**
 * What may be turned away when there is too much to do: health and metadata are always answered. So is the hub, whose few
 * callers may be the ones who can mend it.
 */
function isWork({ path }: Visit): boolean {
  return !isHealth(path) && !path.startsWith(METADATA_PATH);
}

function isHealth(path: string): boolean {
  return path === '/health' || path.startsWith('/health/');
}

/** Clients probe `/sse` with a POST to learn whether it speaks the newer transport: 405 is the answer they look for. */
function byMethod(method: string, req: IncomingMessage, res: ServerResponse, answer: () => void): void {
  if (req.method === method) answer();
  else sendNotAllowed(res, method);
}
