/**
 * What goes to Gemini and comes from it, as text. Its library reads answers with `JSON.parse`, which rounds numbers and keeps
 * the last of two members of one name: what is asked of a tool is told apart before it gets there.
 */
import { randomUUID } from 'node:crypto';
import { isDeeperThan } from '../../json-depth.ts';
import { replaceTokens } from '../../json-tokens.ts';
import { ExactNumber, MAX_EXACT_NUMBERS } from '../../protocol/exact-number.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { survivesDouble } from '../../protocol/number-text.ts';
import { readUpTo } from '../../read-up-to.ts';
import { hasRepeatedKey } from '../../server/json-keys.ts';
import { HubError } from '../problem.ts';

/** Of one answer, whole or as a stream. */
export const MAX_ANSWER_BYTES = 10 * 1_048_576;
/** How deep the arguments of a call stand: candidates, content, parts, functionCall. */
const ARGS_LEVEL = 8;
const MAX_ARGS_LEVELS = 64;
const EVENT_END = /\r\n\r\n|\n\n|\r\r/;

/** An answer that is none, and of which nothing is done. */
export function brokenAnswer(why: string, cause?: unknown): HubError {
  return new HubError('fonte_indisponivel', `O Gemini respondeu fora do protocolo: ${why}.`, {
    hint: 'Repita o pedido; nenhuma chamada desta resposta foi executada.',
    cause,
  });
}

export interface GeminiWire {
  /** For the library. @throws HubError for an answer that is too large, too deep or can be read in two ways */
  readonly fetch: typeof fetch;
  /** Arguments as the library read them, with the numbers that it could not have read. */
  exact(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
}

export function geminiWire(): GeminiWire {
  // Nobody can write it: it leaves with no request.
  const mark = randomUUID();
  const read = (text: string): string => marked(text, mark);
  return {
    async fetch(input, init) {
      const body = typeof init?.body === 'string' ? { body: unmarked(init.body, mark) } : {};
      // The key goes with each request, and nowhere else than to the address that was configured.
      const response = await fetch(input, { ...init, ...body, redirect: 'error' });
      const { status, statusText, headers } = response;
      const facts = { status, statusText, headers: withoutLength(headers) };
      if (response.ok && response.body !== null && String(input).includes(':streamGenerateContent')) {
        return new Response(ReadableStream.from(events(response.body, read)), facts);
      }
      const bytes = await readUpTo(response.body, MAX_ANSWER_BYTES);
      if (bytes === undefined) throw tooLarge();
      if (response.ok) return new Response(read(utf8().decode(bytes)), facts);
      // Its status says enough.
      return new Response(isTooDeep(bytes.toString('utf8')) ? '{}' : bytes, facts);
    },
    exact: (args) => {
      const item = (value: unknown): unknown => {
        if (typeof value === 'string')
          return value.startsWith(mark) ? new ExactNumber(value.slice(mark.length)) : value;
        if (Array.isArray(value)) return value.map(item);
        return isFields(value) ? fields(value) : value;
      };
      // From entries, because a key may be `__proto__`.
      const fields = (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
        Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, item(inner)]));
      return fields(args);
    },
  };
}

/** Asked before anybody parses: what is nested without end takes seconds of everybody's time. */
const isTooDeep = (text: string): boolean => isDeeperThan(text, ARGS_LEVEL - 1 + MAX_ARGS_LEVELS);

const utf8 = () => new TextDecoder('utf-8', { fatal: true });
const TOO_DEEP = 'profundo demais';
const tooLarge = (): HubError => brokenAnswer(`mais do que ${MAX_ANSWER_BYTES / 1_048_576} MB`);

/** The body is no longer what was counted and packed. */
function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete('content-length');
  kept.delete('content-encoding');
  return kept;
}

/** The same stream, each event in a piece of its own. */
async function* events(
  body: AsyncIterable<Uint8Array>,
  read: (json: string) => string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const decoder = utf8();
  const encoder = new TextEncoder();
  let size = 0;
  let pending: string[] = [];
  // Half an end may stand here.
  let tail = '';
  // Leaving the loop ends the download.
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw tooLarge();
    const text = decoder.decode(chunk, { stream: true });
    pending.push(text);
    tail += text;
    const ends = EVENT_END.test(tail);
    tail = tail.slice(-3);
    if (!ends) continue;
    const found = pending.join('').split(EVENT_END);
    const rest = found.pop() ?? '';
    for (const event of found) yield encoder.encode(`${dataOf(event, read)}\n\n`);
    pending = [rest];
    tail = rest.slice(-3);
  }
  const rest = pending.join('') + decoder.decode();
  // Without its end it is no event: the library refuses it as it is.
  if (rest !== '') yield encoder.encode(noEvent(rest));
}

function dataOf(event: string, read: (json: string) => string): string {
  const trimmed = event.trim();
  return trimmed.startsWith('data:') ? `data: ${read(trimmed.slice('data:'.length).trim())}` : noEvent(event);
}

/** The library parses it in case it is an error. @throws HubError */
function noEvent(text: string): string {
  if (isTooDeep(text)) throw brokenAnswer(TOO_DEEP);
  return text;
}

/** The answer, with numbers that a double does not hold as marked texts. @throws HubError */
function marked(text: string, mark: string): string {
  if (isTooDeep(text)) throw brokenAnswer(TOO_DEEP);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The library says of it what it is.
    return text;
  }
  if (hasRepeatedKey(text, parsed)) throw brokenAnswer('um nome repetido no mesmo objeto');
  let found = 0;
  return replaceTokens(text, (token, depth) => {
    if (token.startsWith('"') || depth < ARGS_LEVEL || survivesDouble(token)) return token;
    found += 1;
    if (found > MAX_EXACT_NUMBERS) throw brokenAnswer('números demais com mais dígitos do que um double guarda');
    return `"${mark}${token}"`;
  });
}

/** Gemini sees its own numbers again as it wrote them. */
function unmarked(body: string, mark: string): string {
  if (!body.includes(mark)) return body;
  return replaceTokens(body, (token) => (token.startsWith(`"${mark}`) ? token.slice(mark.length + 1, -1) : token));
}
