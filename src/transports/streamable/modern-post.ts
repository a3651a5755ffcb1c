import type { IncomingMessage, ServerResponse } from 'node:http';
import { classifyInboundRequest, UnsupportedProtocolVersionError } from '@modelcontextprotocol/server';
import type { Principal } from '../../companies/principal.ts';
import { echoableId, type Fields, INVALID_REQUEST, isFields } from '../../server/json-rpc.ts';
import { MODERN_REVISION } from '../../server/modern-server.ts';
import { OVERLOADED } from '../admission.ts';
import { claimsEnvelope, isPlainEnvelope, metaOf } from '../envelope.ts';
import { type Refusal, refuse, writeEmpty } from '../http-reply.ts';
import type { ModernEndpoint } from '../modern-endpoint.ts';
import type { SessionParts } from '../session-parts.ts';
import { ModernExchange } from './modern-exchange.ts';
import { ParameterHeaders } from './parameter-headers.ts';
import { readStandardHeaders, type StandardHeaders, standardHeaderProblem } from './standard-headers.ts';
import { isMessage } from './top-level-keys.ts';

/** POST of 2026-07-28: no session, each request with its own envelope and headers (basic/transports/streamable-http). */
export class ModernPost {
  readonly #parts: SessionParts;
  readonly #endpoint: ModernEndpoint;
  readonly #parameters = new ParameterHeaders();

  constructor(parts: SessionParts, endpoint: ModernEndpoint) {
    this.#parts = parts;
    this.#endpoint = endpoint;
  }

  isNamedBy(req: IncomingMessage): boolean {
    return req.headers['mcp-protocol-version'] === MODERN_REVISION;
  }

  isClaimedBy(body: unknown): boolean {
    return Array.isArray(body) ? body.some(claimsEnvelope) : claimsEnvelope(body);
  }

  handle(req: IncomingMessage, res: ServerResponse, body: unknown, principal: Principal): void {
    const headers = readStandardHeaders(req);
    const request = isPlainRequest(body, headers) ? body : classify(res, body, headers);
    if (request === undefined) return;
    const params = isFields(request['params']) ? request['params'] : {};
    if (request['method'] === 'tools/call') {
      const tools = this.#parts.catalog.tools.list(principal);
      const problem = this.#parameters.problem(tools, params, req.headers);
      if (problem !== undefined) {
        refuse(res, problem, echoableId(request));
        return;
      }
    }
    if (!this.#parts.admission.enter(0)) {
      refuse(res, OVERLOADED, echoableId(request));
      return;
    }
    new ModernExchange(res, this.#parts).serve((reply) =>
      this.#endpoint.serve(request, { principal, door: 'http' }, reply),
    );
  }
}

/** A request beyond doubt, told from its envelope and headers without any schema: nearly all of them are. */
function isPlainRequest(body: unknown, headers: StandardHeaders): body is Fields {
  if (!isMessage(body) || echoableId(body) === null || headers.version !== MODERN_REVISION) return false;
  const meta = metaOf(body);
  if (meta === undefined || !isPlainEnvelope(meta) || headers.method !== body['method']) return false;
  const params = body['params'];
  return headers.method === 'tools/call' && isFields(params)
    ? headers.name === params['name']
    : headers.method === 'tools/list';
}

/** The request in a body, as the SDK judges it; undefined once it has been answered otherwise. */
function classify(res: ServerResponse, body: unknown, headers: StandardHeaders): Fields | undefined {
  const route = classifyInboundRequest({
    httpMethod: 'POST',
    body,
    ...(headers.version === undefined ? {} : { protocolVersionHeader: headers.version }),
    ...(headers.method === undefined ? {} : { mcpMethodHeader: headers.method }),
    ...(headers.name === undefined ? {} : { mcpNameHeader: headers.name }),
  });
  if (route.kind === 'modern' && route.messageKind === 'notification') {
    writeEmpty(res, 202);
    return undefined;
  }
  if (route.kind === 'modern' && route.classification.revision === MODERN_REVISION) {
    const { method, params } = route.message;
    const problem = standardHeaderProblem(headers, method, params ?? {});
    if (problem === undefined) return route.message;
    refuse(res, problem, echoableId(body));
    return undefined;
  }
  refuse(res, route.kind === 'reject' ? rejection(route) : misdirected(route), echoableId(body));
  return undefined;
}

function rejection({
  httpStatus,
  code,
  message,
  data,
}: {
  httpStatus: number;
  code: number;
  message: string;
  data?: unknown;
}): Refusal {
  return { status: httpStatus, code, message, data };
}

/** A revision we do not serve, or a response or batch under the modern header. */
function misdirected(route: { kind: 'modern' | 'legacy'; classification?: { revision?: string } }): Refusal {
  if (route.kind === 'legacy')
    return { status: 400, code: INVALID_REQUEST, message: 'Bad Request: not a request of 2026-07-28' };
  const error = new UnsupportedProtocolVersionError({
    supported: [MODERN_REVISION],
    requested: route.classification?.revision ?? 'unknown',
  });
  return { status: 400, code: error.code, message: error.message, data: error.data };
}
