import { afterAll, beforeAll, expect, it } from 'vitest';
import { childCount } from '../../support/gateway-house.ts';
import { GitHubServer } from '../../support/github-server.ts';
import { startHub, type TestHub } from '../../support/hub-house.ts';
import { McpRegistryServer } from '../../support/mcp-registry.ts';
import { probePackage, startNpmRegistry, type TestRegistry } from '../../support/npm-registry.ts';

const IMITATION = '@modelcontextprotocols/server-filesystem';
const npmPackage = (identifier: string, more: object = {}) => ({
  registryType: 'npm',
  identifier,
  version: '1.2.3',
  transport: { type: 'stdio' },
  ...more,
});
const environmentVariables = [
  { name: 'PROBE_URL', description: 'Onde fica', isRequired: true },
  { name: 'PROBE_KEY', isRequired: true, isSecret: true },
  { name: 'PROBE_MODE' },
];

let npm: TestRegistry;
let mcp: McpRegistryServer;
let github: GitHubServer;
let hub: TestHub;
beforeAll(async () => {
  npm = await startNpmRegistry([probePackage(), probePackage({ name: IMITATION })]);
  mcp = await McpRegistryServer.start([
    {
      server: {
        name: 'io.github.ana/sonda',
        version: '1.0.0',
        packages: [
          { registryType: 'nuget', identifier: 'Sonda', version: '1.2.3' },
          npmPackage('@teste/probe-server', {
            environmentVariables,
            packageArguments: [{ type: 'named', name: '--modo', value: 'leitura' }],
          }),
        ],
      },
    },
    { server: { name: 'com.mallory/sonda-arquivos', version: '1.0.0', packages: [npmPackage(IMITATION)] } },
    { server: { name: 'com.acme/no-ar', remotes: [{ type: 'sse', url: 'https://mcp.acme.example/sse' }] } },
  ]);
  github = await GitHubServer.start([], () => new Date());
  hub = await startHub({ HUB_NPM_REGISTRY: npm.url, MCP_REGISTRY_URL: mcp.url, GITHUB_API_URL: github.url });
});
afterAll(async () => {
  await hub.close();
  await Promise.all([npm.close(), mcp.close(), github.close()]);
});

it('a dry run shows the source, what it wants and why it runs so', async () => {
  const { status, body } = await hub.ask('POST', '/api/deploy?dry_run=true', {
    registry_name: 'io.github.ana/sonda@1.0.0',
    env: { PROBE_URL: 'https://x.example' },
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    source: 'npm:@teste/probe-server@1.2.3',
    method: 'npx',
    why: [
      'Registro MCP: io.github.ana/sonda 1.0.0 é npm:@teste/probe-server@1.2.3.',
      'npx: é um pacote npm com versão exata',
    ],
    wanted: [
      { name: 'PROBE_URL', description: 'Onde fica', required: true, secret: false },
      { name: 'PROBE_KEY', required: true, secret: true },
      { name: 'PROBE_MODE', required: false, secret: false },
    ],
    missing: ['PROBE_KEY'],
  });
  expect(body.commands[1].args.slice(-2)).toEqual(['--modo', 'leitura']);
});

it('without its required variables nothing is started or kept, and they are named', async () => {
  const { status, body } = await hub.ask('POST', '/api/deploy', { registry_name: 'io.github.ana/sonda' });
  expect(status).toBe(422);
  expect(body).toMatchObject({
    code: 'faltam_variaveis',
    errors: [{ field: 'env.PROBE_URL' }, { field: 'env.PROBE_KEY' }],
  });
  expect(body.detail).toContain('PROBE_URL, PROBE_KEY');
  expect((await hub.ask('GET', '/api/servers')).body.total).toBe(0);
  expect(await childCount()).toBe(0);
});

it('runs with them, and with the arguments of its maker unless others are given', async () => {
  const env = { PROBE_URL: 'https://x.example', PROBE_KEY: 'canary-of-a-key' };
  const server = await hub.deploy({ registry_name: 'io.github.ana/sonda', env });
  expect(server).toMatchObject({ status: 'deployed', args: ['--modo', 'leitura'], env: ['PROBE_URL', 'PROBE_KEY'] });
  expect(await hub.told(server.id, 'argv')).toBe('["--modo","leitura"]');
  await hub.ask('DELETE', `/api/servers/${server.id}`);
});

it('a name that imitates a known package is said, and auto_deploy passes over it and over what wants variables', async () => {
  const { body: plan } = await hub.ask('POST', '/api/deploy?dry_run=true', { package: `${IMITATION}@1.2.3` });
  expect(plan).toMatchObject({ looks_like: '@modelcontextprotocol/server-filesystem' });
  expect(plan.warnings[0]).toContain('@modelcontextprotocol/server-filesystem');
  const { body } = await hub.ask('POST', '/api/discover', { query: 'sonda', auto_deploy: true });
  expect(body.auto_deploy.server).toBeUndefined();
  expect(body.auto_deploy.tried.map(({ name, why }: { name: string; why: string }) => [name, why])).toEqual([
    ['io.github.ana/sonda', 'O servidor precisa de PROBE_URL, PROBE_KEY; nada foi iniciado. Implante-o com env.'],
    ['com.mallory/sonda-arquivos', expect.stringContaining('@modelcontextprotocol/server-filesystem')],
  ]);
  expect((await hub.ask('GET', '/api/servers')).body.total).toBe(0);
});

it.each([
  ['com.acme/no-ar', 422, 'sem_executor', 'GATEWAY_CONFIG'],
  ['com.acme/nao-ha', 404, 'fonte_desconhecida', 'discover'],
  ['io.github.ana/sonda@9.9.9', 404, 'fonte_desconhecida', 'discover'],
])('%s: %i %s', async (name, status, code, hint) => {
  const { body } = await hub.ask('POST', '/api/deploy', { registry_name: name });
  expect(body).toMatchObject({ status, code, hint: expect.stringContaining(hint) });
});
