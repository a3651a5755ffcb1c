// A number of many digits is no object, however it is kept.
import { expect, test } from 'vitest';
import { mountContent } from '../../../../src/gateway/mount/mount-content.ts';
import { mountedMeta } from '../../../../src/gateway/naming/uris.ts';
import { capResult } from '../../../../src/gateway/trust/cap-result.ts';
import { rawPrompt, rawResource, rawTemplate, rawTool } from '../../../../src/gateway/upstreams/offer.ts';
import { ExactNumber } from '../../../../src/protocol/exact-number.ts';

const long = new ExactNumber('9007199254740993');

test.each([
  ['a tool', rawTool, { name: 'a', inputSchema: { type: 'object' } }, ['_meta', 'annotations', 'outputSchema']],
  ['a resource', rawResource, { uri: 'x:a', name: 'a' }, ['_meta']],
  ['a template', rawTemplate, { uriTemplate: 'x:{a}', name: 'a' }, ['_meta']],
  ['a prompt', rawPrompt, { name: 'a' }, ['_meta']],
])('%s with one for an object is as malformed as one with a short one', (_name, schema, item, members) => {
  expect(schema.safeParse(item).success).toBe(true);
  for (const member of members) {
    expect(schema.safeParse({ ...item, [member]: 5 }).success).toBe(false);
    expect(schema.safeParse({ ...item, [member]: long }).success).toBe(false);
  }
});

test('it is no content, no interface and no resource', () => {
  expect(mountContent('sales', long)).toBe(long);
  expect(mountedMeta('sales', { ui: long })['ui']).toBe(long);
  const padding = JSON.stringify('x'.repeat(3_000));
  const { text } = capResult(
    `{"content":[{"type":"text","text":${padding},"resource":9007199254740993}]}`,
    true,
    2_500,
  );
  expect(text).not.toContain('9007199254740993');
});
