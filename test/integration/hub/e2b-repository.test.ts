// A repository without a package or a Dockerfile, in a sandbox at E2B: fetched there by the real git, at its very commit.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { archiveOf, repositoryArchive } from '../../support/archive.ts';
import { FakeE2b } from '../../support/e2b-server.ts';
import { type FakeRepository, GitHubServer } from '../../support/github-server.ts';
import { startHub, type TestHub } from '../../support/hub-house.ts';
import { probeServer } from '../../support/npm-registry.ts';
import { supergatewayPackage } from '../../support/supergateway.ts';

const url = (name: string): string => `https://github.com/teste/${name}`;
const manifest = (more: object): string => JSON.stringify({ name: 'sonda', private: true, ...more });
/** What a shell would make something else of. */
const ARGS = ["it's", '$(touch pwned)', '; exit 9'];

/** In the place of Python: an environment that runs what it is given with Node. */
const python3 = `#!/bin/sh
mkdir -p "$3/bin" && cat > "$3/bin/python" <<'END'
#!/bin/sh
if [ "$2" = pip ]; then
  for last; do :; done
  cat "$last" > "$HOME/installed"
  exit 0
fi
shift
exec node "$@"
END
chmod +x "$3/bin/python"
`;

let root: string;
let github: GitHubServer;
let e2b: FakeE2b;
let hub: TestHub;
const commits = new Map<string, string>();

/** A bare repository where the sandbox's github.com is, with a later commit on its branch than the one that is planned. */
async function published(name: string, files: Record<string, string>): Promise<FakeRepository> {
  const work = join(root, 'work', name);
  await mkdir(work, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], {
      cwd: work,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), text);
  }
  git('init', '--quiet');
  git('add', '--all', '--force');
  git('commit', '--quiet', '--message=one');
  const commit = git('rev-parse', 'HEAD');
  for (const path of Object.keys(files)) await writeFile(join(work, path), 'process.exit(3)');
  git('commit', '--quiet', '--all', '--message=two');
  git('clone', '--quiet', '--bare', '.', join(root, 'github', 'teste', `${name}.git`));
  execFileSync('git', ['config', 'uploadpack.allowAnySHA1InWant', 'true'], {
    cwd: join(root, 'github', 'teste', `${name}.git`),
  });
  commits.set(name, commit);
  return { fullName: `teste/${name}`, files, commit, archive: repositoryArchive(files) };
}

const described = (
  name: string,
  files: Record<string, string>,
  archive = repositoryArchive(files),
): FakeRepository => ({
  fullName: `teste/${name}`,
  files,
  commit: 'c'.repeat(40),
  archive,
});

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-e2b-repository-'));
  const good = manifest({ bin: './index.cjs' });
  github = await GitHubServer.start(
    [
      await published('node', {
        'srv/package.json': manifest({ bin: { sonda: './index.cjs' }, dependencies: { zod: '4.0.0' } }),
        'srv/package-lock.json': '{}',
        'srv/index.cjs': probeServer,
      }),
      await published('python', { 'requirements.txt': 'mcp>=1\n', 'src/server.py': probeServer }),
      described('sem-programa', { 'package.json': manifest({ scripts: { start: 'sh -c "touch pwned"' } }) }),
      described('por-compilar', { 'package.json': manifest({ bin: 'dist/index.js' }) }),
      described('foge', { 'package.json': manifest({ bin: '../../../bin/sh' }) }),
      described('de-shell', { 'package.json': manifest({ bin: 'a;touch pwned' }), 'a;touch pwned': '' }),
      described('sem-servidor', { 'requirements.txt': 'mcp\n', 'outra.py': '' }),
      described('so-texto', { 'LEIA.md': '' }),
      described('enorme', { 'package.json': good }, repositoryArchive({ 'package.json': 'x'.repeat(1_048_577) })),
      described(
        'atalho',
        { 'package.json': good },
        archiveOf([
          { path: 'r/package.json', text: good },
          { path: 'r/index.cjs', type: 'SymbolicLink', linkpath: 'outro.cjs' },
          { path: 'r/outro.cjs', text: '' },
        ]),
      ),
      { ...described('sem-commit', { 'package.json': good, 'index.cjs': '' }), commit: 'HEAD; touch pwned' },
    ],
    () => new Date(),
  );
  e2b = await FakeE2b.start({
    packages: [supergatewayPackage],
    programs: { python3 },
    environment: {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.file://${join(root, 'github')}/.insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://github.com/',
    },
  });
  hub = await startHub({ ...e2b.variables, GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token });
});
afterAll(async () => {
  await hub.close();
  await Promise.all([e2b.close(), github.close()]);
  await rm(root, { recursive: true, force: true });
});

const dry = async (request: object) => (await hub.ask('POST', '/api/deploy?dry_run=true', request)).body;
/** As the sandbox was told them, without what npm, pip and supergateway are told besides. */
const lines = (): string[] =>
  [...e2b.sandboxes.values()].flatMap(({ envd }) => envd.started.map(({ args }) => args.at(-1) ?? ''));
const QUIET = "'--no-audit' '--no-fund' '--no-update-notifier' '--omit=dev'";

