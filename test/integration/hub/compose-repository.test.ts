// A repository that only its Compose file says how to run: what of it is taken over, and that nothing else it asks is given.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { repositoryArchive } from '../../support/archive.ts';
import { DockerEngine } from '../../support/docker-engine.ts';
import { type FakeRepository, GitHubServer } from '../../support/github-server.ts';
import { startHub, type TestHub } from '../../support/hub-house.ts';
import { probeServer } from '../../support/npm-registry.ts';

const SHA = 'b1b2c3d4e5f60718293a4b5c6d7e8f9012345678';
const IMAGE = 'ghcr.io/teste/servidor:1.2.3';
const url = (name: string): string => `https://github.com/teste/${name}`;
const BUILT = `services:
  mcp:
    build: {context: ./app, dockerfile: docker/Dockerfile.mcp, target: final, args: {SEGREDO: "\${HUB_ADMIN_TOKEN}"}}
    command: [--modo, leitura]
    privileged: true
    network_mode: host
    cap_add: [SYS_ADMIN]
    volumes: ["/:/host", "/var/run/docker.sock:/var/run/docker.sock"]
    env_file: .env
    environment:
      MODO: leitura
      TOKEN: "\${HUB_ADMIN_TOKEN}"
      NODE_OPTIONS: --require=/x
  db:
    image: postgres:17
`;

const DATABASE = `services: {db: {image: "${IMAGE}", ports: ["5432:5432"]}}`;

const hostile: Readonly<Record<string, string>> = {
  'fora-do-contexto': 'services: {a: {build: ../..}}',
  'outro-dockerfile': 'services: {a: {build: {context: ., dockerfile: ../../etc/passwd}}}',
  'imagem-de-shell': 'services: {a: {image: "a/b:1; touch pwned"}}',
  'nome-de-controle': 'services: {"a\\e[2J\\nb": {build: .}}',
  ancoras: `a: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\nservices: {a: {build: ., x: *c}}`,
  enorme: `services: {a: {build: .}}\n#${'x'.repeat(1_048_576)}`,
  'outro-arquivo': 'include: [/etc/passwd]\nservices: {a: {build: .}}',
  varios: 'services: {a: {build: .}, b: {build: ./b}}',
};

const variables = () => ({ DOCKER_HOST: engine.host, GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token });
let root: string;
let engine: DockerEngine;
let github: GitHubServer;
let hub: TestHub;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-compose-'));
  await writeFile(join(root, 'probe.cjs'), probeServer);
  engine = await DockerEngine.start();
  engine.built = () => ({ command: process.execPath, args: [join(root, 'probe.cjs')] });
  engine.publish(IMAGE, () => ({ command: process.execPath, args: [join(root, 'probe.cjs')] }));
  const repository = (name: string, files: Record<string, string>): FakeRepository => ({
    fullName: `teste/${name}`,
    files,
    commit: SHA,
    archive: repositoryArchive(files),
  });
  const code = { 'package.json': '{"name":"x","private":true,"bin":"./index.cjs"}', 'index.cjs': 'x' };
  const app = { 'app/docker/Dockerfile.mcp': 'FROM node:22 AS final\n', 'app/index.cjs': 'x', LEIA: 'x' };
  github = await GitHubServer.start(
    [
      repository('construido', { 'docker-compose.yml': BUILT, ...app }),
      repository('imagem', { 'compose.yaml': `services: {mcp: {image: "${IMAGE}"}}`, 'docker-compose.yml': BUILT }),
      repository('ambos', { Dockerfile: 'FROM node:22\n', 'compose.yaml': 'services: {a: {build: ../..}}' }),
      repository('sem-dockerfile', { 'compose.yaml': 'services: {mcp: {build: app}}', LEIA: 'x' }),
      repository('sem-dockerfile-na-raiz', { 'compose.yaml': 'services: {mcp: {build: .}}', ...code }),
      repository('sem-dockerfile-com-codigo', {
        'compose.yaml': 'services: {mcp: {build: app}}',
        ...code,
        'app/x': 'x',
      }),
      repository('banco', { 'docker-compose.yml': DATABASE, ...code }),
      repository('banco-so', { 'docker-compose.yml': DATABASE }),
      { ...repository('sem-commit', { 'compose.yaml': BUILT, ...app }), commit: 'main; touch pwned' },
      ...Object.entries(hostile).map(([name, text]) => repository(name, { 'compose.yaml': text })),
    ],
    () => new Date(),
  );
  hub = await startHub(variables());
});
afterAll(async () => {
  await hub.close();
  await Promise.all([engine.close(), github.close()]);
  await rm(root, { recursive: true, force: true });
});
beforeEach(() => {
  engine.calls.length = 0;
  github.requests.length = 0;
});

