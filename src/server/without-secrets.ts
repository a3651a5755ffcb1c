import type { ClientFeatures } from './client-features.ts';
import type { Scrub } from './server-parts.ts';

/**
 * A JSON text without secrets, still JSON. Nearly none holds one, so the whole text is searched once; only if something
 * was found is it taken apart, for a key of digits only may stand there as a bare number.
 */
export function withoutSecrets(json: string, scrub: Scrub | undefined): string {
  if (scrub === undefined || scrub(json) === json) return json;
  return JSON.stringify(JSON.parse(json, (_key, value: unknown) => cleanValue(value, scrub)));
}

/** Called for the innermost values first: of an object only the names are left to look at. */
function cleanValue(value: unknown, scrub: Scrub): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value === 'number') {
    const text = String(value);
    const clean = scrub(text);
    return clean === text ? value : clean;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [scrub(name), item]));
}

/** {@link withoutSecrets} for what is to become JSON: the very value when there is none in it. */
export function secretless<T>(value: T, scrub: Scrub | undefined): T {
  if (scrub === undefined || value === undefined) return value;
  const json = JSON.stringify(value);
  const clean = withoutSecrets(json, scrub);
  return clean === json ? value : JSON.parse(clean);
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
