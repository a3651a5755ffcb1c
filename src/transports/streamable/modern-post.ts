import type { IncomingMessage, ServerResponse } from 'node:http';
import { PROTOCOL_VERSION_HEADER } from '../../protocol/headers.ts';
import { echoableId, type Fields, isFields, isMessage } from '../../protocol/json-rpc.ts';
import { TOOLS_CALL, TOOLS_LIST } from '../../protocol/methods.ts';
import { MODERN_REVISION } from '../../protocol/revisions.ts';
import type { Caller } from '../../tools/tool-source.ts';
import { claimsEnvelope, isPlainEnvelope, metaOf } from '../envelope.ts';
import { refuse } from '../http-reply.ts';
import type { ModernEndpoint } from '../modern-endpoint.ts';
import { OVERLOADED } from '../overloaded.ts';
import type { SessionParts } from '../session-parts.ts';
import { ModernExchange } from './modern-exchange.ts';
import { ParameterHeaders } from './parameter-headers.ts';
import { readStandardHeaders, type StandardHeaders } from './standard-headers.ts';

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
    return req.headers[PROTOCOL_VERSION_HEADER] === MODERN_REVISION;
  }

  isClaimedBy(body: unknown): boolean {
    return Array.isArray(body) ? body.some(claimsEnvelope) : claimsEnvelope(body);
  }

  handle(req: IncomingMessage, res: ServerResponse, body: unknown, caller: Caller): void {
    if (isPlainRequest(body, readStandardHeaders(req))) this.#serve(req, res, body, caller);
    else this.#judge(req, res, body, caller).catch(this.#parts.onError);
  }

  /** What is not plain is the SDK's to judge, which is loaded for it. */
  async #judge(req: IncomingMessage, res: ServerResponse, body: unknown, caller: Caller): Promise<void> {
    const { classifyPost } = await import('./classify-post.ts');
    const request = classifyPost(res, body, readStandardHeaders(req));
    // Who hung up meanwhile would never be heard to do so.
    if (request !== undefined && !res.destroyed) this.#serve(req, res, request, caller);
  }

  #serve(req: IncomingMessage, res: ServerResponse, request: Fields, caller: Caller): void {
    const params = isFields(request['params']) ? request['params'] : {};
    if (request['method'] === TOOLS_CALL) {
      const tools = this.#parts.catalog.tools.list(caller);
      const problem = this.#parameters.problem(tools, params, req.headers);
      if (problem !== undefined) {
        refuse(res, problem, echoableId(request));
        return;
      }
    }
    if (!this.#parts.admission.enter(caller.principal, 0)) {
      refuse(res, OVERLOADED, echoableId(request));
      return;
    }
    const sender = { door: 'http' as const, ...caller };
    new ModernExchange(res, this.#parts, caller.principal).serve((reply) =>
      this.#endpoint.serve(request, sender, reply),
    );
  }
}

/** A request beyond doubt, told from its envelope and headers without any schema: nearly all of them are. */
function isPlainRequest(body: unknown, headers: StandardHeaders): body is Fields {
  if (!isMessage(body) || echoableId(body) === null || headers.version !== MODERN_REVISION) return false;
  const meta = metaOf(body);
  if (meta === undefined || !isPlainEnvelope(meta) || headers.method !== body['method']) return false;
  const params = body['params'];
  return headers.method === TOOLS_CALL && isFields(params)
    ? headers.name === params['name']
    : headers.method === TOOLS_LIST;
}
