import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Asked, Resolved } from '../../../src/hub/deploy/asked.ts';
import { registryResolver } from '../../../src/hub/deploy/resolve-registry.ts';
import { openRegistryClient } from '../../../src/hub/registry/registry-client.ts';
import { type FakeEntry, McpRegistryServer } from '../../support/mcp-registry.ts';

const NAME = 'io.github.ana/banco';
const stdio = { transport: { type: 'stdio' } };
const npm = { registryType: 'npm', identifier: '@ana/banco', version: '1.2.3', ...stdio };
const pypi = { registryType: 'pypi', identifier: 'ana-banco', version: '1.2.3', ...stdio };
const oci = { registryType: 'oci', identifier: 'ghcr.io/ana/banco:1.2.3', ...stdio };
const http = (url: string) => ({ type: 'streamable-http', url });
const { signal } = new AbortController();

let registry: McpRegistryServer;
let client: ReturnType<typeof openRegistryClient>;
let nowMs = Date.parse('2026-11-21T12:00:00Z');
beforeAll(async () => {
  registry = await McpRegistryServer.start([]);
});
beforeEach(() => {
  nowMs += 3_600_000;
  registry.requests.length = 0;
  client = openRegistryClient(registry.url, () => new Date(nowMs));
});
afterAll(async () => {
  await client.close();
  await registry.close();
});

const npmRegistries = async () => ({ own: 'npm.intranet.example', standard: 'npm.public.example' });
const resolve = (more: Partial<Extract<Asked, { kind: 'registry' }>> = {}): Promise<Resolved> =>
  registryResolver({ client: client.client, npmRegistries }).resolve({ kind: 'registry', name: NAME, ...more }, signal);
const entry = (packages: unknown, more: Partial<FakeEntry> = {}): FakeEntry => ({
  ...more,
  server: { name: NAME, version: '2.0.0', packages },
});

it('its packages are pinned sources, in the order of the entry', async () => {
  registry.entries = [entry([pypi, npm, oci])];
  const { source, others = [], why, publishedAt } = await resolve();
  expect([source, ...others.map((one) => one.source)]).toEqual([
    { kind: 'pypi', name: 'ana-banco', version: '1.2.3' },
    { kind: 'npm', name: '@ana/banco', version: '1.2.3' },
    { kind: 'image', image: 'ghcr.io/ana/banco:1.2.3' },
  ]);
  expect(why).toEqual(['Registro MCP: io.github.ana/banco 2.0.0 é pypi:ana-banco==1.2.3.']);
  expect(publishedAt).toBe('2026-10-01T00:00:00Z');
  expect(registry.requests).toEqual(['/v0.1/servers/io.github.ana%2Fbanco/versions/latest']);
});

it.each([
  ['streamable-http', 'http://localhost:8080/mcp', 8080],
  ['streamable-http', 'http://{host}:9000/mcp/', 9000],
  ['sse', 'https://[::1]:65535/sse', 65_535],
])('an image that speaks %s at %s is offered with its port', async (type, url, port) => {
  registry.entries = [entry([{ ...oci, transport: { type, url } }])];
  expect(await resolve()).toMatchObject({ source: { kind: 'image', image: 'ghcr.io/ana/banco:1.2.3' }, port });
  registry.entries = [entry([oci])];
  expect(await resolve()).not.toHaveProperty('port');
});

it('a version that is named is the one that is read', async () => {
  const old = { name: NAME, version: '1.0.0+old', packages: [{ ...npm, version: '1.0.0' }] };
  registry.entries = [entry([npm]), { isLatest: false, server: old }];
  expect((await resolve({ version: '1.0.0+old' })).source).toMatchObject({ version: '1.0.0' });
  await expect(resolve({ version: '9.9.9' })).rejects.toMatchObject({ code: 'fonte_desconhecida' });
});

it('says what variables it wants, and which of them nobody else may see', async () => {
  const environmentVariables = [
    { name: 'PG_URL', description: 'Endereço\u202e do banco', isRequired: true, isSecret: true },
    { name: 'PG_SCHEMA' },
    { name: 'BAD NAME', isRequired: true },
  ];
  registry.entries = [entry([{ ...npm, environmentVariables }])];
  expect((await resolve()).wanted).toEqual([
    { name: 'PG_URL', description: 'Endereço do banco', required: true, secret: true },
    { name: 'PG_SCHEMA', required: false, secret: false },
  ]);
});

