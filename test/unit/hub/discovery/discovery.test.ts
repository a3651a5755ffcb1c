import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../../src/errors.ts';
import { cachedFinder } from '../../../../src/hub/discovery/cached-finder.ts';
import { Discovery } from '../../../../src/hub/discovery/discovery.ts';
import type { Finder, Found } from '../../../../src/hub/discovery/finder.ts';
import { createGitHubClient } from '../../../../src/hub/discovery/github-client.ts';
import { githubFinder } from '../../../../src/hub/discovery/github-finder.ts';
import { registryFinder } from '../../../../src/hub/discovery/registry-finder.ts';
import { sharedFinder } from '../../../../src/hub/discovery/shared-finder.ts';
import { timedFinder } from '../../../../src/hub/discovery/timed-finder.ts';
import { openRegistryClient, type RegistryClient } from '../../../../src/hub/registry/registry-client.ts';
import { createGuardedFetch, type GuardedFetch } from '../../../../src/hub/safety/guarded-fetch.ts';
import { Secret } from '../../../../src/logging/secret.ts';
import { GitHubServer } from '../../../support/github-server.ts';
import { McpRegistryServer } from '../../../support/mcp-registry.ts';

let nowMs: number;
const now = (): Date => new Date(nowMs);
let github: GitHubServer;
let registry: McpRegistryServer;
let fetches: Pick<GuardedFetch, 'close'>[];
const signal = new AbortController().signal;
const npmRegistries = async () => ({ own: 'npm.intranet.example', standard: 'npm.public.example' });

const npm = (identifier: string, more: object = {}) => ({
  registryType: 'npm',
  identifier,
  version: '1.2.3',
  transport: { type: 'stdio' },
  ...more,
});

beforeEach(async () => {
  nowMs = Date.parse('2026-11-21T12:00:00Z');
  fetches = [];
  github = await GitHubServer.start([], now);
  registry = await McpRegistryServer.start([]);
});
afterEach(async () => {
  await Promise.all([github.close(), registry.close(), ...fetches.map((one) => one.close())]);
});

const guarded = (trusted: string): GuardedFetch => {
  const made = createGuardedFetch({ trusted });
  fetches.push(made);
  return made;
};
const onGitHub = (token?: string): Finder =>
  githubFinder(
    createGitHubClient({
      baseUrl: github.url,
      fetch: guarded(github.url),
      now,
      ...(token === undefined ? {} : { token: new Secret(token) }),
    }),
  );
const onRegistryAsIs = (): RegistryClient => {
  const opened = openRegistryClient(registry.url, now);
  fetches.push(opened);
  return opened.client;
};
const onRegistry = (): Finder => registryFinder({ client: onRegistryAsIs(), npmRegistries });
const both = () => new Discovery([onGitHub(), onRegistry()], now);

