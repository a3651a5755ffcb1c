import { expect, it } from 'vitest';
import { mountedToolResult } from '../../../../src/gateway/mount/tool-result.ts';

it('a pointer to a resource leads back here, and all else stays digit by digit', () => {
  const content = (uri: string): string =>
    `[{"type":"resource_link","uri":"${uri}","name":"a","size":12345678901234567890,"_meta":{"id":0.12345678901234567890}}]`;
  const result = (uri: string): string => `{"content":${content(uri)},"structuredContent":{"id":98765432109876543210}}`;
  const { forwarded } = mountedToolResult({ resultText: result('doc://7'), servedBy: 'a' }, 'sales');
  const [, uri = ''] = /"uri":"([^"]*)"/.exec(forwarded.toString()) ?? [];
  expect(uri).toContain('sales');
  expect(forwarded.toString()).toBe(result(uri));
});
