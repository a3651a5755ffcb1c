import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { archiveOf, repositoryArchive } from '../../support/archive.ts';
import { DockerEngine } from '../../support/docker-engine.ts';
import { type FakeRepository, GitHubServer } from '../../support/github-server.ts';
import { startHub, type TestHub } from '../../support/hub-house.ts';
import { probePackage, probeServer, startNpmRegistry, type TestRegistry } from '../../support/npm-registry.ts';

const SHA = 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678';
const DOCKERFILE = 'FROM node:22\nCOPY . /app\nCMD ["node", "/app/index.cjs"]\n';
const url = (name: string): string => `https://github.com/teste/${name}`;
const manifest = (more: object = {}): string =>
  JSON.stringify({ name: '@teste/probe-server', version: '1.2.3', bin: { probe: 'x.cjs' }, ...more });

let root: string;
let engine: DockerEngine;
let github: GitHubServer;
let registry: TestRegistry;
let hub: TestHub;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-repository-'));
  await writeFile(join(root, 'probe.cjs'), probeServer);
  engine = await DockerEngine.start();
  engine.built = () => ({ command: process.execPath, args: [join(root, 'probe.cjs')] });
  const repository = (
    name: string,
    files: Record<string, string>,
    archive = repositoryArchive(files),
  ): FakeRepository => ({
    fullName: `teste/${name}`,
    files,
    commit: SHA,
    archive,
  });
  const good = { Dockerfile: DOCKERFILE };
  github = await GitHubServer.start(
    [
      repository('conteiner', {
        ...good,
        'index.cjs': 'x',
        'srv/Dockerfile': `${DOCKERFILE}RUN --mount=type=cache,target=/x true\n`,
        'srv/a.js': 'a',
      }),
      repository('publicado', { ...good, 'package.json': manifest() }),
      repository('impostor', { ...good, 'package.json': manifest() }),
      repository('so-codigo', { 'package.json': manifest({ private: true }) }),
      repository('so-compose', { 'compose.yaml': 'services: {}', 'requirements.txt': '' }),
      repository(
        'foge',
        good,
        archiveOf([
          { path: 'r/Dockerfile', text: DOCKERFILE },
          { path: 'r/../../x', text: 'x' },
        ]),
      ),
      repository('atalho', good, archiveOf([{ path: 'r/Dockerfile', type: 'SymbolicLink', linkpath: '/etc/passwd' }])),
      repository('corrompido', good, Buffer.from('nothing')),
      repository('grande', good, Buffer.alloc(33 * 1_048_576)),
    ],
    () => new Date(),
  );
  registry = await startNpmRegistry([
    probePackage({
      manifest: {
        bin: { probe: './dist/index.cjs' },
        repository: { type: 'git', url: 'git+https://github.com/teste/publicado.git' },
      },
    }),
  ]);
  hub = await startHub({
    DOCKER_HOST: engine.host,
    GITHUB_API_URL: github.url,
    GITHUB_TOKEN: github.token,
    HUB_NPM_REGISTRY: registry.url,
  });
});
afterAll(async () => {
  await hub.close();
  await Promise.all([engine.close(), github.close(), registry.close()]);
  await rm(root, { recursive: true, force: true });
});
beforeEach(() => {
  engine.calls.length = 0;
  engine.builds.length = 0;
  engine.fails = {};
  engine.holds = false;
});

const dry = async (request: object) => (await hub.ask('POST', '/api/deploy?dry_run=true', request)).body;
const made = (): string[] => engine.calls.filter((call) => !call.startsWith('GET'));

it('a repository with a Dockerfile is built from the very archive that was looked at, once', async () => {
  const plan = await dry({ github_url: url('conteiner') });
  expect(plan).toMatchObject({
    method: 'docker',
    image: 'omie-mcp-hub/{id}:a1b2c3d4e5f6',
    hosts: ['codeload.github.com', 'registry-1.docker.io'],
  });
  expect(plan.why).toEqual([
    `Repositório ${url('conteiner')} no commit a1b2c3d4e5f6, de 2026-11-01.`,
    'Tem Dockerfile: pode ser construído e rodar num contêiner.',
    'não npx: não há pacote npm publicado desta fonte.',
    'docker: o repositório tem um Dockerfile',
  ]);
  expect(plan.warnings.join(' ')).toContain('sem digest, que podem mudar: node:22');
  expect(plan.commands[0].args.at(-1)).toBe(`${url('conteiner')}.git#${SHA}`);
  expect(made()).toEqual([]);

  const server = await hub.deploy({ github_url: url('conteiner') });
  expect(server).toMatchObject({ status: 'deployed', method: 'docker', source: 'github:teste/conteiner' });
  expect(await hub.told(server.id, 'argv')).toBe('[]');
  expect(engine.builds).toHaveLength(1);
  const [{ query, entries } = { query: {}, entries: [] }] = engine.builds;
  expect(entries).toEqual(['Dockerfile', 'index.cjs', 'srv/Dockerfile', 'srv/a.js']);
  expect(query).toMatchObject({
    t: `omie-mcp-hub/${server.id}:a1b2c3d4e5f6`,
    dockerfile: 'Dockerfile',
    rm: 'true',
    forcerm: 'true',
    memory: String(2 * 1_073_741_824),
    memswap: String(2 * 1_073_741_824),
    cpuperiod: '100000',
    cpuquota: '200000',
    version: '1',
  });
  await hub.ask('POST', `/api/servers/${server.id}/stop`);
  await hub.ask('POST', `/api/servers/${server.id}/start`);
  await hub.until(server.id, 'deployed');
  expect(engine.builds).toHaveLength(1);
  await hub.ask('DELETE', `/api/servers/${server.id}`);
  expect([engine.images.length, engine.networks.length]).toEqual([0, 0]);
});

