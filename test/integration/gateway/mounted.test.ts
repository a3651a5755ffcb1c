import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CounterServer, startCounterServer } from '../../support/gateway-house.ts';
import { startHouse, type TestHouse } from '../../support/house.ts';
import { everythingPath } from '../../support/upstreams.ts';

const clientInfo = { name: 'test', version: '1' };
const clients: Client[] = [];
let house: TestHouse;
let counter: CounterServer;

beforeAll(async () => {
  counter = await startCounterServer();
  const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
  const server = (id: string, more: object) => [id, { name: id, timeout: 20, ...more }];
  const config = {
    mcp_servers: Object.fromEntries([
      server('everything', {
        transport: 'stdio',
        command: process.execPath,
        args: [everythingPath, 'stdio'],
        priority: 10,
        domains: ['demo'],
      }),
      server('counter', {
        transport: 'http',
        url: counter.url,
        priority: 20,
        domains: ['counting', 'sums'],
        allow_private_address: true,
      }),
    ]),
  };
  writeFileSync(file, JSON.stringify(config));
  house = await startHouse({ variables: { GATEWAY_CONFIG: file } });
}, 60_000);
afterAll(async () => {
  for (const client of clients) await client.close().catch(() => {});
  await house?.close();
  await counter?.close();
});

async function connect(path = '/mcp', options: ConstructorParameters<typeof Client>[1] = {}): Promise<Client> {
  const client = new Client(clientInfo, options);
  const url = new URL(path, house.origin);
  await client.connect(path.startsWith('/sse') ? new SSEClientTransport(url) : new StreamableHTTPClientTransport(url));
  clients.push(client);
  return client;
}
const names = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);

describe('mounted servers', () => {
  it.each(['/mcp', '/sse'])('are called under their domain through %s, with who served it', async (path) => {
    const client = await connect(path);
    const listed = await names(client);
    expect(listed).toEqual(
      expect.arrayContaining(['listar_empresas', 'list_domains', 'call_tool', 'demo__echo', 'counting__add']),
    );
    const result = await client.callTool({ name: 'demo__echo', arguments: { message: 'olá' } });
    expect(result.content).toEqual([{ type: 'text', text: 'Echo: olá' }]);
    expect(result._meta?.['omie-mcp-hub/served-by']).toBe('everything');
  });
});
