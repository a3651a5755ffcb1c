/** Every transport, both eras and REST, through the shipped nginx.conf to two real servers. */
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slowHeaders } from '../../src/simulator/faults.ts';
import { call, initialize, JSON_HEADERS, modern, post } from '../integration/transports/raw-http.ts';
import { isInstalled } from '../support/installed-tool.ts';
import { auth, type ReplicaName, type Replicas, startReplicas } from './replicas.ts';

const hasNginx = isInstalled('nginx', 'nginx-light');
const tool = 'consultar_contas_receber_empresa';
const names: readonly ReplicaName[] = ['hub-a', 'hub-b'];

describe.skipIf(!hasNginx)('through nginx', () => {
  let replicas: Replicas;
  let origin: string;
  beforeAll(async () => {
    // Enough titles for several pages, slowly answered: progress has something to say.
    replicas = await startReplicas({ titlesPerCompany: 2_000, latencyMs: 150 });
    origin = replicas.proxy.origin;
  }, 60_000);
  afterAll(() => replicas.close());

  async function openSession(): Promise<{ id: string; owner: ReplicaName }> {
    const { headers } = await post(origin, initialize(), auth);
    const id = headers.get('mcp-session-id') ?? '';
    const owner = names.find((name) => id.startsWith(`${name}.`));
    if (owner === undefined) throw new Error(`no replica in the session id ${id}`);
    return { id, owner };
  }

  async function sessionOf(wanted: ReplicaName): Promise<string> {
    for (let tries = 0; tries < 20; tries += 1) {
      const { id, owner } = await openSession();
      if (owner === wanted) return id;
    }
    throw new Error(`nginx never chose ${wanted}`);
  }

  it.each([
    ['2025-11-25', {}, false],
    ['2026-07-28', { versionNegotiation: { mode: 'auto' as const } }, false],
    ['2024-11-05 over SSE', {}, true],
  ])('an SDK client of %s asks and is answered', async (_era, options, overSse) => {
    const requestInit = { headers: auth };
    for (let round = 0; round < 4; round += 1) {
      const client = new Client({ name: 'test', version: '1.0.0' }, options);
      await client.connect(
        overSse
          ? new SSEClientTransport(new URL(`${origin}/sse`), { requestInit })
          : new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), { requestInit }),
      );
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain(tool);
      const answer = await client.callTool({ name: 'listar_empresas', arguments: {} });
      expect(answer.structuredContent).toMatchObject({ total: 3 });
      await client.close();
    }
  });

  it('REST answers, and everything asks for the token but health', async () => {
    const ask = (path: string, init: RequestInit = {}) => fetch(`${origin}${path}`, init);
    const rest = await ask('/tools/listar_empresas', { method: 'POST', headers: auth, body: '{}' });
    expect(await rest.json()).toMatchObject({ total: 3 });
    expect(await (await ask('/health')).json()).toEqual({ status: 'ok' });
    expect((await ask('/health/ready')).status).toBe(200);
    for (const path of ['/tools', '/sse', '/mcp']) expect((await ask(path)).status, path).toBe(401);
    expect((await ask('/tools', { headers: { ...auth, origin: 'http://evil.example.com' } })).status).toBe(403);
  });

  it('a session lives on the replica that its id names, and nowhere else', async () => {
    for (const owner of names) {
      const id = await sessionOf(owner);
      const headers = { ...auth, 'mcp-session-id': id };
      for (let i = 0; i < 5; i += 1) expect((await post(origin, call(i, 'listar_empresas'), headers)).status).toBe(200);
      const stream = await fetch(`${origin}/mcp`, { headers: { ...headers, accept: 'text/event-stream' } });
      expect(stream.status).toBe(200);
      await stream.body?.cancel();
      const other = names.find((name) => name !== owner) ?? owner;
      const direct = await post(`http://127.0.0.1:${replicas.ports[other]}`, call(9, 'listar_empresas'), headers);
      expect(direct.status).toBe(404);
      expect((await fetch(`${origin}/mcp`, { method: 'DELETE', headers })).status).toBe(200);
      expect((await post(origin, call(9, 'listar_empresas'), headers)).status).toBe(404);
    }
  });

  it.each(['2025-11-25', '2026-07-28'])(
    '%s: progress arrives as it happens, also to who asks for gzip',
    async (era) => {
      const company_id = era === '2025-11-25' ? 'empresa_001' : 'empresa_002';
      const args = { company_id, situacao: 'pago' };
      const _meta = { progressToken: 'p' };
      let request: { body: object; headers: Record<string, string> };
      if (era === '2026-07-28') {
        const made = modern('tools/call', { name: tool, arguments: args }, tool);
        const params = { ...made.body.params, _meta: { ...made.body.params._meta, ..._meta } };
        request = { body: { ...made.body, params }, headers: made.headers };
      } else {
        const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: args, _meta } };
        request = { body, headers: { 'mcp-session-id': (await openSession()).id } };
      }
      const response = await fetch(`${origin}/mcp`, {
        method: 'POST',
        headers: { ...JSON_HEADERS, ...auth, ...request.headers, 'accept-encoding': 'gzip, br' },
        body: JSON.stringify(request.body),
      });
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      expect(response.headers.get('content-encoding')).toBeNull();
      const arrivals: number[] = [];
      let text = '';
      for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        if (chunk.includes('notifications/progress')) arrivals.push(Date.now());
        text += chunk;
      }
      expect(text.match(/notifications\/progress/g)?.length).toBeGreaterThan(1);
      expect(text).toMatch(/"result":/);
      expect(arrivals.length, 'in one piece').toBeGreaterThan(1);
      expect((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThan(100);
    },
  );

  it('an SSE stream opens at once for who asks for gzip, and its messages find it', async () => {
    const abort = new AbortController();
    const headers = { ...auth, accept: 'text/event-stream', 'accept-encoding': 'gzip' };
    const response = await fetch(`${origin}/sse`, { headers, signal: abort.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const endpoint = /data: (\S+)/.exec((await reader?.read())?.value ?? '')?.[1] ?? '';
    expect(endpoint).toMatch(/^\/messages\?sessionId=hub-[ab]\.[0-9a-f-]{36}$/);
    for (let id = 0; id < 6; id += 1) {
      const sent = await fetch(`${origin}${endpoint}`, {
        method: 'POST',
        headers: { ...auth, 'content-type': 'application/json' },
        body: JSON.stringify({ ...initialize(), id }),
      });
      expect(sent.status).toBe(202);
      expect((await reader?.read())?.value).toContain(`"id":${id}`);
    }
    abort.abort();
  });

  it('a replica killed mid-way loses what it had, is asked no more, and its sessions begin anew', async () => {
    const { bench } = replicas;
    const session = { ...auth, 'mcp-session-id': await sessionOf('hub-a') };
    const stream = await fetch(`${origin}/mcp`, { headers: { ...session, accept: 'text/event-stream' } });
    const streamEnded = stream.text().then(
      () => true,
      () => true,
    );
    bench.simulator.journal.clear();
    bench.simulator.faults.next('ListarMovimentos', slowHeaders(8_000));
    const lost = post(origin, call(1, 'consultar_contas_pagar_empresa', { company_id: 'empresa_003' }), session);
    await expect.poll(() => bench.simulator.faults.pending, { timeout: 10_000 }).toBe(0);
    await replicas.stop('hub-a', 'SIGKILL');

    expect((await lost).status, 'it may have run: no other replica is asked').toBe(502);
    expect(await streamEnded).toBe(true);
    await expect.poll(() => bench.simulator.journal.entries).toMatchObject([{ abandoned: true }]);
    for (let i = 0; i < 20; i += 1) {
      const { body, headers } = modern('tools/call', { name: 'listar_empresas', arguments: {} }, 'listar_empresas');
      expect((await post(origin, body, { ...auth, ...headers })).status).toBe(200);
      expect((await fetch(`${origin}/tools`, { headers: auth })).status).toBe(200);
    }
    const gone = await post(origin, call(2, 'listar_empresas'), session);
    expect([gone.status, gone.json.error]).toEqual([404, { code: -32001, message: 'Session not found' }]);
    expect((await openSession()).owner).toBe('hub-b');

    await replicas.start('hub-a');
    await expect.poll(async () => (await openSession()).owner, { timeout: 5_000 }).toBe('hub-a');
  });
});
