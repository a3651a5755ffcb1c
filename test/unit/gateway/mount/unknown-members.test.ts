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
