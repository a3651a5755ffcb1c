import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CounterServer, startCounterServer } from '../../support/gateway-house.ts';
import { startHouse, type TestHouse, toolBody } from '../../support/house.ts';

const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
let counter: CounterServer;
let house: TestHouse;
let client: Client;
let told = 0;

const mount = (servers: Record<string, string>) =>
  writeFileSync(
    file,
    JSON.stringify({
      mcp_servers: Object.fromEntries(
        Object.entries(servers).map(([id, url], at) => [
          id,
          { name: id, url, transport: 'http', domains: [id], priority: at + 1, allow_private_address: true },
        ]),
      ),
      orchestration: { fail_fast: false, max_retries: 1 },
    }),
  );
const names = async () => (await client.listTools()).tools.map(({ name }) => name);

beforeAll(async () => {
  counter = await startCounterServer();
  mount({ sums: counter.url });
  house = await startHouse({ variables: { GATEWAY_CONFIG: file } });
  client = new Client({ name: 'test', version: '1' });
  client.setNotificationHandler('notifications/tools/list_changed', () => {
    told += 1;
  });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', house.origin)));
}, 60_000);
afterAll(async () => {
  await client?.close();
  await house?.close();
  await counter?.close();
});

it('a server that is added is told of and served in a session that lives; one that stays keeps its state', async () => {
  await expect.poll(names, { timeout: 20_000 }).toContain('sums__add');
  expect(await names()).not.toContain('more__add');
  told = 0;
  await client.callTool({ name: 'sums__add' });
  mount({ sums: counter.url, more: counter.url });
  await expect.poll(() => told, { timeout: 8_000 }).toBeGreaterThan(0);
  await expect.poll(names, { timeout: 8_000 }).toContain('more__add');
  expect((await client.callTool({ name: 'sums__add' })).content).toEqual([{ type: 'text', text: '2' }]);
  expect((await client.callTool({ name: 'more__add' })).content).toEqual([{ type: 'text', text: '1' }]);
}, 60_000);

it('a bad file keeps what is mounted, and says why in the log and in health', async () => {
  const health = async () => toolBody(await (await fetch(`${house.origin}/health`)).json()).status;
  expect(await health()).toBe('ok');
  writeFileSync(file, '{"mcp_servers": {"sums": {"urll": "x"}}}');
  await expect
    .poll(() => house.log.some((line) => line.includes('gateway file refused')), { timeout: 8_000 })
    .toBe(true);
  expect(await names()).toContain('more__add');
  expect(await health()).toBe('degraded');
  mount({ sums: counter.url, more: counter.url });
  await expect.poll(health, { timeout: 8_000 }).toBe('ok');
}, 30_000);

it('an mcp.lock that cannot be read keeps what was agreed to, and health says degraded', async () => {
  const lock = join(dirname(file), 'mcp.lock');
  const health = async () => toolBody(await (await fetch(`${house.origin}/health`)).json());
  const good = readFileSync(lock, 'utf8');
  writeFileSync(lock, good.slice(0, -20));
  // The reason is for those with a token who may see every company.
  await expect.poll(health, { timeout: 8_000 }).toMatchObject({ status: 'degraded' });
  expect(await names()).toContain('sums__add');
  writeFileSync(lock, good);
  await expect.poll(health, { timeout: 8_000 }).toMatchObject({ status: 'ok' });
}, 30_000);

it('upstream sessions end with the session that they served', async () => {
  const before = counter.sessions();
  const other = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', house.origin));
  await other.connect(transport);
  await other.callTool({ name: 'sums__add' });
  expect(counter.sessions()).toBe(before + 1);
  await transport.terminateSession();
  await expect.poll(() => counter.sessions()).toBe(before);
  await other.close();
});

it('with the last server the tools of the gateway go, and a session that had them is told', async () => {
  const before = told;
  writeFileSync(file, JSON.stringify({ mcp_servers: {} }));
  await expect.poll(() => told, { timeout: 8_000 }).toBeGreaterThan(before);
  const left = await names();
  expect(left).toContain('listar_empresas');
  expect(left.filter((name) => name.includes('__') || name === 'call_tool')).toEqual([]);
}, 30_000);
