import { isCallToolResult } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import { exactJson } from '../../../src/protocol/exact-number.ts';
import { toCallToolResult } from '../../../src/server/result.ts';

test('numbers that the SDK checks are plain ones, all others keep their digits', () => {
  const exact = '{"id":9007199254740993}';
  const annotations = '"annotations":{"priority":0.80000000000000004}';
  const items = [
    `{"type":"text","text":"t",${annotations},"_meta":${exact}}`,
    `{"type":"resource_link","uri":"x:a","name":"a","size":9007199254740993,${annotations}}`,
    `{"type":"resource","resource":{"uri":"x:a","text":"","_meta":${exact},${annotations}}}`,
  ];
  const forwarded = `{"content":[${items.join(',')}],"structuredContent":${exact},"_meta":${exact}}`;
  const result = toCallToolResult({ forwarded, servedBy: 'a', isError: false }, { name: 'n' });
  expect.assert(isCallToolResult(result));
  const [text, link, embedded] = result.content;
  expect(text).toHaveProperty('annotations.priority', 0.8);
  expect(link).toMatchObject({ size: 9007199254740992, annotations: { priority: 0.8 } });
  expect(embedded).toHaveProperty('resource.annotations.priority', 0.8);
  expect(exactJson(result).split('"id":9007199254740993')).toHaveLength(5);
});
