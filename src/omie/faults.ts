/**
 * One table that tells Omie's refusals apart. Omie answers HTTP 500 to almost everything, an empty list included, and
 * overloads its codes, so the body decides before the status, and the code alone decides only where it is unambiguous.
 */
import { waitInHeader, waitInSentence } from './fault-waits.ts';

export type FaultClass =
  | 'empty'
  /** Our own: the method has answered with so many errors that a few more would block it. */
  | 'near-block'
  | 'auth'
  | 'redundant'
  | 'lock'
  | 'in-flight'
  | 'blocked'
  | 'rate'
  | 'schema'
  | 'not-found'
  | 'duplicate'
  | 'business'
  | 'server'
  | 'network'
  | 'bad-response';

export interface FaultDetails {
  /** Can a read be sent again as it is? */
  readonly retryable?: boolean;
  /** How long Omie wants us to wait first, in milliseconds; undefined when it does not say. */
  readonly waitMs?: number | undefined;
  /** Omie's code without its prefix, e.g. `Client-5113`. */
  readonly code?: string | undefined;
  /** No call was made: the answer came from what we remember (a block, an open breaker, a full queue). */
  readonly remembered?: boolean;
  /** "Broken response from Application Server": the page was too heavy, a smaller one may pass. */
  readonly tooHeavy?: boolean;
  /** Our own deadline ended it, in the queue or on the wire: says nothing about Omie. */
  readonly timeUp?: boolean;
  readonly cause?: unknown;
}

/** A refusal or failure of one request. Stays inside this folder: the client turns it into an `AppError`. */
export class OmieFault extends Error {
  readonly kind: FaultClass;
  readonly retryable: boolean;
  readonly waitMs: number | undefined;
  readonly code: string | undefined;
  readonly remembered: boolean;
  readonly tooHeavy: boolean;
  readonly timeUp: boolean;

  constructor(kind: FaultClass, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'OmieFault';
    this.kind = kind;
    this.retryable = details.retryable ?? RETRYABLE.has(kind);
    this.waitMs = details.waitMs;
    this.code = details.code;
    this.remembered = details.remembered ?? false;
    this.tooHeavy = details.tooHeavy ?? false;
    this.timeUp = details.timeUp ?? false;
  }
}

const RETRYABLE: ReadonlySet<FaultClass> = new Set([
  'redundant',
  'lock',
  'in-flight',
  'rate',
  'server',
  'network',
  'bad-response',
]);

/** A block lasts half an hour when the body does not count it down. */
const BLOCK_MS = 1_800_000;
/** A refusal for too many calls that names no wait: the window is a minute. */
const RATE_WINDOW_MS = 60_000;

interface Row {
  readonly kind: FaultClass;
  readonly code?: RegExp;
  readonly text?: RegExp;
  readonly status?: readonly number[];
}

