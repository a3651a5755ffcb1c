// A thousand calls are under way at once when everybody who asked is killed: the built product, real clients, real programs.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { ENVELOPE } from '../integration/transports/raw-http.ts';
import { closeAfterEach } from '../support/close-after-each.ts';
import { toolBody } from '../support/house.ts';
import { startBench } from '../support/program.ts';
import { node } from '../support/upstreams.ts';

const open = closeAfterEach();
const CLIENTS = 4;
/** Of each client, at the server that keeps state and at the one that does not. 256 is what one session may have. */
const EACH = 125;
const ALL = 2 * CLIENTS * EACH;
/** Only who shows one is told how many calls are in flight. */
const TOKEN = 'token-de-quem-pergunta-0001';
const PATIENCE = { timeout: 60_000, interval: 50 };

/** `hang` is never answered; each call, and each word that one was given up, leaves a byte in a file of its own. */
const SERVER = `
  const { appendFileSync } = require('node:fs');
  const [calls, cancelled] = process.argv.slice(1);
  const say = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\\n');
  let count = 0;
  require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (method === 'notifications/cancelled') appendFileSync(cancelled, '.');
    else if (id === undefined) return;
    else if (method === 'initialize')
      say({ id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } } });
    else if (method === 'tools/list')
      say({ id, result: { tools: ['add', 'hang'].map((name) => ({ name, inputSchema: { type: 'object' } })) } });
    else if (method === 'tools/call' && params.name === 'hang') appendFileSync(calls, '.');
    else if (method === 'tools/call') say({ id, result: { content: [{ type: 'text', text: String(++count) }] } });
    else say({ id, error: { code: -32601, message: 'no' } });
  });`;

/** Asks over a session of HTTP+SSE, without a session and over REST, all at once; who is turned away asks again, as told. */
const CLIENT = `
  const { request } = require('node:http');
  const [origin, each, envelope] = process.argv.slice(1);
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', authorization: 'Bearer ${TOKEN}' };
  const fail = (why) => { console.error(why); process.exit(1); };
  const post = (path, body, more = {}) => new Promise((done) => {
    const asked = request(new URL(path, origin), { method: 'POST', headers: { ...headers, ...more }, agent: false }, (answer) => {
      answer.resume();
      if ([408, 503].includes(answer.statusCode)) setTimeout(() => done(post(path, body, more)), 1_000 * Number(answer.headers['retry-after'] ?? 1));
      else if (answer.statusCode === 202) answer.on('end', done);
      else fail(path + ' was answered: ' + answer.statusCode);
    });
    asked.on('error', (error) => fail(String(error)));
    asked.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  const call = (id, name, more = {}) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: {}, ...more } });
  const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'shared__hang' };
  const _meta = JSON.parse(envelope);
  request(new URL('/sse', origin), { headers, agent: false }, (stream) => {
    let told = '';
    let begun = false;
    stream.on('data', async (chunk) => {
      told += chunk;
      const path = /^data: (\\/messages\\S+)$/m.exec(told)?.[1];
      if (path === undefined || begun) return;
      begun = true;
      const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
      await post(path, { jsonrpc: '2.0', id: 'i', method: 'initialize', params });
      await post(path, { jsonrpc: '2.0', method: 'notifications/initialized' });
      for (let n = 0; n < Number(each); n += 1) {
        post(path, call(n, 'own__hang'));
        if (n % 2 === 0) post('/mcp', call(n, 'shared__hang', { _meta }), modern);
        else post('/tools/shared__hang', '{}');
      }
    });
  }).end();`;

// Only Linux tells of another process which programs and descriptors it has.
it.skipIf(process.platform !== 'linux')(
  'a thousand calls in flight whose clients are killed leave nothing: no program, no call, no descriptor',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'killed-clients-'));
    const bench = await startBench();
    open.push(async () => {
      await bench.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const file = (name: string): string => join(folder, name);
    const bytesOf = (name: string): number => (existsSync(file(name)) ? readFileSync(file(name)).length : 0);
    const mounted = (domain: string) => ({
      ...node('-e', SERVER, file(`${domain}-calls`), file(`${domain}-cancelled`)),
      domains: [domain],
      // Nothing may end because its time is over.
      timeout: 300,
      connect_timeout: 60,
    });
    const mcp_servers = { own: { ...mounted('own'), stateful: true }, shared: mounted('shared') };
    writeFileSync(file('gateway.yaml'), JSON.stringify({ mcp_servers, orchestration: { max_connections: 1_000 } }));
    const product = bench.run(['serve', '--transports', 'sse,http'], {
      GATEWAY_CONFIG: file('gateway.yaml'),
      MCP_AUTH_TOKEN: TOKEN,
    });
    const origin = `http://127.0.0.1:${await product.port()}`;
    const ask = async (path: string, init: RequestInit = {}) =>
      (
        await fetch(new URL(path, origin), {
          ...init,
          headers: { connection: 'close', authorization: `Bearer ${TOKEN}` },
        })
      ).json();
    const inFlight = async (): Promise<unknown> => toolBody(await ask('/health')).chamadas_em_andamento;
    const add = async (domain: string): Promise<string> =>
      JSON.stringify(await ask(`/tools/${domain}__add`, { method: 'POST', body: '{}' }));
    const pid = product.child.pid ?? 0;
    const programs = (): string[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').sort();
    const descriptors = (): number => readdirSync(`/proc/${pid}/fd`).length;

    // Whoever asks without a session is one principal, with a program of its own: it stays.
    expect(await add('own')).toContain('1');
    expect(await add('shared')).toContain('1');
    const before = { programs: programs(), descriptors: descriptors() };
    expect(before.programs).toHaveLength(3);

    const clients = Array.from({ length: CLIENTS }, () => startClient(origin));
    await vi.waitFor(
      () => expect([bytesOf('own-calls'), bytesOf('shared-calls')]).toEqual([ALL / 2, ALL / 2]),
      PATIENCE,
    );
    expect(await inFlight()).toBe(ALL);
    expect(programs()).toHaveLength(before.programs.length + CLIENTS);
    expect(descriptors()).toBeGreaterThan(before.descriptors + ALL / 2);
    for (const client of clients) expect([client.exitCode, client.signalCode]).toEqual([null, null]);

    for (const client of clients) client.kill('SIGKILL');
    await vi.waitFor(async () => expect(await inFlight()).toBe(0), PATIENCE);
    await vi.waitFor(() => expect(programs()).toEqual(before.programs), PATIENCE);
    await vi.waitFor(() => expect(descriptors()).toBeLessThanOrEqual(before.descriptors), PATIENCE);
    // The program that all shared goes on, and was told of every call that nobody waits for.
    await vi.waitFor(() => expect(bytesOf('shared-cancelled')).toBe(ALL / 2), PATIENCE);
    expect(await add('own')).toContain('2');
    expect(await add('shared')).toContain('2');
  },
  240_000,
);

function startClient(origin: string): ChildProcess {
  const args = ['-e', CLIENT, origin, String(EACH), JSON.stringify(ENVELOPE)];
  const client = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  open.push(async () => client.kill('SIGKILL'));
  return client;
}
