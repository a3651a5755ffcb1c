import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CounterServer, startCounterServer } from '../../support/gateway-house.ts';
import { startHouse, type TestHouse, toolBody } from '../../support/house.ts';
import { everythingPath } from '../../support/upstreams.ts';
import { ENVELOPE } from '../transports/raw-http.ts';

const clientInfo = { name: 'test', version: '1' };
const clients: Client[] = [];
let house: TestHouse;
let counter: CounterServer;

beforeAll(async () => {
  counter = await startCounterServer();
  const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.yaml');
  const server = (id: string, more: object) => [id, { name: id, timeout: 20, ...more }];
  const config = {
    mcp_servers: Object.fromEntries([
      server('everything', {
        transport: 'stdio',
        command: process.execPath,
        args: [everythingPath, 'stdio'],
        priority: 10,
        domains: ['demo'],
      }),
      server('counter', {
        transport: 'http',
        url: counter.url,
        priority: 20,
        domains: ['counting', 'sums'],
        allow_private_address: true,
      }),
    ]),
  };
  writeFileSync(file, JSON.stringify(config));
  house = await startHouse({ variables: { GATEWAY_CONFIG: file } });
}, 60_000);
afterAll(async () => {
  for (const client of clients) await client.close().catch(() => {});
  await house?.close();
  await counter?.close();
});

async function connect(path = '/mcp', options: ConstructorParameters<typeof Client>[1] = {}): Promise<Client> {
  const client = new Client(clientInfo, options);
  const url = new URL(path, house.origin);
  await client.connect(path.startsWith('/sse') ? new SSEClientTransport(url) : new StreamableHTTPClientTransport(url));
  clients.push(client);
  return client;
}
const names = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);