describe('GitHub', () => {
  it('finds repositories and how they could be run, from what lies in them', async () => {
    github.repositories = [
      {
        fullName: 'Ana/postgres-mcp',
        description: 'Postgres\u200b for\n\nagents \u001b[31m',
        stars: 1_000,
        files: {
          'package.json': JSON.stringify({ name: '@ana/postgres-mcp', version: '2.0.1', bin: './a.js' }),
          Dockerfile: 'FROM x',
        },
      },
      { fullName: 'bia/postgres-mcp-py', files: { 'requirements.txt': 'mcp', 'src/': '' } },
      { fullName: 'caio/postgres-mcp-vazio', files: {} },
      // No runner takes a Compose file, and none a package that is not to be published.
      {
        fullName: 'dani/postgres-mcp-privado',
        files: {
          'compose.yaml': 'services: {}',
          'package.json': JSON.stringify({ name: 'privado', version: '2.0.1', bin: './a.js', private: true }),
        },
      },
    ];
    const { candidates, notes } = await onGitHub().find('postgres', 10, signal);
    expect(notes).toEqual([]);
    expect(
      candidates.map(({ name, description, waysToRun }) => [name, description, waysToRun.map(({ method }) => method)]),
    ).toEqual([
      ['Ana/postgres-mcp', 'Postgres for agents', ['npx', 'docker', 'e2b', 'local']],
      ['bia/postgres-mcp-py', '', ['local']],
      ['caio/postgres-mcp-vazio', '', []],
      ['dani/postgres-mcp-privado', '', ['local']],
    ]);
    expect(candidates[0]?.waysToRun[0]).toMatchObject({
      request: { github_url: 'https://github.com/Ana/postgres-mcp', method: 'npx' },
    });
    // A folder that merely has the repository's bare name may be anything of the operator's.
    expect(candidates[1]?.waysToRun[0]).toMatchObject({
      request: { folder: 'bia/postgres-mcp-py', method: 'local' },
      why: expect.stringContaining('roda o que estiver nessa pasta'),
    });
    expect(github.headers[0]).toMatchObject({ 'x-github-api-version': '2022-11-28' });
    expect(github.headers[0]?.['authorization']).toBeUndefined();
  });

  it("words alone reach the search: nobody's operators", async () => {
    await onGitHub().find('user:ana "x" OR org:b', 10, signal);
    expect(new URL(github.requests[0]?.slice(4) ?? '', github.url).searchParams.get('q')).toBe(
      'user ana x or org b mcp in:name,description,topics',
    );
  });

  it('without a token few repositories are opened, and it says so; with one, more', async () => {
    github.repositories = Array.from({ length: 8 }, (_, index) => ({
      fullName: `a/erp-mcp-${index}`,
      files: { Dockerfile: '' },
    }));
    const plain = await onGitHub().find('erp', 8, signal);
    expect(plain.candidates.map(({ waysToRun }) => waysToRun.length)).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
    expect(plain.notes.join()).toContain('GITHUB_TOKEN');
    const more = await onGitHub(github.token).find('erp', 8, signal);
    expect(more.candidates.every(({ waysToRun }) => waysToRun.length === 1)).toBe(true);
    await expect(onGitHub('errado').find('erp', 8, signal)).rejects.toMatchObject({ code: 'nao_configurado' });
  });

  it('a used-up search limit says when it ends, and nobody asks before', async () => {
    github.leave('search', 0);
    const finder = onGitHub();
    const problem = {
      code: 'fonte_indisponivel',
      retryAfterMs: 60_000,
      message: expect.stringContaining('2026-11-21T12:01:00.000Z'),
    };
    await expect(finder.find('erp', 5, signal)).rejects.toMatchObject(problem);
    nowMs += 20_000;
    await expect(finder.find('erp', 5, signal)).rejects.toMatchObject({ retryAfterMs: 40_000 });
    expect(github.requests).toHaveLength(1);
    nowMs += 40_000;
    expect((await finder.find('erp', 5, signal)).candidates).toEqual([]);
  });

  it.each([
    ['secondary', 60_000],
    ['secondary-with-wait', 90_000],
  ] as const)('a %s limit holds for everything', async (kind, waitMs) => {
    github.repositories = [{ fullName: 'a/erp-mcp', files: { Dockerfile: '' } }];
    const finder = onGitHub();
    github.failures.push(kind);
    await expect(finder.find('erp', 5, signal)).rejects.toMatchObject({ retryAfterMs: waitMs });
    await expect(finder.find('erp', 5, signal)).rejects.toMatchObject({ retryAfterMs: waitMs });
    expect(github.requests).toHaveLength(1);
  });

  it('proposes no folder that could not be asked for', async () => {
    const files = { 'requirements.txt': '' };
    github.repositories = ['a/.erp-mcp', 'a/-erp-mcp', 'a/erp-mcp'].map((fullName) => ({ fullName, files }));
    const { candidates } = await onGitHub().find('erp', 5, signal);
    expect(candidates.map(({ waysToRun }) => waysToRun.length)).toEqual([0, 0, 1]);
  });

  it('a limit met while repositories are opened keeps what was found', async () => {
    github.repositories = [0, 1, 2].map((index) => ({ fullName: `a/erp-mcp-${index}`, files: { Dockerfile: '' } }));
    github.leave('core', 1);
    const { candidates, notes, isPartial } = await onGitHub().find('erp', 5, signal);
    expect(candidates.map(({ waysToRun }) => waysToRun.length)).toEqual([1, 0, 0]);
    expect(notes.join()).toContain('Só 1 de 3');
    expect(isPartial).toBe(true);
  });

  it('so does the end of its time', async () => {
    github.repositories = [0, 1, 2].map((index) => ({ fullName: `a/erp-mcp-${index}`, files: { Dockerfile: '' } }));
    const client = createGitHubClient({ baseUrl: github.url, fetch: guarded(github.url), now });
    const time = new AbortController();
    const late = githubFinder({
      ...client,
      get(...asked) {
        if (asked[2]['repo'] === 'erp-mcp-1') time.abort(new DOMException('late', 'TimeoutError'));
        return client.get(...asked);
      },
    });
    const { candidates, notes, isPartial } = await late.find('erp', 5, time.signal);
    expect(candidates.map(({ waysToRun }) => waysToRun.length)).toEqual([1, 0, 0]);
    expect(isPartial).toBe(true);
    expect(notes).toEqual([expect.stringContaining('Só 1 de 3')]);
  });

  it('follows GitHub to itself, as for a renamed repository, and nowhere else', async () => {
    github.repositories = [{ fullName: 'a/erp-mcp' }];
    const inside = github.elsewhere;
    github.elsewhere = `${github.url}search/repositories?q=erp`;
    github.failures.push('elsewhere');
    expect((await onGitHub().find('erp', 5, signal)).candidates).toHaveLength(1);
    github.elsewhere = inside;
    github.failures.push('elsewhere');
    await expect(onGitHub().find('erp', 5, signal)).rejects.toMatchObject({ code: 'endereco_bloqueado' });
  });
});

