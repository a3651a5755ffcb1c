import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capDescription, capResult, MAX_RESULT_BYTES } from '../../../../src/gateway/trust/cap-result.ts';
import { cleanJson, cleanText } from '../../../../src/gateway/trust/clean-text.ts';
import { shorten } from '../../../../src/shorten.ts';
import { cpuMs } from '../../../support/cpu-time.ts';

const hidden = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]|(?![\t\n\r])\p{Cc}/u;

describe('cleanText', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]8;;http://evil\u0007link\u001b]8;;\u0007', 'link'],
    ['\u001b]0;title\u001b\\x', 'x'],
    ['\u009b2Jcleared', 'cleared'],
    ['a\u200bb\u202ec\u2066d\u00ade\ufefff\u0000g\u007fh', 'abcdefgh'],
    ['tags\u{e0041}\u{e0042}', 'tags'],
    ['linha 1\n\tlinha 2\r\n', 'linha 1\n\tlinha 2\r\n'],
    ['São João & Cia "Ltda" 😀 日本', 'São João & Cia "Ltda" 😀 日本'],
    ['❤️ 👩‍👩‍👧 1️⃣ 👍🏽', '❤️ 👩‍👩‍👧 1️⃣ 👍🏽'],
    ['x\ufe0fy\u200dz❤️\ufe0f\ufe0f', 'xyz❤️'],
    ['meio \ud800 par', 'meio  par'],
    ['\u001b\u001b[31m[32m', '[32m'],
  ])('%j becomes %j', (given, clean) => expect(cleanText(given)).toBe(clean));
});

describe('cleanJson', () => {
  it('returns a text with nothing to clean itself', () => {
    for (const text of ['{"a":"olá – “x” é\\n\\t","b":1.0}', '{"a":"\\u00e7\\u2013\\u201c"}'])
      expect(cleanJson(text)).toBe(text);
  });

  it('finds every character to remove, written as it is or as an escape', () => {
    for (let code = 0; code < 0x11_0000; code += 1) {
      const character = String.fromCodePoint(code);
      if (!hidden.test(character)) continue;
      const escaped = [...character]
        .flatMap((c) => c.split(''))
        .map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join('');
      expect(cleanJson(`{"k":"a${escaped}é"}`), code.toString(16)).toBe('{"k":"aé"}');
      expect(cleanJson(`{"k":"a${escaped.toUpperCase().replaceAll('\\U', '\\u')}é"}`)).toBe('{"k":"aé"}');
      if (code >= 0x20) expect(cleanJson(`{"k":"a${character}é"}`), code.toString(16)).toBe('{"k":"aé"}');
    }
  });

  it('touches nothing but the strings that need it', () => {
    const text =
      '{ "n" : 12345678901234567890 , "f":1.0, "s":"\\/ok\\u00e9", "x":"a\\u200bb" , "\\u202ek":[ "\\\\u200b" ] }';
    expect(cleanJson(text)).toBe(
      '{ "n" : 12345678901234567890 , "f":1.0, "s":"\\/ok\\u00e9", "x":"ab" , "k":[ "\\\\u200b" ] }',
    );
  });

  it('any JSON comes out as JSON, the same but for what does not show', () => {
    const walk = (value: unknown): unknown =>
      typeof value === 'string'
        ? cleanText(value)
        : Array.isArray(value)
          ? value.map(walk)
          : typeof value === 'object' && value !== null
            ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), walk(inner)]))
            : value;
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.parse(cleanJson(text))).toEqual(walk(JSON.parse(text)));
      }),
      { numRuns: 500 },
    );
  });

  it('10 MB of escape sequences take less than two seconds', () => {
    const text = JSON.stringify({ text: '\u001b[31mx'.repeat(1_000_000) });
    const from = cpuMs();
    expect(cleanJson(text)).toBe(JSON.stringify({ text: 'x'.repeat(1_000_000) }));
    const open = JSON.stringify({ text: '\u001b]'.repeat(200_000) });
    cleanJson(open);
    expect(cpuMs() - from).toBeLessThan(8_000);
  });
});

