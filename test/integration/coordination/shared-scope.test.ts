import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainHandles } from '../../../src/gateway/domains/handles.ts';
import { SharedHandleKeys } from '../../../src/gateway/domains/shared-handle-keys.ts';
import { type CounterServer, startCounterServer } from '../../support/gateway-house.ts';
import { startHouse, type TestHouse, type ToolBody } from '../../support/house.ts';
import { findPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { initialize } from '../../support/program.ts';
import { script } from '../../support/upstreams.ts';

const bin = await findPostgres();
/** Writes down, in the file named, what it is asked to tell of. */
const watchable = script(
  `hear((m)=>{ if(m.id===undefined) return;
    if(m.method==='server/discover') return say({id:m.id,error:{code:-32601,message:'no'}});
    if(m.method==='initialize') return say({id:m.id,result:{protocolVersion:'2025-11-25',capabilities:{resources:{subscribe:true}},serverInfo:{name:'s',version:'1'}}});
    if(m.method==='resources/subscribe') require('fs').appendFileSync(process.argv[1], m.params.uri+'\\n');
    say({id:m.id,result:m.method==='resources/list'?{resources:['note://one','note://two'].map((uri)=>({uri,name:uri}))}
      :m.method==='resources/templates/list'?{resourceTemplates:[]}:{}}); });`,
);
const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };

interface Answer {
  readonly status: number;
  readonly body: ToolBody;
}

