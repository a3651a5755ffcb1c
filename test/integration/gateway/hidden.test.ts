// What is out of scope, or out of a token's reach, tried by every request there is in every way of narrowing: not a word of it
// comes back, and its server is asked nothing.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLine } from '../../../src/audit/audit-line.ts';
import { startHouse, type TestHouse, type ToolBody, toolBody } from '../../support/house.ts';
import { askedFor, recordedServer } from '../../support/recorded-server.ts';
import { bearer, type TestToken, testToken, writeTokens } from '../../support/tokens.ts';
import { ENVELOPE, JSON_HEADERS } from '../transports/raw-http.ts';

const HIDDEN = 'SEGREDO';
const SHOWN = 'ABERTO';
const HANDLE = 'omie-mcp-hub/domain-handle';
const everybody = testToken('ana', ['empresa_001']);
const ofSales = testToken('bia', ['empresa_001'], {
  ferramentas: ['sales__*', 'nada__*', '*_domain*', 'call_tool', 'find_tools'],
});
const whole = testToken('eva', ['*']);
const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
const log = join(folder, 'people.log');
const audit = join(folder, 'audit.jsonl');
let house: TestHouse;

beforeAll(async () => {
  const entry = (id: string, word: string, at: string, domains: string[], priority: number) => [
    id,
    { ...recordedServer(word, at), name: `servidor ${word}`, domains, priority, connect_timeout: 20 },
  ];
  // The hidden one is of a domain that others are of too, which opens none of what it offers to them.
  const servers = [
    entry('abc', SHOWN, join(folder, 'sales.log'), ['sales', 'shared'], 1),
    entry('xyz', HIDDEN, log, ['people', 'hr'], 2),
  ];
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, JSON.stringify({ mcp_servers: Object.fromEntries(servers) }));
  const variables = {
    GATEWAY_CONFIG: file,
    MCP_TOKENS_FILE: writeTokens(folder, [everybody, ofSales, whole]),
    AUDIT_LOG: audit,
  };
  house = await startHouse({ variables, transports: ['http'] });
}, 60_000);
afterAll(() => house?.close());

interface Way {
  readonly token: TestToken;
  readonly path: string;
  readonly session?: string;
  readonly handle?: string;
}

let lastId = 0;

/** The whole answer, and what came before it. */
async function ask(way: Way, method: string, params: Record<string, unknown> = {}): Promise<string> {
  const { token, path, session, handle } = way;
  const modern = session === undefined && method !== 'initialize';
  const named = params['name'] ?? params['uri'];
  const inMeta = { progressToken: 'p', ...(handle && { [HANDLE]: handle }) };
  const _meta = modern ? { ...ENVELOPE, 'io.modelcontextprotocol/logLevel': 'debug', ...inMeta } : inMeta;
  lastId += 1;
  const response = await fetch(house.origin + path, {
    method: 'POST',
    headers: {
      ...JSON_HEADERS,
      ...bearer(token),
      ...(session && { 'mcp-session-id': session }),
      ...(modern && { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method }),
      ...(modern && typeof named === 'string' && { 'mcp-name': named }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params: { ...params, _meta } }),
  });
  return response.text();
}

function answerIn(text: string): ToolBody {
  const line = text.split('\n').findLast((one) => /^(data: )?\{/.test(one)) ?? '';
  return JSON.parse(line.replace(/^data: /, ''));
}

async function open(token: TestToken, path: string): Promise<Way> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const response = await fetch(house.origin + path, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...bearer(token) },
    body: JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }),
  });
  expect(await response.text()).not.toContain(HIDDEN);
  return { token, path: '/mcp', session: response.headers.get('mcp-session-id') ?? '' };
}

const select = (way: Way, domain: string | string[]) =>
  ask(way, 'tools/call', { name: 'select_domain', arguments: { domain } });

async function selected(domain: string | string[]): Promise<Way> {
  const way = await open(everybody, '/mcp');
  await select(way, domain);
  return way;
}

