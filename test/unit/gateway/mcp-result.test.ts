import { expect, it } from 'vitest';
import { isResultOf } from '../../../src/gateway/upstreams/mcp-result.ts';

it.each([
  ['tools/call', '{"content":[]}'],
  ['tools/call', '{"content":[{"type":"text","text":"a"}]}'],
  ['tools/call', '{"_meta":{},"content":[{"text":"a","type":"text"}]}'],
  ['tools/call', '{"structuredContent":{"a":1}}'],
  ['tools/call', '{"content":1,"content":[]}'],
  ['tools/call', '{"resultType":"input_required","requestState":"x"}'],
  ['tools/call', '{"resultType":"complete","content":[]}'],
  ['tools/call', '{"content":[],"isError":true}'],
  ['tools/call', '{"content":[],"isError":null}'],
  ['resources/read', '{"contents":[]}'],
  ['prompts/get', '{"messages":[]}'],
  ['completion/complete', '{"completion":{"values":[]}}'],
] as const)('%s may be answered with %s', (method, text) => expect(isResultOf(method, text)).toBe(true));

it.each([
  ['tools/call', '{}'],
  ['tools/call', '{"nope":1}'],
  ['tools/call', '{"content":[],"isError":"true"}'],
  ['tools/call', '{"content":[{"type":"text","text":"a"}],"is\\u0045rror":1}'],
  ['tools/call', '{"content":null}'],
  ['tools/call', '{"content":"done"}'],
  ['tools/call', '{"content":["done"]}'],
  ['tools/call', '{"content":[{"text":"no type"}]}'],
  ['tools/call', '{"structuredContent":5}'],
  ['tools/call', '{"resultType":"complete"}'],
  ['tools/call', '{"x":{"content":[]}}'],
  ['resources/read', '{"content":[]}'],
  ['resources/read', '{"contents":{}}'],
  ['prompts/get', '{"messages":"hi"}'],
  ['completion/complete', '{"values":[]}'],
] as const)('%s is not answered with %s', (method, text) => expect(isResultOf(method, text)).toBe(false));

it.each(['tools/call', 'resources/read', 'prompts/get', 'completion/complete'] as const)(
  '%s is not answered with what nests more than 200 levels deep',
  (method) => {
    const nested = (levels: number) =>
      `{"content":[],"contents":[],"messages":[],"completion":{},"x":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(isResultOf(method, nested(199))).toBe(true);
    expect(isResultOf(method, nested(200))).toBe(false);
    expect(isResultOf(method, nested(10_000))).toBe(false);
  },
);
