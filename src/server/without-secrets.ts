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
