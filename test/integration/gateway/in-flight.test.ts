// Two workers in front of one server: what is asked at once is at the server at once, and a second worker adds what the first
// has. Nothing here is timed.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHouse, type TestHouse } from '../../support/house.ts';
import { modern } from '../transports/raw-http.ts';

const WORKERS = 2;
const CLIENTS = 6;
const CALLS_EACH = 8;
const ALL = CLIENTS * CALLS_EACH;
/** What one worker gives one server at once. */
const OF_ONE = ALL / WORKERS;

/** Answers a call only when as many are here as are wanted. */
interface Meeting {
  readonly url: string;
  /** Begins a new meeting, of so many. */
  want(count: number): void;
  /** Ends it as it is. */
  end(): void;
  /** Of this meeting: how many calls came, and how many were here at once. */
  came: number;
  most: number;
  close(): Promise<void>;
}

async function startMeeting(stateful: boolean): Promise<Meeting> {
  let here = 0;
  let wanted = 0;
  let open: () => void = () => {};
  let all = Promise.resolve();
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
      meeting.came += 1;
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
    came: 0,
    most: 0,
    end: () => open(),
    want(count) {
      wanted = count;
      meeting.came = 0;
      meeting.most = 0;
      all = new Promise((resolve) => {
        open = resolve;
      });
    },
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
  plain = await startMeeting(false);
  keeping = await startMeeting(true);
  const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
  const mounted = (url: string, domain: string) => ({ url, domains: [domain], transport: 'http', timeout: 300 });
  writeFileSync(
    file,
    JSON.stringify({
      mcp_servers: { plain: mounted(plain.url, 'plain'), keeping: mounted(keeping.url, 'keeping') },
      orchestration: { max_connections: OF_ONE },
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

const domains = [['plain'], ['keeping']];
const meetingOf = (domain: string): Meeting => (domain === 'plain' ? plain : keeping);

async function connected(worker: number): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', workers[worker]?.origin)));
  return client;
}

async function expectMet(client: Client, domain: string, calls: number): Promise<void> {
  const meet = () => client.callTool({ name: `${domain}__meet`, arguments: {} }, { timeout: 100_000 });
  // Were one to wait for another, neither would ever be answered.
  for (const { content } of await Promise.all(Array.from({ length: calls }, meet)))
    expect(content).toEqual([{ type: 'text', text: 'met' }]);
}

const post = (worker: number, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(new URL('/mcp', workers[worker]?.origin), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: JSON.stringify(body),
  });

it.each(domains)(
  'at a server that is %s all of them are under way together, whichever worker and session they came by',
  async (domain) => {
    const meeting = meetingOf(domain);
    meeting.want(ALL);
    const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, at) => connected(at % WORKERS)));
    await Promise.all(clients.map((client) => expectMet(client, domain, CALLS_EACH)));
    expect(meeting.most).toBe(ALL);
    await Promise.all(clients.map((client) => client.close()));
  },
  120_000,
);

it.each(domains)(
  'at a server that is %s those of one session are, and what is beyond the room of its worker comes after them',
  async (domain) => {
    const meeting = meetingOf(domain);
    meeting.want(OF_ONE);
    const client = await connected(0);
    await expectMet(client, domain, ALL);
    // Half of what two workers give it: the second adds as much as the first has.
    expect([meeting.most, meeting.came]).toEqual([OF_ONE, ALL]);
    await client.close();
  },
  120_000,
);

it.each(domains)(
  'at a server that is %s those of a client without a session are, sent to either worker in turn',
  async (domain) => {
    const meeting = meetingOf(domain);
    meeting.want(ALL);
    const { body, headers } = modern('tools/call', { name: `${domain}__meet`, arguments: {} }, `${domain}__meet`);
    const ask = async (at: number): Promise<string> => {
      const answer = await post(at % WORKERS, { ...body, id: at }, headers);
      const told = `${answer.status} ${await answer.text()}`;
      // Turned away for load, or for a connection that the machine was too busy to read: asked again, as clients do.
      if ([408, 503].includes(answer.status)) {
        await wait(1_000 * Number(answer.headers.get('retry-after') ?? 1));
        return ask(at);
      }
      if (told.includes('"met"')) return 'met';
      // The others would wait for it for ever.
      meeting.end();
      return told;
    };
    const answers = await Promise.all(Array.from({ length: ALL }, (_, at) => ask(at)));
    expect(answers).toEqual(Array(ALL).fill('met'));
    expect(meeting.most).toBe(ALL);
  },
  120_000,
);

it('a session is of its worker alone: the other refuses its calls unasked, and opens another', async () => {
  keeping.want(1);
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const begin = async (worker: number): Promise<Record<string, string>> => {
    const answer = await post(worker, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
    return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' };
  };
  const meet = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'keeping__meet', arguments: {} } };
  const session = await begin(0);
  const elsewhere = await Promise.all(
    Array.from({ length: CALLS_EACH }, (_, at) => post(1, { ...meet, id: at }, session)),
  );
  expect(elsewhere.map(({ status }) => status)).toEqual(Array(CALLS_EACH).fill(404));
  expect(keeping.came).toBe(0);
  // As a client does that is told so; the first session is what it was.
  for (const [worker, mine] of [
    [1, await begin(1)],
    [0, session],
  ] as const)
    expect(await (await post(worker, meet, mine)).text()).toContain('"met"');
  expect(keeping.came).toBe(2);
});
