// Every call through every door: one audit line, one log line under the id its caller saw, and counted.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditLine, auditLine } from '../../src/audit/audit-line.ts';
import { verifyAudit } from '../../src/audit/verify-audit.ts';
import { startHouse, type TestHouse, toolBody } from '../support/house.ts';
import { bearer, testToken, writeTokens } from '../support/tokens.ts';
import { openSession, post } from './transports/raw-http.ts';

const token = 'um-token-de-teste-0001';
/** May list companies and nothing else: dashboards are hidden from this one. */
const narrow = testToken('estagiario', ['empresa_001'], { ferramentas: ['listar_empresas'] });
const headers = { authorization: `Bearer ${token}` };
let folder: string;
let house: TestHouse;
let http: Client;
let sse: Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-outside-'));
  house = await startHouse({
    variables: {
      AUDIT_LOG: join(folder, 'audit.jsonl'),
      MCP_AUTH_TOKEN: token,
      MCP_TOKENS_FILE: writeTokens(folder, [narrow]),
      ENABLE_METRICS: 'true',
      METRICS_PORT: '0',
      METRICS_COMPANIES: 'true',
    },
  });
  http = new Client({ name: 'http', version: '1.0.0' });
  sse = new Client({ name: 'sse', version: '1.0.0' });
  await http.connect(new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`), { requestInit: { headers } }));
  await sse.connect(
    new SSEClientTransport(new URL(`${house.origin}/sse`), {
      requestInit: { headers },
      eventSourceInit: { fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, ...headers } }) },
    }),
  );
});
afterAll(async () => {
  await http.close();
  await sse.close();
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

/** The audit lines that a piece of work adds, once they are on the disk. */
async function audited(work: () => Promise<unknown>): Promise<AuditLine[]> {
  const read = async (): Promise<AuditLine[]> =>
    (await readFile(join(folder, 'audit.jsonl'), 'utf8'))
      .split('\n')
      .slice(0, -1)
      .map((line) => auditLine.parse(JSON.parse(line)));
  const before = (await read()).length;
  await work();
  await expect.poll(read, { timeout: 3_000 }).not.toHaveLength(before);
  return (await read()).slice(before);
}

const metricsText = async (): Promise<string> => {
  const port = /"metricsPort":(\d+)/.exec(house.log.join(''))?.[1];
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
};

const logged = (requestId: string): Record<string, unknown>[] =>
  house.log.map((line) => JSON.parse(line)).filter((line) => line.requestId === requestId);

it('the instructions begin with what this is, and name only what there is', async () => {
  const text = http.getInstructions() ?? '';
  expect(sse.getInstructions()).toBe(text);
  const [first, ...lines] = text.split('\n');
  expect(first).toMatch(/várias empresas do ERP Omie, somente leitura/);
  expect(lines).toHaveLength(10);
  for (const [at, line] of lines.entries()) expect(line.startsWith(`${at + 1}. `)).toBe(true);
  expect(lines[0]).toMatch(/listar_empresas.*company_id/);
  const known = JSON.stringify(await http.listTools());
  const named = text.match(/[a-z]+(?:_[a-z]+)+/g) ?? [];
  expect(named.length).toBeGreaterThan(10);
  for (const word of named) expect(known, word).toContain(word);
});

describe('the audit line', () => {
  it('of a call says its door, company and rows, over each of them', async () => {
    const call = { name: 'consultar_contas_pagar_empresa', arguments: { company_id: 'empresa_001', pagina: 1 } };
    const [line] = await audited(() => http.callTool(call));
    expect(line).toMatchObject({
      door: 'http',
      principal: 'token',
      method: 'tools/call',
      tool: call.name,
      outcome: 'ok',
    });
    expect(line).toMatchObject({ companies: ['empresa_001'], rows: expect.any(Number) });
    const [bySse] = await audited(() => sse.callTool(call));
    expect(bySse).toMatchObject({ door: 'sse', companies: ['empresa_001'] });
    const [byRest] = await audited(() => house.post(call.name, call.arguments, headers));
    expect(byRest).toMatchObject({ door: 'rest', companies: ['empresa_001'] });
    // The same question, however it came, has the same digest.
    const digests = [line, bySse, byRest].map((one) => one !== undefined && 'args' in one && one.args);
    expect(new Set(digests).size).toBe(1);
  });

  it('names the company by id when it was asked for by name, and when there is none', async () => {
    const company = house.simulator.companies[1]!;
    const [byName] = await audited(() =>
      house.post('consultar_categorias_empresa', { company_id: company.nome }, headers),
    );
    expect(byName).toMatchObject({ companies: [company.id] });
    const [none] = await audited(() => house.post('consultar_categorias_empresa', { company_id: 'Padaria' }, headers));
    expect(none).toMatchObject({ companies: [], rows: null, outcome: 'empresa_nao_encontrada' });
    expect(await readFile(join(folder, 'audit.jsonl'), 'utf8')).not.toMatch(/Padaria|LTDA/);
  });

  it.each([
    ['an unknown tool', () => http.callTool({ name: 'apagar_tudo' }), 'tools/call', 'apagar_tudo', 'nao_encontrado'],
    [
      'a resource',
      () => http.readResource({ uri: 'omie://dashboard/empresa_002' }),
      'resources/read',
      'omie://dashboard/{company_id}',
      'ok',
    ],
    [
      'an unknown resource',
      () => sse.readResource({ uri: 'omie://cofre' }),
      'resources/read',
      'omie://cofre',
      'nao_encontrado',
    ],
    [
      'a prompt',
      () => http.getPrompt({ name: 'financial-analysis', arguments: { company_id: 'empresa_002' } }),
      'prompts/get',
      'financial-analysis',
      'ok',
    ],
    [
      'a completion',
      () =>
        http.complete({
          ref: { type: 'ref/resource', uri: 'omie://dashboard/{company_id}' },
          argument: { name: 'company_id', value: 'empresa_002' },
        }),
      'completion/complete',
      'omie://dashboard/{company_id}',
      'ok',
    ],
  ])('is written of %s too', async (_what, ask, method, tool, outcome) => {
    const lines = await audited(() => ask().catch(() => {}));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ method, tool, outcome, companies: outcome === 'ok' ? ['empresa_002'] : [] });
  });
});

describe('what callers write where a name belongs', () => {
  it.each([
    ['of a company they may see', 'empresa_001'],
    ['of a hidden one', 'empresa_002'],
    ['of none', 'Padaria do Zé'],
    ['with more behind it', 'Padaria/do?Zé'],
  ])('keeps the name %s out of audit and log, though no dashboard is theirs', async (_what, name) => {
    const uri = `omie://dashboard/${name.replace(/ /g, '%20')}`;
    const client = new Client({ name: 'narrow', version: '1.0.0' });
    const requestInit = { headers: bearer(narrow) };
    const transport = new StreamableHTTPClientTransport(new URL(`${house.origin}/mcp`), { requestInit });
    await client.connect(transport);
    const from = house.log.length;
    const lines = await audited(async () => {
      await expect(client.readResource({ uri })).rejects.toThrow();
      await client.complete({ ref: { type: 'ref/resource', uri }, argument: { name: 'x', value: '' } }).catch(() => {});
    });
    await transport.terminateSession();
    await client.close();
    for (const line of lines)
      expect(line).toMatchObject({ principal: 'estagiario', tool: 'omie://dashboard/{company_id}' });
    const said = house.log.slice(from).join('');
    expect(said).toContain('omie://dashboard/{company_id}');
    for (const word of ['Padaria', 'Z%C3', 'empresa_00']) expect(said).not.toContain(word);
  });

  it.each([0, 70])(
    'keeps a pasted key out of audit and log, also where %s characters stand before it',
    async (before) => {
      const { appKey, appSecret } = house.simulator.companies[0]!;
      for (const secret of [appKey, appSecret]) {
        const [line] = await audited(() => http.callTool({ name: 'x'.repeat(before) + secret }).catch(() => {}));
        expect(line).toMatchObject({ tool: expect.stringMatching(/^x*\[redacted\]$/) });
        expect(house.log.join('')).not.toContain(secret.slice(0, 10));
      }
    },
  );
});

