// The administrator's tools in a chat: who has them, and that nothing starts which nobody was shown.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import {
  Client,
  type ElicitResult,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { toolBody } from '../../support/house.ts';
import { adminToken, startHub, type TestHub } from '../../support/hub-house.ts';
import { McpRegistryServer } from '../../support/mcp-registry.ts';
import { probeServer } from '../../support/npm-registry.ts';
import { bearer, testToken, writeTokens } from '../../support/tokens.ts';
import { ENVELOPE, post, modern as request2026 } from '../transports/raw-http.ts';

const HUB_TOOLS = ['descobrir_servidores', 'implantar_servidor', 'listar_servidores'];
const ana = testToken('ana', ['*'], { modo: 'escrita' });
const admin = { authorization: `Bearer ${adminToken}` };
const stdin = new PassThrough();
const stdout = new PassThrough();
const answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
const clients: Client[] = [];
let root: string;
let registry: McpRegistryServer;
let hub: TestHub;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-chat-'));
  await mkdir(join(root, 'servers/probe'), { recursive: true });
  await writeFile(join(root, 'servers/probe/package.json'), '{"name":"probe","bin":"index.cjs"}');
  await writeFile(join(root, 'servers/probe/index.cjs'), probeServer);
  registry = await McpRegistryServer.start([{ server: { name: 'io.github.ana/erp' } }]);
  const variables = {
    HUB_LOCAL_DIR: join(root, 'servers'),
    MCP_TOKENS_FILE: writeTokens(root, [ana]),
    MCP_REGISTRY_URL: registry.url,
    GITHUB_API_URL: registry.url,
    AUDIT_LOG: join(root, 'audit.jsonl'),
  };
  const stdio = { stdin, stdout, piped: true };
  hub = await startHub(variables, join(root, 'data'), { transports: ['stdio', 'sse', 'http'], stdio });
});
afterAll(async () => {
  for (const client of clients) await client.close().catch(() => {});
  await hub?.stop();
  await registry?.close();
  await rm(root, { recursive: true, force: true });
});

const modern: ConstructorParameters<typeof Client>[1] = { versionNegotiation: { mode: { pin: '2026-07-28' } } };
const doors = {
  'HTTP with a session': (headers: Record<string, string>) => ({
    client: new Client({ name: 'chat', version: '1' }),
    transport: new StreamableHTTPClientTransport(new URL('/mcp', hub.house.origin), { requestInit: { headers } }),
  }),
  'HTTP without one': (headers: Record<string, string>) => ({
    client: new Client({ name: 'chat', version: '1' }, modern),
    transport: new StreamableHTTPClientTransport(new URL('/mcp', hub.house.origin), { requestInit: { headers } }),
  }),
  'HTTP+SSE': (headers: Record<string, string>) => ({
    client: new Client({ name: 'chat', version: '1' }),
    transport: new SSEClientTransport(new URL('/sse', hub.house.origin), { requestInit: { headers } }),
  }),
};
type Door = keyof typeof doors;
const everyDoor = Object.keys(doors) as Door[];

async function connect(door: Door, headers: Record<string, string>): Promise<Client> {
  const { client, transport } = doors[door](headers);
  await client.connect(transport);
  clients.push(client);
  return client;
}
const namesOf = async (client: Client): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);
const call = async (client: Client, name: string, args: Record<string, unknown> = {}) =>
  toolBody(await client.callTool({ name, arguments: args }));

