// Two workers in front of one server: what many clients ask at once is at the server at once. Nothing here is timed.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHouse, type TestHouse } from '../../support/house.ts';

const WORKERS = 2;
const CLIENTS = 6;
const CALLS_EACH = 8;
const ALL = CLIENTS * CALLS_EACH;

/** Answers a call only when as many are here as were wanted. */
interface Meeting {
  readonly url: string;
  most: number;
  close(): Promise<void>;
}

async function startMeeting(wanted: number, stateful: boolean): Promise<Meeting> {
  let here = 0;
  let open: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  const serverInfo = { name: 'meeting', version: '1' };
  const results: Record<string, object> = {
    initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo },
    ping: {},
    'tools/list': {
      tools: [{ name: 'meet', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }],
    },
  };
  const http: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(Buffer.concat(chunks).toString());
    if (id === undefined) return void response.writeHead(202).end();
    if (method === 'tools/call') {
      here += 1;
      meeting.most = Math.max(meeting.most, here);
      if (here === wanted) open();
      await all;
      here -= 1;
    }
    const result = method === 'tools/call' ? { content: [{ type: 'text', text: 'met' }] } : results[method];
    const answer = result === undefined ? { error: { code: -32601, message: 'no' } } : { result };
    const session = stateful && method === 'initialize' ? { 'mcp-session-id': randomUUID() } : {};
    response.writeHead(200, { 'content-type': 'application/json', ...session });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const meeting: Meeting = {
    url: `http://127.0.0.1:${address.port}/mcp`,
    most: 0,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return meeting;
}

let plain: Meeting;
let keeping: Meeting;
let workers: TestHouse[];
beforeAll(async () => {
  plain = await startMeeting(ALL, false);
  keeping = await startMeeting(ALL, true);
  const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
  const mounted = (url: string, domain: string) => ({ url, domains: [domain], transport: 'http', timeout: 300 });
  writeFileSync(
    file,
    JSON.stringify({
      mcp_servers: { plain: mounted(plain.url, 'plain'), keeping: mounted(keeping.url, 'keeping') },
      orchestration: { max_connections: ALL / WORKERS },
    }),
  );
  workers = [];
  // One after the other: each pins what it sees.
  for (let at = 0; at < WORKERS; at += 1) workers.push(await startHouse({ variables: { GATEWAY_CONFIG: file } }));
}, 60_000);
afterAll(async () => {
  await Promise.all((workers ?? []).map((house) => house.close()));
  await plain?.close();
  await keeping?.close();
});

it.each([['plain'], ['keeping']])(
  'at a server that is %s all of them are under way together, whichever worker and session they came by',
  async (domain) => {
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, at) => {
        const client = new Client({ name: 'test', version: '1' });
        const house = workers[at % WORKERS];
        await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', house?.origin)));
        return client;
      }),
    );
    const calls = clients.flatMap((client) =>
      Array.from({ length: CALLS_EACH }, () =>
        client.callTool({ name: `${domain}__meet`, arguments: {} }, { timeout: 100_000 }),
      ),
    );
    // Were one to wait for another, neither would ever be answered.
    for (const { content } of await Promise.all(calls)) expect(content).toEqual([{ type: 'text', text: 'met' }]);
    expect((domain === 'plain' ? plain : keeping).most).toBe(ALL);
    await Promise.all(clients.map((client) => client.close()));
  },
  120_000,
);
