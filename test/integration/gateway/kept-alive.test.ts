/** A server that closes a kept connection just when the next request comes over it, as any does now and then. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { callTool, gateway, httpServer, mountIn } from '../../support/gateway-house.ts';
import { startRaw } from '../../support/upstreams.ts';

const open = closeAfterEach();
const mount = mountIn(open);

const posted = z.object({
  id: z.number().optional(),
  method: z.string(),
  params: z.looseObject({ arguments: z.object({ n: z.number() }).optional() }).optional(),
});

interface Arrival {
  readonly n: number | undefined;
  readonly id: number | undefined;
  readonly method: string;
  /** Over a connection that had served another request. */
  readonly reused: boolean;
}

function resultOf({ id, method, params }: z.output<typeof posted>): object {
  const serverInfo = { name: 'x', version: '1' };
  const results: Readonly<Record<string, object>> = {
    initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo },
    'tools/list': { tools: [{ name: 'add', inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: String(params?.arguments?.n) }] },
    ping: {},
  };
  const result = results[method];
  return {
    jsonrpc: '2.0',
    id,
    ...(result === undefined ? { error: { code: -32601, message: 'Method not found' } } : { result }),
  };
}

/** Serves one request a connection and keeps it open; the next one over it is read, and the connection closed. */
async function startFickle(isLost: (arrival: Arrival) => boolean = ({ reused }) => reused) {
  const arrivals: Arrival[] = [];
  const used = new WeakSet<Socket>();
  let stream: ServerResponse | undefined;
  const server = await startRaw(async (request, response) => {
    if (request.method === 'GET' && request.url === '/sse') {
      stream = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('event: endpoint\ndata: /messages\n\n');
      return;
    }
    const reused = used.has(request.socket);
    used.add(request.socket);
    const body = await text(request);
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    const message = posted.parse(JSON.parse(body));
    const arrival = { n: message.params?.arguments?.n, id: message.id, method: message.method, reused };
    arrivals.push(arrival);
    if (isLost(arrival)) request.socket.destroy();
    else if (message.id === undefined) response.writeHead(202).end();
    else if (request.url === '/messages') {
      stream?.write(`data: ${JSON.stringify(resultOf(message))}\n\n`);
      response.writeHead(202).end();
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(resultOf(message)));
    }
  });
  open.push(server.close);
  return {
    url: { http: server.url, sse: `${server.origin}/sse` },
    /** Of the n-th call. */
    arrivalsOf: (n: number) => arrivals.filter((arrival) => arrival.n === n),
  };
}

/** More than enough for one of them to go over a connection that was used before. */
const MOST_TRIES = 100;

describe.each(['http', 'sse'] as const)('a kept connection that is closed when the next request comes (%s)', (way) => {
  it('costs no read: it is sent once more, over a connection of its own', async () => {
    const server = await startFickle();
    const registry = await mount(gateway([httpServer('only', server.url[way])]));
    let met = 0;
    for (let n = 1; n <= MOST_TRIES && met < 3; n += 1) {
      expect((await callTool(registry, 'only', 'add', { n })).text).toBe(String(n));
      const arrivals = server.arrivalsOf(n);
      expect(arrivals.at(-1)?.reused).toBe(false);
      if (arrivals.length === 1) continue;
      met += 1;
      expect(arrivals.map(({ reused }) => reused)).toEqual([true, false]);
    }
    expect(met).toBe(3);
  });

  it('is where a write may have arrived: it arrives once, and the caller is told', async () => {
    const server = await startFickle();
    const registry = await mount(gateway([httpServer('only', server.url[way])]));
    const write = (n: number) => callTool(registry, 'only', 'add', { n }, { readOnly: false });
    let n = 1;
    let thrown: unknown;
    for (; n <= MOST_TRIES && thrown === undefined; n += 1) {
      thrown = await write(n).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(server.arrivalsOf(n)).toHaveLength(1);
    }
    expect(thrown).toMatchObject({ code: 'resultado_desconhecido' });
    expect(server.arrivalsOf(n - 1)).toMatchObject([{ reused: true }]);
  });

  it('is not met without end: a read that is lost again fails', async () => {
    const server = await startFickle(({ method }) => method === 'tools/call');
    const registry = await mount(gateway([httpServer('only', server.url[way])]));
    await expect(callTool(registry, 'only', 'add', { n: 1 })).rejects.toMatchObject({ code: 'servidor_indisponivel' });
    expect(server.arrivalsOf(1)).toHaveLength(2);
  });
});

it('over Streamable HTTP the second try is a request of its own, with an id that was never used', async () => {
  const server = await startFickle(({ method }) => method === 'tools/call');
  const registry = await mount(gateway([httpServer('only', server.url.http)]));
  await expect(callTool(registry, 'only', 'add', { n: 1 })).rejects.toThrow();
  expect(new Set(server.arrivalsOf(1).map(({ id }) => id)).size).toBe(2);
});