describe('capResult', () => {
  const textOf = (json: string): string =>
    JSON.parse(json)
      .content.map(({ text = '' }) => text)
      .join('');

  it('leaves what fits', () => {
    const json = JSON.stringify({ content: [{ type: 'text', text: 'é'.repeat(500_000) }] });
    expect(capResult(json).text).toBe(json);
  });

  it.each([
    ['a long text', { content: [{ type: 'text', text: 'x'.repeat(10_000_000) }] }],
    ['a text of quotes', { content: [{ type: 'text', text: '"\n'.repeat(3_000_000) }] }],
    ['many texts', { content: Array.from({ length: 5_000 }, (_, n) => ({ type: 'text', text: `${n} `.repeat(200) })) }],
    [
      'an image',
      {
        content: [
          { type: 'text', text: 'antes' },
          { type: 'image', data: 'A'.repeat(3_000_000), mimeType: 'image/png' },
        ],
      },
    ],
    [
      'structured content',
      { content: [{ type: 'text', text: 'resumo' }], structuredContent: { rows: Array(600_000).fill(1) } },
    ],
    [
      'an embedded resource',
      { content: [{ type: 'resource', resource: { uri: 'a:b', text: 'y'.repeat(3_000_000) } }] },
    ],
    ['a huge extra member', { content: [], extra: 'z'.repeat(3_000_000) }],
  ])('%s is cut below the limit and says so', (_name, result) => {
    const capped = capResult(JSON.stringify(result)).text;
    expect(Buffer.byteLength(capped)).toBeLessThanOrEqual(MAX_RESULT_BYTES);
    expect(JSON.stringify(JSON.parse(capped))).toContain('Resultado cortado pelo gateway');
  });

  it('keeps most of what fits, and structured content never half', () => {
    expect(
      textOf(capResult(JSON.stringify({ content: [{ type: 'text', text: '😀'.repeat(1_000_000) }] })).text).length,
    ).toBeGreaterThan(200_000);
    const capped = JSON.parse(
      capResult(JSON.stringify({ content: [], structuredContent: { a: 'x'.repeat(2_000_000) } })).text,
    );
    expect(capped).toMatchObject({ isError: true });
    expect(capped.structuredContent).toBeUndefined();
  });

  it('of something that may have been done says so, and never to ask again', () => {
    const large = { a: 'x'.repeat(2_000_000) };
    const { text: capped, unfit } = capResult(
      JSON.stringify({ content: [{ type: 'text', text: 'ok' }], structuredContent: large }),
      false,
    );
    expect(JSON.parse(capped)).toMatchObject({
      isError: true,
      content: [{ text: 'ok' }, { text: expect.stringMatching(/pode ter tido efeito: verifique antes de repetir/) }],
      structuredContent: { erro: { codigo: 'resultado_desconhecido', tente_novamente: false } },
    });
    expect(unfit).toMatchObject({ codigo: 'resultado_desconhecido' });
    expect(capped).not.toContain('Peça menos');
  });
});

describe('capDescription', () => {
  it('cuts an essay and leaves everything else itself', () => {
    const tool = { name: 'a', description: 'x'.repeat(8_192), inputSchema: {} };
    expect(capDescription(tool)).toBe(tool);
    const cut = capDescription({ ...tool, description: 'x'.repeat(1_000_000) });
    expect(cut.description).toHaveLength(8_192);
    expect(cut).toMatchObject({ name: 'a', inputSchema: {} });
    const without: { description?: unknown } = { description: 7 };
    expect(capDescription(without)).toBe(without);
  });
});

describe('shorten', () => {
  it('never cuts through a character', () => {
    expect(shorten('abc', 3)).toBe('abc');
    expect(shorten('abcd', 3)).toBe('ab…');
    expect(shorten('a😀😀', 3)).toBe('a…');
  });
});
