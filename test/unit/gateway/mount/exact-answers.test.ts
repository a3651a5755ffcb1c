// Numbers that JavaScript cannot hold, in what mounted servers answer to all but tools.
import { expect, test } from 'vitest';
import { callContext, local, openMount } from './open-mount.ts';

const more = { prompts: [{ name: 'p' }], resources: [{ uri: 'x://a', name: 'a' }], completions: true };
const { catalog, registry } = openMount([{ id: 'a', domains: ['sales'], tools: [], more }]);
const context = callContext({ principal: local });
const LONG = '12345678901234567';

const read = () => catalog.resources.read('sales+x://a', context);
const get = () => catalog.prompts.get('sales__p', {}, context);
const complete = () =>
  catalog.complete({ ref: { type: 'ref/prompt', name: 'sales__p' }, argument: { name: 'a', value: '' } }, context);

test.each(['9223372036854775807', '1e400', '"many"'])('values are completed beside a total of %s', async (total) => {
  registry.answer = () => `{"completion":{"values":["a","b"],"total":${total},"hasMore":true}}`;
  expect(await complete()).toEqual({ values: ['a', 'b'], total: undefined, hasMore: true });
});

test('a total that can be held is told', async () => {
  registry.answer = () => '{"completion":{"values":["a"],"total":7}}';
  expect(await complete()).toMatchObject({ values: ['a'], total: 7 });
});

test.each([
  ['a prompt with a number for content', get, `{"messages":[{"role":"user","content":${LONG}}]}`],
  ['a prompt with a number for _meta', get, '{"messages":[],"_meta":1e400}'],
  ['a reading with a number for _meta', read, '{"contents":[],"_meta":1e400}'],
])('%s is no result of MCP', async (_name, ask, answer) => {
  registry.answer = () => answer;
  await expect(ask()).rejects.toMatchObject({ message: expect.stringContaining('não é um resultado de MCP') });
});

test('more of them than anybody means are refused as that', async () => {
  const meta = (count: number) => `"_meta":{"ids":[${Array(count).fill(LONG).join(',')}]}`;
  registry.answer = () => `{"contents":[],${meta(10_000)}}`;
  await expect(read()).resolves.toMatchObject({ contents: [] });
  registry.answer = () => `{"contents":[],${meta(10_001)}}`;
  await expect(read()).rejects.toMatchObject({
    code: 'servidor_recusou',
    message: 'A resposta do servidor a tem mais de 10000 números com mais dígitos do que um número comporta.',
    hint: 'Números assim são códigos: o servidor deveria enviá-los como texto. Avise quem o mantém.',
  });
});
