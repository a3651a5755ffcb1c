// Many MCP servers as one, in a program of your own: resources, status, and a question answered with a model.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// In a program of your own: from 'omie-mcp-hub/gateway'.
import { type LanguageModel, MCPOrchestrator, NoMCPAvailableError } from '../src/gateway/library/index.ts';
import type { House } from './start-house.ts';

/** Any model fits behind `generate`. This one always asks for the companies and then counts them. */
const model: LanguageModel = {
  async generate({ messages }) {
    const last = messages.at(-1);
    if (last?.role !== 'tool') return { calls: [{ id: '1', name: 'financeiro__listar_empresas', arguments: {} }] };
    const [found] = last.results;
    assert.equal(found?.isError, false);
    return { text: `São ${JSON.parse(found.text).total} empresas.` };
  },
};

export async function run({ origin }: House): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-library-'));
  const configPath = join(folder, 'gateway.yaml');
  await writeFile(
    configPath,
    `mcp_servers:
  omie_mcp:
    name: "Omie"
    url: "${origin}/mcp"
    domains: [financeiro]
    capabilities: [contas_pagar, contas_receber]
    aliases: { as nossas: omie://companies }
orchestration:
  resource_cache_ttl: 60
  enable_logging: false
`,
  );
  try {
    await using gateway = new MCPOrchestrator({ configPath });
    await gateway.loadConfiguration();
    await gateway.initialize();
    assert.deepEqual(
      gateway.registry.byCapability('contas_pagar').map(({ server, connected }) => [server.id, connected]),
      [['omie_mcp', true]],
    );

    const { servers, failures } = await gateway.gatherAllResources();
    assert.deepEqual(failures, []);
    assert.ok(servers['omie_mcp']?.resources['omie://companies']);
    await gateway.getResourcesForDomain('financeiro');
    const { cache_stats: stats } = gateway.getStatus();
    assert.ok((stats?.hits ?? 0) > 0);
    await assert.rejects(() => gateway.getResourcesForDomain('vendas'), NoMCPAvailableError);

    const named = gateway.resolveEntity('AS NOSSAS');
    assert.ok(named.kind === 'found' && named.match.reason === 'alias');
    assert.equal(named.match.entity.id, 'omie://companies');

    const { answer, sources, steps } = await gateway.processQuery('Quantas empresas há no financeiro?', model);
    assert.equal(answer, 'São 3 empresas.');
    assert.equal(steps.length, 1);
    assert.ok(sources.some(({ tool }) => tool === 'financeiro__listar_empresas'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