describe('mounted servers', () => {
  it.each(['/mcp', '/sse'])('are called under their domain through %s, with who served it', async (path) => {
    const client = await connect(path);
    const listed = await names(client);
    expect(listed).toEqual(
      expect.arrayContaining(['listar_empresas', 'list_domains', 'call_tool', 'demo__echo', 'counting__add']),
    );
    const result = await client.callTool({ name: 'demo__echo', arguments: { message: 'olá' } });
    expect(result.content).toEqual([{ type: 'text', text: 'Echo: olá' }]);
    expect(result._meta?.['omie-mcp-hub/served-by']).toBe('everything');
  });

  it('keep their schemas letter for letter', async () => {
    const client = await connect();
    const { tools } = await client.listTools();
    const tool = tools.find(({ name }) => name === 'demo__get-sum');
    const direct = await directTool('get-sum');
    expect(tool?.inputSchema).toEqual(direct.inputSchema);
  });

  it('get what stands in arguments as data, whatever it looks like, through MCP and REST', async () => {
    const message = '../../x?a=b#c\r\nHost: evil\r\n\r\n%2e%2e%2f';
    const client = await connect();
    const expected = [{ type: 'text', text: `Echo: ${message}` }];
    expect((await client.callTool({ name: 'demo__echo', arguments: { message } })).content).toEqual(expected);
    expect((await house.post('demo__echo', { message })).body.content).toEqual(expected);
    const before = counter.calls.length;
    for (const name of ['..%2fcounting__add', 'counting__add%3fx', 'counting__add%23x', 'counting__add%0d%0aX:%20y'])
      expect((await house.post(name, {})).status).toBe(404);
    expect(counter.calls.length).toBe(before);
  });

  it('give each session of ours one of theirs: counters do not mix', async () => {
    const [one, two] = [await connect(), await connect()];
    const add = async (client: Client) => (await client.callTool({ name: 'counting__add' })).content;
    await add(one);
    expect(await add(one)).toEqual([{ type: 'text', text: '2' }]);
    expect(await add(two)).toEqual([{ type: 'text', text: '1' }]);
  });

  it('offer resources, templates, prompts and completions that lead back to them', async () => {
    const client = await connect();
    const { resources } = await client.listResources();
    const mounted = resources.filter(({ uri }) => uri.startsWith('demo+'));
    expect(mounted.length).toBeGreaterThan(0);
    expect(resources.map(({ uri }) => uri)).toContain('omie://companies');
    const uri = mounted[0]?.uri ?? '';
    const read = await client.readResource({ uri });
    expect(read.contents[0]?.uri).toBe(uri);
    expect(read._meta?.['omie-mcp-hub/served-by']).toBe('everything');
    const { resourceTemplates } = await client.listResourceTemplates();
    const template = resourceTemplates.find(({ uriTemplate }) => uriTemplate.startsWith('demo+'));
    const filled = template?.uriTemplate.replace(/\{[^}]+\}/, '1') ?? '';
    expect((await client.readResource({ uri: filled })).contents[0]?.uri).toBe(filled);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['financial-analysis', 'demo__simple-prompt']),
    );
    expect((await client.getPrompt({ name: 'demo__simple-prompt' })).messages).toHaveLength(1);
    const completed = await client.complete({
      ref: { type: 'ref/prompt', name: 'demo__completable-prompt' },
      argument: { name: 'department', value: 'E' },
    });
    expect(completed.completion.values).toContain('Engineering');
  });

  it('report progress and logs to the caller, and hear of a cancellation', async () => {
    const client = await connect();
    const seen: number[] = [];
    await client.callTool(
      { name: 'demo__trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } },
      { onprogress: ({ progress }) => void seen.push(progress) },
    );
    expect(seen).toEqual([1, 2, 3]);
    const stop = new AbortController();
    const slow = client.callTool({ name: 'counting__dawdle' }, { signal: stop.signal });
    await expect.poll(() => counter.calls.includes('dawdle')).toBe(true);
    stop.abort();
    await expect(slow).rejects.toThrow();
    await expect.poll(async () => toolBody(await json('/health')).chamadas_em_andamento ?? 0).toBe(0);
  });

  it('may ask the person behind the client, where that client can be asked', async () => {
    const capabilities = { elicitation: { form: {} }, sampling: {} };
    const client = await connect('/mcp', { capabilities });
    client.setRequestHandler('sampling/createMessage', () => ({
      role: 'assistant' as const,
      model: 'm',
      content: { type: 'text' as const, text: 'amostra' },
    }));
    const result = await client.callTool({
      name: 'demo__trigger-sampling-request',
      arguments: { prompt: 'x', maxTokens: 5 },
    });
    expect(JSON.stringify(result.content)).toContain('amostra');
  });
});

describe('the instructions', () => {
  it.each(['2025-11-25', '2026-07-28'])('name the domains of the address in %s', async (version) => {
    const options = version === '2026-07-28' ? { versionNegotiation: { mode: { pin: version } } } : {};
    const whole = (await connect('/mcp', options)).getInstructions() ?? '';
    expect(whole).toMatch(/^Este servidor consulta várias empresas do ERP Omie/);
    expect(whole).toContain('Domínios de outros servidores: demo, counting, sums.');
    const one = (await connect('/mcp/d/demo', options)).getInstructions() ?? '';
    expect(one).toMatch(/^Domínios de outros servidores: demo\./);
    expect(one).not.toMatch(/counting|Omie/);
  });
});

