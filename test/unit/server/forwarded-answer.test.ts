import { expect, test } from 'vitest';
import { isPlainResult } from '../../../src/gateway/trust/plain-result.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { forwardedAnswer } from '../../../src/server/forwarded-answer.ts';

const scrubber = new SecretScrubber();
scrubber.register('chave-secreta-1', 'senha-de-avô-é-ç');
const secrets = {
  scrub: (text: string): string => scrubber.scrub(text),
  holdsSecret: (bytes: Buffer): boolean => scrubber.holdsSecret(bytes),
};

const answer = (result: object, servedBy = 'vendas') => {
  const bytes = Buffer.from(JSON.stringify(result));
  const forwarded = isPlainResult(bytes, 0, bytes.length) ? bytes : bytes.toString();
  return forwardedAnswer(7, { forwarded, servedBy, isError: false }, 'legacy', { name: 'hub' }, secrets);
};

const words = (text: string) => ({ content: [{ type: 'text', text }] });

test('bytes without a secret go out as they came', () => {
  const result = words('São Paulo – 12 €');
  const told = answer(result);
  expect(Buffer.isBuffer(told)).toBe(true);
  expect(told.includes(JSON.stringify(result).slice(0, -1))).toBe(true);
  const _meta = { 'omie-mcp-hub/served-by': 'vendas' };
  expect(JSON.parse(told.toString())).toEqual({ jsonrpc: '2.0', id: 7, result: { ...result, _meta } });
});

test.each([
  ['in ASCII', 'a chave-secreta-1 b'],
  ['with accents', 'a senha-de-avô-é-ç b'],
  ['in base64', Buffer.from('senha-de-avô-é-ç').toString('base64')],
  ['after characters of several bytes', '“€” ção senha-de-avô-é-ç'],
])('a secret in bytes is taken out: %s', (_, text) => {
  const told = answer(words(text)).toString();
  expect(told).toContain('[redacted]');
  expect(told).not.toMatch(/chave-secreta|senha-de-avô|c2VuaGEt/);
  expect(JSON.parse(told).result.content[0].text).toContain('[redacted]');
});

test.each([0, 1, 2])(
  'a secret in the bytes of an image is taken out, %i bytes from where its Base64 would begin',
  (shift) => {
    const data = Buffer.from(`${'x'.repeat(shift)}chave-secreta-1`).toString('base64');
    const told = answer({ content: [{ type: 'image', mimeType: 'image/png', data }] }).toString();
    const [image] = JSON.parse(told).result.content;
    expect(Buffer.from(image.data, 'base64').toString()).toBe(`${'x'.repeat(shift)}[redacted]`);
  },
);

test('a secret is taken out where its slashes are escaped', () => {
  const known = new SecretScrubber();
  known.register('abc/def/ghi');
  const forwarded = Buffer.from('{"content":[{"type":"text","text":"abc\\/def\\/ghi"}]}');
  const told = forwardedAnswer(
    7,
    { forwarded, servedBy: 'v', isError: false },
    'legacy',
    { name: 'hub' },
    {
      scrub: (text) => known.scrub(text),
    },
  );
  expect(JSON.parse(told.toString()).result.content[0].text).toBe('[redacted]');
});

test('a secret in the name of a server is taken out too', () => {
  expect(answer({}, 'chave-secreta-1').toString()).toContain('{"omie-mcp-hub/served-by":"[redacted]"}');
});

test.each(['{}', '{ }', '{"n":1}', '{ "n": {} }'])('what is added stands well after %s', (json) => {
  const told = forwardedAnswer(
    'á',
    { forwarded: Buffer.from(json), servedBy: 'v', isError: false },
    'modern',
    { name: 'hub' },
    secrets,
  );
  const { result, id } = JSON.parse(told.toString());
  expect(id).toBe('á');
  expect(result).toMatchObject({ ...JSON.parse(json), resultType: 'complete' });
});

test('members of _meta pass as they were written, nested deeper than the stack too, but for ours', () => {
  const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  const forwarded = `{"content":[],"_meta":{"n":12345678901234567890,"deep":${deep},"omie-mcp-hub/served-by":"forged"}}`;
  const told = forwardedAnswer(
    7,
    { forwarded, servedBy: 'vendas', isError: false },
    'legacy',
    { name: 'hub' },
    secrets,
  );
  expect(told.toString()).toContain(
    `"_meta":{"n":12345678901234567890,"deep":${deep},"omie-mcp-hub/served-by":"vendas"}`,
  );
});
