/**
 * The Gemini API's text generation as its public reference describes it: `generativelanguage.googleapis.com`, API version
 * **v1beta** (`models.generateContent`, `models.streamGenerateContent` with and without `alt=sse`; function calling with
 * `parametersJsonSchema` and thought signatures; google.rpc.Status errors). What a model would say is scripted; what the
 * service itself checks of a request is checked.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

export interface GeminiReply {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly args?: Record<string, unknown>; readonly id?: string }[];
  /** `STOP` unless said otherwise. */
  readonly finishReason?: string;
  /** No candidates at all. */
  readonly blockReason?: string;
  readonly error?: GeminiFailure;
  /** The stream ends in the middle, without a finish reason. */
  readonly cut?: boolean;
  readonly thoughts?: number;
  /** The whole answer as it is written, be it JSON or not; the one event of a stream. */
  readonly raw?: string;
}

export interface GeminiFailure {
  readonly code: number;
  readonly status: string;
  readonly message?: string;
  readonly details?: readonly Record<string, unknown>[];
}

const part = z.looseObject({
  text: z.string().optional(),
  thoughtSignature: z.string().optional(),
  functionCall: z.looseObject({ name: z.string(), args: z.record(z.string(), z.unknown()).optional() }).optional(),
  functionResponse: z.looseObject({ name: z.string(), response: z.record(z.string(), z.unknown()) }).optional(),
});
const requestSchema = z.looseObject({
  contents: z.array(z.looseObject({ role: z.enum(['user', 'model']), parts: z.array(part).min(1) })).min(1),
  systemInstruction: z.looseObject({ parts: z.array(part) }).optional(),
  tools: z
    .array(
      z.looseObject({
        functionDeclarations: z.array(
          z.looseObject({ name: z.string(), description: z.string().optional(), parametersJsonSchema: z.unknown() }),
        ),
      }),
    )
    .optional(),
});
export type GeminiRequest = z.output<typeof requestSchema>;

const KEY = 'AIzaSy-chave-de-teste-0000000000000000000';
const FUNCTION_NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/;
const KEYWORDS = new Set([
  ...['$id', '$defs', '$ref', '$anchor', 'type', 'format', 'title', 'description', 'enum', 'items', 'prefixItems'],
  ...['minItems', 'maxItems', 'minimum', 'maximum', 'anyOf', 'oneOf', 'properties', 'additionalProperties'],
  ...['required', 'propertyOrdering'],
]);

export class GeminiServer {
  readonly key = KEY;
  readonly model = 'gemini-2.5-flash';
  /** Answered in this order; each may look at its request. After the last: 500. */
  readonly replies: (GeminiReply | ((request: GeminiRequest) => GeminiReply))[] = [];
  readonly requests: { readonly method: string; readonly body: GeminiRequest }[] = [];
  /** Hears each request's body as it was written. */
  onBody: ((text: string) => void) | undefined;
  readonly #server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const url = new URL(req.url ?? '/', 'http://gemini');
      const key = req.headers['x-goog-api-key'] ?? url.searchParams.get('key');
      send(res, this.#answer(url, key, Buffer.concat(chunks).toString()));
    });
  });
  #signatures = 0;

  static async start(): Promise<GeminiServer> {
    const gemini = new GeminiServer();
    await new Promise<void>((resolve) => gemini.#server.listen(0, '127.0.0.1', resolve));
    return gemini;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(url: URL, key: unknown, text: string): Answer {
    const asked = /^\/v1beta\/models\/([\w.-]+):(generateContent|streamGenerateContent)$/.exec(url.pathname);
    const [, model, method = ''] = asked ?? [];
    if (key === null) return denied('PERMISSION_DENIED', 403, "Method doesn't allow unregistered callers.");
    if (key !== KEY) return denied('INVALID_ARGUMENT', 400, 'API key not valid. Please pass a valid API key.');
    if (model !== this.model) {
      const message = `models/${model} is not found for API version v1beta, or is not supported for ${method}.`;
      return failure({ code: 404, status: 'NOT_FOUND', message });
    }
    this.onBody?.(text);
    const parsed = requestSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return invalid(`Invalid JSON payload received. ${parsed.error.message}`);
    const problem = problemIn(parsed.data);
    if (problem !== undefined) return invalid(problem);
    this.requests.push({ method, body: parsed.data });
    const next = this.replies.shift() ?? { error: { code: 500, status: 'INTERNAL', message: 'nothing scripted' } };
    const reply = typeof next === 'function' ? next(parsed.data) : next;
    if (reply.error !== undefined) return failure(reply.error);
    const sse = url.searchParams.get('alt') === 'sse';
    if (reply.raw !== undefined) return { raw: reply.raw, sse };
    const pieces = this.#pieces(reply, text.length);
    if (method === 'generateContent') return { status: 200, body: pieces.at(-1)?.whole };
    const events = pieces.map(({ piece }) => piece);
    if (!sse) return { status: 200, body: events };
    return { events: reply.cut === true ? events.slice(0, -1) : events };
  }

  #nextSignature(): number {
    this.#signatures += 1;
    return this.#signatures;
  }

  /** The answer in the pieces of a stream, each with all of it so far. */
  #pieces({ text = '', calls = [], finishReason = 'STOP', blockReason, thoughts }: GeminiReply, size: number) {
    const usage = (output: number) => ({
      promptTokenCount: Math.ceil(size / 4),
      candidatesTokenCount: output,
      ...(thoughts === undefined ? {} : { thoughtsTokenCount: thoughts }),
      totalTokenCount: Math.ceil(size / 4) + output + (thoughts ?? 0),
    });
    const common = { modelVersion: this.model, responseId: 'r-1' };
    if (blockReason !== undefined) {
      const blocked = { promptFeedback: { blockReason }, usageMetadata: usage(0), ...common };
      return [{ piece: blocked, whole: blocked }];
    }
    const half = Math.ceil(text.length / 2);
    const texts = text === '' ? [] : [text.slice(0, half), text.slice(half)].filter((one) => one !== '');
    // The first call of a turn is signed; the signature must come back with it.
    const callParts = calls.map(({ name, args = {}, id }, index) => ({
      functionCall: { name, args, ...(id === undefined ? {} : { id }) },
      ...(index === 0 ? { thoughtSignature: `sig-${this.#nextSignature()}` } : {}),
    }));
    const groups = [...texts.map((one) => [{ text: one }]), ...(callParts.length > 0 ? [callParts] : [])];
    if (groups.length === 0) groups.push([]);
    const all = [...(text === '' ? [] : [{ text }]), ...callParts];
    return groups.map((parts, index) => {
      const end = index === groups.length - 1 ? { finishReason } : {};
      const candidate = (own: readonly object[]) => ({
        ...(own.length === 0 ? {} : { content: { parts: own, role: 'model' } }),
        ...end,
        index: 0,
      });
      const usageMetadata = usage((index + 1) * 3);
      return {
        piece: { candidates: [candidate(parts)], usageMetadata, ...common },
        whole: { candidates: [candidate(all)], usageMetadata, ...common },
      };
    });
  }
}