async function carrying(domain: string): Promise<Way> {
  const way = { token: everybody, path: '/mcp' };
  return { ...way, handle: answerIn(await select(way, domain)).result.structuredContent.domain_handle };
}

const WAYS: Record<string, () => Promise<Way>> = {
  'the address of a domain': () => open(everybody, '/mcp/d/sales'),
  'the address of two domains': () => open(everybody, '/mcp?domains=sales,omie'),
  'an address without a session': async () => ({ token: everybody, path: '/mcp?domains=sales' }),
  'a selection': () => selected('sales'),
  'a selection by another domain of the other server': () => selected(['shared', 'omie']),
  'a handle': () => carrying('sales'),
  'a token, in a session': () => open(ofSales, '/mcp'),
  'a token, without one': async () => ({ token: ofSales, path: '/mcp' }),
  'a token at the very address': () => open(ofSales, '/mcp/d/people'),
};

const call = (name: string, args: object = {}) => ['tools/call', { name, arguments: args }] as const;
const complete = (ref: object) => ['completion/complete', { ref, argument: { name: 'x', value: '' } }] as const;
const URIS = [
  'people+note://one',
  'people+note://never-listed',
  'people+ui://page',
  'ui://people/page',
  'ui://people//page',
  'PEOPLE+note://one',
  'people%2Bnote://one',
  'hr+note://one',
  'people+people+note://one',
  'people+note://{x}',
];
const ATTEMPTS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['server/discover', {}],
  ['tools/list', {}],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['prompts/list', {}],
  ['tools/list', { cursor: 'MA==' }],
  ['resources/list', { cursor: 'MA==' }],
  call('list_domains'),
  call('get_session_status'),
  call('find_tools', { query: 'find people note SEGREDO' }),
  call('find_tools', { query: 'find', domain: 'people' }),
  call('find_tools', { query: 'find', domain: 'hr' }),
  call('people__find'),
  call('hr__find'),
  call('xyz__find'),
  call('people__finb'),
  call('call_tool', { name: 'people__find' }),
  call('call_tool', { name: 'call_tool', arguments: { name: 'people__find' } }),
  call('call_tool', { name: 'find_tools', arguments: { query: 'find', domain: 'people' } }),
  ...URIS.map((uri) => ['resources/read', { uri }] as const),
  ...URIS.map((uri) => ['resources/subscribe', { uri }] as const),
  ['prompts/get', { name: 'people__tell' }],
  ['prompts/get', { name: 'hr__tell', arguments: { x: '1' } }],
  complete({ type: 'ref/prompt', name: 'people__tell' }),
  complete({ type: 'ref/resource', uri: 'people+note://{x}' }),
  complete({ type: 'ref/resource', uri: 'people+note://one' }),
  complete({ type: 'ref/resource', uri: 'ui://people/page' }),
];