const dry = async (request: object) => (await hub.ask('POST', '/api/deploy?dry_run=true', request)).body;
const made = (): string[] => engine.calls.filter((call) => !call.startsWith('GET'));

describe('a service that is built', () => {
  it('is planned with its Dockerfile, and with nothing of what it asks of the machine', async () => {
    const plan = await dry({ github_url: url('construido') });
    expect(plan).toMatchObject({
      method: 'docker',
      wanted: [
        { name: 'MODO', description: 'No docker-compose.yml: leitura', required: false, secret: false },
        { name: 'TOKEN', required: false, secret: true },
      ],
      env: [],
    });
    expect(plan.why).toEqual([
      `Repositório ${url('construido')} no commit b1b2c3d4e5f6, de 2026-11-01.`,
      'Tem docker-compose.yml, cujo serviço mcp se constrói com docker/Dockerfile.mcp na pasta app; do que mais ele pede, nada é dado.',
      'não npx: não há pacote npm publicado desta fonte.',
      'docker: o Compose do repositório diz como construí-lo',
    ]);
    expect(plan.warnings.slice(0, 4)).toEqual([
      'Do docker-compose.yml só roda mcp; não são iniciados: db.',
      'O docker-compose.yml pede privileged, network_mode, cap_add, volumes, build.args: nada disso é dado ao contêiner.',
      'O docker-compose.yml lê variáveis de um env_file, que não é lido: dê-as em env.',
      'O docker-compose.yml pede variáveis que nenhum servidor recebe: NODE_OPTIONS.',
    ]);
    expect(plan.commands[0]).toEqual({
      command: 'docker',
      args: [
        'build',
        '--tag=omie-mcp-hub/{id}:b1b2c3d4e5f6',
        '--file=docker/Dockerfile.mcp',
        '--target=final',
        `${url('construido')}.git#${SHA}:app`,
      ],
    });
    expect(plan.commands.at(-1).args.slice(-2)).toEqual(['--modo', 'leitura']);
    expect(JSON.stringify(plan.commands)).not.toMatch(/privileged|volume|mount|docker\.sock|=host|SYS_ADMIN|env-file/);
    // The names of the file in their order: the first one there is, at the commit.
    expect(github.requests.filter((one) => one.includes('compose'))).toEqual([
      `GET /repos/teste/construido/contents/docker-compose.yml?ref=${SHA}`,
    ]);
    expect(made()).toEqual([]);
  });

  it('is built from that folder alone, with that file and stage, and runs as every other container', async () => {
    engine.builds.length = 0;
    const server = await hub.deploy({ github_url: url('construido') });
    expect(server).toMatchObject({ status: 'deployed', method: 'docker', source: 'github:teste/construido' });
    expect(JSON.parse(await hub.told(server.id, 'argv'))).toEqual(['--modo', 'leitura']);
    expect(engine.builds).toHaveLength(1);
    expect(engine.builds[0]?.entries).toEqual(['docker/Dockerfile.mcp', 'index.cjs']);
    expect(engine.builds[0]?.query).toMatchObject({ dockerfile: 'docker/Dockerfile.mcp', target: 'final' });
    expect(engine.builds[0]?.query).not.toHaveProperty('buildargs');
    const [created] = engine.bodiesOf('POST /containers/create');
    expect(created).toMatchObject({
      Cmd: ['--modo', 'leitura'],
      Env: [],
      HostConfig: { Privileged: false, CapDrop: ['ALL'], NetworkMode: `omie-mcp-hub-${server.id}` },
    });
    expect(JSON.stringify(created)).not.toMatch(/Binds|Mounts|CapAdd|Devices|docker\.sock/);
    // As it was stored: a restart builds the same.
    await hub.ask('POST', `/api/servers/${server.id}/stop`);
    await hub.ask('POST', `/api/servers/${server.id}/start`);
    await hub.until(server.id, 'deployed');
    expect(engine.builds).toHaveLength(1);
    await hub.ask('DELETE', `/api/servers/${server.id}`);
  });
});

