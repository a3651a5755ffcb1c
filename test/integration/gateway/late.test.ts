// Servers that come late, or have no time: what a client that is there all the while gets to see.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { beforeAll, expect, it } from 'vitest';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { type CounterServer, startCounterServer } from '../../support/gateway-house.ts';
import { startHouse, type TestHouse, toolBody } from '../../support/house.ts';
import { freePort, startReadTool } from '../../support/upstreams.ts';

const open = closeAfterEach();

async function houseWith(urls: Record<string, string>): Promise<TestHouse> {
  const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
  const entries = Object.entries(urls).map(([id, url], at) => [
    id,
    { name: id, url, domains: [id], priority: at + 1, allow_private_address: true },
  ]);
  const orchestration = { fail_fast: false, max_retries: 9 };
  writeFileSync(file, JSON.stringify({ mcp_servers: Object.fromEntries(entries), orchestration }));
  const house = await startHouse({ variables: { GATEWAY_CONFIG: file }, transports: ['http'] });
  open.push(() => house.close());
  return house;
}
async function connect({ origin }: TestHouse, revision?: string): Promise<Client> {
  const pinned = revision === undefined ? {} : { versionNegotiation: { mode: { pin: revision } } };
  const client = new Client({ name: 'test', version: '1' }, pinned);
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', origin)));
  open.push(() => client.close());
  return client;
}
async function counterAt(port?: number): Promise<CounterServer> {
  const counter = await startCounterServer(port === undefined ? {} : { port });
  open.push(counter.close);
  return counter;
}

let port: number;
beforeAll(async () => {
  port = await freePort();
});

it('a list that was asked for too early is not the last: the session is told, and calls what came', async () => {
  const here = await counterAt();
  const house = await houseWith({ here: here.url, late: `http://127.0.0.1:${port}/mcp` });
  const client = await connect(house);
  let told = 0;
  client.setNotificationHandler('notifications/tools/list_changed', () => {
    told += 1;
  });
  const names = async () => (await client.listTools()).tools.map(({ name }) => name);
  const early = await names();
  expect(early).toContain('here__add');
  expect(early).not.toContain('late__add');
  expect((await client.callTool({ name: 'here__add' })).content).toEqual([{ type: 'text', text: '1' }]);
  await counterAt(port);
  await expect.poll(() => told, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(await names()).toEqual(expect.arrayContaining([...early, 'late__add']));
  expect((await client.callTool({ name: 'late__add' })).content).toEqual([{ type: 'text', text: '1' }]);
  // What was there all the while kept its state.
  expect((await client.callTool({ name: 'here__add' })).content).toEqual([{ type: 'text', text: '2' }]);
}, 60_000);

it('a server without time says so to clients of both eras, with how long to wait', async () => {
  const busy = await startReadTool('ask', (response) => {
    response.writeHead(429, { 'retry-after': '7' }).end();
  });
  open.push(busy.close);
  const house = await houseWith({ busy: busy.url });
  const erros = await Promise.all(
    ['2025-11-25', '2026-07-28'].map(async (revision) => {
      const client = await connect(house, revision === '2025-11-25' ? undefined : revision);
      const { isError, structuredContent, content } = toolBody(await client.callTool({ name: 'busy__ask' }));
      expect(isError).toBe(true);
      expect(JSON.parse(content[0].text)).toEqual(structuredContent);
      const { codigo, tente_novamente, espera_segundos, mensagem } = structuredContent.erro;
      return { codigo, tente_novamente, espera_segundos, mensagem };
    }),
  );
  expect(erros[0]).toMatchObject({ codigo: 'servidor_indisponivel', tente_novamente: true, espera_segundos: 7 });
  expect(erros[1]).toEqual(erros[0]);
}, 60_000);
