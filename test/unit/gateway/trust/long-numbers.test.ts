import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { McpLockFile } from '../../../../src/gateway/trust/mcp-lock-file.ts';
import { judgeTools, MAX_PINNED_LENGTH } from '../../../../src/gateway/trust/pins.ts';
import { SCHEMA_LIMITS, schemaProblem } from '../../../../src/gateway/trust/schema-check.ts';
import { toolDiff } from '../../../../src/gateway/trust/tool-diff.ts';
import { EMPTY_OFFER, rawTool } from '../../../../src/gateway/upstreams/offer.ts';
import { trustScreen } from '../../../../src/gateway/upstreams/trust-screen.ts';
import { exactJson, MAX_EXACT_NUMBERS, withListedNumbers } from '../../../../src/protocol/exact-number.ts';
import { httpServer } from '../../../support/gateway-house.ts';

const server = httpServer('a', 'http://127.0.0.1:9/mcp', { domains: ['x'] });
const listed = (json: string): unknown => withListedNumbers(json, JSON.parse(json));
const digits = (length: number): string => `1${'2'.repeat(length - 1)}`;
const schemaOf = (...numbers: string[]): string =>
  `{"type":"object","properties":{"id":{"enum":[${numbers.join(',')}]}}}`;

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'lock-')), 'mcp.lock');
});

test('one number of millions of digits is no part of a schema: nothing of it is pinned', async () => {
  const tool = rawTool.parse(listed(`{"name":"t","inputSchema":${schemaOf(digits(9_000_000))}}`));
  const judged = await trustScreen({ lock: new McpLockFile(path) })(server, { ...EMPTY_OFFER, tools: [tool] }, []);
  expect(judged.offer.tools).toEqual([]);
  expect(judged.problems).toEqual([
    'ferramenta "t" recusada: o esquema tem um número de mais de 400 caracteres ou grande demais',
  ]);
  expect(() => readFileSync(path)).toThrow('ENOENT');
});

test('a number of a schema has at most 400 characters, and infinity is none', () => {
  expect(schemaProblem(listed(schemaOf(digits(400), '1e400')))).toBeUndefined();
  expect(schemaProblem(listed(schemaOf(digits(401))))).toContain('400');
  expect(schemaProblem(JSON.parse(schemaOf('1e400')))).toContain('grande demais');
});

test('a schema is as large as its digits', () => {
  const count = Math.ceil(SCHEMA_LIMITS.maxBytes / 400);
  expect(schemaProblem(listed(schemaOf(...Array(count).fill(digits(399)))))).toContain('bytes');
  expect(schemaProblem(listed(schemaOf(...Array(count - 10).fill(digits(399)))))).toBeUndefined();
});

test('the room for pins is counted in digits too', () => {
  const tool = (name: string, length: number) =>
    rawTool.parse(listed(`{"name":"${name}","inputSchema":{"type":"object"},"annotations":{"n":${digits(length)}}}`));
  const half = MAX_PINNED_LENGTH / 2;
  const { added, quarantined } = judgeTools({ version: 1, upstreams: {} }, 'a', [tool('one', half), tool('two', half)]);
  expect(added).toEqual(['one']);
  expect(quarantined).toMatchObject([{ name: 'two', changes: [expect.stringContaining('não cabe')] }]);
});

test('a lock with more exact numbers than a message may have is read again after a restart', async () => {
  const many = (name: string) => {
    const numbers = Array<string>(MAX_EXACT_NUMBERS * 0.75).fill('9007199254740993');
    return rawTool.parse(listed(`{"name":"${name}","inputSchema":${schemaOf(...numbers)}}`));
  };
  const tools = [many('one'), many('two')];
  const judge = () => trustScreen({ lock: new McpLockFile(path) })(server, { ...EMPTY_OFFER, tools }, []);
  expect(await judge()).toMatchObject({ offer: { tools: [{ name: 'one' }, { name: 'two' }] }, problems: [] });
  expect(readFileSync(path, 'utf8').split('9007199254740993')).toHaveLength(MAX_EXACT_NUMBERS * 1.5 + 1);
  const again = await judge();
  expect(again).toMatchObject({ held: [], problems: [] });
  expect(exactJson(again.offer.tools)).toBe(exactJson(tools));
});

test('a number of many digits differs as a number, also from an object with its text', () => {
  const of = (value: string): unknown => listed(`{"maximum":${value}}`);
  expect(toolDiff(of('9007199254740993'), of('9007199254740995'))).toEqual([
    'maximum: 9007199254740993 → 9007199254740995',
  ]);
  expect(toolDiff(of('9007199254740993'), of('{"text":"9007199254740993"}'))).toEqual([
    'maximum: 9007199254740993 → {"text":"9007199254740993"}',
  ]);
});
