import * as client from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import * as ours from '../../../../src/gateway/links/wire-names.ts';
import * as server from '../../../../src/server/protocol.ts';

describe('wire names', () => {
  it("are the SDK's and the server's", () => {
    expect(ours.LEGACY_REVISIONS).toEqual(server.LEGACY_REVISIONS);
    expect(ours.LEGACY_REVISIONS.filter((revision) => !client.SUPPORTED_PROTOCOL_VERSIONS.includes(revision))).toEqual(
      [],
    );
    expect(ours.MODERN_REVISION).toBe(server.MODERN_REVISION);
    const keys = (names: typeof ours | typeof server | typeof client) => [
      names.PROTOCOL_VERSION_META_KEY,
      names.CLIENT_INFO_META_KEY,
      names.CLIENT_CAPABILITIES_META_KEY,
      names.SERVER_INFO_META_KEY,
      names.SUBSCRIPTION_ID_META_KEY,
    ];
    expect(keys(ours)).toEqual(keys(client));
    expect(keys(ours)).toEqual(keys(server));
    expect([ours.METHOD_NOT_FOUND, ours.INTERNAL_ERROR]).toEqual([client.METHOD_NOT_FOUND, client.INTERNAL_ERROR]);
  });
});