describe('what is hidden', () => {
  it('is there for whom it is not hidden', async () => {
    const way = await open(everybody, '/mcp');
    const before = askedFor(log).length;
    expect(await ask(way, ...call('people__find'))).toContain(HIDDEN);
    expect(await ask(way, 'resources/read', { uri: 'ui://people/page' })).toContain(HIDDEN);
    expect(await ask(way, 'prompts/get', { name: 'people__tell' })).toContain(HIDDEN);
    expect(await ask(way, ...complete({ type: 'ref/prompt', name: 'people__tell' }))).toContain(HIDDEN);
    expect(await ask(way, ...call('list_domains'))).toContain(HIDDEN);
    expect(await ask(way, 'tools/list')).toContain('people__find');
    expect(askedFor(log).length).toBe(before + 4);
  });

  it.each(Object.keys(WAYS))('by %s is told of by no answer, and never asked', async (name) => {
    const way = await WAYS[name]?.();
    if (way === undefined) throw new Error(`no way ${name}`);
    const shown = name.includes('very address') ? '' : SHOWN;
    const own = await ask(way, ...call('sales__find'));
    expect(own).toContain(shown);
    const before = askedFor(log);
    const answers = await Promise.all(ATTEMPTS.map(([method, params]) => ask(way, method, params)));
    for (const [at, [method, params]] of ATTEMPTS.entries()) {
      const tried = `${method} ${JSON.stringify(params)}`;
      const text = answers[at] ?? '';
      // In a selection of its own a conversation may hear which other domains there are.
      const isLimitedByItself = name.includes('selection') || name === 'a handle';
      const mayName = isLimitedByItself && tried.includes('list_domains');
      const echoed = text.replaceAll(JSON.stringify(params).slice(1, -1), '');
      if (!mayName) expect({ tried, told: echoed.includes(HIDDEN) }).toEqual({ tried, told: false });
      if (/^[a-z/]+list$/.test(method)) expect(text).not.toMatch(/people|hr__/);
    }
    expect(askedFor(log)).toEqual(before);
  });

  it('is, for a token, like what there is not: nothing tells a hidden domain from none', async () => {
    const way = await open(ofSales, '/mcp');
    const doors = ['resources/read', 'resources/subscribe'] as const;
    for (const door of doors) {
      const told = async (uri: string) => {
        const { result, error } = answerIn(await ask(way, door, { uri }));
        const { code, message, data } = error ?? {};
        return { result, code, message, codigo: data?.codigo, sugestao: data?.sugestao };
      };
      for (const rest of ['+note://one', '+ui://page'])
        expect(await told(`people${rest}`)).toEqual(await told(`nada${rest}`));
      expect(await told('ui://people/page')).toEqual(await told('ui://nada/page'));
    }
    const completed = async (uri: string) =>
      answerIn(await ask(way, ...complete({ type: 'ref/resource', uri }))).result;
    expect(await completed('people+note://{x}')).toEqual(await completed('nada+note://{x}'));
    const select = async (domain: string) => {
      const { erro } = answerIn(await ask(way, ...call('select_domain', { domain }))).result.structuredContent;
      return { ...erro, mensagem: erro.mensagem.replace(domain, ''), id_requisicao: '' };
    };
    expect(await select('people')).toEqual(await select('nada'));
  });

  const rest = async (token: TestToken, path: string, body?: object) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const headers = { 'content-type': 'application/json', ...bearer(token) };
    const response = await fetch(house.origin + path, { ...init, headers });
    return { status: response.status, text: await response.text(), id: response.headers.get('x-request-id') };
  };

  it('is refused over REST', async () => {
    const before = askedFor(log);
    const doors: [TestToken, string, object?][] = [
      [everybody, '/tools?domains=sales'],
      [everybody, '/tools/people__find?domains=sales', {}],
      [everybody, '/tools/call_tool?domains=sales', { name: 'people__find' }],
      [everybody, '/tools/find_tools?domains=sales', { query: 'find', domain: 'people' }],
      [everybody, '/tools/list_domains?domains=sales', {}],
      [ofSales, '/tools'],
      [ofSales, '/tools/people__find', {}],
      [ofSales, '/tools/call_tool', { name: 'people__find' }],
      [ofSales, '/tools/list_domains', {}],
      [ofSales, '/tools/select_domain', { domain: 'people' }],
      [ofSales, '/mcp/status'],
      [ofSales, '/mcp/resources/sales'],
      [ofSales, '/mcp/resources/people'],
      [ofSales, '/mcp/resources/nada'],
      [everybody, '/mcp/status?domains=sales'],
      [whole, '/mcp/status?domains=sales'],
      [whole, '/mcp/status?domain=sales'],
      [everybody, '/mcp/resources?domains=sales'],
      [everybody, '/mcp/resources/sales?domains=sales'],
      [everybody, '/mcp/resources/people?domains=sales'],
      [everybody, '/mcp/resources/people?domains=sales,omie&domains=shared'],
      [everybody, '/mcp/resources/hr?domains=sales'],
      [everybody, '/mcp/resources/people?domain=sales'],
      [everybody, '/mcp/resources/nada?domains=sales'],
    ];
    for (const [token, path, body] of doors) {
      const { text } = await rest(token, path, body);
      expect({ path, told: text.includes(HIDDEN) || /"people"|hr__|xyz/.test(text) }).toEqual({
        path,
        told: false,
      });
    }
    expect((await rest(everybody, '/tools/people__find?domains=sales', {})).status).toBe(403);
    const unknown = await rest(ofSales, '/mcp/resources/nada');
    expect(unknown.status).toBe(404);
    expect(unknown.text).toContain('Domínios: omie, sales, shared.');
    const codeOf = async (path: string) => {
      const { status, text } = await rest(everybody, path);
      return [status, toolBody(JSON.parse(text)).erro?.codigo];
    };
    expect(await codeOf('/mcp/resources/sales?domains=sales')).toEqual([200, undefined]);
    expect(await codeOf('/mcp/resources/people?domains=sales')).toEqual([403, 'fora_do_dominio']);
    expect(await codeOf('/mcp/resources/sales?domains=nada')).toEqual([404, 'parametro_invalido']);
    expect(await codeOf('/mcp/status?domain=sales')).toEqual([400, 'parametro_invalido']);
    expect(askedFor(log)).toEqual(before);
    // Where it is not hidden it is asked for.
    expect((await rest(everybody, '/mcp/resources/people?domains=people')).text).toContain(HIDDEN);
    expect(askedFor(log).length).toBeGreaterThan(before.length);
  });

  it('leaves one line in the audit for each request of the gateway over REST, refused ones too', async () => {
    const lines = () =>
      readFileSync(audit, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => auditLine.parse(JSON.parse(line)))
        .flatMap((line) => ('method' in line && line.method.startsWith('gateway/') ? [line] : []));
    const asked: [TestToken, string, object][] = [
      [everybody, '/mcp/status', { method: 'gateway/status', tool: '*', outcome: 'ok', rows: null }],
      [everybody, '/mcp/status?domain=sales', { method: 'gateway/status', outcome: 'parametro_invalido' }],
      [everybody, '/mcp/resources/people', { method: 'gateway/resources', tool: 'people', outcome: 'ok', rows: 2 }],
      [everybody, '/mcp/resources/people?domains=sales', { tool: 'people', outcome: 'fora_do_dominio', rows: null }],
      [ofSales, '/mcp/resources/people', { principal: 'bia', outcome: 'sem_permissao' }],
      [everybody, '/mcp/resources/nada', { tool: 'nada', outcome: 'nao_encontrado' }],
      [everybody, '/mcp/resources/omie', { tool: 'omie', outcome: 'ok', rows: 1 }],
    ];
    const ids: (string | null)[] = [];
    for (const [token, path] of asked) ids.push((await rest(token, path)).id);
    const ours = () => lines().filter(({ id }) => ids.includes(id));
    await expect.poll(() => ours().length, { timeout: 20_000 }).toBe(asked.length);
    expect(ours()).toMatchObject(asked.map(([, , line], at) => ({ door: 'rest', ...line, id: ids[at] })));
  });

  it('is not what the house has itself: its own resources are gathered as those of a server, of the companies in scope', async () => {
    const { status, text } = await rest(everybody, '/mcp/resources/omie');
    expect(status).toBe(200);
    const { omie, ...others } = toolBody(JSON.parse(text));
    expect(others).toEqual({});
    expect(omie).toMatchObject({ name: 'omie', priority: 100, domains: ['omie'], capabilities: [] });
    expect(Object.keys(omie.resources)).toEqual(['omie://companies']);
    const { name, mimeType, contents } = omie.resources['omie://companies'];
    expect({ name, mimeType }).toEqual({ name: 'companies', mimeType: 'application/json' });
    expect(JSON.parse(contents[0].text)).toMatchObject({ empresas: [{ id: 'empresa_001' }], total: 1 });
    const all = toolBody(JSON.parse((await rest(whole, '/mcp/resources/omie')).text));
    expect(JSON.parse(all.omie.resources['omie://companies'].contents[0].text).total).toBeGreaterThan(1);
    expect((await rest(everybody, '/mcp/resources/omie?domains=sales')).status).toBe(403);
  });
});

