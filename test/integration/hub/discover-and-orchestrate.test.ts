import { afterAll, beforeAll, expect, it } from 'vitest';
import { GeminiServer } from '../../support/gemini-server.ts';
import { GitHubServer } from '../../support/github-server.ts';
import { adminToken, startHub, type TestHub } from '../../support/hub-house.ts';
import { McpRegistryServer } from '../../support/mcp-registry.ts';

let gemini: GeminiServer;
let github: GitHubServer;
let registry: McpRegistryServer;
let hub: TestHub;

beforeAll(async () => {
  gemini = await GeminiServer.start();
  github = await GitHubServer.start(
    [{ fullName: 'Ana/erp-mcp', stars: 10, files: { Dockerfile: '' } }],
    () => new Date(),
  );
  registry = await McpRegistryServer.start([
    { server: { name: 'io.github.ana/erp', repository: { url: 'https://github.com/ana/erp-mcp', source: 'github' } } },
  ]);
  hub = await startHub({
    GITHUB_API_URL: github.url,
    MCP_REGISTRY_URL: registry.url,
    GEMINI_API_KEY: gemini.key,
    GEMINI_BASE_URL: gemini.url,
    GEMINI_MODEL: gemini.model,
    HUB_ORCHESTRATE_OMIE: 'true',
  });
});
afterAll(async () => {
  await hub?.close();
  await Promise.all([gemini?.close(), github?.close(), registry?.close()]);
});

it('discovers through the configured sources', async () => {
  const { status, body } = await hub.ask('POST', '/api/discover', { query: 'erp' });
  expect(status).toBe(200);
  expect(body.candidates).toMatchObject([
    { name: 'io.github.ana/erp', origin: 'registry+github', stars: 10, ways_to_run: [{ method: 'docker' }] },
  ]);
  expect(body.sources).toMatchObject([
    { source: 'github', ok: true },
    { source: 'registry', ok: true },
  ]);
});

it('a model reads the companies of the house; what changes something waits for its digest', async () => {
  gemini.replies.push(
    { calls: [{ name: 'listar_empresas' }, { name: 'reload_credenciais' }] },
    { text: 'Há uma empresa.' },
    { text: 'Recarreguei.' },
  );
  const { status, body } = await hub.ask('POST', '/api/orchestrate', { prompt: 'Quantas empresas há?' });
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body).toMatchObject({ status: 'needs_approval', text: 'Há uma empresa.', model: gemini.model });
  expect(body.tools.domains).toEqual(['omie']);
  expect(body.steps).toMatchObject([
    { tool: 'listar_empresas', status: 'done', result: expect.stringContaining('"total":1') },
    { tool: 'reload_credenciais', status: 'waiting' },
  ]);
  const offered = gemini.requests[0]?.body.tools?.[0]?.functionDeclarations.map(({ name }) => name) ?? [];
  expect(offered).toContain('consultar_contas_pagar_empresa');
  // The gateway's own tools would let it reach around what it is offered.
  expect(offered).not.toContain('call_tool');
  const approved = await hub.ask('POST', '/api/orchestrate', { approve: true, digest: body.plan.digest });
  expect(approved.body).toMatchObject({ status: 'done', text: 'Recarreguei.' });
  expect(approved.body.steps[1]).toMatchObject({ tool: 'reload_credenciais', status: 'done' });
});

it('streams steps to who asks for events', async () => {
  gemini.replies.push({ calls: [{ name: 'listar_empresas' }] }, { text: 'Uma empresa.' });
  const response = await fetch(`${hub.house.origin}/api/orchestrate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ prompt: 'Quantas empresas?' }),
    signal: AbortSignal.timeout(60_000),
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events = [...(await response.text()).matchAll(/^event: (\w+)$/gm)].map(([, event]) => event);
  expect(events[0]).toBe('step');
  expect(events.at(-1)).toBe('outcome');
  expect(events).toContain('text');
});

it('unless the operator said so, no model is shown a tool of Omie, whatever it is asked, and none is run for it', async () => {
  const closed = await startHub({
    GEMINI_API_KEY: gemini.key,
    GEMINI_BASE_URL: gemini.url,
    GEMINI_MODEL: gemini.model,
  });
  try {
    const before = gemini.requests.length;
    // Nor one of the hub's own, nor a way around what it is offered.
    const wanted = ['listar_empresas', 'implantar_servidor', 'listar_servidores', 'call_tool', 'select_domain'];
    gemini.replies.push({ calls: wanted.map((name) => ({ name })) }, { text: 'Não posso.' });
    const { body } = await closed.ask('POST', '/api/orchestrate', { prompt: 'Quantas empresas há no omie?' });
    expect(body).toMatchObject({
      text: 'Não posso.',
      tools: { offered: 0, domains: [] },
      steps: wanted.map((tool) => ({ tool, status: 'refused' })),
    });
    const sent = JSON.stringify(gemini.requests.slice(before).map((request) => request.body));
    expect(sent).not.toMatch(/functionDeclarations|"total"/);
    const steps = [{ tool: 'listar_empresas', arguments: {} }];
    expect((await closed.ask('POST', '/api/orchestrate', { steps })).body.code).toBe('ferramenta_desconhecida');
    // The request has no word for it.
    const wishing = await closed.ask('POST', '/api/orchestrate', { prompt: 'x', omie: true });
    expect(wishing.status).toBe(400);
  } finally {
    await closed.close();
  }
});