describe('what is outside the scope', () => {
  it('is hidden and refused at an address of one domain, and never reaches its server', async () => {
    const client = await connect('/mcp/d/demo');
    const listed = await names(client);
    expect(listed).toContain('demo__echo');
    expect(listed).not.toContain('listar_empresas');
    expect(listed.filter((name) => name.startsWith('counting__'))).toEqual([]);
    const before = counter.calls.length;
    for (const call of [
      { name: 'counting__add' },
      { name: 'call_tool', arguments: { name: 'counting__add' } },
      { name: 'listar_empresas' },
    ]) {
      const result = toolBody(await client.callTool(call));
      expect(result.isError).toBe(true);
      expect(result.structuredContent.erro.codigo).toBe('fora_do_dominio');
      expect(result.structuredContent.erro.sugestao).toContain('select_domain');
    }
    await expect(client.readResource({ uri: 'counting+note://one' })).rejects.toThrow(/Fora do domínio/);
    await expect(client.readResource({ uri: 'omie://companies' })).rejects.toThrow(/Fora do domínio/);
    await expect(client.readResource({ uri: 'nowhere+note://one' })).rejects.toThrow(/Não existe esse recurso/);
    expect(counter.calls.length).toBe(before);
  });

  it('changes with a selection, in that session alone, which is told', async () => {
    const [one, two] = [await connect(), await connect()];
    let told = 0;
    one.setNotificationHandler('notifications/tools/list_changed', () => {
      told += 1;
    });
    const selected = toolBody(await one.callTool({ name: 'select_domain', arguments: { domain: 'sums' } }));
    expect(selected.structuredContent.selected).toEqual(['sums']);
    await expect.poll(() => told).toBe(1);
    expect((await names(one)).filter((name) => name.includes('__'))).toEqual(['counting__add', 'counting__dawdle']);
    expect(await names(two)).toContain('demo__echo');
    const refused = toolBody(await one.callTool({ name: 'demo__echo', arguments: { message: 'x' } }));
    expect(refused.structuredContent.erro.codigo).toBe('fora_do_dominio');
    await one.callTool({ name: 'select_domain', arguments: { domain: '*' } });
    expect(await names(one)).toContain('demo__echo');
  });

  it('is the same for a domain handle of 2026-07-28, which is worth nothing once it was touched', async () => {
    const client = await connect('/mcp', { versionNegotiation: { mode: { pin: '2026-07-28' } } });
    const { structuredContent } = toolBody(
      await client.callTool({ name: 'select_domain', arguments: { domain: ['demo'] } }),
    );
    const { domain_handle } = structuredContent;
    const through = async (handle: string, name: string) =>
      toolBody(
        await client.callTool({
          name: 'call_tool',
          arguments: { name, arguments: { message: 'a' }, domain_handle: handle },
        }),
      );
    expect((await through(domain_handle, 'demo__echo')).content[0].text).toBe('Echo: a');
    expect((await through(domain_handle, 'counting__add')).structuredContent.erro.codigo).toBe('fora_do_dominio');
    expect((await through(`${domain_handle}A`, 'demo__echo')).structuredContent.erro.codigo).toBe('parametro_invalido');
    expect((await client.callTool({ name: 'counting__add' })).isError).not.toBe(true);
  });

  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'])(
    'is refused alike in %s',
    async (version) => {
      const before = counter.calls.length;
      const modern = version === '2026-07-28';
      const headers: Record<string, string> = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': version,
        'mcp-method': 'tools/call',
        'mcp-name': 'counting__add',
      };
      const post = (method: string, params: object) => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
        return fetch(`${house.origin}/mcp/d/demo`, { method: 'POST', headers, body });
      };
      if (!modern) {
        const opened = await post('initialize', { protocolVersion: version, capabilities: {}, clientInfo });
        headers['mcp-session-id'] = opened.headers.get('mcp-session-id') ?? '';
      }
      const params = { name: 'counting__add', arguments: {}, ...(modern ? { _meta: ENVELOPE } : {}) };
      const { result } = toolBody(await (await post('tools/call', params)).json());
      expect(result.isError).toBe(true);
      expect(result.structuredContent.erro).toMatchObject({ codigo: 'fora_do_dominio', tente_novamente: false });
      expect(counter.calls.length).toBe(before);
    },
  );

  it('is said by a handle too, which narrows every request that carries it', async () => {
    const ask = async (method: string, params: Record<string, unknown>, handle?: unknown) => {
      const _meta = { ...ENVELOPE, ...(handle === undefined ? {} : { 'omie-mcp-hub/domain-handle': handle }) };
      const headers: Record<string, string> = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
      };
      const named = params['name'] ?? params['uri'];
      if (typeof named === 'string') headers['mcp-name'] = named;
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } });
      return toolBody(await (await fetch(`${house.origin}/mcp`, { method: 'POST', headers, body })).json());
    };
    const select = await ask('tools/call', { name: 'select_domain', arguments: { domain: 'demo' } });
    const { domain_handle: handle } = select.result.structuredContent;
    const names = async (carried?: unknown): Promise<string[]> =>
      (await ask('tools/list', {}, carried)).result.tools.map(({ name }: { name: string }) => name);
    expect(await names()).toContain('counting__add');
    expect(await names(handle)).toContain('demo__echo');
    expect((await names(handle)).filter((name) => /^(counting__|listar_)/.test(name))).toEqual([]);
    const note = { uri: 'counting+note://one' };
    expect((await ask('resources/read', note)).result.contents[0].text).toBe('um');
    expect((await ask('resources/read', note, handle)).error.data.codigo).toBe('fora_do_dominio');
    const uris = (await ask('resources/list', {}, handle)).result.resources.map(({ uri }: { uri: string }) => uri);
    expect(uris.length).toBeGreaterThan(0);
    expect(uris.filter((uri: string) => !uri.startsWith('demo+'))).toEqual([]);
    expect((await ask('server/discover', {}, handle)).result.instructions).not.toContain('counting');
    for (const method of ['tools/list', 'resources/list', 'prompts/list', 'server/discover'])
      expect((await ask(method, {}, 7)).error.data.codigo).toBe('parametro_invalido');
  });

  it('is refused when the name of its parameter has a slip, whatever else a client adds', async () => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const ask = (path: string) =>
      path.startsWith('/mcp') || path.startsWith('/streamable')
        ? fetch(house.origin + path, { method: 'POST', headers, body: '{}' })
        : fetch(house.origin + path);
    const slips = [
      'Domains=demo',
      'domains[]=demo',
      'domains%5B0%5D=demo',
      'domain=demo',
      'domians=demo',
      'dominio=demo',
    ];
    for (const query of slips) {
      for (const path of ['/mcp', '/streamable', '/tools']) {
        const refused = await ask(`${path}?${query}`);
        expect([path, query, refused.status]).toEqual([path, query, 400]);
        expect(await refused.text()).toContain('?domains=a,b');
      }
    }
    expect((await fetch(`${house.origin}/tools?sessionId=1&token=x&region=br&main=1`)).status).toBe(200);
    // The other name of the same address.
    expect((await ask('/streamable/d/nada')).status).toBe(404);
    expect(await (await ask('/streamable/d/demo')).text()).toContain('Mcp-Session-Id header is required');
  });

  it('does not exist when no domain has such a name', async () => {
    for (const path of ['/mcp/d/nada', '/mcp?domains=demo,nada', '/tools?domains=nada']) {
      const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
      const init = path.startsWith('/tools') ? {} : { method: 'POST', headers, body: '{}' };
      expect((await fetch(house.origin + path, init)).status).toBe(404);
    }
  });
});