describe('the registry', () => {
  it('pages through it, keeps active servers, and says how each runs', async () => {
    registry.pageSize = 2;
    registry.entries = [
      {
        server: {
          name: 'io.github.ana/postgres',
          description: 'Banco',
          packages: [
            npm('@ana/postgres', { environmentVariables: [{ name: 'PG_URL', isRequired: true, isSecret: true }] }),
          ],
          repository: { url: 'https://github.com/ana/postgres', source: 'github' },
        },
      },
      {
        server: {
          name: 'com.acme/postgres-pro',
          remotes: [
            { type: 'streamable-http', url: 'https://mcp.acme.com/mcp' },
            { type: 'sse', url: 'http://10.0.0.1/sse' },
            { type: 'sse', url: 'https://{tenant}.acme.com' },
          ],
        },
      },
      {
        server: {
          name: 'com.acme/postgres-oci',
          packages: [
            { registryType: 'oci', identifier: 'ghcr.io/acme/pg:1.0.0' },
            { registryType: 'oci', identifier: '--privileged' },
          ],
        },
      },
      {
        server: {
          name: 'com.acme/postgres-py',
          packages: [{ registryType: 'pypi', identifier: 'pg', version: '1.0' }],
        },
      },
      {
        server: {
          name: 'com.acme/postgres-evil',
          packages: [npm('x; rm -rf /'), npm('--registry=http://evil'), npm('ok', { version: '^1.0.0' })],
        },
      },
      { server: { name: 'com.acme/postgres-old' }, status: 'deprecated' },
      { server: { name: 'com.acme/postgres', version: '0.1.0' }, isLatest: false },
      { server: { name: 'not a name' } },
    ];
    const { candidates } = await onRegistry().find('postgres mcp', 10, signal);
    expect(registry.requests).toHaveLength(3);
    expect(registry.requests[1]).toContain('cursor=');
    expect(
      candidates.map(({ name, waysToRun }) => [
        name,
        ...waysToRun.map((way) => (way.method === 'remote' ? way.url : Object.values(way.request).join(' '))),
      ]),
    ).toEqual([
      ['com.acme/postgres-evil'],
      ['com.acme/postgres-oci', 'com.acme/postgres-oci@1.0.0 docker'],
      ['com.acme/postgres-pro', 'https://mcp.acme.com/mcp'],
      ['com.acme/postgres-py', 'com.acme/postgres-py@1.0.0 e2b'],
      ['io.github.ana/postgres', 'io.github.ana/postgres@1.0.0 npx'],
    ]);
    expect(candidates.at(-1)).toMatchObject({
      verified: expect.stringContaining('conta ana'),
      repository: 'ana/postgres',
      wanted: [{ name: 'PG_URL', required: true, secret: true }],
    });
    expect(candidates[0]?.verified).toContain('acme.com');
  });

  it('a package of another npm registry has a name that npm would find elsewhere: it is no way to run', async () => {
    const hosted = (name: string, registryBaseUrl: string) => ({
      server: { name: `com.acme/erp-${name}`, packages: [npm('@acme/erp', { registryBaseUrl })] },
    });
    registry.entries = [
      hosted('a-own', 'https://npm.intranet.example/'),
      hosted('b-public', 'https://npm.public.example'),
      hosted('c-lookalike', 'https://npm.public.example.evil.test'),
      hosted('d-user', 'https://npm.public.example@evil.test/'),
      hosted('e-foreign', 'https://evil.test/npm.public.example'),
      hosted('f-none', 'npm.public.example'),
    ];
    const { candidates } = await onRegistry().find('erp', 10, signal);
    expect(candidates.map(({ name, waysToRun }) => [name.slice(13, 14), waysToRun.length])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 0],
      ['d', 0],
      ['e', 0],
      ['f', 0],
    ]);
  });

  it('what an entry says of mounts, users, commands and values is no part of how it runs', async () => {
    const hostile = {
      runtimeHint: '/bin/sh',
      runtimeArguments: [
        { type: 'named', name: '-v', value: '/:/host' },
        { type: 'named', name: '--user', value: 'root' },
        { type: 'positional', value: '--privileged' },
      ],
      packageArguments: [{ type: 'positional', value: '; touch /tmp/pwned' }],
      environmentVariables: [{ name: 'API_KEY', value: 'chosen-by-them', default: 'chosen-by-them', isRequired: true }],
      transport: { type: 'stdio', command: '/bin/sh', env: { NODE_OPTIONS: '--require ./x' } },
    };
    registry.entries = [
      {
        server: {
          name: 'com.acme/erp',
          packages: [npm('@acme/erp', hostile), { registryType: 'oci', identifier: 'acme/erp:1.2.0', ...hostile }],
          _meta: { command: '/bin/sh' },
        },
      },
    ];
    const { candidates } = await onRegistry().find('erp', 10, signal);
    // Both packages want it; whoever deploys gives it once.
    expect(candidates[0]?.wanted).toEqual([{ name: 'API_KEY', required: true, secret: false }]);
    const requests = candidates[0]?.waysToRun.map((way) => ('request' in way ? Object.keys(way.request) : []));
    expect(requests).toEqual([
      ['registry_name', 'method'],
      ['registry_name', 'method'],
    ]);
    const all = JSON.stringify(candidates);
    for (const theirs of ['sh', 'host', 'root', 'privileged', 'pwned', 'chosen-by-them', 'NODE_OPTIONS']) {
      expect(all).not.toMatch(new RegExp(`\\b${theirs}\\b`));
    }
  });

  it('leaves a registry that pages on for ever, and says so', async () => {
    registry.entries = [{ server: { name: 'com.acme/erp' } }];
    registry.endless = true;
    const { notes } = await onRegistry().find('erp', 10, signal);
    expect(registry.requests).toHaveLength(3);
    expect(notes.join()).toContain('mais precisa');
  });

  it.each([
    ['limited', { retryAfterMs: 30_000 }],
    ['down', { message: expect.stringContaining('503') }],
    ['nonsense', {}],
  ] as const)('%s is a problem of its own', async (kind, more) => {
    registry.failures.push(kind);
    await expect(onRegistry().find('erp', 10, signal)).rejects.toMatchObject({ code: 'fonte_indisponivel', ...more });
  });
});

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('an answer out of format is a source that failed, not one that found nothing', () => {
  const outOfFormat = { code: 'fonte_indisponivel', message: expect.stringContaining('fora do formato') };

  it.each([
    ['deep', `{"items":[${nested(100_000)}]}`],
    ['deep beside what is good', `{"items":[{"full_name":"a/erp","name":"erp","x":${nested(100)}}]}`],
    ['of something else', '{"items":[1,null,{"full_name":7}]}'],
    ['of names that are paths', '{"items":[{"full_name":"a/..","name":".."},{"full_name":"a/.","name":"."}]}'],
  ])('GitHub, %s', async (_what, said) => {
    github.said = said;
    await expect(onGitHub().find('erp', 10, signal)).rejects.toMatchObject(outOfFormat);
    expect(github.requests).toHaveLength(1);
  });

  it.each([
    ['deep', `{"servers":[${nested(100_000)}]}`],
    ['deep beside what is good', `{"servers":[{"server":{"name":"a.b/erp"},"x":${nested(100)}}]}`],
    ['of something else', '{"servers":[1,null,{"server":7}]}'],
  ])('the registry, %s', async (_what, said) => {
    registry.said.push(said);
    await expect(onRegistry().find('erp', 10, signal)).rejects.toMatchObject(outOfFormat);
  });

  it('no more is looked at than was asked for', async () => {
    const many = Array.from({ length: 300 }, (_, index) => `erp-${index}`);
    github.said = JSON.stringify({ items: many.map((name) => ({ full_name: `a/${name}`, name })) });
    expect((await onGitHub().find('erp', 7, signal)).candidates).toHaveLength(7);
    registry.said.push(JSON.stringify({ servers: many.map((name) => ({ server: { name: `a.b/${name}` } })) }));
    const { candidates, notes } = await onRegistry().find('erp', 10, signal);
    expect(candidates).toHaveLength(100);
    expect(notes.join()).toContain('100 de 300');
  });
});