describe('a call whose parameters are malformed', () => {
  it.each(['"x"', '[]', 'null', '7'])('arguments %s: -32602 in our words, recorded like every call', async (given) => {
    for (const client of [http, sse]) {
      let error = toolBody(undefined);
      const call = JSON.parse(`{"name":"listar_empresas","arguments":${given}}`);
      const lines = await audited(() => client.callTool(call).catch((thrown) => (error = thrown)));
      expect(error).toMatchObject({
        code: -32602,
        message: expect.stringContaining('deve ser um objeto JSON'),
        data: { codigo: 'parametro_invalido', id_requisicao: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      });
      expect(lines).toMatchObject([{ tool: 'listar_empresas', outcome: 'parametro_invalido' }]);
      await expect.poll(() => logged(error.data.id_requisicao)).not.toHaveLength(0);
    }
  });

  it('no name: -32602 with an id', async () => {
    const error = await http.callTool(JSON.parse('{"name":7}')).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: -32602, data: { id_requisicao: expect.any(String) } });
  });

  it('a list as the body of REST is refused in Portuguese', async () => {
    for (const tool of ['listar_empresas', 'consultar_contas_pagar_empresa']) {
      const { status, body } = await house.post(tool, [], headers);
      expect(status).toBe(400);
      expect(body.erro.mensagem).toBe('Argumentos inválidos: argumentos: deve ser um objeto JSON.');
    }
  });
});