it('a service that is an image is that image, pinned to its digest; compose.yaml goes before docker-compose.yml', async () => {
  const plan = await dry({ github_url: url('imagem') });
  expect(plan).toMatchObject({ method: 'docker', source: `image:${IMAGE}` });
  expect(plan.image).toMatch(/^ghcr\.io\/teste\/servidor@sha256:[0-9a-f]{64}$/);
  expect(plan.why.join(' ')).toContain(`Tem compose.yaml, cujo serviço mcp é a imagem ${IMAGE}`);
  expect(made()).toEqual([]);
});

describe('a development database beside a program', () => {
  const e2bToo = async (request: object) => {
    const both = await startHub({ ...variables(), E2B_API_KEY: 'e2b_teste' });
    try {
      return (await both.ask('POST', '/api/deploy?dry_run=true', request)).body;
    } finally {
      await both.close();
    }
  };

  it.each([
    ['banco', /^não docker: o serviço é uma imagem pronta, não o código deste repositório: ghcr/],
    [
      'sem-dockerfile-na-raiz',
      /^não docker: .*se constrói com Dockerfile na raiz do repositório, que não está no commit/,
    ],
    ['sem-dockerfile-com-codigo', /^não docker: .*se constrói com Dockerfile na pasta app, que não está no commit/],
  ])('is passed over by auto, which takes the program (%s)', async (name, expected) => {
    const plan = await e2bToo({ github_url: url(name) });
    expect(plan).toMatchObject({ method: 'e2b', source: `github:teste/${name}` });
    expect(plan.why.filter((one: string) => one.includes('docker:'))).toEqual([expect.stringMatching(expected)]);
  });

  it('runs where docker is asked for, with a warning that names it and its port', async () => {
    const auto = await dry({ github_url: url('banco') });
    expect(auto).toMatchObject({ status: 422, detail: expect.stringContaining('só roda com method: docker') });
    const plan = await dry({ github_url: url('banco'), method: 'docker' });
    expect(plan).toMatchObject({ method: 'docker', source: `image:${IMAGE}` });
    expect(plan.warnings.slice(0, 2)).toEqual([
      `O que roda é a imagem ${IMAGE}, que o docker-compose.yml nomeia, e não o código deste repositório.`,
      expect.stringContaining('publica a porta 5432'),
    ]);
    // Where nothing else can be meant.
    expect(await dry({ github_url: url('banco-so') })).toMatchObject({ method: 'docker', source: `image:${IMAGE}` });
  });
});

it('a Dockerfile goes before a Compose file, which is not even read', async () => {
  const plan = await dry({ github_url: url('ambos') });
  expect(plan).toMatchObject({ method: 'docker' });
  expect(plan.why).toContain('Tem compose.yaml, que não é lido: o Dockerfile vem antes.');
  expect(github.requests.join()).not.toContain('contents/compose.yaml');
});

it.each([
  ['fora-do-contexto', 422, 'é construído de uma pasta de fora do repositório'],
  ['outro-dockerfile', 422, 'usa um Dockerfile de fora do seu contexto'],
  ['imagem-de-shell', 422, 'não diz uma imagem com tag'],
  ['nome-de-controle', 422, 'nome de serviço que não é aceito'],
  ['ancoras', 422, 'não é um YAML que se possa ler'],
  ['enorme', 422, 'é grande demais'],
  ['outro-arquivo', 422, 'inclui outros arquivos'],
  ['varios', 422, 'vários serviços (a, b)'],
  ['sem-dockerfile', 422, 'se constrói com Dockerfile na pasta app, que não está no commit'],
  ['construido/tree/0000000000000000000000000000000000000000', 404, 'commit'],
  ['construido/tree/main;id', 400, 'github_url'],
  // What GitHub says is no commit, and is not believed.
  ['sem-commit', 502, 'fora do formato'],
])('%s is refused before the Engine hears of it, and no file is written', async (name, status, expected) => {
  const before = await readdir(hub.dataDir, { recursive: true });
  const { body } = await hub.ask('POST', '/api/deploy', { github_url: url(name) });
  expect(body).toMatchObject({ status, detail: expect.stringContaining(expected) });
  expect(JSON.stringify(body)).not.toMatch(/pwned|\\u001b|passwd/);
  expect(made()).toEqual([]);
  expect(await readdir(hub.dataDir, { recursive: true })).toEqual(before);
  if (name === 'enorme') expect(github.requests.join()).not.toContain('contents/compose.yaml');
});
