// What the page sends and shows of a call: the texts themselves, for the browser's JSON would change them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indentedJson } from '../../../../src/hub/page/indented-json.ts';
import { callBody, readToolAnswer, resultText, typedArguments } from '../../../../src/hub/page/tool-call.ts';

describe('arguments that were typed', () => {
  it.each([
    '{"v":9007199254740993, "w":[12345678901234567890,-0,1e400,1.50,0.12345678901234567890]}',
    '{"__proto__":{"v":1},"a":1,"a":2}',
    ' {\n  "a": "9007199254740993 \\" }"\n}\n',
  ])('%s is sent to the letter', (typed) => {
    const body = callBody({ server: 'hub-"1', tool: 'a', args: typedArguments(typed) });
    expect(body).toBe(`{"server_id":"hub-\\"1","tool_name":"a","args":${typed}}`);
    expect(JSON.parse(body)).toMatchObject({ server_id: 'hub-"1', tool_name: 'a' });
  });

  it('nothing is no arguments, and what is no JSON object is refused with what to write', () => {
    expect(typedArguments(' \n')).toBe('{}');
    for (const typed of ['{"a":', '{}}', '{},"x":{}', "{'a':1}"])
      expect(() => typedArguments(typed)).toThrow('não são JSON');
    for (const typed of ['[]', '1', 'null', '"a"']) expect(() => typedArguments(typed)).toThrow('objeto JSON');
  });
});

describe('an answer', () => {
  const shown = (result: string): string =>
    resultText(readToolAnswer(`{"server_id":"s","tool_name":"t","is_error":false,"ms":7,"result":${result}}`).result);

  it('says whether the tool failed, and how long it took', () => {
    const answer = readToolAnswer('{"server_id":"s","tool_name":"t","is_error":true,"ms":7,"result":{"content":[]}}');
    expect(answer).toEqual({ is_error: true, ms: 7, result: '{"content":[]}' });
  });

  it('of texts alone is these texts', () => {
    expect(
      shown('{"_meta":{"a":1},"content":[{"type":"text","text":"um\\n9007199254740993"},{"type":"text","text":"é"}]}'),
    ).toBe('um\n9007199254740993\né');
  });

  it.each([
    ['structured content', '{"content":[{"type":"text","text":"a"}],"structuredContent":{}}'],
    ['no text', '{"content":[]}'],
    ['a text that is a number', '{"content":[{"type":"text","text":9007199254740993}]}'],
    ['another kind of block', '{"content":[{"type":"text","text":"a"},{"type":"image","data":""}]}'],
    ['two contents', '{"content":[{"type":"text","text":"a"}],"content":[{"type":"text","text":"b"}]}'],
  ])('with %s is shown whole', (_what, result) => {
    expect(shown(result).replaceAll(/\s/g, '')).toBe(result);
  });
});

describe('indented JSON', () => {
  it('keeps every digit, names that are there twice and __proto__', () => {
    const json =
      '{"n":9007199254740993,"n":-0,"__proto__":[1e400,1.50,[],{ },[[]]],"t":"\\u00e9 {,}\\n","b":true,"z":null}';
    expect(indentedJson(json)).toBe(`{
  "n": 9007199254740993,
  "n": -0,
  "__proto__": [
    1e400,
    1.50,
    [],
    {},
    [
      []
    ]
  ],
  "t": "é {,}\\n",
  "b": true,
  "z": null
}`);
  });

  it('is what JSON.stringify makes of values that it holds, however they were written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, '\t', ' \r\n'), (value, space) => {
        // It writes -0 as 0.
        const json = JSON.stringify(value, null, space);
        expect(indentedJson(json)).toBe(JSON.stringify(value, null, 2));
      }),
      { numRuns: 300 },
    );
  });

  it('of what is nested without end is not all spaces', () => {
    const deep = 20_000;
    expect(indentedJson('['.repeat(deep) + ']'.repeat(deep)).length).toBeLessThan(deep * 200);
  });
});
