// The room's copies of what the specification fixes, against the SDK's for servers and for clients.
import * as client from '@modelcontextprotocol/client';
import * as sdk from '@modelcontextprotocol/server';
import { expect, it } from 'vitest';
import * as codes from '../../../src/protocol/error-codes.ts';
import * as keys from '../../../src/protocol/meta-keys.ts';
import * as methods from '../../../src/protocol/methods.ts';
import { LATEST_LEGACY_REVISION, LEGACY_REVISIONS, MODERN_REVISION } from '../../../src/protocol/revisions.ts';

it.each([
  ['servers', sdk],
  ['clients', client],
])("is the SDK's copy for %s", (_side, theirs) => {
  expect(LEGACY_REVISIONS).toEqual(theirs.SUPPORTED_PROTOCOL_VERSIONS);
  expect(LEGACY_REVISIONS[0]).toBe(LATEST_LEGACY_REVISION);
  expect(theirs.SUPPORTED_PROTOCOL_VERSIONS).not.toContain(MODERN_REVISION);
  expect(theirs).toMatchObject(keys);
  const { PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR } = codes;
  expect(theirs).toMatchObject({ PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR });
});

it('names what a server is asked as the SDK does', () => {
  const server = new sdk.Server(
    { name: 'probe', version: '1' },
    { capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} } },
  );
  const { TOOLS_LIST, TOOLS_CALL, PROMPTS_LIST, PROMPTS_GET, COMPLETE, SET_LEVEL, RESOURCES_LIST } = methods;
  const { TEMPLATES_LIST, RESOURCES_READ, RESOURCES_SUBSCRIBE, RESOURCES_UNSUBSCRIBE } = methods;
  const prompts = [PROMPTS_LIST, PROMPTS_GET, COMPLETE] as const;
  const resources = [
    RESOURCES_LIST,
    TEMPLATES_LIST,
    RESOURCES_READ,
    RESOURCES_SUBSCRIBE,
    RESOURCES_UNSUBSCRIBE,
  ] as const;
  // A name that the SDK does not know would need a schema beside it.
  for (const name of [TOOLS_LIST, TOOLS_CALL, SET_LEVEL, ...prompts, ...resources] as const)
    expect(() => server.setRequestHandler(name, () => Promise.reject(new Error('unasked')))).not.toThrow();
});
