import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { FormSearch } from '../../../src/logging/form-search.ts';
import { unescaped } from '../../../src/logging/json-spellings.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { unescapedBytes } from '../../../src/logging/unescaped-bytes.ts';

/** Few characters, so that literals overlap, nest and nearly match; one of them two bytes wide, one half a pair. */
const unit = fc.constantFrom('a', 'b', '0', '1', '"', '\u00e7', '\u0161', '\ud83d');
const textOf = (minLength: number, maxLength: number) =>
  fc.array(unit, { minLength, maxLength }).map((units) => units.join(''));

/** Texts with whole literals, pieces of literals and other things in any order. */
const searched = (literals: fc.Arbitrary<string[]>) =>
  literals.chain((known) => {
    const whole = fc.constantFrom(...known);
    const piece = fc.tuple(whole, fc.nat(30), fc.nat(30)).map(([text, from, to]) => text.slice(from, to));
    const text = fc.array(fc.oneof(whole, piece, textOf(0, 9)), { maxLength: 8 }).map((parts) => parts.join(''));
    return fc.record({ known: fc.constant(known), text });
  });

const isIn = (search: FormSearch, text: string): boolean => {
  const found = search.replaceAll(text, '') !== text;
  // Of a text with a character a byte the bytes tell the same.
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.toString('latin1') === text) expect(search.isInBytes(bytes)).toBe(found);
  return found;
};

it('finds what a plain search finds, and nothing else', () => {
  const literals = fc.array(textOf(4, 24), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(searched(literals), ({ known, text }) => {
      expect(isIn(new FormSearch(new Set(known)), text)).toBe(known.some((literal) => text.includes(literal)));
    }),
    { numRuns: 2_000 },
  );
});

it('finds a literal wherever it stands', () => {
  const search = new FormSearch(new Set(['38333295000', 'c2VncmVkbw==']));
  for (let at = 0; at < 64; at += 1) {
    for (const literal of ['38333295000', 'c2VncmVkbw==']) {
      expect(isIn(search, `${'x'.repeat(at)}${literal}`)).toBe(true);
      expect(isIn(search, `${'x'.repeat(at)}${literal}${'y'.repeat(at)}`)).toBe(true);
      expect(isIn(search, `${'x'.repeat(at)}${literal.slice(0, -1)}`)).toBe(false);
    }
  }
});

/** At each place the longest form that stands there, taken out; then on behind it. */
function scrubbedPlainly(text: string, forms: readonly string[]): string {
  const longestFirst = [...forms].sort((left, right) => right.length - left.length);
  let clean = '';
  for (let at = 0; at < text.length; ) {
    const form = longestFirst.find((one) => text.startsWith(one, at));
    clean += form === undefined ? text[at] : '[redacted]';
    at += form?.length ?? 1;
  }
  return clean;
}

it('scrubs as a plain search over every form of every secret would, and leaves no other spelling of one', () => {
  const secrets = fc.array(textOf(6, 20), { minLength: 1, maxLength: 6 });
  const scenario = secrets.chain((known) => {
    const forms = known.flatMap(formsOf);
    return fc.record({ known: fc.constant(known), found: searched(fc.constant(forms)) });
  });
  fc.assert(
    fc.property(scenario, ({ known, found }) => {
      const scrubber = new SecretScrubber();
      scrubber.register(...known);
      const clean = scrubber.scrub(found.text);
      // Behind half an escape the digits of a form may be part of that escape, and then they are no secret.
      if (!found.text.includes('\\u')) expect(clean).toBe(scrubbedPlainly(found.text, found.known));
      else if (clean.includes('\\u')) for (const secret of known) expect(unescaped(clean)).not.toContain(secret);
      // The quotation mark around a text is no part of a secret that begins with one, although unescaped they look alike.
      else expect(clean).toBe(scrubbedPlainly(clean, found.known));
    }),
    { numRuns: 1_000 },
  );
});

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const lower = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const url = encodeURIComponent(bytes.toString());
  const form = new URLSearchParams({ v: secret }).toString().slice(2);
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const [base64, hex] = [bytes.toString('base64'), bytes.toString('hex')];
  return [
    ...[secret, base64, base64.replaceAll('=', ''), bytes.toString('base64url'), url, lower(url), form, lower(form)],
    ...[json, json.replaceAll('/', '\\/'), JSON.stringify(json).slice(1, -1), ascii, hex, hex.toUpperCase()],
  ];
}

it('reads in bytes what it reads in a text', () => {
  const parts = [
    '\\',
    'u',
    'u005c',
    '\\u005C',
    '0041',
    '00e1',
    '00E',
    'n',
    '"',
    '/',
    'x',
    '\u00e7',
    '\\ud83d',
    '\\ude00',
    '\u{1f600}',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 9 }), (chosen) => {
      const text = chosen.join('');
      expect(unescapedBytes(Buffer.from(text))).toEqual(Buffer.from(unescaped(text)));
    }),
    { numRuns: 5_000 },
  );
});
