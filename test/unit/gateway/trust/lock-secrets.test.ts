import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { McpLockFile } from '../../../../src/gateway/trust/mcp-lock-file.ts';
import { EMPTY_OFFER, rawTool } from '../../../../src/gateway/upstreams/offer.ts';
import { trustScreen } from '../../../../src/gateway/upstreams/trust-screen.ts';
import { withListedNumbers } from '../../../../src/protocol/exact-number.ts';
import { httpServer } from '../../../support/gateway-house.ts';

const KEY = 'chave-do-gateway-1';
const scrub = (text: string): string => text.replaceAll(KEY, '[redacted]');
const tool = (words: string) => ({
  name: 'leak',
  title: words,
  description: `key ${words}`,
  inputSchema: { type: 'object' as const, properties: { [words]: { default: words } } },
});
const server = httpServer('a', 'http://127.0.0.1:9/mcp', { domains: ['x'] });

test('mcp.lock holds no credential that a server names, and knows its tools all the same', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'lock-')), 'mcp.lock');
  const judge = (...tools: ReturnType<typeof tool>[]) =>
    trustScreen({ lock: new McpLockFile(path, scrub), scrub })(server, { ...EMPTY_OFFER, tools }, []);
  const file = (): string => readFileSync(path, 'utf8');

  expect((await judge(tool(KEY))).offer.tools).toHaveLength(1);
  expect(file()).toContain('key [redacted]');
  const first = file();
  expect((await judge(tool(KEY))).offer.tools).toHaveLength(1);
  expect(file()).toBe(first);

  // A change waits for approval, and shows no credential either.
  const changed = await judge({ ...tool(KEY), description: `other ${KEY}` });
  expect(changed.held).toMatchObject([{ name: 'leak', why: 'changed' }]);
  expect(file()).toContain('other [redacted]');
  expect(file()).not.toContain(KEY);

  const named = await judge({ ...tool('x'), name: `n${KEY}` });
  expect(named).toMatchObject({ offer: { tools: [] }, problems: [expect.stringContaining('traz uma credencial')] });
  expect(named.problems.join()).not.toContain(KEY);
  expect(file()).not.toContain(KEY);
});

test('a schema with numbers of many digits is pinned with them, and its neighbour is another one', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'lock-')), 'mcp.lock');
  const judge = (digits: string) => {
    const json = `{"name":"t","inputSchema":{"type":"object","properties":{"id":{"enum":[${digits}]}}}}`;
    const tools = [rawTool.parse(withListedNumbers(json, JSON.parse(json)))];
    return trustScreen({ lock: new McpLockFile(path) })(server, { ...EMPTY_OFFER, tools }, []);
  };
  expect((await judge('9007199254740993')).offer.tools).toHaveLength(1);
  expect(readFileSync(path, 'utf8')).toMatch(/\b9007199254740993,?\n/);
  expect((await judge('9007199254740993')).held).toEqual([]);
  const { problems, held } = await judge('9007199254740992');
  expect(held).toHaveLength(1);
  expect(problems[0]).toContain('9007199254740993 → 9007199254740992');
});
