import { stringEnd } from '../json-tokens.ts';
import { scrubJson } from '../logging/scrub-json.ts';
import { exactJson, parseExactly } from '../protocol/exact-number.ts';
import type { Fields } from '../protocol/json-rpc.ts';
import { parseFields } from '../protocol/parse-fields.ts';
import type { ClientFeatures } from './client-features.ts';
import type { Scrub } from './server-parts.ts';

/** A JSON text without secrets, still JSON; bytes that stand in it as Base64 are looked through as bytes. */
export function withoutSecrets(json: string, scrub: Scrub | undefined): string {
  if (scrub === undefined) return json;
  return scrubJson(withoutSecretBytes(json, scrub), scrub);
}

/** Where MCP puts bytes: images, sounds, embedded resources. */
const NAMED = /"(?:data|blob)"\s*:\s*"/g;
/** Shorter ones hold no secret. */
const MIN_BASE64_LENGTH = 8;
/**
 * Looked for, rather than all that is: a pattern of 4 MiB of characters fills the stack. Mail breaks Base64 into lines of 76
 * characters, PEM of 64 (RFC 2045 §6.8, RFC 7468 §2).
 */
const NOT_BASE64 = /[^A-Za-z0-9+/_=\r\n-]/;
/** The same of what stands in a string of JSON, where some of it may be escaped. */
const NOT_WRITTEN_BASE64 = /[^A-Za-z0-9+/_=\\-]/;

function withoutSecretBytes(json: string, scrub: Scrub): string {
  // The names alone are found quickly, without the quotation mark before them: in JSON it is everywhere.
  if (!json.includes('data"') && !json.includes('blob"')) return json;
  const parts: string[] = [];
  let done = 0;
  for (const { 0: name, index } of json.matchAll(NAMED)) {
    const start = index + name.length;
    const end = stringEnd(json, start - 1) - 1;
    const written = json.slice(start, end);
    if (written.length < MIN_BASE64_LENGTH || NOT_WRITTEN_BASE64.test(written)) continue;
    const base64 = written.includes('\\') ? String(JSON.parse(`"${written}"`)) : written;
    if (base64 !== written && NOT_BASE64.test(base64)) continue;
    const clean = secretlessBytes(base64, scrub);
    if (clean === base64) continue;
    parts.push(json.slice(done, start), clean);
    done = end;
  }
  return done === 0 ? json : parts.join('') + json.slice(done);
}

/** {@link withoutSecrets} for what is to become a JSON object: the very value when there is none in it. */
export function secretless<T extends object>(value: T, scrub: Scrub | undefined): T | Fields {
  const clean = cleanJson(value, scrub);
  return clean === undefined ? value : parseFields(clean);
}

/** {@link secretless} for any value. */
export function secretlessValue(value: unknown, scrub: Scrub | undefined): unknown {
  const clean = value === undefined ? undefined : cleanJson(value, scrub);
  return clean === undefined ? value : parseExactly(clean);
}

/** Undefined for what needs none. */
function cleanJson(value: unknown, scrub: Scrub | undefined): string | undefined {
  if (scrub === undefined) return undefined;
  // As it will be written: numbers that are exact are looked at as they are.
  const json = exactJson(value);
  const clean = withoutSecrets(json, scrub);
  return clean === json ? undefined : clean;
}

/** Base64 of bytes without secrets: the same text when they hold none. */
export function secretlessBytes(base64: string, scrub: Scrub | undefined): string {
  if (scrub === undefined) return base64;
  const bytes = Buffer.from(base64, 'base64').toString('latin1');
  const clean = scrub(bytes);
  return clean === bytes ? base64 : Buffer.from(clean, 'latin1').toString('base64');
}

type Ask = NonNullable<ClientFeatures['ask']>;

/** The way to ask a client, for questions that mounted servers word. */
export function askingSecretless(ask: Ask | undefined, scrub: Scrub | undefined): Ask | undefined {
  return ask && ((method, params) => ask(method, secretless(params, scrub)));
}
