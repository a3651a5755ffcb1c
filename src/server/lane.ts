import { randomUUID } from 'node:crypto';
import { INVALID_PARAMS, MISSING_CAPABILITY } from '../protocol/error-codes.ts';
import { exactJson } from '../protocol/exact-number.ts';
import {
  errorText,
  type Fields,
  isFields,
  isRequestId,
  type JsonText,
  type RequestId,
  resultText,
} from '../protocol/json-rpc.ts';
import { TOOLS_CALL, TOOLS_LIST } from '../protocol/methods.ts';
import type { Era } from '../protocol/revisions.ts';
import type { StopSignal } from '../stop-signal.ts';
import type { CallContext, Caller, Door, JsonObject } from '../tools/tool-source.ts';
import { carriedHandles } from './carried-handles.ts';
import type { ClientFeatures } from './client-features.ts';
import { forwardedAnswer } from './forwarded-answer.ts';
import { type LogThreshold, Reporter } from './reporter.ts';
import { callToolResultText, resultClosing } from './result.ts';
import { toRpcFailure } from './rpc-failure.ts';
import type { ServerParts } from './server-parts.ts';
import { ToolListTexts } from './tool-list.ts';
import { askingSecretless, secretless, withoutSecrets } from './without-secrets.ts';

/** The way back to whoever sent a request: what precedes the answer, then the answer. Both are whole JSON-RPC texts. */
export interface Reply {
  notify(text: string): void;
  /** @param status of HTTP, where that is not 200 */
  answer(id: RequestId, text: JsonText, status?: number): void;
}

/** A request that the lane serves, with everything it needs already taken out of the message. */
export type LaneRequest = LaneList | LaneCall;

interface LaneList {
  readonly kind: 'list';
  readonly id: RequestId;
  readonly meta: Fields;
}

interface LaneCall {
  readonly kind: 'call';
  readonly id: RequestId;
  readonly name: string;
  /** As they came: what is no object is refused by the one door, in our own words, and recorded like every call. */
  readonly args: unknown;
  readonly meta: Fields;
}

export interface LaneCaller extends Caller {
  readonly door: Door;
  readonly era: Era;
  readonly signal: StopSignal;
  /** From which level on the client wants log messages; undefined for none at all. */
  readonly logThreshold: LogThreshold;
  /** What the client can do meanwhile. */
  readonly features: ClientFeatures;
}

/** An answer, where HTTP has a status of its own for it. */
type Answer = JsonText | { readonly text: string; readonly status: number };

const NO_FIELDS: Fields = Object.freeze({});

/**
 * `tools/list` and calls of plain tools, straight from parsed message to answer text. The SDK's message layer costs
 * 40–50 µs a call (it tries each message against four schemas and validates every result against another); these two
 * methods are nearly all the traffic, and their shape is checked here by hand. Anything unusual is declined, and the
 * SDK's Server then answers it with the right error.
 */
export class Lane {
  readonly #parts: ServerParts;
  readonly #lists: ToolListTexts;
  readonly #closings: Record<Era, string>;
  readonly #serverInfo: JsonObject;

  constructor(parts: ServerParts) {
    const serverInfo: JsonObject = { ...parts.catalog.serverInfo };
    this.#parts = parts;
    this.#serverInfo = serverInfo;
    this.#lists = new ToolListTexts(serverInfo, parts.scrub);
    this.#closings = { legacy: resultClosing('legacy', serverInfo), modern: resultClosing('modern', serverInfo) };
  }

