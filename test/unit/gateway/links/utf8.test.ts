import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamReader } from '../../../../src/gateway/links/event-stream-reader.ts';
import { readMessages } from '../../../../src/gateway/links/read-message.ts';
import { BROKEN, Utf8Stream, utf8Text } from '../../../../src/gateway/links/utf8.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('bytes that may be no UTF-8', () => {
  it('are the text that they are, however they are cut, or say that they are not', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
      fc.constant(latin1('São')),
      fc.constantFrom('\u{103ff}', '\u{1f3ff}', '\u{10ffff}').map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat(40)), (pieces, lengths) => {
        const bytes = Buffer.concat([...pieces, Buffer.from('.')]);
        const stream = new Utf8Stream();
        let text = '';
        let start = 0;
        for (const length of [...lengths, bytes.length]) {
          text += stream.write(bytes.subarray(start, start + length));
          start += length;
        }
        expect(text.includes(BROKEN)).toBe(pieces.some((one) => one.equals(latin1('São'))));
        if (!text.includes(BROKEN)) expect(text).toBe(bytes.toString());
      }),
      { numRuns: 300 },
    );
  });

  it('that say U+FFFD themselves are not broken', () => {
    expect(utf8Text(Buffer.from('a\ufffd'))).toBe('a\ufffd');
    expect(new Utf8Stream().write(Buffer.concat([Buffer.from('a\ufffd\n'), latin1('ã\n')]))).toBe(
      `a\ufffd\n${BROKEN}\n`,
    );
  });
});

it('an emoji whose second half is the last one that can be is not broken', () => {
  const message = '{"jsonrpc":"2.0","id":1,"result":{"a":"👍🏿"}}';
  expect(readMessages(utf8Text(Buffer.from(message))).map(({ kind }) => kind)).toEqual(['result']);
});

it.each([
  ['a result', '"result":{"a":"São"}', [{ kind: 'malformed', id: 1 }]],
  ['an error', '"error":{"code":1,"message":"São"}', [{ kind: 'malformed', id: 1 }]],
  ['a question', '"method":"elicitation/create","params":{"message":"São"}', []],
])('of %s that is no UTF-8 no more is known than whom it answers', (_what, members, expected) => {
  expect(readMessages(utf8Text(latin1(`{"jsonrpc":"2.0","id":1,${members}}`)))).toEqual(expected);
});

it('an event that is no UTF-8 spoils no other', () => {
  const kinds: unknown[] = [];
  const reader = new EventStreamReader(({ data }) => kinds.push(...readMessages(data).map(({ kind }) => kind)), 10_000);
  const event = (text: string): string => `data: {"jsonrpc":"2.0","id":1,"result":{"a":"${text}"}}\n\n`;
  reader.push(Buffer.concat([Buffer.from(event('São')), latin1(event('São')), Buffer.from(event('São \ufffd'))]));
  expect(kinds).toEqual(['result', 'malformed', 'result']);
});
