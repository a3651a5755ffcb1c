import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessages, readPlainEvent, readPlainResult } from '../../../../src/gateway/links/read-message.ts';
import { mountedToolResult } from '../../../../src/gateway/mount/tool-result.ts';
import { cleanJson } from '../../../../src/gateway/trust/clean-text.ts';
import { isPlainResult } from '../../../../src/gateway/trust/plain-result.ts';
import type { JsonText } from '../../../../src/protocol/json-rpc.ts';
import { forwardedAnswer } from '../../../../src/server/forwarded-answer.ts';

const isPlain = (json: string): boolean => {
  const bytes = Buffer.from(json);
  return isPlainResult(bytes, 0, bytes.length);
};

/** Words, and every kind of character that the two ways must agree on. */
const word = fc.oneof(
  fc.constantFrom(
    'resource',
    'resource_link',
    '_meta',
    'resultType',
    'isError',
    'type',
    'uri',
    'content',
    'text',
    'data',
    'blob',
  ),
  fc.constantFrom(
    'São João',
    '“x” – é',
    'R$ 1,00 €',
    'C:\\temp\\u200b',
    'a"b',
    'linha\n\t',
    '\u0007',
    '\u001b[31m',
    '\u007f',
  ),
  fc.constantFrom(
    '\u00ad',
    '\u0085',
    '\u200b',
    '\u202e',
    '\u2060',
    '\u2028',
    '\ufeff',
    '\ud800',
    '❤️',
    '😀',
    '日本',
    '\b',
    '\f',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(word, tie('value'), { maxKeys: 3 }),
  ),
}));
const result = fc.record(
  { content: fc.array(value, { maxLength: 3 }), structuredContent: value, more: value },
  { requiredKeys: [] },
);
const extended = fc
  .tuple(result, fc.dictionary(fc.constantFrom('_meta', 'resultType', 'isError', 'x'), value, { maxKeys: 2 }))
  .map(([one, more]) => ({ ...one, ...more }));
const envelope = fc.constantFrom(
  (json: string) => `{"jsonrpc":"2.0","id":7,"result":${json}}`,
  (json: string) => `{"result":${json},"jsonrpc":"2.0","id":7}`,
  (json: string) => `{"jsonrpc":"2.0","id":7,"result":${json}}\n`,
);

/** What a client is sent of an answer, the fast way and the slow one. */
function bothWays(message: Buffer): { fast: string; slow: string } | undefined {
  const plain = readPlainResult(message);
  const text = message.toString('utf8');
  // Broken UTF-8 never reaches an event: what reads the stream has put another character there.
  if (Buffer.from(text).equals(message)) expect(readPlainEvent(text.replace(/[\r\n]+$/, ''))).toEqual(plain);
  if (plain === undefined) return undefined;
  const [read, ...others] = readMessages(text.trim());
  if (read?.kind !== 'result' || others.length > 0)
    return { fast: plain.result.toString(), slow: `read as ${read?.kind}` };
  const sent = (resultText: JsonText) => {
    const mounted = mountedToolResult({ resultText, servedBy: 'a' }, 'sales');
    const answers = (['legacy', 'modern'] as const).map((era) =>
      forwardedAnswer('é7', mounted, era, { name: 'hub' }, { scrub: (text) => text }).toString(),
    );
    return JSON.stringify([mounted.isError, ...answers]);
  };
  expect(plain.id).toBe(read.id);
  return { fast: sent(plain.result), slow: sent(cleanJson(read.text)) };
}

describe('a plain result', () => {
  it('is told of what servers usually say', () => {
    const text = JSON.stringify({ itens: [{ descrição: 'Pão “francês” – 12 €', valor: -1.5e-7, ok: true, de: null }] });
    for (const json of [
      '{}',
      JSON.stringify({ content: [{ type: 'text', text: `${text}\r\n\tfim` }] }),
      JSON.stringify({ content: [], structuredContent: JSON.parse(text), isError: false }),
      '{ "content": [ { "type": "text", "text": "a/\\/b" } ], "n": [0, -0, 10.25, 1E+3] }',
      '{"structuredContent":{"data":[{"blob":1,"database":"x"}],"text":"data"}}',
    ])
      expect(isPlain(json), json).toBe(true);
  });

  it.each([
    '{"_meta":{}}',
    '{"resultType":"complete"}',
    '{"isError":true}',
    '{"content":[{"type":"resource_link","uri":"file:///a"}]}',
    '{"content":[{"type":"resource","resource":{}}]}',
    '{"content":[{"type":"image","data":"c2Vu"}]}',
    '{"a":[{"blob" : "c2Vu"}]}',
    '{"a":"\\u200b"}',
    '{"a":"\\b"}',
    '{"a":"\\f"}',
    '{"a":"x\u200by"}',
    '{"a":"x\u00ady"}',
    '{"a":1}}',
    '{"a":1},"id":8,"x":{}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":+1}',
    '{"a":tru}',
    '{"a":"b}',
    '{"a":[1,]}',
    '{"a":1,}',
    '{,}',
    '[]',
    '"a"',
    '',
  ])('is not %s', (json) => expect(isPlain(json)).toBe(false));

  it('is none when a character is cut off at its end', () => {
    for (const cut of [[0xc3], [0xc2], [0xe2, 0x80], [0xc3, 0x41], [0xff]]) {
      const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(cut), Buffer.from('"}')]);
      expect(isPlainResult(bytes, 0, bytes.length), cut.join()).toBe(false);
    }
  });

  it('does not end the program however deep it is', () => {
    expect(isPlain(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toBe(false);
  });

  it('is sent the fast way as it would be the slow way', () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.oneof(result, extended), envelope, (given, wrap) => {
        const ways = bothWays(Buffer.from(wrap(JSON.stringify(given))));
        if (ways === undefined) return;
        plain += 1;
        expect(ways.fast).toBe(ways.slow);
      }),
      { numRuns: 3_000 },
    );
    // The comparison was not about nothing.
    expect(plain).toBeGreaterThan(300);
  });

  it('is never made of broken text', () => {
    const seeds = [
      '{"content":[{"type":"text","text":"ação \\"x\\" – 1"}],"n":-1.5e3,"isError":false}',
      '{"a":{"b":[true,false,null,"resourc"]}}',
    ];
    const edit = fc.record({
      at: fc.nat(200),
      drop: fc.nat(2),
      put: fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
      likely: fc.constantFrom('', '"', '\\', '{', '}', ',', ':', '0', '.', 'e', ' ', '\n', '\u00ad', '\u200b', '_meta'),
    });
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 3 }), envelope, (seed, edits, wrap) => {
        let bytes = Buffer.from(wrap(seed));
        for (const { at, drop, put, likely } of edits) {
          const place = at % (bytes.length + 1);
          const middle = [put, Buffer.from(likely)];
          bytes = Buffer.concat([bytes.subarray(0, place), ...middle, bytes.subarray(place + drop)]);
        }
        const ways = bothWays(bytes);
        if (ways !== undefined) expect(ways.fast).toBe(ways.slow);
      }),
      { numRuns: 5_000 },
    );
  });
});

it('a result with two members of one name is not plain', () => {
  expect(isPlain('{"content":[],"contents":[],"a":{"content":1,"content":2}}')).toBe(true);
  expect(isPlain('{"content":[],"a":1,"content":[]}')).toBe(false);
});
