// Members of results that no revision of today has, or that mean something else inside.
import { expect, test } from 'vitest';
import { callContext, local, openMount } from './open-mount.ts';

const more = { prompts: [{ name: 'p' }], resources: [{ uri: 'x://a', name: 'a' }] };
const { catalog, registry } = openMount([{ id: 'a', domains: ['sales'], tools: [], more }]);
const context = callContext({ principal: local });
const odd = { later: { x: 1 }, inputRequired: 5, cacheScope: 'public' };

test('what is not known of an answer crosses, but for what would be taken for a word of ours', async () => {
  registry.answer = () => JSON.stringify({ contents: [], ttlMs: 5, ...odd });
  const read = await catalog.resources.read('sales+x://a', context);
  expect(read).toMatchObject({ contents: [], later: { x: 1 }, ttlMs: 5 });
  expect(Object.keys(read)).not.toContain('cacheScope');
  registry.answer = () => JSON.stringify({ messages: [], ...odd });
  const got = await catalog.prompts.get('sales__p', {}, context);
  expect(got).toMatchObject({ messages: [], later: { x: 1 } });
  for (const answer of [read, got]) expect(Object.keys(answer)).not.toContain('inputRequired');
});

test('what a server calls itself, and the kind of its result, are of its own hop', async () => {
  const _meta = { 'io.modelcontextprotocol/serverInfo': { name: 'theirs', version: '1' }, more: 1 };
  registry.answer = () => JSON.stringify({ contents: [], messages: [], resultType: 'complete', _meta });
  for (const answer of [
    await catalog.resources.read('sales+x://a', context),
    await catalog.prompts.get('sales__p', {}, context),
  ]) {
    expect(answer).toMatchObject({ _meta: { more: 1, 'omie-mcp-hub/served-by': 'a' } });
    expect(JSON.stringify(answer)).not.toMatch(/serverInfo|resultType/);
  }
});
