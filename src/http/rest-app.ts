import type { IncomingMessage } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import type { Principal } from '../companies/principal.ts';
import { asAppError, InternalError } from '../errors.ts';
import type { Logger } from '../logging/logger.ts';
import type { OnRefused } from '../server/refusal-reason.ts';
import { addressDomains, UnknownDomainError } from './address-domains.ts';
import { notFound, requestIdOf, sendAppError, sendErro } from './error-response.ts';
import { type GatewayRoutesDoor, gatewayRoutes } from './gateway-routes.ts';
import { BodyTooLargeError, CodedBodyError } from './read-json-body.ts';
import { type RestParts, restTools } from './rest-tools.ts';

export interface RestAppOptions extends RestParts {
  readonly logger: Logger;
  readonly onRefused: OnRefused;
  /** Of the tools that are always there. */
  readonly ownDomain: string;
  /** Undefined when nothing can be mounted: then addresses name no domain but our own. */
  readonly gateway?: GatewayRoutesDoor | undefined;
}

/** The routes that express serves: tools over REST, and 404 for the rest. */
export function createRestApp(options: RestAppOptions, principals: WeakMap<IncomingMessage, Principal>): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const { gateway } = options;
  const isOwn = (domain: string): boolean => domain === options.ownDomain;
  const principalIn = (req: IncomingMessage): Principal => principalOf(req, principals);
  const domainsIn = (req: Request): readonly string[] | undefined => {
    const domains = addressDomains(req.path, req.url, gateway?.knows ?? isOwn);
    return gateway && domains;
  };
  if (gateway !== undefined) {
    app.use(gatewayRoutes(gateway, { principalOf: principalIn, domainsOf: domainsIn }, options.scrub));
  }
  app.use(restTools(options, (req) => ({ principal: principalIn(req), domains: domainsIn(req) })));
  app.use((_req, res) => sendAppError(res, notFound()));
  const onError: ErrorRequestHandler = (thrown: unknown, _req, res, _next) => {
    const error = isBadPath(thrown) ? notFound() : asAppError(thrown);
    if (error instanceof BodyTooLargeError) {
      options.onRefused('body');
      sendErro(res, 413, error.toErro(), { connection: 'close' });
    } else if (error instanceof CodedBodyError) sendErro(res, 415, error.toErro(), { connection: 'close' });
    else if (error instanceof InternalError) {
      const requestId = requestIdOf(res);
      options.logger.error({ requestId, err: error.cause }, 'request broke');
      sendErro(res, 500, { ...error.toErro(), id_requisicao: requestId });
    } else if (error instanceof UnknownDomainError) sendErro(res, 404, error.toErro());
    else sendAppError(res, error);
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
