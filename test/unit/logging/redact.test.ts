import { describe, expect, it } from 'vitest';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { Secret } from '../../../src/logging/secret.ts';

/** Spaces, quotes, slashes, accents and signs, so that every encoding differs from the raw text. */
const CANARY = 'canário-segredo/0001+"a b"\\?&~>>>';

function knowing(...secrets: string[]): SecretScrubber {
  const scrubber = new SecretScrubber();
  scrubber.register(...secrets.map((text) => new Secret(text)));
  return scrubber;
}

const bytes = Buffer.from(CANARY);
const json = JSON.stringify(CANARY).slice(1, -1);
const forms: [string, string][] = [
  ['raw', CANARY],
  ['base64', bytes.toString('base64')],
  ['base64 without padding', bytes.toString('base64').replaceAll('=', '')],
  ['base64url', bytes.toString('base64url')],
  ['URL-encoded', encodeURIComponent(CANARY)],
  ['URL-encoded, lower case', encodeURIComponent(CANARY).replace(/%../g, (code) => code.toLowerCase())],
  ['form-encoded', String(new URLSearchParams([['k', CANARY]])).slice(2)],
  ['JSON-escaped', json],
  ['JSON inside JSON', JSON.stringify(json).slice(1, -1)],
  ['JSON in ASCII', json.replace('á', '\\u00e1')],
  ['hex', bytes.toString('hex')],
  ['HEX', bytes.toString('hex').toUpperCase()],
];