describe('a change of what is hidden', () => {
  interface Heard {
    readonly methods: string[];
    stop(): void;
  }

  async function listen(way: Way): Promise<Heard> {
    const abort = new AbortController();
    const { token, path, session, handle } = way;
    const notifications = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
    const subscription = {
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: { notifications, _meta: { ...ENVELOPE, ...(handle && { [HANDLE]: handle }) } },
    };
    const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };
    const response = await fetch(house.origin + path, {
      signal: abort.signal,
      ...(session === undefined
        ? {
            method: 'POST',
            headers: { ...JSON_HEADERS, ...bearer(token), ...modern },
            body: JSON.stringify(subscription),
          }
        : { headers: { accept: 'text/event-stream', ...bearer(token), 'mcp-session-id': session } }),
    });
    const methods: string[] = [];
    const input = createInterface({ input: Readable.fromWeb(response.body ?? new ReadableStream()) });
    input.on('line', (line) => {
      const [, method] = /"method":"notifications\/([^"]+)"/.exec(line) ?? [];
      if (method !== undefined && !method.endsWith('acknowledged')) methods.push(method);
    });
    input.on('error', () => {});
    return { methods, stop: () => abort.abort() };
  }

  it('is heard of by nobody from whom it is hidden: lists, resources and logs', async () => {
    const whole = await open(everybody, '/mcp');
    // Watched while it could be seen, and then narrowed.
    const narrowed = await open(everybody, '/mcp');
    await ask(narrowed, 'resources/subscribe', { uri: 'people+note://one' });
    await select(narrowed, 'sales');
    await ask(whole, 'resources/subscribe', { uri: 'people+note://one' });
    const ways = [...Object.values(WAYS).slice(0, 8), async () => narrowed];
    const others = await Promise.all(ways.map(async (way) => listen(await way())));
    const seer = await listen(whole);
    await ask(whole, ...call('people__grow'));
    const lists = ['tools/list_changed', 'resources/list_changed'];
    await expect
      .poll(() => [...seer.methods].sort(), { timeout: 20_000 })
      .toEqual(['resources/updated', ...lists].sort());
    // What they do hear comes after what they did not.
    await ask(whole, ...call('sales__invent'));
    for (const { methods } of others) {
      await expect.poll(() => methods, { timeout: 20_000 }).toContain('prompts/list_changed');
      expect(methods).toEqual(['prompts/list_changed']);
    }
    for (const { stop } of [...others, seer]) stop();
  });

  it('is of the companies too, for a conversation that left them out', async () => {
    const whole = await open(everybody, '/mcp');
    const narrowed = await open(everybody, '/mcp');
    for (const way of [whole, narrowed]) await ask(way, 'resources/subscribe', { uri: 'omie://companies' });
    await select(narrowed, 'sales');
    const [seer, other] = [await listen(whole), await listen(narrowed)];
    const { credentialsFile } = house;
    writeFileSync(credentialsFile, readFileSync(credentialsFile, 'utf8').replace(/"nome":\s*"/, '$&Nova '));
    await expect.poll(() => seer.methods, { timeout: 20_000 }).toContain('resources/updated');
    await ask(whole, ...call('sales__invent'));
    await expect.poll(() => other.methods, { timeout: 20_000 }).toContain('prompts/list_changed');
    expect(other.methods).toEqual(['prompts/list_changed']);
    for (const { stop } of [seer, other]) stop();
  });

  it('is listened to with no handle that is none', async () => {
    const body = {
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true }, _meta: { ...ENVELOPE, [HANDLE]: 'x.y' } },
    };
    const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };
    const headers = { ...JSON_HEADERS, ...bearer(everybody), ...modern };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${house.origin}/mcp`, init);
    expect(answerIn(await response.text()).error.data.codigo).toBe('parametro_invalido');
  });
});
