import { replaceTokens } from '../json-tokens.ts';

/**
 * A JSON text without secrets, still JSON. Nearly none holds one, so the whole text is searched once; only if something was
 * found is it looked at string by string and number by number. A number that holds a secret (a key may be of digits only)
 * becomes a string as a whole: half of one would be another number, or none. All else stays as it was written.
 */
export function scrubJson(json: string, scrub: (text: string) => string): string {
  if (scrub(json) === json) return json;
  return replaceTokens(json, (token) => {
    if (!token.startsWith('"')) return scrub(token) === token ? token : REDACTED;
    const text = String(JSON.parse(token));
    const clean = scrub(text);
    if (clean !== text) return JSON.stringify(clean);
    // Written in a way in which it does not read.
    return scrub(token) === token ? token : REDACTED;
  });
}

const REDACTED = '"[redacted]"';