describe('SecretScrubber.scrub', () => {
  it.each(forms)('takes out the %s form', (_name, form) => {
    expect(knowing(CANARY).scrub(`antes ${form} depois ${form}.`)).toBe('antes [redacted] depois [redacted].');
    expect(new SecretScrubber().scrub(form)).toBe(form);
  });

  it.each([
    ['\n', 64],
    ['\r\n', 76],
  ])('takes out Base64 in lines, also where their breaks %j are escaped', (lineBreak, columns) => {
    const long = CANARY.repeat(5);
    const lines = Buffer.from(long)
      .toString('base64')
      .replace(new RegExp(`.{${columns}}(?=.)`, 'g'), `$&${lineBreak}`);
    for (const told of [lines, JSON.stringify(lines).slice(1, -1)]) {
      const clean = knowing(long).scrub(`antes ${told} depois`);
      expect(clean).toMatch(/^antes \[redacted\]=* depois$/);
    }
  });

  const escaped = (text: string, which: RegExp, upper = false): string =>
    text.replace(which, (unit) => {
      const code = unit.charCodeAt(0).toString(16).padStart(4, '0');
      return `\\u${upper ? code.toUpperCase() : code}`;
    });
  const twice = (literal: string): string => JSON.stringify(literal).slice(1, -1);
  const spellings: [string, string][] = [
    ['.NET', escaped(CANARY, /[^ -~]|["&'+<>`\\]/g, true)],
    ['.NET, quotes and backslashes short', escaped(json, /[^ -~]|[&'+<>`]/g, true)],
    ['Go', escaped(json, /[&<>]/g)],
    ['PHP', escaped(json.replaceAll('/', '\\/'), /[^ -~]/g)],
    ['escapes alone', escaped(CANARY, /./gs)],
    ['one escape', json.replace('g', '\\u0067')],
  ];

  it.each(spellings)('takes out what %s wrote, also where that JSON stands in JSON', (_name, literal) => {
    const scrubber = knowing(CANARY);
    expect(JSON.parse(`"${literal}"`)).toBe(CANARY);
    for (const spelt of [literal, twice(literal), twice(twice(literal))]) {
      const text = `{"a":"é \\u0041\\n${spelt}\\" ${spelt}"}`;
      expect(scrubber.scrub(text)).toBe('{"a":"é \\u0041\\n[redacted]\\" [redacted]"}');
      expect(scrubber.holdsSecret(Buffer.from(text))).toBe(true);
      expect(knowing('outro/segredo-é+').scrub(text)).toBe(text);
    }
  });

  it('takes out Base64 however it is spelt', () => {
    const base64 = bytes.toString('base64');
    expect(base64).toContain('+');
    const spelt = escaped(base64, /\+/g, true).replaceAll('/', '\\/');
    expect(knowing(CANARY).scrub(`a ${spelt} b`)).toBe('a [redacted] b');
  });

  it('takes out a pair of which one half alone is escaped', () => {
    expect(knowing('segredo+\u{1f600}').scrub('a segredo\\u002b\ud83d\\ude00 b')).toBe('a [redacted] b');
  });

  it('takes out a key of several lines', () => {
    const pem = '-----BEGIN KEY-----\nab+cd/ef\n-----END KEY-----\n';
    const spelt = JSON.stringify(pem).slice(1, -1).replace('+', '\\u002B');
    expect(knowing(pem).scrub(`{"k":"${spelt}"}`)).toBe('{"k":"[redacted]"}');
  });

  it('takes out one that ends with a backslash', () => {
    expect(knowing('segredo+a\\').scrub('"segredo\\u002Ba\\\\"')).not.toContain('segredo');
  });

  it('leaves everything else as it is', () => {
    const text = 'canário-segredo/0002 e nada mais';
    expect(knowing(CANARY).scrub(text)).toBe(text);
  });

  it('takes out the longer of two secrets that begin alike', () => {
    expect(knowing('segredo-abc', 'segredo-abc-longo').scrub('segredo-abc-longo segredo-abc')).toBe(
      '[redacted] [redacted]',
    );
  });

  it('ignores secrets below six characters', () => {
    expect(knowing('', 'a', '12345', '123456').scrub('a 12345 123456')).toBe('a 12345 [redacted]');
  });

  it('learns secrets after it was used', () => {
    const scrubber = knowing('primeiro-segredo');
    scrubber.scrub('x');
    scrubber.register('segundo-segredo');
    expect(scrubber.scrub('primeiro-segredo segundo-segredo')).toBe('[redacted] [redacted]');
  });

  it('learns a secret that is another one’s encoded form with all its own forms', () => {
    const hex = Buffer.from('primeiro-segredo').toString('hex');
    const scrubber = knowing('primeiro-segredo', hex);
    expect(scrubber.scrub(Buffer.from(hex).toString('base64'))).toBe('[redacted]');
  });

  it('takes a secret out of a text however many secrets it knows', () => {
    const many = Array.from({ length: 20_000 }, (_, n) => `canario-${(n * 7919).toString(36)}-${n}`);
    const scrubber = knowing(...many);
    expect(scrubber.scrub(`a ${many[17_000]} b ${many[3]}${many[4]}`)).toBe('a [redacted] b [redacted][redacted]');
  });

  it('passes a thousand log lines over a thousand secrets without trying each against each', {
    timeout: 20_000,
  }, () => {
    const scrubber = knowing(
      ...Array.from({ length: 1_000 }, (_, n) => `canario-segredo-${n}-${(n * 7919).toString(36)}`),
    );
    const line = JSON.stringify({ msg: 'consulta', empresa: 'empresa_001', itens: 'valor '.repeat(60) });
    scrubber.scrub(line);
    for (let turn = 0; turn < 1_000; turn += 1) scrubber.scrub(line);
    expect(scrubber.scrub(line)).toBe(line);
  });
});

describe('SecretScrubber.scrubValue', () => {
  it('reaches every depth, keys, errors with causes, maps, sets and numbers', () => {
    const number = '38333295000';
    const error = new Error(`falhou: ${CANARY}`, { cause: { body: [forms[1]?.[1]] } });
    const value = {
      list: [CANARY, { [CANARY]: 1 }],
      error,
      map: new Map([[CANARY, CANARY]]),
      set: new Set([CANARY]),
      number: Number(number),
      big: BigInt(number),
      secret: new Secret('outro-segredo'),
      buffer: bytes,
      get bad() {
        throw new Error(CANARY);
      },
    };
    const shown = JSON.stringify(knowing(CANARY, number).scrubValue(value));
    for (const [, form] of forms) expect(shown).not.toContain(form);
    expect(shown).not.toContain(number);
    expect(JSON.parse(shown)).toMatchObject({
      list: ['[redacted]', { '[redacted]': 1 }],
      error: { name: 'Error', message: 'falhou: [redacted]', cause: { body: ['[redacted]'] } },
      number: '[redacted]',
      big: '[redacted]',
      secret: '[redacted]',
      buffer: `[${bytes.length} bytes]`,
      bad: '[unreadable]',
    });
  });

  it('keeps harmless values and their types', () => {
    const value = { a: 1, b: true, c: null, d: undefined, e: ['x'], f: new Date(0) };
    expect(knowing(CANARY).scrubValue(value)).toEqual(value);
  });

  it('cuts cycles and does not touch prototypes', () => {
    const loop: Record<string, unknown> = { shared: 1 };
    loop['self'] = loop;
    expect(knowing(CANARY).scrubValue(loop)).toEqual({ shared: 1, self: '[circular]' });
    const hostile: unknown = JSON.parse('{"__proto__": {"isAdmin": true}}');
    const copy = knowing(CANARY).scrubValue(hostile);
    expect(typeof copy === 'object' && copy !== null && 'isAdmin' in copy).toBe(false);
  });
});