describe('together', () => {
  beforeEach(() => {
    github.repositories = [
      {
        fullName: 'Ana/postgres',
        description: 'mcp',
        stars: 900,
        pushedAt: '2026-11-20T00:00:00Z',
        files: { Dockerfile: '' },
      },
      { fullName: 'copia/postgres-mcp-pro-max', stars: 5, pushedAt: '2023-01-01T00:00:00Z', archived: true },
    ];
    registry.entries = [
      {
        server: {
          name: 'io.github.ana/postgres',
          packages: [npm('@ana/postgres')],
          repository: { url: 'https://github.com/ana/postgres', source: 'github' },
        },
      },
      { server: { name: 'com.acme/db-postgres' } },
    ];
  });

  it('one repository is one candidate, with what both know of it; the order is explained', async () => {
    const { ranked } = await both().find('postgres', { limit: 10, signal });
    expect(ranked.map(({ candidate }) => candidate.name)).toEqual([
      'io.github.ana/postgres',
      'com.acme/db-postgres',
      'copia/postgres-mcp-pro-max',
    ]);
    const [first, , last] = ranked;
    expect(first?.candidate).toMatchObject({
      origin: 'registry+github',
      stars: 900,
      updatedAt: '2026-11-20T00:00:00Z',
    });
    expect(first?.candidate.waysToRun.map(({ method }) => method)).toEqual(['npx', 'docker']);
    expect(first?.why).toEqual([
      'o nome é exatamente o que foi pedido (+50)',
      'o registro conferiu que é da conta ana do GitHub (+15)',
      '900 estrelas (+12)',
      'mudou há 1 dia (+10)',
      'pode ser executado com npx, docker (+10)',
    ]);
    expect(first?.score).toBe(97);
    expect(last?.why.join()).toContain('arquivado');
  });

  it('a source that fails is named, and the other is given; when all fail, so is the question', async () => {
    registry.failures.push('down', 'down');
    const discovery = both();
    const { ranked, sources } = await discovery.find('postgres', { limit: 10, signal });
    expect(ranked).toHaveLength(2);
    expect(sources).toMatchObject([
      { source: 'github' },
      { source: 'registry', problem: { code: 'fonte_indisponivel' } },
    ]);
    github.failures.push('secondary-with-wait');
    await expect(discovery.find('postgres', { limit: 10, signal })).rejects.toMatchObject({
      code: 'fonte_indisponivel',
      retryAfterMs: 90_000,
      message: expect.stringContaining('registro'),
    });
    await expect(discovery.find('":"', { limit: 10, signal })).rejects.toMatchObject({ code: 'pedido_recusado' });
  });

  it('asks only the sources that were named', async () => {
    await both().find('postgres', { limit: 10, sources: ['registry'], signal });
    expect(github.requests).toEqual([]);
  });
});