it('a folder of it is its own context, and what needs BuildKit gets it, with a session that ends', async () => {
  const server = await hub.deploy({ github_url: `${url('conteiner')}/tree/v1/srv` });
  expect(server).toMatchObject({ status: 'deployed', source: 'github:teste/conteiner/srv', domain: 'srv' });
  expect(engine.builds.map(({ entries, query }) => [entries, query['version']])).toEqual([
    [['Dockerfile', 'a.js'], '2'],
  ]);
  await expect.poll(() => engine.sessions, { timeout: 10_000 }).toBe(0);
  await hub.ask('DELETE', `/api/servers/${server.id}`);
});

it('a build that is stopped by hand ends in the Engine, with its session', async () => {
  engine.holds = true;
  const { body } = await hub.ask('POST', '/api/deploy', { github_url: `${url('conteiner')}/tree/v1/srv` });
  await expect.poll(() => engine.builds.length, { timeout: 30_000 }).toBe(1);
  expect(engine.sessions).toBe(1);
  expect((await hub.ask('POST', `/api/servers/${body.id}/stop`)).body.status).toBe('stopped');
  await expect.poll(() => [engine.givenUp, engine.sessions], { timeout: 30_000 }).toEqual([1, 0]);
  await hub.ask('DELETE', `/api/servers/${body.id}`);
});

it('a build that fails says so and leaves nothing', async () => {
  engine.fails = { build: "The command '/bin/sh -c false' returned a non-zero code: 1" };
  const { id, status, error } = await hub.deploy({ github_url: url('conteiner') });
  expect([status, error]).toEqual(['failed', expect.stringContaining('não pôde ser construída')]);
  const { lines } = (await hub.ask('GET', `/api/servers/${id}/logs`)).body;
  expect(lines.join('\n')).toContain('non-zero code');
  expect([engine.images.length, engine.networks.length, engine.containers.size]).toEqual([0, 0, 0]);
  await hub.ask('DELETE', `/api/servers/${id}`);
});

it('a package that the repository and npm both say to be its own runs by npx; a claim of one side does not', async () => {
  const plan = await dry({ github_url: url('publicado') });
  expect(plan).toMatchObject({ method: 'npx' });
  expect(plan.why.join(' ')).toMatch(/O npm tem @teste\/probe-server@1\.2\.3 e diz, como o package\.json/);
  const impostor = await dry({ github_url: url('impostor') });
  expect(impostor).toMatchObject({ method: 'docker' });
  expect(impostor.why.join(' ')).toContain('mas não diz que vem deste repositório');
  const refused = await dry({ github_url: url('impostor'), method: 'npx' });
  expect(refused).toMatchObject({ status: 422, code: 'sem_executor' });
});

it.each([
  [
    'so-codigo',
    /npx: .*docker: o repositório não tem um Dockerfile.*local: .*e2b: Falta a chave do E2B; defina E2B_API_KEY/,
  ],
  [
    'so-compose',
    /docker: o repositório não tem um Dockerfile, e o compose\.yaml não serve: não declara nenhum serviço\./,
  ],
])('%s runs nowhere here, and says why', async (name, why) => {
  const body = await dry({ github_url: url(name) });
  expect(body).toMatchObject({ status: 422, code: 'sem_executor' });
  expect(body.detail).toMatch(why);
});

it.each([
  ['foge', 400, 'pedido_recusado'],
  ['atalho', 400, 'pedido_recusado'],
  ['corrompido', 400, 'pedido_recusado'],
  ['grande', 400, 'pedido_recusado'],
  ['nao-ha', 404, 'fonte_desconhecida'],
  ['conteiner/tree/nao-ha', 404, 'fonte_desconhecida'],
  ['conteiner/tree/v1/nao-ha', 404, 'fonte_desconhecida'],
])('%s is refused before the Engine hears of it, and no file is written', async (name, status, code) => {
  const before = await readdir(hub.dataDir, { recursive: true });
  const { body } = await hub.ask('POST', '/api/deploy', { github_url: url(name) });
  expect(body).toMatchObject({ status, code });
  expect(made()).toEqual([]);
  expect(await readdir(hub.dataDir, { recursive: true })).toEqual(before);
});

it.each(['http://169.254.169.254/x', 'http://127.0.0.1:1/x', 'https://[::ffff:10.0.0.1]/x', 'file:///etc/passwd'])(
  'an archive that leads to %s is not fetched',
  async (location) => {
    github.redirectArchives = location;
    try {
      const { body } = await hub.ask('POST', '/api/deploy', { github_url: url('conteiner') });
      expect(body).toMatchObject({ status: 400, code: 'endereco_bloqueado' });
      expect(made()).toEqual([]);
    } finally {
      github.redirectArchives = undefined;
    }
  },
);