describe('arguments of the package', () => {
  it('that its maker fixed are its own', async () => {
    const packageArguments = [
      { type: 'positional', value: 'serve' },
      { type: 'named', name: '--mode', value: 'ro' },
      { type: 'named', name: '--debug' },
    ];
    registry.entries = [entry([{ ...npm, packageArguments }])];
    expect((await resolve()).args).toEqual(['serve', '--mode', 'ro']);
  });

  it('that somebody has to choose are asked for by name', async () => {
    const packageArguments = [{ type: 'positional', valueHint: 'pasta', isRequired: true, value: '{folder}' }];
    registry.entries = [entry([{ ...npm, packageArguments }])];
    const { args, warnings = [] } = await resolve();
    expect(args).toBeUndefined();
    expect(warnings.join()).toContain('(pasta): dê-os em args');
  });

  it('that would steer node, npm or docker are left out', async () => {
    const packageArguments = [{ type: 'named', name: '--require', value: '/tmp/x.js' }];
    registry.entries = [entry([{ ...npm, packageArguments, runtimeArguments: [{ type: 'named', name: '--eval' }] }])];
    const { args, warnings = [] } = await resolve();
    expect(args).toBeUndefined();
    expect(warnings.join()).toContain('não são aceitos');
  });
});

it('one that its maker gave up is told of; one that was taken back is refused', async () => {
  registry.entries = [entry([npm], { status: 'deprecated' })];
  expect((await resolve()).warnings?.join()).toContain('obsoleto');
  registry.entries = [entry([npm], { status: 'deleted' })];
  await expect(resolve()).rejects.toMatchObject({
    code: 'fonte_desconhecida',
    message: expect.stringContaining('retirado'),
  });
});

it('one that is on the net already is no deployment, and the way to mount it is said', async () => {
  registry.entries = [
    { server: { name: NAME, remotes: [{ type: 'streamable-http', url: 'https://mcp.ana.example/mcp' }] } },
  ];
  await expect(resolve()).rejects.toMatchObject({
    code: 'sem_executor',
    hint: 'Monte-o em GATEWAY_CONFIG, com transport http e url https://mcp.ana.example/mcp',
  });
});

it.each([
  ['another registry', { ...npm, registryBaseUrl: 'https://npm.public.example.evil.test' }, /outro registro/],
  ['another index', { ...pypi, registryBaseUrl: 'https://pypi.org.evil.test' }, /outro índice/],
  ['a range', { ...npm, version: '^1.0.0' }, /versão exata/],
  ['no version', { ...pypi, version: undefined }, /versão exata/],
  ['an option as name', { ...pypi, identifier: '--index-url=x' }, /versão exata/],
  ['a second command', { ...npm, identifier: 'x; touch y' }, /versão exata/],
  ['a local version', { ...pypi, version: '1.0 @ https://evil.test' }, /versão exata/],
  ['an image with options', { ...oci, identifier: '--privileged' }, /tag/],
  [
    'a server of HTTP',
    { ...npm, transport: { type: 'streamable-http', url: 'http://localhost:1' } },
    /fala streamable-http/,
  ],
  ['an image of HTTP without a port', { ...oci, transport: { type: 'streamable-http' } }, /fala streamable-http sem/],
  ['an image of HTTP elsewhere', { ...oci, transport: http('http://localhost:8080/other') }, /sem dizer uma porta/],
  ['an image whose port is none', { ...oci, transport: http('http://localhost:99999/mcp') }, /sem dizer uma porta/],
  ['another kind', { ...npm, registryType: 'nuget' }, /tipo/],
  ['no package', undefined, /não publica nenhum pacote/],
])('%s is nothing to run', async (_why, one, expected) => {
  registry.entries = [entry(one === undefined ? [] : [one])];
  await expect(resolve()).rejects.toMatchObject({ code: 'sem_executor', message: expect.stringMatching(expected) });
});

describe('a registry that is unwell', () => {
  it.each([
    ['down', /respondeu 503/],
    ['nonsense', /fora do formato/],
  ] as const)('%s', async (failure, expected) => {
    registry.failures.push(failure);
    await expect(resolve()).rejects.toMatchObject({
      code: 'fonte_indisponivel',
      message: expect.stringMatching(expected),
    });
  });

  it('that asks to wait is left alone until then', async () => {
    registry.failures.push('limited');
    await expect(resolve()).rejects.toMatchObject({ code: 'fonte_indisponivel', retryAfterMs: 30_000 });
    await expect(resolve()).rejects.toMatchObject({ code: 'fonte_indisponivel' });
    expect(registry.requests).toHaveLength(1);
  });

  it('that tells of another server is not believed', async () => {
    registry.entries = [entry([npm])];
    registry.pretend = 'io.github.mallory/banco';
    await expect(resolve()).rejects.toMatchObject({ code: 'fonte_indisponivel' });
    registry.pretend = undefined;
  });
});
