// Whoever has no session still has a state of its own at a server that keeps one.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CounterServer, startCounterServer } from '../../support/gateway-house.ts';
import { startHouse, type TestHouse, toolBody } from '../../support/house.ts';
import { bearer, type TestToken, testToken, writeTokens } from '../../support/tokens.ts';

const [ana, bia] = ['ana', 'bia'].map((id) => testToken(id, ['*'], { modo: 'escrita' })) as [TestToken, TestToken];
/** May use what belongs to the counter's second domain, to which nothing of it belongs. */
const caio = testToken('caio', ['*'], { ferramentas: ['sums__*'] });
const clients: Client[] = [];
let house: TestHouse;
let counter: CounterServer;

beforeAll(async () => {
  counter = await startCounterServer();
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  const file = join(folder, 'gateway.yaml');
  const entry = {
    name: 'counter',
    url: counter.url,
    priority: 1,
    domains: ['counting', 'sums'],
    allow_private_address: true,
  };
  writeFileSync(file, JSON.stringify({ mcp_servers: { counter: entry } }));
  const variables = { GATEWAY_CONFIG: file, MCP_TOKENS_FILE: writeTokens(folder, [ana, bia, caio]) };
  house = await startHouse({ variables, transports: ['http'] });
}, 30_000);
afterAll(async () => {
  for (const client of clients) await client.close().catch(() => {});
  await house?.close();
  await counter?.close();
});

/** @param revision undefined for a session of the newest revision that has them */
async function connect(token: TestToken, revision?: string): Promise<Client> {
  const pinned = revision === undefined ? {} : { versionNegotiation: { mode: { pin: revision } } };
  const client = new Client({ name: 'test', version: '1' }, pinned);
  const requestInit = { headers: bearer(token) };
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', house.origin), { requestInit }));
  clients.push(client);
  return client;
}
const add = async (client: Client): Promise<string> =>
  toolBody(await client.callTool({ name: 'counting__add' })).content[0].text;
const addByRest = async (token: TestToken): Promise<string> =>
  (await house.post('counting__add', {}, bearer(token))).body.content[0].text;

it('keeps counters of two principals without sessions apart, on both doors, and from their sessions', async () => {
  const before = counter.sessions();
  const [ofAna, ofBia] = [await connect(ana, '2026-07-28'), await connect(bia, '2026-07-28')];
  expect([await add(ofAna), await add(ofAna), await add(ofBia)]).toEqual(['1', '2', '1']);
  // The other door, the same principal.
  expect([await addByRest(ana), await addByRest(bia)]).toEqual(['3', '2']);
  const session = await connect(ana);
  expect([await add(session), await add(ofAna)]).toEqual(['1', '4']);
  expect(counter.sessions()).toBe(before + 3);
});

it('opens by address no resource that it hides from the same token in a list', async () => {
  const hidden = await connect(caio);
  expect((await hidden.listResources()).resources.map(({ uri }) => uri)).not.toContain('counting+note://one');
  await expect(hidden.readResource({ uri: 'counting+note://one' })).rejects.toThrow('Não existe');
  const gathered = async (token: TestToken) =>
    Object.keys(toolBody(await (await fetch(`${house.origin}/mcp/resources/sums`, { headers: bearer(token) })).json()));
  expect(await gathered(ana)).toEqual(['counter']);
  expect(await gathered(caio)).toEqual([]);
});

it('begins a new session for a principal when the server forgot its own', async () => {
  await addByRest(ana);
  counter.forgetSessions();
  const calls = counter.calls.length;
  expect([await addByRest(ana), await addByRest(ana)]).toEqual(['1', '2']);
  expect(counter.calls.length).toBe(calls + 2);
});

it.each([
  '/mcp/status',
  '/mcp/resources/counting',
  '/mcp/d/counting',
  '/tools?domains=counting',
  '/tools/counting__add',
])('lets nobody at %s without a token, nor with one in the address', async (path) => {
  const calls = counter.calls.length;
  const method = path.endsWith('__add') || path.startsWith('/mcp/d') ? 'POST' : 'GET';
  const ask = (url: string, headers: Record<string, string>) =>
    fetch(house.origin + url, { method, headers, ...(method === 'POST' ? { body: '{}' } : {}) });
  const inAddress = `${path}${path.includes('?') ? '&' : '?'}token=${ana.token}&principal=ana`;
  const answers = [await ask(path, {}), await ask(inAddress, { 'x-user': 'ana', 'x-forwarded-user': 'ana' })];
  expect(answers.map(({ status }) => status)).toEqual([401, 401]);
  expect(counter.calls.length).toBe(calls);
});