describe('the id in an error stands in the log', () => {
  it.each([
    [
      'of a tool',
      async () =>
        toolBody(await http.callTool({ name: 'listar_empresas', arguments: { x: 1 } })).structuredContent.erro,
    ],
    ['of an unknown tool', () => http.callTool({ name: 'nenhuma' }).catch((error) => error.data)],
    ['of a resource', () => sse.readResource({ uri: 'omie://dashboard/nenhuma' }).catch((error) => error.data)],
    ['of an unknown resource', () => http.readResource({ uri: 'omie://nada' }).catch((error) => error.data)],
    ['of a prompt', () => http.getPrompt({ name: 'nenhum' }).catch((error) => error.data)],
    ['over REST', async () => (await house.post('nenhuma', {}, headers)).body.erro],
  ])('%s', async (_what, ask) => {
    const erro = toolBody(await ask());
    expect(erro.id_requisicao).toMatch(/^[0-9a-f-]{36}$/);
    await expect.poll(() => logged(erro.id_requisicao)).not.toHaveLength(0);
    expect(logged(erro.id_requisicao)[0]).toMatchObject({ level: 30, door: expect.any(String) });
  });

  it.each([
    ['no token', '/tools', {}, 401],
    ['a foreign origin', '/tools', { headers: { ...headers, origin: 'https://outro.example' } }, 403],
    ['no such path', '/nada', { headers }, 404],
    ['no such method', '/tools', { method: 'PUT', headers }, 405],
    ['a body that is no JSON', '/tools/listar_empresas', { method: 'POST', body: '{', headers }, 400],
    [
      'a message nobody can read',
      '/mcp',
      { method: 'POST', body: '{', headers: { ...headers, accept: '*/*', 'content-type': 'application/json' } },
      400,
    ],
    ['a session that is not', '/messages?sessionId=x', { method: 'POST', body: '{}', headers }, 404],
  ])('over HTTP with %s', async (_what, path, init, status) => {
    const response = await fetch(house.origin + path, init);
    expect(response.status).toBe(status);
    const body = toolBody(await response.json());
    const id = (body.erro ?? body.error.data).id_requisicao;
    expect(response.headers.get('x-request-id')).toBe(id);
    await expect.poll(() => logged(id)).toMatchObject([{ status, msg: 'http failure' }]);
  });

  it.each([
    ['a method that does not exist', 'nada/disso', -32601],
    ['parameters of a wrong shape', 'prompts/get', -32602],
  ])('of the protocol: %s', async (_what, method, code) => {
    const session = await openSession(house.origin, headers);
    const { json } = await post(house.origin, { jsonrpc: '2.0', id: 1, method, params: {} }, session);
    await fetch(`${house.origin}/mcp`, { method: 'DELETE', headers: session });
    expect(json.error.code).toBe(code);
    const lines = [expect.objectContaining({ level: 30, code, msg: 'protocol error' })];
    await expect.poll(() => logged(json.error.data.id_requisicao), { timeout: 10_000 }).toEqual(lines);
  });

  it('is never one that the caller chose', async () => {
    const response = await fetch(`${house.origin}/nada`, { headers: { ...headers, 'x-request-id': 'meu-id' } });
    expect(response.headers.get('x-request-id')).not.toBe('meu-id');
  });
});

