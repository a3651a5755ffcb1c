import { expect, test } from 'vitest';
import { z } from 'zod';
import { NotFoundError, UserInputError } from '../../../src/errors.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { exactJson, parseExactly } from '../../../src/protocol/exact-number.ts';
import { isFields } from '../../../src/protocol/json-rpc.ts';
import { parseFields } from '../../../src/protocol/parse-fields.ts';
import { callToolResultText, toCallToolResult } from '../../../src/server/result.ts';
import { toProtocolError, toResourceError } from '../../../src/server/rpc-errors.ts';
import { secretless, withoutSecrets } from '../../../src/server/without-secrets.ts';
import type { JsonObject } from '../../../src/tools/tool-source.ts';

const KEY = '12345678901';
const SECRET = 'ab"c\\d1e2f3';
const scrubber = new SecretScrubber();
scrubber.register(KEY, SECRET);
const scrub = (text: string): string => scrubber.scrub(text);

test('a result that holds a secret leaves without it, as valid JSON', () => {
  const structured = { a: `x ${SECRET} y`, [KEY]: [{ n: 12345678901, ok: 1.5 }], b: null, c: true };
  const clean = { a: 'x [redacted] y', '[redacted]': [{ n: '[redacted]', ok: 1.5 }], b: null, c: true };
  const result = JSON.parse(callToolResultText({ structured, isError: false }, '}', scrub));
  expect(result.structuredContent).toEqual(clean);
  expect(JSON.parse(result.content[0].text)).toEqual(clean);
  expect(toCallToolResult({ structured, isError: false }, {}, scrub)).toEqual(result);
});

test('a result without one stays as it is', () => {
  const structured = { a: 1 };
  expect(toCallToolResult({ structured, isError: false }, {}, scrub)['structuredContent']).toBe(structured);
});

test('a defect is reported under the id its client gets', () => {
  const reported: unknown[] = [];
  const onInternalError = (...args: unknown[]): void => void reported.push(args);
  const cause = new Error(SECRET);
  const error = toProtocolError(cause, 'r-1', { scrub, onInternalError });
  expect(reported).toEqual([[cause, 'r-1']]);
  expect(error.data).toMatchObject({ codigo: 'erro_interno', id_requisicao: 'r-1' });
  expect(`${error.message}${JSON.stringify(error.data)}`).not.toContain('d1e2f3');
});

test('a failure of the caller is scrubbed and reported to nobody', () => {
  const parts = { scrub, onInternalError: () => expect.unreachable() };
  const error = toProtocolError(new UserInputError(`não ${KEY}`, { hint: `use ${KEY}` }), 'r-2', parts);
  expect(error.message).toBe('não [redacted]');
  expect(error.data).toMatchObject({ mensagem: 'não [redacted]', sugestao: 'use [redacted]', id_requisicao: 'r-2' });
  expect(toResourceError(new NotFoundError(KEY), 'x://y', 'r-3', parts).message).toBe('[redacted]');
});

test('bytes are looked through as bytes, however their Base64 is written', () => {
  const piece = { type: 'image', data: Buffer.from(`???>>>${KEY}`).toString('base64') };
  expect(piece.data).toContain('/');
  for (const json of [JSON.stringify(piece), JSON.stringify(piece).replaceAll('/', '\\/')]) {
    const { data } = JSON.parse(withoutSecrets(json, scrub));
    expect(Buffer.from(data, 'base64').toString()).toBe('???>>>[redacted]');
  }
  const other = JSON.stringify({ ...piece, data: Buffer.from('an image').toString('base64') });
  expect(withoutSecrets(other, scrub)).toBe(other);
});

test('bytes are looked through however JSON in them spells a secret that is not ASCII', () => {
  const other = new SecretScrubber();
  other.register('açúcar/2026');
  for (const said of ['{"a":"açúcar\\/2026"}', '{"a":"\\u0061çúcar/2026"}', '{"a":"a\\u00e7\\u00facar\\/2026"}']) {
    const json = JSON.stringify({ blob: Buffer.from(said).toString('base64') });
    const { blob } = JSON.parse(withoutSecrets(json, (text) => other.scrub(text)));
    expect(JSON.parse(Buffer.from(blob, 'base64').toString())).toEqual({ a: '[redacted]' });
  }
});

test.each([
  ['mail', 76, '\r\n'],
  ['PEM', 64, '\n'],
])('bytes that stand in lines, as in %s, are looked through too', (_name, columns, lineBreak) => {
  const told = `${'x'.repeat(columns)}${KEY}${'y'.repeat(columns)}`;
  const base64 = Buffer.from(told)
    .toString('base64')
    .replace(new RegExp(`.{${columns}}`, 'g'), `$&${lineBreak}`);
  const json = JSON.stringify({ type: 'image', data: base64 });
  const escaped = json.replace(/\\[rn]|[/+=]/g, (one) => {
    const character: unknown = JSON.parse(`"${one}"`);
    return `\\u${String(character).charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  for (const written of [json, escaped]) {
    const { data } = JSON.parse(withoutSecrets(written, scrub));
    expect(Buffer.from(data, 'base64').toString()).toBe(told.replace(KEY, '[redacted]'));
  }
  const harmless = JSON.stringify({ data: base64.replaceAll(/[A-Z]/g, 'a') });
  expect(withoutSecrets(harmless, scrub)).toBe(harmless);
});

test('as many bytes as a resource may have are looked through', () => {
  const bytes = Buffer.concat([Buffer.alloc(4 * 1_048_576), Buffer.from(KEY)]);
  const { blob } = JSON.parse(withoutSecrets(JSON.stringify({ blob: bytes.toString('base64') }), scrub));
  expect(Buffer.from(blob, 'base64').subarray(-10).toString()).toBe('[redacted]');
});

test('numbers beside a secret keep their value', () => {
  const numbers = '"id":9007199254740993,"most":1e400';
  expect(exactJson(secretless(parseFields(`{"text":"${KEY}",${numbers}}`), scrub))).toBe(
    `{"text":"[redacted]",${numbers}}`,
  );
  const forwarded = `{"content":[{"type":"text","text":"${KEY}","_meta":{${numbers}}}]}`;
  const outcome = { forwarded, servedBy: 'a', isError: false };
  expect(exactJson(toCallToolResult(outcome, { name: 'n' }, scrub))).toContain(`"[redacted]","_meta":{${numbers}}`);
});

test('structured content of our own keeps its numbers beside a secret', () => {
  const said = parseExactly(`{"text":"${KEY}","id":9007199254740993}`);
  const structured = z.custom<JsonObject>(isFields).parse(said);
  const { structuredContent } = toCallToolResult({ structured, isError: false }, {}, scrub);
  expect(exactJson(structuredContent)).toBe('{"text":"[redacted]","id":9007199254740993}');
});