/** What the service says of requests that cannot be. */
function problemIn({ contents, tools = [] }: GeminiRequest): string | undefined {
  for (const [index, { role, parts }] of contents.entries()) {
    const calls = parts.filter(({ functionCall }) => functionCall !== undefined);
    const before = contents[index - 1];
    if (role === 'model' && calls.length > 0) {
      if (before?.role !== 'user') {
        return 'Please ensure that function call turn comes immediately after a user turn or after a function response turn.';
      }
      if (!calls[0]?.thoughtSignature?.startsWith('sig-')) {
        return 'Function call is missing a thought_signature in functionCall parts.';
      }
      const answers = contents[index + 1]?.parts.filter(({ functionResponse }) => functionResponse !== undefined) ?? [];
      if (answers.length !== calls.length) {
        return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
      }
    }
  }
  for (const { name, parametersJsonSchema: schema } of tools.flatMap((tool) => tool.functionDeclarations)) {
    if (!FUNCTION_NAME.test(name)) return `Invalid function name: ${name}.`;
    const unknown = unknownKeyword(schema);
    if (unknown !== undefined)
      return `Invalid JSON payload received. Unknown name "${unknown}" at 'parametersJsonSchema'.`;
  }
  return undefined;
}

function unknownKeyword(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const entries = Object.entries(schema);
  const bad = entries.find(([key]) => !KEYWORDS.has(key))?.[0];
  if (bad !== undefined) return bad;
  if ('$ref' in schema && entries.some(([key]) => !key.startsWith('$'))) return '$ref with siblings';
  if (
    'enum' in schema &&
    !(Array.isArray(schema.enum) && schema.enum.every((one) => ['string', 'number'].includes(typeof one)))
  ) {
    return 'enum';
  }
  const inner = entries.flatMap(([key, value]) => {
    if (key === 'properties' || key === '$defs') return Object.values(value as object);
    if (['anyOf', 'oneOf', 'prefixItems'].includes(key)) return value as unknown[];
    return key === 'items' || key === 'additionalProperties' ? [value] : [];
  });
  return inner.map(unknownKeyword).find((one) => one !== undefined);
}

export const retryInfo = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });

type Answer =
  | { readonly status: number; readonly body: unknown }
  | { readonly events: readonly object[] }
  | { readonly raw: string; readonly sse: boolean };

const invalid = (message: string): Answer => failure({ code: 400, status: 'INVALID_ARGUMENT', message });

function denied(status: string, code: number, message: string): Answer {
  const reason = code === 400 ? 'API_KEY_INVALID' : 'CONSUMER_INVALID';
  const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }];
  return failure({ code, status, message, details });
}

function failure({ code, status, message = status, details }: GeminiFailure): Answer {
  return { status: code, body: { error: { code, message, status, ...(details === undefined ? {} : { details }) } } };
}

function send(res: ServerResponse, answer: Answer): void {
  if ('raw' in answer) {
    res.writeHead(200, { 'content-type': answer.sse ? 'text/event-stream' : 'application/json; charset=UTF-8' });
    res.end(answer.sse ? `data: ${answer.raw}\r\n\r\n` : answer.raw);
    return;
  }
  if ('events' in answer) {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of answer.events) res.write(`data: ${JSON.stringify(event)}\r\n\r\n`);
    res.end();
    return;
  }
  res.writeHead(answer.status, { 'content-type': 'application/json; charset=UTF-8' });
  res.end(JSON.stringify(answer.body));
}