let nextId = 0;
async function overStdio(method: string, params: object = {}) {
  nextId += 1;
  stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: nextId, method, params })}\n`);
  for (;;) {
    const { value } = await answers.next();
    const message = JSON.parse(String(value));
    if (message.id === nextId) return toolBody(message.result);
  }
}

describe('whoever holds the token of the hub', () => {
  it.each(everyDoor)('has its tools over %s, and no tool of Omie', async (door) => {
    const client = await connect(door, admin);
    const names = await namesOf(client);
    expect(names).toEqual(expect.arrayContaining(HUB_TOOLS));
    expect(names).not.toContain('listar_empresas');
    expect((await call(client, 'listar_servidores')).structuredContent.servers).toBeInstanceOf(Array);
    expect((await call(client, 'listar_empresas')).structuredContent.erro.codigo).toBe('sem_permissao');
    const { resources } = await client.listResources();
    for (const { uri } of resources) {
      const read = await client.readResource({ uri }).catch((error: Error) => error.message);
      expect(JSON.stringify(read)).not.toMatch(/cnpj|"id\\?":/i);
    }
  });

  it('has them over REST', async () => {
    const { tools } = toolBody(await (await fetch(`${hub.house.origin}/tools`, { headers: admin })).json());
    expect(tools.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(HUB_TOOLS));
    expect((await hub.house.post('listar_servidores', {}, admin)).status).toBe(200);
    expect((await hub.house.post('listar_empresas', {}, admin)).status).toBe(403);
  });

  it('is, over stdio, the person who started the program: with the tools of Omie', async () => {
    const clientInfo = { name: 'chat', version: '1' };
    await overStdio('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    const { tools } = await overStdio('tools/list');
    const names = tools.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining([...HUB_TOOLS, 'listar_empresas']));
  });
});

describe('for everybody else', () => {
  /** What is said of a name that nobody ever gave to anything, with this name put in. */
  const madeUp = 'listar_servidorex';

  it.each(everyDoor)('there are no such tools over %s', async (door) => {
    const client = await connect(door, bearer(ana));
    expect((await namesOf(client)).filter((name) => HUB_TOOLS.includes(name))).toEqual([]);
    const unknown = await call(client, madeUp).catch((error: Error) => error.message);
    for (const name of HUB_TOOLS) {
      const refused = await call(client, name).catch((error: Error) => error.message);
      expect(plain(refused, name)).toBe(plain(unknown, madeUp));
      expect(plain(refused, name)).not.toMatch(/servidores|implantar/);
    }
  });

  it('there are none over REST', async () => {
    const unknown = await hub.house.post(madeUp, {}, bearer(ana));
    for (const name of HUB_TOOLS) {
      const refused = await hub.house.post(name, {}, bearer(ana));
      expect([refused.status, plain(refused.body, name)]).toEqual([unknown.status, plain(unknown.body, madeUp)]);
    }
    expect((await hub.house.post('listar_servidores', {})).status).toBe(401);
  });

  const plain = (answer: unknown, name: string): string =>
    JSON.stringify(answer)
      .replaceAll(name, '<name>')
      .replaceAll(/[0-9a-f-]{36}/g, '<id>');
});

describe('a server is deployed from a chat', () => {
  const wanted = { folder: 'probe', env: { API_KEY: 'canary-value' } };

  it('only after its plan was shown, and never another one', async () => {
    const client = await connect('HTTP with a session', admin);
    const shown = (await call(client, 'implantar_servidor', wanted)).structuredContent;
    expect(shown).toMatchObject({ simulado: true, plano: { domain: 'probe', env: ['API_KEY'], method: 'local' } });
    expect(shown.plano.commands[0].args.join(' ')).toContain('index.cjs');

    const start = { ...wanted, simular: false };
    const { digest } = shown;
    const other = await connect('HTTP with a session', admin);
    for (const [args, why] of [
      [start, /Sem o digest/],
      [{ ...start, digest: 'a'.repeat(64) }, /já não é o deste digest/],
      [{ ...start, digest, args: ['--mais'] }, /já não é o deste digest/],
      [{ ...start, digest, env: { API_KEY: 'another' } }, /já não é o deste digest/],
      [{ ...start, digest, folder: 'nenhuma' }, /Não há esta subpasta/],
      [{ ...start, digest, env: { NODE_OPTIONS: '--require ./x' } }, /NODE_OPTIONS/],
      [{ ...start, digest: 'abc' }, /digest/],
    ] as const) {
      const refused = await call(other, 'implantar_servidor', args);
      expect(refused.isError, JSON.stringify(args)).toBe(true);
      expect(refused.structuredContent.erro.mensagem).toMatch(why);
    }
    // Over stdio somebody else asks: what this one was shown is not for him.
    const foreign = await overStdio('tools/call', { name: 'implantar_servidor', arguments: { ...start, digest } });
    expect(foreign.structuredContent.erro.mensagem).toMatch(/já não é o deste digest/);
    expect((await call(client, 'listar_servidores')).structuredContent.total).toBe(0);

    const started = (await call(client, 'implantar_servidor', { ...start, digest })).structuredContent;
    expect(started).toMatchObject({
      simulado: false,
      servidor: { domain: 'probe', method: 'local', env: ['API_KEY'] },
    });
    const { id } = started.servidor;
    await hub.until(id, 'deployed');
    // Once: a second one would be of another domain, which nobody was shown.
    const again = await call(client, 'implantar_servidor', { ...start, digest });
    expect(again.structuredContent.erro.mensagem).toMatch(/já não é o deste digest/);

    const listed = await call(client, 'listar_servidores', { status: 'deployed' });
    expect(listed.structuredContent).toMatchObject({ total: 1, servers: [{ id, env: ['API_KEY'] }] });
    // What it offers is there for the same chat.
    expect((await call(client, 'probe__argv')).content[0].text).toBe('[]');
    expect(JSON.stringify([shown, started, again, listed])).not.toContain('canary-value');

    // Lines are written in the background.
    const audit = await vi.waitFor(
      async () => {
        const text = await readFile(join(root, 'audit.jsonl'), 'utf8');
        const lines = text
          .trim()
          .split('\n')
          .map((line) => toolBody(JSON.parse(line)));
        const told = lines.map(({ principal, method, tool, outcome }) => [principal, method, tool, outcome].join(' '));
        expect(told).toContain(`hub-admin hub/deploy ${id} folder:probe ok`);
        expect(told).toContain('hub-admin tools/call implantar_servidor ok');
        return text;
      },
      { timeout: 30_000, interval: 50 },
    );
    expect(audit).not.toContain('canary-value');
  });

  it.each(['HTTP with a session', 'HTTP without one', 'HTTP+SSE'] as const)(
    'and where the client can ask its person over %s, only after a yes to that very plan',
    async (door) => {
      const { transport } = doors[door](admin);
      const client = new Client(
        { name: 'chat', version: '1' },
        { capabilities: { elicitation: {} }, ...(door === 'HTTP without one' ? modern : {}) },
      );
      const asked: string[] = [];
      let answer: ElicitResult = { action: 'decline' };
      client.setRequestHandler('elicitation/create', ({ params }) => {
        asked.push(params.message);
        return answer;
      });
      await client.connect(transport);
      clients.push(client);
      const request = { ...wanted, name: 'perguntado' };
      const { digest } = (await call(client, 'implantar_servidor', request)).structuredContent;
      const start = { ...request, simular: false, digest };
      const before = (await call(client, 'listar_servidores')).structuredContent.total;
      const noes: ElicitResult[] = [
        { action: 'decline' },
        { action: 'cancel' },
        { action: 'accept', content: { iniciar: false } },
      ];
      for (const no of noes) {
        answer = no;
        const { structuredContent } = await call(client, 'implantar_servidor', start);
        expect(structuredContent.erro.mensagem).toMatch(/não aprovou/);
      }
      // Nobody is asked about what would not start anyhow.
      await call(client, 'implantar_servidor', { ...start, args: ['--mais'] });
      expect(asked).toHaveLength(3);
      expect((await call(client, 'listar_servidores')).structuredContent.total).toBe(before);
      expect(asked[0]).toMatch(/folder:probe.*index\.cjs.*API_KEY/s);
      expect(asked.join()).not.toContain('canary-value');

      answer = { action: 'accept', content: { iniciar: true } };
      const started = await call(client, 'implantar_servidor', start);
      const { id } = started.structuredContent.servidor;
      await hub.until(id, 'deployed');
      await hub.ask('DELETE', `/api/servers/${id}`);
    },
  );

  it('in rounds, an answer counts once, for the plan that was asked about and after it was asked', async () => {
    const client = await connect('HTTP without one', admin);
    const request = { ...wanted, name: 'em rodadas' };
    const { digest } = (await call(client, 'implantar_servidor', request)).structuredContent;
    const yes = { aprovar: { action: 'accept', content: { iniciar: true } } };
    const round = async (more: object, args: object = {}, capabilities: object = { elicitation: {} }) => {
      const params = {
        name: 'implantar_servidor',
        arguments: { ...request, simular: false, digest, ...args },
        ...more,
      };
      const _meta = { ...ENVELOPE, 'io.modelcontextprotocol/clientCapabilities': capabilities };
      const { body, headers } = request2026('tools/call', params, 'implantar_servidor');
      const raw = { ...body, params: { ...body.params, _meta } };
      return toolBody((await post(hub.house.origin, raw, { ...headers, ...admin })).json);
    };
    // Nobody has been asked yet.
    const { result } = await round({ inputResponses: yes });
    expect(result).toMatchObject({
      resultType: 'input_required',
      inputRequests: {
        aprovar: { method: 'elicitation/create', params: { message: expect.stringMatching(/folder:probe/) } },
      },
    });
    expect(result).not.toHaveProperty('structuredContent');
    // Of another plan, which this caller was shown as well: no answer to this question.
    const other = { ...request, domain: 'outro' };
    const { digest: others } = (await call(client, 'implantar_servidor', other)).structuredContent;
    const foreign = { inputResponses: yes, requestState: result.requestState };
    const another = await round(foreign, { domain: 'outro', digest: others });
    expect(another.error).toMatchObject({ code: -32602, data: { reason: 'invalid_request_state' } });
    const { requestState } = (await round({})).result;
    const unasked = await round({ inputResponses: yes, requestState: 'x'.repeat(43) });
    expect(unasked.error).toMatchObject({ code: -32602, data: { reason: 'invalid_request_state' } });
    // Asked again by who brings no answer; what was given before is over.
    const again = (await round({ requestState })).result;
    expect(again.resultType).toBe('input_required');
    expect((await round({ inputResponses: yes, requestState })).error.data.reason).toBe('invalid_request_state');
    const refused = await round({
      inputResponses: { aprovar: { action: 'decline' } },
      requestState: again.requestState,
    });
    expect(refused.result.structuredContent.erro.mensagem).toMatch(/não aprovou/);
    const asked = (await round({})).result.requestState;
    const started = await round({ inputResponses: yes, requestState: asked });
    const { id } = started.result.structuredContent.servidor;
    await hub.until(id, 'deployed');
    await hub.ask('DELETE', `/api/servers/${id}`);
    expect((await round({ inputResponses: yes, requestState: asked })).error.data.reason).toBe('invalid_request_state');
    // Who cannot be asked is not locked out.
    const alone = (await round({}, {}, {})).result.structuredContent.servidor;
    await hub.until(alone.id, 'deployed');
    await hub.ask('DELETE', `/api/servers/${alone.id}`);
  });

  it('once something is mounted, what others search for, call by name or count does not show the tools either', async () => {
    const client = await connect('HTTP with a session', bearer(ana));
    const found = (await call(client, 'find_tools', { query: 'implantar servidores listar descobrir', limit: 50 }))
      .structuredContent;
    expect(
      found.tools.map(({ name }: { name: string }) => name).filter((name: string) => HUB_TOOLS.includes(name)),
    ).toEqual([]);
    for (const name of HUB_TOOLS) {
      const { erro } = (await call(client, 'call_tool', { name, arguments: {} })).structuredContent;
      expect(erro).toMatchObject({ codigo: 'nao_encontrado', mensagem: expect.stringContaining('Não existe') });
      expect(erro.sugestao).not.toMatch(/implantar_servidor|descobrir_servidores|listar_servidores/);
    }
    const ofAdmin = await connect('HTTP with a session', admin);
    expect(
      (await call(ofAdmin, 'call_tool', { name: 'listar_servidores', arguments: {} })).structuredContent.total,
    ).toBe(1);
    const search = (await call(ofAdmin, 'find_tools', { query: 'implantar' })).structuredContent;
    expect(search.tools[0].name).toBe('implantar_servidor');
  });

  it('what is found elsewhere is told as it is over the API', async () => {
    const client = await connect('HTTP without one', admin);
    const { structuredContent } = await call(client, 'descobrir_servidores', { query: 'erp', sources: ['registry'] });
    const { body } = await hub.ask('POST', '/api/discover', { query: 'erp', sources: ['registry'] });
    expect(structuredContent.candidates).toMatchObject([{ name: 'io.github.ana/erp', origin: 'registry' }]);
    expect(structuredContent.candidates).toEqual(body.candidates);
    const wrong = await call(client, 'descobrir_servidores', { query: '--' });
    expect(wrong.structuredContent.erro).toMatchObject({
      codigo: 'parametro_invalido',
      mensagem: expect.stringContaining('query: deve ter letras'),
    });
  });
});
