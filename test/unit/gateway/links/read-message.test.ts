import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonItems, jsonMembers } from '../../../../src/gateway/json-members.ts';
import { readMessages } from '../../../../src/gateway/links/read-message.ts';
import { exactJson } from '../../../../src/protocol/exact-number.ts';

const spaced = (value: unknown, space: number): string => JSON.stringify(value, undefined, space);

describe('readMessages', () => {
  it('gives the text of a result exactly as it was written, in any order of members and any spacing', () => {
    const result = fc.dictionary(fc.string(), fc.jsonValue());
    const orders = fc.shuffledSubarray(['jsonrpc', 'id', 'result', 'more'], { minLength: 3 });
    fc.assert(
      fc.property(result, fc.oneof(fc.nat(), fc.string()), orders, fc.nat(2), (value, id, order, space) => {
        if (!['jsonrpc', 'id', 'result'].every((key) => order.includes(key))) return;
        const parts: Record<string, unknown> = { jsonrpc: '2.0', id, result: value, more: { result: 1 } };
        const text = spaced(Object.fromEntries(order.map((key) => [key, parts[key]])), space);
        const [message, ...others] = readMessages(text);
        expect(others).toEqual([]);
        if (message?.kind !== 'result') throw new Error('no result');
        expect(message.id).toBe(id);
        expect(JSON.parse(message.text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(message.text).not.toMatch(/[\r\n]/);
        if (space === 0) expect(text).toContain(`"result":${message.text}`);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps numbers and escapes that parsing and writing again would change', () => {
    const exact = '{"a":1.0,"b":12345678901234567890,"c":"\\u00e9\\/","d":1e2}';
    for (const text of [
      `{"jsonrpc":"2.0","id":7,"result":${exact}}`,
      `{"result":${exact},"jsonrpc":"2.0","id":7}`,
      ` { "id" : 7 , "jsonrpc":"2.0","result" :${exact} } `,
      `[ {"jsonrpc":"2.0","id":7,"result":${exact}} ]`,
    ]) {
      expect(readMessages(text.trim())).toEqual([{ kind: 'result', id: 7, text: exact }]);
    }
  });

  it('keeps the numbers of a batch, however many they are', () => {
    const many = `{"a":[${Array(10_001).fill('9007199254740993').join(',')}],"b":1e400}`;
    const [message] = readMessages(`[{"jsonrpc":"2.0","id":7,"result":${many}}]`);
    expect(message?.kind === 'result' && message.text === many).toBe(true);
  });

  it.each([
    ['a second message smuggled in', '{"jsonrpc":"2.0","id":1,"result":{}},{"jsonrpc":"2.0","id":2,"result":{}}'],
    ['a half-open result', '{"jsonrpc":"2.0","id":1,"result":{"a":[1}}'],
    ['a null id', '{"jsonrpc":"2.0","id":null,"result":{}}'],
    ['garbage', 'Listening on port 3000'],
    ['a scalar', '42'],
    ['nothing', ''],
  ])('says nothing to %s', (_name, text) => expect(readMessages(text)).toEqual([]));

  it.each([
    ['more members behind the result', '{"jsonrpc":"2.0","id":1,"result":{"a":1},"result":{"b":2}}'],
    ['a result first and again', '{"result":{"a":1},"result":{},"jsonrpc":"2.0","id":1}'],
    ['a list as result', '{"jsonrpc":"2.0","id":1,"result":[1]}'],
    ['null as result', '{"jsonrpc":"2.0","id":1,"result":null}'],
    ['a text as result', '{"jsonrpc":"2.0","id":1,"result":"done"}'],
    ['neither result nor error', '{"jsonrpc":"2.0","id":1}'],
    ['an error that is none', '{"jsonrpc":"2.0","id":1,"error":"boom"}'],
    ['an error without a code', '{"jsonrpc":"2.0","id":1,"error":{"message":"boom"}}'],
    ['another version', '{"jsonrpc":"1.0","id":1,"result":{}}'],
    ['two results in a batch', '[{"jsonrpc":"2.0","id":1,"result":{"a":1},"result":{"b":2}}]'],
  ])('knows whom %s should have answered', (_name, text) => {
    expect(readMessages(text)).toEqual([{ kind: 'malformed', id: 1 }]);
  });

  it('keeps the numbers of a question; of one with more than are kept, only that it was asked', () => {
    const question = (value: string) => `{"jsonrpc":"2.0","id":3,"method":"roots/list","params":{"v":${value}}}`;
    expect(exactJson(readMessages(question('9007199254740993')))).toContain('"params":{"v":9007199254740993}');
    expect(exactJson(readMessages(`[${question('1e400')}]`))).toContain('"params":{"v":1e400}');
    const many = `[${Array(10_001).fill('9007199254740993').join(',')}]`;
    expect(readMessages(question(many))).toEqual([{ kind: 'request', id: 3, method: 'roots/list', params: undefined }]);
  });

  it('reads errors, requests, notifications and batches', () => {
    const text = JSON.stringify([
      { jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'bad', data: { x: 1 } } },
      { jsonrpc: '2.0', id: 'a', method: 'ping' },
      { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } },
      { jsonrpc: '2.0', id: 2, result: { ok: true } },
    ]);
    expect(readMessages(text)).toEqual([
      { kind: 'error', id: 1, code: -32602, message: 'bad', data: { x: 1 } },
      { kind: 'request', id: 'a', method: 'ping', params: {} },
      { kind: 'notification', method: 'notifications/progress', params: { progress: 1 } },
      { kind: 'result', id: 2, text: '{"ok":true}' },
    ]);
  });
});

describe('what nests too deep', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const malformed = [{ kind: 'malformed', id: 7 }];

  it('is a result that is left to whoever asked for it, but in a batch or an error nothing at all', () => {
    const deep = `{"a":${nested(10_000)}}`;
    const message = `{"jsonrpc":"2.0","id":7,"result":${deep}}`;
    expect(readMessages(message)).toEqual([{ kind: 'result', id: 7, text: deep }]);
    expect(readMessages(`[${message}]`)).toEqual(malformed);
    expect(readMessages(`{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"","data":${nested(10_000)}}}`)).toEqual(
      malformed,
    );
  });

  it('is heard by nobody when it is no answer', () => {
    const params = `{"level":"info","data":${nested(10_000)}}`;
    expect(readMessages(`{"jsonrpc":"2.0","method":"notifications/message","params":${params}}`)).toEqual([]);
    expect(readMessages(`{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":${params}}`)).toEqual([]);
  });

  it('brackets in strings nest nothing', () => {
    const text = JSON.stringify({ jsonrpc: '2.0', method: 'x', params: { text: `\\"${'['.repeat(500)}` } });
    expect(readMessages(text)).toHaveLength(1);
  });
});

describe('jsonMembers', () => {
  it('cuts every object where JSON.parse does', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 8 }),
        fc.nat(3),
        (value, space) => {
          const text = spaced(value, space);
          const cut = (jsonMembers(text) ?? []).map(({ key, start, end }) => [key, JSON.parse(text.slice(start, end))]);
          expect(cut).toEqual(Object.entries(JSON.parse(text)));
        },
      ),
      { numRuns: 500 },
    );
  });
});

it('jsonItems cuts every list where JSON.parse does', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.nat(3), (value, space) => {
      const text = spaced(value, space);
      expect(jsonItems(text).map((item) => JSON.parse(item))).toEqual(JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});