describe('the routes over HTTP', () => {
  it('list and call mounted tools, tell of the gateway and read a domain', async () => {
    const { tools } = toolBody(await json('/tools?domains=demo'));
    expect(tools.map(({ name }: { name: string }) => name)).toContain('demo__echo');
    const called = await house.post('demo__echo', { message: 'rest' });
    expect(called.body.content).toEqual([{ type: 'text', text: 'Echo: rest' }]);
    expect((await house.post('counting__add?domains=demo', {})).status).toBe(403);
    const status = toolBody(await json('/mcp/status'));
    expect(status.servers.map(({ id, connected }: { id: string; connected: boolean }) => [id, connected])).toEqual([
      ['everything', true],
      ['counter', true],
    ]);
    expect(status.routes['demo__echo'][0].standing).toBe('chosen');
    const { counter: read } = toolBody(await json('/mcp/resources/sums'));
    expect(read.resources['note://one'].contents[0].text).toBe('um');
    expect(toolBody(await json('/mcp/status')).cache_stats.misses).toBe(1);
  });
});

async function json(path: string): Promise<unknown> {
  return (await fetch(house.origin + path)).json();
}

async function directTool(name: string) {
  const client = new Client(clientInfo);
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [everythingPath, 'stdio'] }));
  clients.push(client);
  const tool = (await client.listTools()).tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(`no ${name}`);
  return tool;
}
