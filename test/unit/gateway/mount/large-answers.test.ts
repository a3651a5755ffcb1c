import { beforeEach, expect, test } from 'vitest';
import { MAX_READING_BYTES } from '../../../../src/gateway/trust/cap-reading.ts';
import { MAX_RESULT_BYTES } from '../../../../src/gateway/trust/cap-result.ts';
import { callContext, local, type Mount, openMount } from './open-mount.ts';

const context = callContext({ principal: local });
let mount: Mount;
beforeEach(() => {
  mount = openMount([
    {
      id: 'a',
      domains: ['sales'],
      tools: ['t'],
      more: { prompts: [{ name: 'p' }], resources: [{ uri: 'x://a', name: 'a' }] },
    },
  ]);
});
const read = (contents: object[]) => {
  mount.registry.answer = () => JSON.stringify({ contents });
  return mount.catalog.resources.read('sales+x://a', context);
};
const pdf = (bytes: number) => ({
  uri: 'x://a',
  mimeType: 'application/pdf',
  blob: Buffer.alloc(bytes).toString('base64'),
});

test('a file of 4 MiB is read whole', async () => {
  const file = pdf(4 * 1_048_576);
  const told = await read([file]);
  expect(told).toMatchObject({ contents: [{ uri: 'sales+x://a' }] });
  expect(JSON.stringify(told)).toContain(file.blob);
});

test('a file that is larger is refused with its size and the limit', async () => {
  await expect(read([pdf(5 * 1_048_576)])).rejects.toMatchObject({
    code: 'servidor_recusou',
    message: expect.stringMatching(new RegExp(`tem 699\\d{4} bytes e o limite do gateway é ${MAX_READING_BYTES}\\.$`)),
    hint: expect.stringContaining('parte menor'),
  });
});

test('beside a file that is larger all else is there, and what is not is named', async () => {
  const text = (uri: string) => ({ uri, text: uri });
  const told = await read([text('x://1'), pdf(5 * 1_048_576), text('x://3')]);
  expect(told).toMatchObject({
    contents: [
      { text: 'x://1' },
      { text: 'x://3' },
      { uri: 'sales+x://a', text: expect.stringMatching(/deixou de fora sales\+x:\/\/a\./) },
    ],
  });
});

test('a prompt that is too large is refused as that', async () => {
  const prompt = (length: number) => {
    const content = { type: 'text', text: 'p'.repeat(length) };
    mount.registry.answer = () => JSON.stringify({ messages: [{ role: 'user', content }] });
    return mount.catalog.prompts.get('sales__p', {}, context);
  };
  expect(JSON.stringify(await prompt(1_000_000))).toContain('p'.repeat(1_000_000));
  await expect(prompt(1_100_000)).rejects.toMatchObject({
    message: expect.stringMatching(
      new RegExp(`prompt sales__p tem 11000\\d\\d bytes e o limite do gateway é ${MAX_RESULT_BYTES}\\.$`),
    ),
  });
});

test.each([
  ['a spelt type', '{"content":[{"type":"resource_l\\u0069nk","uri":"mem://n","name":"n"}]}'],
  ['a spelt URI', '{"content":[{"type":"resource_link","\\u0075ri":"mem:\\/\\/n","name":"n"}]}'],
  [
    'content twice',
    '{"content":[{"type":"resource_link","uri":"mem://1","name":"n"}],"content":[{"type":"resource_link","uri":"mem://n","name":"n"}]}',
  ],
])('a link leads back here also from %s', async (_name, result) => {
  mount.registry.answer = () => result;
  const { forwarded = '' } = await mount.call({ principal: local }, 'sales__t');
  const text = forwarded.toString();
  expect(JSON.parse(text).content).toMatchObject([{ uri: 'sales+mem://n' }]);
  expect(text.match(/mem:\/\//g)).toHaveLength(1);
});