it('auto says of each way why it is not taken, and what would run, and creates no sandbox', async () => {
  const plan = await dry({ github_url: `${url('node')}/tree/v1/srv` });
  const commit = commits.get('node') ?? '';
  expect(plan.why).toEqual([
    `Repositório ${url('node')} no commit ${commit.slice(0, 12)}, de 2026-11-01.`,
    'O package.json não é o de um programa que se publica no npm.',
    'Tem package.json e nenhum Dockerfile: clonado em HUB_LOCAL_DIR, pode ser implantado com folder.',
    'não npx: não há pacote npm publicado desta fonte.',
    'não docker: o repositório não tem um Dockerfile, nem um Compose que sirva.',
    'não local: só executa subpastas de HUB_LOCAL_DIR; clone o repositório ali e use folder.',
    'e2b: o código do commit roda longe desta máquina',
  ]);
  expect(plan).toMatchObject({ method: 'e2b', hosts: [expect.any(String), 'codeload.github.com', 'github.com'] });
  expect(plan.warnings.join(' ')).toMatch(/sem GITHUB_TOKEN.*Scripts de instalação das dependências não rodam/);
  expect(
    plan.commands.map(({ command, args }: { command: string; args: string[] }) => [command, ...args]).slice(1, -1),
  ).toEqual([
    ['git', 'init', '--quiet', 'hub/server'],
    ['git', '-C', 'hub/server', 'fetch', '--quiet', '--depth=1', '--no-tags', '--', `${url('node')}.git`, commit],
    ['git', '-C', 'hub/server', 'checkout', '--quiet', '--detach', commit],
    [
      'npm',
      'ci',
      '--prefix=hub/server/srv',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--omit=dev',
      '--ignore-scripts',
      '--loglevel=warn',
    ],
  ]);
  expect(e2b.requests).toEqual([]);
});

it('a Node program runs from its commit, although its branch has moved on', async () => {
  const env = { API_KEY: 'canary-value' };
  const server = await hub.deploy({ github_url: `${url('node')}/tree/v1/srv`, args: ARGS, env });
  expect(server).toMatchObject({ status: 'deployed', method: 'e2b', source: 'github:teste/node/srv' });
  expect(JSON.parse(await hub.told(server.id, 'argv'))).toEqual(ARGS);
  const commit = commits.get('node') ?? '';
  const [, ...after] = lines();
  expect(after.slice(0, -1)).toEqual([
    "'git' 'init' '--quiet' 'hub/server'",
    `'git' '-C' 'hub/server' 'fetch' '--quiet' '--depth=1' '--no-tags' '--' '${url('node')}.git' '${commit}'`,
    `'git' '-C' 'hub/server' 'checkout' '--quiet' '--detach' '${commit}'`,
    `'npm' 'ci' '--prefix=hub/server/srv' ${QUIET} '--ignore-scripts' '--loglevel=warn'`,
  ]);
  expect(after.at(-1)).toContain('hub/server/srv/index.cjs');
  expect(lines().join()).not.toContain('canary');
  // What fetches and installs is given no variables.
  const started = [...e2b.sandboxes.values()].flatMap(({ envd }) => envd.started.map(({ envs }) => envs));
  expect(started).toEqual([{}, {}, {}, {}, {}, env]);
  await hub.ask('DELETE', `/api/servers/${server.id}`);
  expect(e2b.sandboxes.size).toBe(0);
});

it('a Python program, found by the names that folders of this machine go by, in an environment of its own', async () => {
  const server = await hub.deploy({ github_url: url('python') });
  expect(server).toMatchObject({ status: 'deployed', method: 'e2b' });
  expect(lines().slice(4, -1)).toEqual([
    "'python3' '-m' 'venv' 'hub/venv'",
    "'hub/venv/bin/python' '-m' 'pip' 'install' '--no-input' '--disable-pip-version-check' '--no-cache-dir' '-r' 'hub/server/requirements.txt'",
  ]);
  expect(lines().at(-1)).toContain('hub/server/src/server.py');
  await hub.ask('DELETE', `/api/servers/${server.id}`);
});

it.each([
  ['sem-programa', 422, 'não diz o que executar'],
  ['por-compilar', 422, 'O programa que a pasta do repositório declara não existe nela'],
  ['foge', 422, 'O programa que a pasta do repositório declara não existe nela'],
  ['de-shell', 422, 'O programa que a pasta do repositório declara não existe nela'],
  ['atalho', 422, 'O programa que a pasta do repositório declara não existe nela'],
  ['sem-servidor', 422, 'server.py'],
  [
    'so-texto',
    422,
    'e2b: só executa pacotes npm e PyPI com versão exata, e repositórios com package.json ou requirements.txt.',
  ],
  ['enorme', 400, 'passa de 1 MB'],
  ['node/tree/0000000000000000000000000000000000000000', 404, 'commit'],
  ['sem-commit', 502, 'fora do formato'],
])('%s is refused before E2B hears of it, and no file is written', async (name, status, expected) => {
  const before = await readdir(hub.dataDir, { recursive: true });
  const asked = e2b.requests.length;
  const { body } = await hub.ask('POST', '/api/deploy', { github_url: url(name) });
  expect(body).toMatchObject({ status, detail: expect.stringContaining(expected) });
  expect(JSON.stringify(body)).not.toContain('pwned');
  expect(e2b.requests.length).toBe(asked);
  expect(await readdir(hub.dataDir, { recursive: true })).toEqual(before);
});