describe('a source that goes on for ever', () => {
  /** Says a little, and never comes to an end. */
  const dripping = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' }).write('{"items":[');
  });
  const dripper = async (): Promise<string> => {
    await once(dripping.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(dripping.address() as AddressInfo).port}/`;
  };
  afterEach(() => {
    dripping.closeAllConnections();
    dripping.close();
  });

  it.each(['github', 'registry'] as const)('%s is named when its time is over', async (origin) => {
    const baseUrl = await dripper();
    const opened = openRegistryClient(baseUrl, now);
    fetches.push(opened);
    const finder =
      origin === 'github'
        ? githubFinder(createGitHubClient({ baseUrl, fetch: guarded(baseUrl), now }))
        : registryFinder({ client: opened.client, npmRegistries });
    const name = origin === 'github' ? 'GitHub' : 'registro MCP';
    const problem = { code: 'fonte_indisponivel', message: expect.stringContaining(`${name} não respondeu tudo em`) };
    await expect(timedFinder(finder, 100).find('erp', 5, signal)).rejects.toMatchObject(problem);
    // Who leaves is told nothing of it.
    const left = AbortSignal.abort();
    await expect(timedFinder(finder, 60_000).find('erp', 5, left)).rejects.toBeInstanceOf(CancelledError);
  });
});

describe('the same search at once', () => {
  it('is made once for all who ask, and a burst does not use up a limit', async () => {
    github.repositories = [{ fullName: 'a/erp-mcp', files: { Dockerfile: '' } }];
    const finder = sharedFinder(onGitHub());
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => finder.find(n % 2 ? 'erp' : ' ERP', 5, signal)));
    for (const { candidates } of all) expect(candidates).toHaveLength(1);
    expect(github.requests.filter((one) => one.includes('/search/'))).toHaveLength(1);
    await finder.find('erp', 5, signal);
    expect(github.requests.filter((one) => one.includes('/search/'))).toHaveLength(2);
  });

  it('goes on while somebody waits, ends with the last, and then begins anew', async () => {
    const signals: AbortSignal[] = [];
    let answer: (found: Found) => void = () => {};
    const finder = sharedFinder({
      origin: 'github',
      find(_query, _limit, own) {
        signals.push(own);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = finder.find('erp', 5, one.signal);
    const second = finder.find('erp', 5, two.signal);
    one.abort();
    await expect(first).rejects.toBeInstanceOf(CancelledError);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    two.abort();
    await expect(second).rejects.toBeInstanceOf(CancelledError);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    const third = finder.find('erp', 5, signal);
    answer({ candidates: [], ageMs: 0, notes: [] });
    expect(await third).toMatchObject({ candidates: [] });
    expect(signals).toHaveLength(2);
  });
});

describe('what was found before', () => {
  it('is asked for again soon where it was cut short', async () => {
    let asked = 0;
    const source: Finder = {
      origin: 'github',
      async find() {
        asked += 1;
        return { candidates: [], ageMs: 0, notes: [], ...(asked === 1 ? { isPartial: true } : {}) };
      },
    };
    const finder = cachedFinder(source, { freshMs: 600_000, partialFreshMs: 60_000, usableMs: 3_600_000 }, now);
    for (const [afterMs, times] of [
      [0, 1],
      [59_000, 1],
      [2_000, 2],
      [599_000, 2],
      [2_000, 3],
    ] as const) {
      nowMs += afterMs;
      await finder.find('erp', 5, signal);
      expect(asked).toBe(times);
    }
  });

  it('is given again with its age, and stands in while the source fails', async () => {
    registry.entries = [{ server: { name: 'com.acme/erp' } }];
    const finder = cachedFinder(onRegistry(), { freshMs: 60_000, partialFreshMs: 10_000, usableMs: 3_600_000 }, now);
    expect(await finder.find('erp', 5, signal)).toMatchObject({ ageMs: 0 });
    nowMs += 30_000;
    expect(await finder.find('  ERP ', 5, signal)).toMatchObject({
      ageMs: 30_000,
      candidates: [{ name: 'com.acme/erp' }],
    });
    expect(registry.requests).toHaveLength(1);
    nowMs += 60_000;
    registry.failures.push('down');
    const stale = await finder.find('erp', 5, signal);
    expect(stale).toMatchObject({ ageMs: 90_000, candidates: [{ name: 'com.acme/erp' }] });
    expect(stale.notes.join()).toContain('503');
    nowMs += 3_600_000;
    registry.failures.push('down');
    await expect(finder.find('erp', 5, signal)).rejects.toMatchObject({ code: 'fonte_indisponivel' });
  });
});
