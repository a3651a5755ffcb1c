import * as sdk from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import * as protocol from '../../../src/server/protocol.ts';

test('our copy of the names the specification fixes is the copy of the SDK', () => {
  const { LEGACY_REVISIONS, MODERN_REVISION, ...keys } = protocol;
  expect(LEGACY_REVISIONS).toEqual(sdk.SUPPORTED_PROTOCOL_VERSIONS);
  expect(sdk.SUPPORTED_PROTOCOL_VERSIONS).not.toContain(MODERN_REVISION);
  expect(sdk).toMatchObject(keys);
});
