// What crosses the gateway while a call runs, for each era of the client and each wire and era of the server behind.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startFixtureServer } from '../../conformance/fixture-server.ts';
import { dawdlingCatalog, dawdlingScript, startDawdlingSse } from '../../support/crossing-servers.ts';
import { startHouse, type TestHouse, toolBody } from '../../support/house.ts';
import { JSON_HEADERS, modern } from '../transports/raw-http.ts';

const closing: (() => Promise<void>)[] = [];
let house: TestHouse;

beforeAll(async () => {
  const [both, legacy, sse] = await Promise.all([
    startFixtureServer({ catalog: dawdlingCatalog() }),
    startFixtureServer({ catalog: dawdlingCatalog(), era: 'legacy' }),
    startDawdlingSse(),
  ]);
  closing.push(both.close, legacy.close, sse.close);
  const remote = { allow_private_address: true };
  const program = { transport: 'stdio', command: process.execPath };
  const servers = {
    'http-new': { transport: 'http', url: both.url, ...remote },
    'http-old': { transport: 'http', url: legacy.url, ...remote },
    sse: { transport: 'sse', url: sse.url, ...remote },
    'stdio-new': { ...program, args: ['-e', dawdlingScript('modern')] },
    'stdio-old': { ...program, args: ['-e', dawdlingScript('legacy')] },
  };
  const entries = Object.entries(servers).map(([id, more], place) => [
    id,
    { name: id, priority: place + 1, domains: [id], timeout: 20, connect_timeout: 20, ...more },
  ]);
  const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.json');
  writeFileSync(file, JSON.stringify({ mcp_servers: Object.fromEntries(entries) }));
  house = await startHouse({ variables: { GATEWAY_CONFIG: file } });
}, 60_000);
afterAll(async () => {
  await house?.close();
  await Promise.all(closing.map((close) => close()));
});

type Options = ConstructorParameters<typeof Client>[1];
async function connect(era: string, options: Options = {}): Promise<Client> {
  const pinned: Options = era === '2026-07-28' ? { versionNegotiation: { mode: { pin: '2026-07-28' } } } : {};
  const client = new Client({ name: 'test', version: '1' }, { ...pinned, ...options });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', house.origin)));
  closing.unshift(() => client.close().catch(() => {}));
  return client;
}
const eras = ['2025-11-25', '2026-07-28'];
const wires = ['http-new', 'http-old', 'sse', 'stdio-new', 'stdio-old'];

describe.each(eras)('from a client of %s', (era) => {
  it.each(wires)('progress comes and a cancellation goes through to %s', async (domain) => {
    const client = await connect(era);
    const givenUp = async (): Promise<unknown> => {
      const { content } = toolBody(await client.callTool({ name: `${domain}__given_up` }));
      return /\d+/.exec(content[0].text)?.[0];
    };
    const before = Number(await givenUp());
    const stop = new AbortController();
    const seen: unknown[] = [];
    const call = client.callTool(
      { name: `${domain}__dawdle` },
      {
        signal: stop.signal,
        onprogress: ({ progress, total }) => {
          seen.push([progress, total]);
          stop.abort();
        },
      },
    );
    await expect(call).rejects.toThrow();
    expect(seen).toEqual([[1, 2]]);
    await expect.poll(async () => Number(await givenUp()), { timeout: 20_000 }).toBe(before + 1);
  });
});

describe('pages that must be opened first', () => {
  it('are an error with its data in 2025-11-25, and a question in 2026-07-28', async () => {
    const capabilities = { elicitation: { url: {} } };
    const old = await connect('2025-11-25', { capabilities });
    const refusal = await old.callTool({ name: 'stdio-old__pages' }).catch((error: unknown) => error);
    const page = { mode: 'url', url: 'https://example.com/pay', message: 'Pague', elicitationId: 'e1' };
    expect(refusal).toMatchObject({ code: -32042, data: { elicitations: [page] } });
    expect(JSON.stringify(refusal)).not.toContain('hidden');
    expect((await old.callTool({ name: 'stdio-old__pages' })).isError).not.toBe(true);

    const asked: unknown[] = [];
    const fresh = await connect('2026-07-28', { capabilities });
    fresh.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params);
      return { action: 'accept' };
    });
    const { content } = toolBody(await fresh.callTool({ name: 'stdio-old__pages' }));
    expect(asked).toEqual([{ mode: 'url', url: 'https://example.com/pay', message: 'Pague' }]);
    expect(content[0].type).toBe('text');
  });
});

describe('watched resources', () => {
  it.each(['http-new', 'http-old'])('of %s are told of to those who subscribed, in each era', async (domain) => {
    const uri = `${domain}+test://watched-resource`;
    const [one, two, three] = [await connect('2025-11-25'), await connect('2025-11-25'), await connect('2025-11-25')];
    const heard: string[] = [];
    for (const [name, client] of Object.entries({ one, two, three })) {
      client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
        heard.push(`${name} ${params.uri}`);
      });
    }
    await one.subscribeResource({ uri });
    await two.subscribeResource({ uri });
    const listening = await listen([uri]);
    expect(listening.acknowledged).toEqual([uri]);
    const change = () => three.callTool({ name: `${domain}__change` });
    // A subscription of 2026-07-28 is a stream that opens in its own time.
    await vi.waitFor(
      async () => {
        await change();
        expect(new Set(heard)).toEqual(new Set([`one ${uri}`, `two ${uri}`]));
        expect(listening.heard()).toContain(uri);
      },
      { timeout: 20_000, interval: 100 },
    );
    listening.stop();
    await two.unsubscribeResource({ uri });
    await two.close();
    heard.length = 0;
    await change();
    await expect.poll(() => heard, { timeout: 20_000 }).toContain(`one ${uri}`);
    expect(new Set(heard)).toEqual(new Set([`one ${uri}`]));
  });

  it('outside the domain of the address are refused in each era', async () => {
    const uri = 'http-old+test://watched-resource';
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp/d/sse', house.origin)));
    closing.unshift(() => client.close().catch(() => {}));
    await expect(client.subscribeResource({ uri })).rejects.toMatchObject({ data: { codigo: 'fora_do_dominio' } });
    const { acknowledged, stop } = await listen([uri], '/mcp/d/sse');
    expect(acknowledged).toBeUndefined();
    stop();
  });
});

/** `subscriptions/listen` by hand: the part that was acknowledged, and the resources that changed since. */
async function listen(resourceSubscriptions: string[], path = '/mcp') {
  const { body, headers } = modern('subscriptions/listen', { notifications: { resourceSubscriptions } });
  const stop = new AbortController();
  const response = await fetch(house.origin + path, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: JSON.stringify(body),
    signal: stop.signal,
  });
  const messages: ReturnType<typeof toolBody>[] = [];
  const reading = (async () => {
    let rest = '';
    for await (const piece of response.body ?? []) {
      const lines = (rest + Buffer.from(piece).toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: ')) messages.push(JSON.parse(line.slice(6)));
    }
  })().catch(() => {});
  await vi.waitFor(() => expect(messages.length).toBeGreaterThan(0), { timeout: 20_000 });
  return {
    acknowledged: messages[0].params?.notifications?.resourceSubscriptions,
    heard: () => messages.slice(1).map(({ params }) => params?.uri),
    stop: () => {
      stop.abort();
      return reading;
    },
  };
}
