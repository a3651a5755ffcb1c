import { expect, test } from 'vitest';
import { capReading } from '../../../../src/gateway/trust/cap-reading.ts';
import { capResult } from '../../../../src/gateway/trust/cap-result.ts';

const LIMIT = 100_000;
const shown = (uri: string): string => `d+${uri}`;
const read = (...contents: object[]) => {
  const json = capReading(JSON.stringify({ contents, _meta: { a: 1 } }), shown, LIMIT);
  if (json === undefined) return undefined;
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(LIMIT);
  return JSON.parse(json).contents;
};
const text = (uri: string, size: number) => ({ uri, text: 'é'.repeat(size) });
const blob = (uri: string, size: number) => ({ uri, mimeType: 'application/pdf', blob: 'A'.repeat(size) });

test('one text is cut and says so', () => {
  const [only, ...others] = read(text('x://a', 200_000));
  expect(others).toEqual([]);
  expect(only.text).toMatch(
    /^é{30000,}\n\[Conteúdo cortado pelo gateway: a resposta tinha 400\d+ bytes e o limite é 100000\.\]$/,
  );
});

test('a file that cannot be cut has no shorter form', () => {
  expect(read(blob('x://a', 200_000))).toBeUndefined();
  expect(capReading('{"contents":7}', shown, LIMIT)).toBeUndefined();
});

test('what does not fit is named, and what comes after it stays', () => {
  const first = text('x://1', 5);
  const third = text('x://3', 5);
  const [one, two, notice, ...others] = read(first, blob('x://2', 200_000), third);
  expect([one, two, others]).toEqual([first, third, []]);
  expect(notice).toMatchObject({ uri: 'x://2', mimeType: 'text/plain' });
  expect(notice.text).toMatch(/bytes e o limite é 100000: o gateway deixou de fora d\+x:\/\/2\./);
});

test('of very many, some are named and the others counted', () => {
  const contents = read(...Array.from({ length: 5_000 }, (_, n) => text(`x://${n}`, 20)));
  expect(contents.at(-1).text).toMatch(/deixou de fora (d\+x:\/\/\d+, ){9}d\+x:\/\/\d+ e mais \d{4}\./);
});

test('what is left keeps all its digits', () => {
  const meta = '"_meta":{"id":12345678901234567890}';
  const long = 'x'.repeat(200_000);
  expect(
    capReading(`{"contents":[{"uri":"x://a","text":"${long}",${meta}}],${meta}}`, shown, LIMIT)?.split(meta),
  ).toHaveLength(3);
  expect(
    capResult(`{"content":[{"type":"text","text":"${long}",${meta}}],${meta}}`, true, LIMIT).text.split(meta),
  ).toHaveLength(3);
});

const ids = `[${Array(10_001).fill('12345678901234567').join(',')}]`;
const long = 'x'.repeat(LIMIT);

test('of more long numbers than are kept none is told as another', () => {
  const meta = `"_meta":{"ids":${ids}},"annotations":{"ids":${ids}},"size":12345678901234567`;
  const piece = `{"uri":"x://a","text":"${long}",${meta}}`;
  const reading = JSON.parse(capReading(`{"contents":[${piece}],${meta}}`, shown, LIMIT) ?? '');
  expect(reading).toEqual({ contents: [{ uri: 'x://a', text: expect.stringContaining('cortado pelo gateway') }] });
  const items = `{"type":"resource","resource":{"uri":"x://b","text":"b",${meta}},${meta}},{"type":"text","text":"${long}",${meta}}`;
  const result = JSON.parse(capResult(`{"content":[${items}],${meta},"isError":true}`, true, LIMIT).text);
  const cut = expect.stringContaining('cortado pelo gateway');
  expect(result).toEqual({
    content: [
      { type: 'resource', resource: { uri: 'x://b', text: 'b' } },
      { type: 'text', text: cut },
      { type: 'text', text: cut },
    ],
    isError: true,
  });
});

test('the numbers of structured content that goes are not counted', () => {
  const meta = '"_meta":{"id":12345678901234567890}';
  const json = `{"content":[],"structuredContent":{"ids":${ids}},${meta}}`;
  const { text } = capResult(json, true, LIMIT);
  expect(text).toContain(meta);
  expect(JSON.parse(text)).toMatchObject({ isError: true });
  expect(text).not.toContain('"structuredContent"');
});