/** First match wins; a row matches when all it names match. Texts are compared without accents, in lower case. */
const table: readonly Row[] = [
  { kind: 'blocked', status: [425] },
  { kind: 'blocked', code: /^MISUSE_API_PROCESS$/ },
  { kind: 'blocked', text: /api bloqueada/ },
  { kind: 'empty', code: /^Client-5113$/, text: /nao existem registros/ },
  { kind: 'empty', code: /^Client-101$/, text: /nenhuma conta corrente/ },
  { kind: 'empty', code: /^Client-5094$/, text: /(nao|nenhum).*registro|registro.*nao (foi )?(encontrad|exist)/ },
  { kind: 'redundant', code: /^Client-6$/ },
  { kind: 'redundant', text: /consumo redundante|\(redundant\)/ },
  { kind: 'lock', code: /^Client-1880$/ },
  { kind: 'lock', text: /ja existe uma requisicao desse metodo/ },
  { kind: 'in-flight', code: /^Client-8020$/ },
  { kind: 'in-flight', text: /ja foi processada ou esta sendo processada/ },
  { kind: 'rate', status: [429] },
  { kind: 'rate', text: /too many requests/ },
  { kind: 'auth', text: /chave de acesso|app_(key|secret).*(invalid|incorret)|authentication data|api is not enabled/ },
  { kind: 'auth', text: /aplicativo esta suspenso/ },
  { kind: 'auth', status: [401, 403] },
  { kind: 'schema', code: /^Client-(5001|71)$/ },
  { kind: 'schema', text: /nao faz parte da estrutura|nenhum parametro foi recebido|preenchimento da tag/ },
  { kind: 'schema', text: /invalid json|syntaxerror|method ".*" not exists/ },
  { kind: 'schema', code: /^Client-10(0\d|1\d|20)$/ },
  { kind: 'duplicate', text: /ja cadastrad/ },
  { kind: 'duplicate', code: /^Client-143$/ },
  { kind: 'not-found', text: /nao (foi |esta )?(cadastrad|encontrad|localizad)/ },
  { kind: 'schema', code: /^Client-105$/ },
  { kind: 'not-found', code: /^Client-(103|1035|1070|1073|832)$/ },
  { kind: 'server', text: /soap-error|broken response|application server/ },
  { kind: 'server', code: /^Server$/ },
];

/** A fault is a sentence or two; what is longer is a page of rows. */
const LONGEST_FAULT = 16_384;

/** A look at the surface, for haste: false only for a reply that is neither a fault nor a failure of the server. */
export function mayHoldFault({ status, text }: { readonly status: number; readonly text: string }): boolean {
  return status !== 200 || (text.length <= LONGEST_FAULT && text.includes('faultstring'));
}

/** The fault in a reply's body, whatever the HTTP status; undefined when the body is no fault. */
export function faultInBody(
  body: Readonly<Record<string, unknown>>,
  status: number,
  nowMs: number,
): OmieFault | undefined {
  if (!Object.hasOwn(body, 'faultstring')) return undefined;
  const sentence = textOf(body['faultstring']);
  const code = textOf(body['faultcode']).replace(/^SOAP-ENV:/i, '');
  const plain = withoutAccents(sentence);
  const row = table.find(
    (one) =>
      (one.code === undefined || one.code.test(code)) &&
      (one.text === undefined || one.text.test(plain)) &&
      (one.status === undefined || one.status.includes(status)),
  );
  const kind = row?.kind ?? 'business';
  return new OmieFault(kind, sentence, {
    code: code === '' ? undefined : code,
    waitMs: WAITING.has(kind) ? (waitInSentence(sentence, nowMs) ?? usualWait(kind)) : undefined,
    tooHeavy: kind === 'server' && /broken response/.test(plain),
  });
}

/** What a status says when the body is not Omie's own: proxies, web servers and maintenance pages. */
export function faultOfStatus(status: number, retryAfter: string | undefined, nowMs: number): OmieFault | undefined {
  const waitMs = waitInHeader(retryAfter, nowMs);
  if (status === 425) return new OmieFault('blocked', 'HTTP 425', { waitMs: waitMs ?? BLOCK_MS });
  // A header that says nothing sensible leaves the wait to our own backoff; no header at all means the whole window.
  if (status === 429) {
    return new OmieFault('rate', 'HTTP 429', { waitMs: retryAfter === undefined ? RATE_WINDOW_MS : waitMs });
  }
  if (status === 401 || status === 403) return new OmieFault('auth', `HTTP ${status}`);
  if (status >= 500) return new OmieFault('server', `HTTP ${status}`, { waitMs });
  if (status < 200 || status > 299) return new OmieFault('bad-response', `HTTP ${status}`);
  return undefined;
}

const WAITING: ReadonlySet<FaultClass> = new Set(['blocked', 'redundant', 'in-flight', 'rate']);

function usualWait(kind: FaultClass): number {
  return kind === 'blocked' ? BLOCK_MS : RATE_WINDOW_MS;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : value == null ? '' : String(value));

export const withoutAccents = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase();
