import { describe, expect, it } from 'vitest';
import { createAnswerCheck } from '../../../bench/load/check-answer.ts';
import { loadSpecSchema } from '../../../bench/load/load-spec.ts';

const spec = (fields: object) =>
  loadSpecSchema.parse({ transport: 'http', sessions: 1, inFlight: 1, warmUpMs: 0, measureMs: 0, ...fields });
const answer = (id: number, text: string, more: object = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }], structuredContent: {}, ...more } });

describe('the check of every measured answer', () => {
  const check = createAnswerCheck(spec({ method: 'tools/call', expectedText: '{"a":1,"posicao_em":"10h"}' }));

  it('accepts the expected text, and the same data read at another instant', () => {
    expect(check(answer(7, '{"a":1,"posicao_em":"10h"}'), 7)).toBeUndefined();
    expect(check(answer(8, '{"a":1,"posicao_em":"11h"}'), 8)).toBeUndefined();
  });

  it('names what is wrong', () => {
    expect(check(answer(7, '{"a":2,"posicao_em":"10h"}'), 7)).toBe('the text is not the expected one');
    expect(check(answer(7, 'x'), 8)).toBe('the answer has id 7 instead of 8');
    expect(check(answer(7, 'no', { isError: true }), 7)).toBe('isError: no');
    expect(check('{"jsonrpc":"2.0","id":7,"error":{"code":-1}}', 7)).toBe('no result: {"code":-1}');
    expect(check('<html>', 7)).toBe('the answer is not a JSON object');
  });

  it('still looks at the id and at every byte of a list it has seen before', () => {
    const list = createAnswerCheck(spec({ method: 'tools/list', expectedTools: 1 }));
    const tools = (id: number, names: string[]) => JSON.stringify({ result: { tools: names }, jsonrpc: '2.0', id });
    expect(list(tools(1, ['a']), 1)).toBeUndefined();
    expect(list(tools(2, ['a']), 2)).toBeUndefined();
    expect(list(tools(2, ['a']), 3)).toBe('the answer has id 2 instead of 3');
    expect(list(tools(4, ['a', 'b']), 4)).toBe('2 tools instead of 1');
  });

  it('holds bytes against those that were right, at every place', () => {
    const bytes = createAnswerCheck(spec({ method: 'tools/call' }));
    const framed = (id: number, text: string) => Buffer.from(`event: message\ndata: ${answer(id, text)}\n\n`);
    expect(bytes(framed(7, 'ação'), 7)).toBeUndefined();
    expect(bytes(framed(1234, 'ação'), 1234)).toBeUndefined();
    expect(bytes(framed(8, 'ação'), 9)).toBe('the answer has id 8 instead of 9');
    expect(bytes(framed(8, ''), 8)).toBe('no text in the answer');
    expect(bytes(framed(8, 'ação').subarray(0, -20), 8)).toBe('the answer is not a JSON object');
    expect(bytes(Buffer.from(answer(9, 'no', { isError: true })), 9)).toBe('isError: no');
  });
});
