import { FormSearch } from './form-search.ts';
import { mayBeSpelt, replaceSpelt, unescaped } from './json-spellings.ts';
import { Secret } from './secret.ts';
import { unescapedBytes } from './unescaped-bytes.ts';

const REDACTED = '[redacted]';
const NO_CHARACTER = '\ufffd';

/** Shorter texts would blank out ordinary words; Omie's keys are 11 characters and more. */
const MIN_SECRET_LENGTH = 6;

/** Deeper than any log record of ours; stops hostile nesting. */
const MAX_DEPTH = 12;

/**
 * The last gate before a text leaves the process: takes out every live secret, raw or in the encodings in which keys
 * travel (base64, base64url, URL-encoded, hex), however JSON may spell each. Registered secrets stay registered after a
 * rotation, for calls begun with the old ones may still fail and talk about them.
 */
export class SecretScrubber {
  readonly #known = new Set<string>();
  readonly #forms = new Set<string>();
  /** Made of the forms when first needed. */
  #search: FormSearch | undefined;
  readonly #spelt = { slash: false, notAscii: false };

  /** Secrets below 6 characters are left out: they would match everywhere. Registering twice changes nothing. */
  register(...secrets: readonly (Secret | string)[]): void {
    for (const secret of secrets) {
      const value = secret instanceof Secret ? secret.reveal() : secret;
      if (value.length < MIN_SECRET_LENGTH || this.#known.has(value)) continue;
      this.#known.add(value);
      if (value.includes('/')) this.#spelt.slash = true;
      if (/[^\0-\x7f]/.test(value)) this.#spelt.notAscii = true;
      for (const form of encodings(value)) {
        this.#forms.add(form);
        // As it stands in bytes that are read as one character each, so that bytes need not be decoded to be searched;
        const read = Buffer.from(form).toString('latin1');
        this.#forms.add(read);
        // and in the bytes of a text that was read so, as Base64 is.
        this.#forms.add(Buffer.from(read).toString('latin1'));
      }
      this.#search = undefined;
    }
  }

  /** The text with every known secret replaced by `[redacted]`; the same string when there is none. */
  scrub(text: string): string {
    const search = this.#formSearch();
    if (search === undefined) return text;
    const clean = search.replaceAll(text, REDACTED);
    if (!mayBeSpelt(clean, this.#spelt)) return clean;
    const bytes = Buffer.from(clean);
    // Half a pair has no bytes: whether another stands escaped beside it, the text alone tells.
    const isSpelt = search.isInBytes(unescapedBytes(bytes)) || bytes.includes(NO_CHARACTER);
    return isSpelt ? replaceSpelt(clean, search, REDACTED) : clean;
  }

  /** Whether the bytes of a text hold a secret: nearly always told without making a text of them. */
  holdsSecret(bytes: Buffer): boolean {
    const search = this.#formSearch();
    if (search === undefined) return false;
    if (search.isInBytes(bytes)) return true;
    if (!mayBeSpelt(bytes, this.#spelt) || !search.isInBytes(unescapedBytes(bytes))) return false;
    const text = bytes.toString();
    return replaceSpelt(text, search, REDACTED) !== text;
  }

  #formSearch(): FormSearch | undefined {
    if (this.#forms.size > 0) this.#search ??= new FormSearch(this.#forms);
    return this.#search;
  }

  /**
   * A copy fit for a log: texts, keys and numbers scrubbed at every depth, errors as plain records, cycles cut.
   * Values without secrets keep their type; bytes become their length.
   */
  scrubValue(value: unknown): unknown {
    return this.#copy(value, []);
  }

  #copy(value: unknown, above: readonly object[]): unknown {
    if (typeof value === 'string') return this.scrub(value);
    if (typeof value === 'number' || typeof value === 'bigint') {
      // An app_key is all digits: as a number it is still the key.
      const text = String(value);
      return this.scrub(text) === text ? value : REDACTED;
    }
    if (typeof value === 'symbol' || typeof value === 'function') return `[${typeof value}]`;
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Secret) return REDACTED;
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (above.includes(value)) return '[circular]';
    if (above.length >= MAX_DEPTH) return '[…]';
    return this.#copyObject(value, [...above, value]);
  }

  #copyObject(value: object, above: readonly object[]): unknown {
    if (Array.isArray(value)) return value.map((item: unknown) => this.#copy(item, above));
    if (value instanceof Date) return value;
    if (value instanceof Set) return [...value].map((item: unknown) => this.#copy(item, above));
    if (value instanceof Map) return this.#copyPairs([...value], above);
    const pairs = Object.keys(value).map((key): [string, unknown] => [key, read(value, key)]);
    if (!(value instanceof Error)) return this.#copyPairs(pairs, above);
    const { name, message, stack, cause } = value;
    return this.#copyPairs([...Object.entries({ name, message, stack, cause }), ...pairs], above);
  }

  #copyPairs(pairs: readonly (readonly [unknown, unknown])[], above: readonly object[]): Record<string, unknown> {
    return Object.fromEntries(pairs.map(([key, item]) => [this.scrub(String(key)), this.#copy(item, above)]));
  }
}

/** A getter that throws must not take the log line with it. */
function read(holder: object, key: string): unknown {
  try {
    return Reflect.get(holder, key);
  } catch {
    return '[unreadable]';
  }
}

function encodings(value: string): Set<string> {
  const bytes = Buffer.from(value, 'utf8');
  const base64 = bytes.toString('base64');
  const base64url = bytes.toString('base64url');
  const url = encodeURIComponent(bytes.toString('utf8'));
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  const json = JSON.stringify(value).slice(1, -1);
  const hex = bytes.toString('hex');
  return new Set([
    value,
    base64,
    base64.replace(/=+$/, ''),
    base64url,
    url,
    lowerEscapes(url),
    form,
    lowerEscapes(form),
    json,
    JSON.stringify(json).slice(1, -1),
    // As some languages write JSON by default.
    base64.replaceAll('/', '\\/'),
    ...wrapped(base64),
    ...plainForm(value),
    hex,
    hex.toUpperCase(),
  ]);
}

/** In lines, as PEM and mail write what is long (RFC 7468 §2, RFC 2045 §6.8), with their breaks also as JSON escapes them. */
function wrapped(base64: string): string[] {
  return [64, 76].flatMap((columns) => {
    if (base64.length <= columns) return [];
    const lines = base64.match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
    return ['\n', '\r\n', '\\n', '\\r\\n'].map((lineBreak) => lines.join(lineBreak));
  });
}

/** As which it is found where what is searched is unescaped too: most are themselves. */
function plainForm(value: string): string[] {
  const plain = unescaped(value);
  return plain.length < MIN_SECRET_LENGTH ? [] : [plain];
}

const lowerEscapes = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