async function post(house: TestHouse, body: object, more: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${house.origin}/mcp`, {
    method: 'POST',
    headers: { ...headers, ...more },
    body: JSON.stringify(body),
  });
  // An answer that a warning precedes comes as events; it is the last of them.
  const text = (await response.text()).split('\n').findLast((line) => /^(data: )?\{/.test(line));
  return { status: response.status, body: text && JSON.parse(text.replace(/^data: /, '')) };
}

const toolCall = (name: string, args: object, _meta?: object) => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name, arguments: args, ...(_meta && { _meta }) },
});
const inSession = (house: TestHouse, session: string, name: string, args: object = {}) =>
  post(house, toolCall(name, args), { 'mcp-session-id': session });

/** A request of 2026-07-28, which has no sessions. */
function alone(house: TestHouse, name: string, args: object, meta: object = {}): Promise<Answer> {
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return post(house, toolCall(name, args, { ...envelope, ...meta }), {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': name,
  });
}

async function open(house: TestHouse, path = '/mcp'): Promise<string> {
  const response = await fetch(house.origin + path, { method: 'POST', headers, body: JSON.stringify(initialize) });
  return response.headers.get('mcp-session-id') ?? '';
}

const codeOf = ({ body }: Answer): string | undefined => body.result?.structuredContent?.erro?.codigo;
const selectedIn = ({ body }: Answer): string[] => body.result.structuredContent.selected;

describe.skipIf(bin === undefined)('replicas with one database', () => {
  let postgres: TestPostgres;
  let upstream: CounterServer;
  const houses: TestHouse[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  const [file, subscribed] = [join(folder, 'gateway.yaml'), join(folder, 'subscribed')];
  const start = async (name: string, gateway: object = { GATEWAY_CONFIG: file }): Promise<TestHouse> => {
    const house = await startHouse({
      transports: ['http'],
      variables: { DATABASE_URL: postgres.url, MCP_REPLICA_NAME: name, ...gateway },
    });
    houses.push(house);
    return house;
  };

  let a: TestHouse;
  let b: TestHouse;

  beforeAll(async () => {
    [postgres, upstream] = await Promise.all([startPostgres(bin ?? ''), startCounterServer()]);
    const server = { name: 'sums', transport: 'http', allow_private_address: true, url: upstream.url };
    const notes = { ...watchable, domains: ['notes'], args: [...watchable.args, subscribed], connect_timeout: 20 };
    writeFileSync(file, JSON.stringify({ mcp_servers: { sums: { ...server, domains: ['sums'] }, notes } }));
    [a, b] = await Promise.all([start('hub-a'), start('hub-b')]);
  }, 60_000);
  afterAll(async () => {
    for (const house of houses) await house.close();
    await upstream?.close();
    await postgres?.close();
  });

  it('take each other’s handles, and nobody reads their key in the database', async () => {
    const selected = await alone(a, 'select_domain', { domain: 'sums' });
    const { domain_handle } = selected.body.result.structuredContent;
    expect(selectedIn(await alone(b, 'get_session_status', { domain_handle }))).toEqual(['sums']);
    const meta = { 'omie-mcp-hub/domain-handle': domain_handle };
    expect(codeOf(await alone(b, 'listar_empresas', {}, meta))).toBe('fora_do_dominio');
    expect(codeOf(await alone(b, 'listar_empresas', {}))).toBeUndefined();
    const [row] = await postgres.query("SELECT value FROM omie_mcp_hub.session_values WHERE key = 'domain-handle-key'");
    const keys = new SharedHandleKeys({ agree: async () => String(row?.['value']) }, '');
    await keys.refresh();
    const forged = new DomainHandles({ keys }).issue('local', undefined);
    expect(codeOf(await alone(b, 'get_session_status', { domain_handle: forged }))).toBe('parametro_invalido');
  });

  it('a session comes back after a restart of its replica as narrow as it was', async () => {
    const session = await open(a);
    const [other, byAddress] = [await open(a), await open(a, '/mcp/d/sums')];
    expect(selectedIn(await inSession(a, session, 'select_domain', { domain: 'sums' }))).toEqual(['sums']);
    await a.app.stop();
    a = await start('hub-a');
    // At once, as clients do that had several requests under way.
    const answers = await Promise.all(Array.from({ length: 4 }, () => inSession(a, session, 'listar_empresas')));
    expect(answers.map(codeOf)).toEqual(answers.map(() => 'fora_do_dominio'));
    expect(selectedIn(await inSession(a, session, 'get_session_status'))).toEqual(['sums']);
    expect(codeOf(await inSession(a, other, 'listar_empresas'))).toBeUndefined();
    expect(codeOf(await inSession(a, byAddress, 'listar_empresas'))).toBe('fora_do_dominio');
    // What is selected after that counts.
    await inSession(a, session, 'select_domain', { domain: 'omie' });
    await a.app.stop();
    a = await start('hub-a');
    expect(selectedIn(await inSession(a, session, 'get_session_status'))).toEqual(['omie']);
  }, 60_000);

  it('a session of an address with a domain does not see more when there are no domains any more', async () => {
    const [anywhere, sums, omie] = [await open(a), await open(a, '/mcp/d/sums'), await open(a, '/mcp?domains=omie')];
    await a.app.stop();
    a = await start('hub-a', {});
    expect((await inSession(a, sums, 'listar_empresas')).status).toBe(404);
    for (const session of [anywhere, omie]) {
      expect(codeOf(await inSession(a, session, 'listar_empresas'))).toBeUndefined();
    }
    // Its domains come back: it is as narrow as it was.
    await a.app.stop();
    a = await start('hub-a');
    expect(codeOf(await inSession(a, sums, 'listar_empresas'))).toBe('fora_do_dominio');
  }, 60_000);

  it('what a session watched is watched again after a restart, and nothing else', async () => {
    const session = await open(a);
    const ask = (method: string, params: object) =>
      post(a, { jsonrpc: '2.0', id: 7, method, params }, { 'mcp-session-id': session });
    for (const uri of ['note://one', 'note://two']) {
      expect((await ask('resources/subscribe', { uri: `notes+${uri}` })).body.result).toEqual({});
    }
    expect((await ask('resources/unsubscribe', { uri: 'notes+note://one' })).body.result).toEqual({});
    for (let times = 0; times < 2; times += 1) {
      await a.app.stop();
      writeFileSync(subscribed, '');
      a = await start('hub-a');
      await ask('tools/list', {});
      await expect.poll(() => readFileSync(subscribed, 'utf8'), { timeout: 20_000 }).toBe('note://two\n');
    }
  }, 90_000);

  it('a session lives in its own replica alone, and one that was ended stays so', async () => {
    const session = await open(a);
    expect((await inSession(b, session, 'listar_empresas')).status).toBe(404);
    const ended = await fetch(`${a.origin}/mcp`, { method: 'DELETE', headers: { 'mcp-session-id': session } });
    expect(ended.status).toBe(200);
    expect((await inSession(a, session, 'listar_empresas')).status).toBe(404);
    const invented = session.replace(/\w{12}$/, '0'.repeat(12));
    expect((await inSession(a, invented, 'listar_empresas')).status).toBe(404);
  });

  it('without the database a selection that cannot be kept is refused and the one before stays', async () => {
    const session = await open(a);
    await inSession(a, session, 'select_domain', { domain: 'sums' });
    await postgres.stop();
    expect(codeOf(await inSession(a, session, 'select_domain', { domain: '*' }))).toBe('servidor_indisponivel');
    expect(codeOf(await inSession(a, session, 'listar_empresas'))).toBe('fora_do_dominio');
    // A handle needs no database.
    expect(selectedIn(await alone(a, 'select_domain', { domain: 'sums' }))).toEqual(['sums']);
    const late = await start('hub-c');
    const own = (await alone(late, 'select_domain', { domain: 'sums' })).body.result.structuredContent.domain_handle;
    await postgres.start();
    const theirs = (await alone(a, 'select_domain', { domain: 'sums' })).body.result.structuredContent.domain_handle;
    await expect
      .poll(async () => codeOf(await alone(late, 'get_session_status', { domain_handle: theirs })), { timeout: 15_000 })
      .toBeUndefined();
    // What it had signed meanwhile is still good here.
    expect(selectedIn(await alone(late, 'get_session_status', { domain_handle: own }))).toEqual(['sums']);
  }, 60_000);
});
