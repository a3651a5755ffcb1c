/** What of the hub stands in the audit: what was refused, what failed while it was streamed, and what a model only tried. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Model } from '../../../src/hub/orchestration/model.ts';
import { scriptedModel } from '../../../src/hub/orchestration/scripted-model.ts';
import { HubError } from '../../../src/hub/problem.ts';
import type { ToolBody } from '../../support/house.ts';
import { adminToken, startHub, type TestHub } from '../../support/hub-house.ts';

const PATIENCE = { timeout: 30_000, interval: 50 };
let folder: string;
let hub: TestHub;
let model: () => Promise<Model>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-audit-'));
  hub = await startHub(
    {
      AUDIT_LOG: join(folder, 'audit.jsonl'),
      HUB_ORCHESTRATE_OMIE: 'true',
      MCP_AUTH_TOKEN: 'token-das-ferramentas-0001',
      MCP_FAILED_LOGINS_PER_MINUTE: '1000',
    },
    undefined,
    { hubModel: () => model() },
  );
});
afterAll(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

/** The audit's lines that fit, as soon as there are so many. */
const lines = (count: number, fits: (line: ToolBody) => boolean): Promise<ToolBody[]> =>
  vi.waitFor(async () => {
    const text = await readFile(join(folder, 'audit.jsonl'), 'utf8');
    const found = text
      .split('\n')
      .slice(0, -1)
      .map((line): ToolBody => JSON.parse(line))
      .filter(fits);
    expect(found.length).toBeGreaterThanOrEqual(count);
    return found;
  }, PATIENCE);
const stream = (body: object): Promise<Response> =>
  fetch(`${hub.house.origin}/api/orchestrate`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${adminToken}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });

it('who is not admitted leaves a line, whatever was asked for; so does an administrator at no route', async () => {
  const ask = (path: string, authorization: string | undefined, method = 'GET') =>
    fetch(`${hub.house.origin}${path}`, { method, headers: authorization === undefined ? {} : { authorization } });
  expect((await ask('/api/servers?access_token=x', undefined)).status).toBe(401);
  expect((await ask('/api/nowhere', 'Bearer errado')).status).toBe(401);
  expect((await ask('/api/servers', 'Bearer token-das-ferramentas-0001')).status).toBe(403);
  expect((await ask('/api/nowhere', `Bearer ${adminToken}`)).status).toBe(404);
  expect((await ask('/api/servers', `Bearer ${adminToken}`, 'PUT')).status).toBe(405);
  expect((await ask('/api/servers/%zz', `Bearer ${adminToken}`)).status).toBe(400);
  // Of what is open to everybody nothing is told.
  expect((await ask('/docs/nowhere', undefined)).status).toBe(404);
  // A page of somewhere else is turned away before anybody asks for a token.
  const headers = { origin: 'https://outra.example', authorization: `Bearer ${adminToken}` };
  for (const path of ['/api/servers?access_token=x', '/docs']) {
    expect((await fetch(`${hub.house.origin}${path}`, { headers })).status).toBe(403);
  }
  const found = await lines(7, ({ method }) => method === 'hub/refused');
  expect(found.map(({ tool, outcome, principal, door }) => [tool, outcome, principal, door])).toEqual([
    ['GET /api/servers', 'nao_autenticado', '-', 'rest'],
    ['GET /api/nowhere', 'nao_autenticado', '-', 'rest'],
    ['GET /api/servers', 'sem_permissao', expect.stringMatching(/^\w/), 'rest'],
    ['GET /api/nowhere', 'nao_encontrado', 'hub-admin', 'rest'],
    ['PUT /api/servers', 'pedido_recusado', 'hub-admin', 'rest'],
    ['GET /api/servers/%zz', 'pedido_recusado', 'hub-admin', 'rest'],
    ['GET /api/servers', 'sem_permissao', '-', 'rest'],
  ]);
});

it('what fails before anything was streamed is a problem with its own status', async () => {
  model = async () => {
    throw new HubError('nao_configurado', 'Falta a chave.');
  };
  for (const [body, status, code] of [
    [{ prompt: 'Faça', server_id: 'hub-aaaaaaaaaaaa' }, 503, 'nao_configurado'],
    [{ prompt: 'Faça', steps: [{ tool: 'nada', arguments: {} }] }, 404, 'ferramenta_desconhecida'],
    [{ prompt: 1 }, 400, 'pedido_recusado'],
  ] as const) {
    const response = await stream(body);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(await response.json()).toMatchObject({ status, code });
  }
  model = async () => scriptedModel([]);
  const unknown = await stream({ prompt: 'Faça', server_id: 'hub-aaaaaaaaaaaa' });
  expect([unknown.status, await unknown.json()]).toEqual([
    404,
    expect.objectContaining({ code: 'servidor_desconhecido' }),
  ]);
  const found = await lines(4, ({ method }) => method === 'hub/orchestrate');
  expect(found.map(({ outcome }) => outcome)).toEqual([
    'nao_configurado',
    'ferramenta_desconhecida',
    'pedido_recusado',
    'servidor_desconhecido',
  ]);
});

it('what fails later is told by the last event, and by the audit', async () => {
  model = async () => ({
    name: 'fails',
    async next(_conversation, _signal, onText) {
      onText?.('Vou ver');
      throw new HubError('fonte_indisponivel', 'O modelo não respondeu.');
    },
  });
  const response = await stream({ prompt: 'Faça' });
  expect(response.status).toBe(200);
  expect(await response.text()).toMatch(/event: text[\s\S]*event: problem\ndata: .*fonte_indisponivel/);
  await lines(1, ({ method, outcome }) => method === 'hub/orchestrate' && outcome === 'fonte_indisponivel');
});

it('what a model asked for and did not get leaves a line each, under the id of its task', async () => {
  const calls = ['reload_credenciais', 'apagar_tudo', 'call_tool', 'reload_credenciais'].map((name) => ({ name }));
  model = async () => scriptedModel([{ calls }, { text: 'Pronto.' }]);
  const { body } = await hub.ask('POST', '/api/orchestrate', { prompt: 'Faça' });
  expect(body.status).toBe('needs_approval');
  model = async () => scriptedModel([{ calls: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }, { text: 'Pronto.' }]);
  await hub.ask('POST', '/api/orchestrate', { prompt: 'Faça', max_steps: 1 });
  const found = await lines(5, ({ method }) => method === 'hub/orchestrate.tool');
  expect(found.map(({ tool, outcome, principal }) => [tool, outcome, principal])).toEqual([
    ['reload_credenciais', 'aguarda_aprovacao', 'hub-admin'],
    ['apagar_tudo', 'ferramenta_desconhecida', 'hub-admin'],
    ['call_tool', 'ferramenta_desconhecida', 'hub-admin'],
    ['a', 'ferramenta_desconhecida', 'hub-admin'],
    ['b', 'limite_de_passos', 'hub-admin'],
  ]);
  const tasks = await lines(1, ({ method, outcome }) => method === 'hub/orchestrate' && outcome === 'ok');
  expect(tasks.map(({ id }) => id)).toContain(found[0]?.id);
});
