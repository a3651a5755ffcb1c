/** Servers of one domain of which some never answer, asked through the whole house. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, it } from 'vitest';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { startHouse, toolBody } from '../../support/house.ts';
import { startReadTool } from '../../support/upstreams.ts';

const open = closeAfterEach();

/** Its one tool only reads, and is answered when the server `answers`. */
async function server(answers: boolean) {
  let calls = 0;
  const { url, close } = await startReadTool('look', (_response, answer) => {
    calls += 1;
    if (answers) answer({ content: [{ type: 'text', text: 'seen' }] });
  });
  open.push(close);
  return { url, calls: () => calls };
}

async function connect(servers: readonly { url: string; timeout: number }[]): Promise<Client> {
  const file = join(mkdtempSync(join(tmpdir(), 'deadline-')), 'gateway.yaml');
  const entries = servers.map(({ url, timeout }, place) => {
    const id = 'abc'.charAt(place);
    return [id, { name: id, transport: 'http', url, domains: ['d'], priority: 1 + place, timeout }] as const;
  });
  writeFileSync(file, JSON.stringify({ mcp_servers: Object.fromEntries(entries) }));
  const house = await startHouse({ variables: { GATEWAY_CONFIG: file } });
  open.push(() => house.close());
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', house.origin)));
  open.push(() => client.close());
  return client;
}

it('three servers that hang have one deadline together, and each is named with what it did', async () => {
  const servers = [await server(false), await server(false), await server(false)];
  const client = await connect(servers.map(({ url }) => ({ url, timeout: 4 })));
  const { isError, structuredContent } = toolBody(await client.callTool({ name: 'd__look' }));
  expect(isError).toBe(true);
  // Half as long again as one may take, 6 s: what each was given says so without a clock.
  expect(structuredContent.erro).toMatchObject({
    codigo: 'servidor_indisponivel',
    mensagem:
      'Nenhum servidor pôde atender a ferramenta "look" (a: não respondeu em 4 s; b: não respondeu em 1 s; c: não respondeu em 1 s).',
    tente_novamente: true,
  });
  expect(servers.map(({ calls }) => calls())).toEqual([1, 1, 1]);
}, 30_000);

it('a healthy third server answers a read that the first two never do', async () => {
  const servers = [await server(false), await server(false), await server(true)];
  const client = await connect(servers.map(({ url }, place) => ({ url, timeout: place === 2 ? 20 : 1 })));
  const result = await client.callTool({ name: 'd__look' });
  expect(result.content).toEqual([{ type: 'text', text: 'seen' }]);
  expect(result._meta?.['omie-mcp-hub/served-by']).toBe('c');
  expect(servers.map(({ calls }) => calls())).toEqual([1, 1, 1]);
}, 30_000);