  /** Reads a message the lane can serve; undefined sends it to the SDK. */
  read(message: Fields, caller: Caller): LaneRequest | undefined {
    const { id, method, params = NO_FIELDS } = message;
    if (message['jsonrpc'] !== '2.0' || !isRequestId(id) || !isFields(params)) return undefined;
    const { name: named, arguments: given = NO_FIELDS, _meta: meta = NO_FIELDS } = params;
    if (!isFields(meta)) return undefined;
    if (method === TOOLS_LIST) return params['cursor'] === undefined ? { kind: 'list', id, meta } : undefined;
    if (method !== TOOLS_CALL || hasRetryFields(params)) return undefined;
    const name = typeof named === 'string' ? named : '';
    if (this.#parts.interactive?.has(name, caller)) return undefined;
    // Over REST null is "no arguments"; MCP allows an object or nothing, so it is refused as a list is.
    return { kind: 'call', id, name, args: given ?? [], meta };
  }

  async serve(request: LaneRequest, caller: LaneCaller, reply: Reply): Promise<void> {
    const { id } = request;
    const requestId = randomUUID();
    try {
      const answer = await this.#answer(request, requestId, caller, reply);
      // An answer to a cancelled request is not sent (utilities/cancellation, "Behavior requirements").
      if (caller.signal.aborted) return;
      if (typeof answer !== 'string' && 'status' in answer) reply.answer(id, answer.text, answer.status);
      else reply.answer(id, answer);
    } catch (thrown) {
      const { code, message, data } = toRpcFailure(thrown, requestId, this.#parts);
      if (!caller.signal.aborted) reply.answer(id, errorText(id, code, message, data));
    }
  }

  #answer(request: LaneRequest, requestId: string, caller: LaneCaller, reply: Reply): string | Promise<Answer> {
    const { id } = request;
    const { tools } = this.#parts.catalog;
    if (request.kind === 'list') {
      const visible = tools.list({ ...caller, ...carriedHandles(request.meta) });
      return resultText(id, this.#lists.of(visible, caller.era));
    }
    return this.#call(request, this.#context(request.meta, requestId, caller, reply), caller.era);
  }

  async #call({ id, name, args }: LaneCall, context: CallContext, era: Era): Promise<Answer> {
    const { tools } = this.#parts.catalog;
    const outcome = await tools.call(name, args, context);
    // MCP wants a protocol error for a name that nobody answers to. It went through the one door like every call, so
    // that it is counted and recorded like every call.
    if (outcome.erro?.codigo === 'nao_encontrado' && !tools.has(name, context))
      return errorText(id, INVALID_PARAMS, `Unknown tool: ${name}`, outcome.erro);
    if (outcome.rpc !== undefined && outcome.erro !== undefined) {
      const { code, data } = outcome.rpc;
      const told = { ...secretless(data, this.#parts.scrub), ...outcome.erro };
      const text = errorText(id, code, outcome.erro.mensagem, told);
      return { text, status: code === MISSING_CAPABILITY ? 400 : 200 };
    }
    if (outcome.forwarded !== undefined) {
      return forwardedAnswer(id, outcome, era, this.#serverInfo, this.#parts);
    }
    if (outcome.erro !== undefined && !isFields(args))
      return errorText(id, INVALID_PARAMS, outcome.erro.mensagem, outcome.erro);
    return resultText(id, callToolResultText(outcome, this.#closings[era], this.#parts.scrub));
  }

  #context(meta: Fields, requestId: string, caller: LaneCaller, reply: Reply): CallContext {
    const { scrub } = this.#parts;
    const { principal, session, domains, door, signal, logThreshold } = caller;
    const { ask, rounds, capabilities, logLevel } = caller.features;
    const reporter = new Reporter(meta['progressToken'], logThreshold, (method, params) => {
      if (!signal.aborted) reply.notify(withoutSecrets(exactJson({ jsonrpc: '2.0', method, params }), scrub));
    });
    const traceparent = meta['traceparent'];
    // One by one: each member that is written after a spread costs V8 a microsecond or two.
    return {
      principal,
      session,
      domains,
      handles: carriedHandles(meta).handles,
      door,
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
      signal,
      requestId,
      meta,
      rounds,
      capabilities,
      logLevel,
      ask: askingSecretless(ask, scrub),
      progress: (done, total, message) => reporter.progress(done, total, message),
      log: (level, data, logger) => reporter.log(level, data, logger),
    };
  }
}

/** A retry of a multi round-trip request is the SDK's business even when the tool is plain. */
function hasRetryFields(params: Fields): boolean {
  return params['inputResponses'] !== undefined || params['requestState'] !== undefined;
}