describe('the metrics', () => {
  it('count calls by target, door and outcome, and never take a made-up name for a label', async () => {
    await house.post('ferramenta_inventada_77', {}, headers);
    await house.post('listar_empresas', {}, headers);
    const text = await metricsText();
    expect(text).toMatch(
      /omie_mcp_calls_total\{method="tools\/call",target="listar_empresas",door="rest",outcome="ok"\} [1-9]/,
    );
    expect(text).toMatch(/target="unknown",door="rest",outcome="nao_encontrado"/);
    expect(text).toMatch(/omie_mcp_company_calls_total\{company="empresa_001",outcome="ok"\} [1-9]/);
    expect(text).toMatch(/omie_mcp_refused_total\{reason="auth"\} [1-9]/);
    expect(text).toMatch(/omie_mcp_refused_total\{reason="(?:host|origin)"\} [1-9]/);
    expect(text).toMatch(/omie_mcp_http_failures_total\{status="401"\} [1-9]/);
    expect(text).toMatch(/omie_mcp_omie_cache_total\{result="hit"\} [1-9]/);
    expect(text).toMatch(/omie_mcp_audit_total\{what="lines"\} [1-9]/);
    expect(text).toMatch(/omie_mcp_sessions\{transport="sse"\} 1/);
    expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds/);
    expect(text).not.toMatch(/inventada|apagar|cofre/);
    for (const { nome } of house.simulator.companies) expect(text).not.toContain(nome);
  });

  it('are given to GET alone, on their own path', async () => {
    const port = /"metricsPort":(\d+)/.exec(house.log.join(''))?.[1];
    const at = async (path: string, method: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status;
    expect(await at('/metrics', 'POST')).toBe(405);
    expect(await at('/', 'GET')).toBe(404);
    expect(await at('/metrics?x=1', 'GET')).toBe(200);
  });

  it('are listed in docs/operations.md, every one of them and no other', async () => {
    const documented = new Set((await readFile('docs/operations.md', 'utf8')).match(/omie_mcp_[a-z_]+/g));
    const exposed = new Set([...(await metricsText()).matchAll(/^# TYPE (omie_mcp_\w+)/gm)].map(([, name]) => name));
    expect([...exposed].sort()).toEqual([...documented].sort());
  });
});

it('health tells its details to a token alone', async () => {
  const open = await (await fetch(`${house.origin}/health`)).json();
  expect(open).toEqual({ status: 'ok' });
  const told = toolBody(await (await fetch(`${house.origin}/health`, { headers })).json());
  expect(told).toMatchObject({
    status: 'ok',
    versao: expect.stringMatching(/^\d/),
    ativo_ha_segundos: expect.any(Number),
    auditoria: { status: 'ok', lost: 0 },
    sessoes: { http: 1, sse: 1 },
    omie: { breakers: { open: 0, blocked: 0, half_open: 0, refused_keys: 0 } },
  });
});

it('one line a call, whole and verified at the end, with nothing of the books in it', async () => {
  // Not what is on the disk: lines of the tests above may still be on their way.
  const before: number = toolBody(await (await fetch(`${house.origin}/health`, { headers })).json()).auditoria.seq;
  await Promise.all(
    Array.from({ length: 200 }, (_, at) =>
      house.post('consultar_contas_receber_empresa', { company_id: `empresa_00${(at % 3) + 1}` }, headers),
    ),
  );
  await expect.poll(async () => (await verifyAudit({ path: join(folder, 'audit.jsonl') })).lines).toBe(before + 200);
  const text = await readFile(join(folder, 'audit.jsonl'), 'utf8');
  for (const { nome, cnpj, appKey, appSecret } of house.simulator.companies)
    for (const word of [nome, cnpj, appKey, appSecret, token]) expect(text).not.toContain(word);
});
