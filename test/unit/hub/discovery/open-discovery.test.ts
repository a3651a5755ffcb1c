import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenDiscovery, openDiscovery } from '../../../../src/hub/discovery/open-discovery.ts';
import { archiveSource } from '../../../../src/hub/repositories/archive-source.ts';
import { Secret } from '../../../../src/logging/secret.ts';
import { GitHubServer } from '../../../support/github-server.ts';
import { McpRegistryServer } from '../../../support/mcp-registry.ts';

it('asks the addresses that were configured, with the token, and each once for all who ask at once and while its answer is fresh', async () => {
  const now = () => new Date('2026-11-21T12:00:00Z');
  const github = await GitHubServer.start([{ fullName: 'a/erp-mcp' }], now);
  const registry = await McpRegistryServer.start([{ server: { name: 'com.acme/erp' } }]);
  const githubToken = new Secret(github.token);
  const opened = openDiscovery(
    { githubUrl: github.url, githubToken, registryUrl: registry.url },
    async () => ({ own: undefined, standard: undefined }),
    now,
  );
  const { signal } = new AbortController();
  try {
    const search = () => opened.discovery.find('erp', { limit: 5, signal });
    await Promise.all([search(), search()]);
    const { ranked, sources } = await opened.discovery.find('erp', { limit: 5, signal });
    expect(ranked.map(({ candidate }) => candidate.name)).toEqual(['com.acme/erp', 'a/erp-mcp']);
    expect(sources).toMatchObject([{ source: 'github', found: { ageMs: 0 } }, { source: 'registry' }]);
    expect(registry.requests).toHaveLength(1);
    expect(github.requests.filter((one) => one.includes('/search/'))).toHaveLength(1);
    expect(github.headers[0]?.['authorization']).toBe(`Bearer ${github.token}`);
  } finally {
    await Promise.all([opened.close(), github.close(), registry.close()]);
  }
});

describe('a limit that one half meets holds for the other', () => {
  const now = () => new Date('2026-11-21T12:00:00Z');
  const { signal } = new AbortController();
  const limited = { code: 'fonte_indisponivel', retryAfterMs: expect.any(Number) };
  let github: GitHubServer;
  let registry: McpRegistryServer;
  let opened: OpenDiscovery;
  beforeEach(async () => {
    github = await GitHubServer.start([{ fullName: 'a/erp-mcp' }], now);
    registry = await McpRegistryServer.start([{ server: { name: 'com.acme/erp' } }]);
    opened = openDiscovery(
      { githubUrl: github.url, registryUrl: registry.url },
      async () => ({ own: undefined, standard: undefined }),
      now,
    );
  });
  afterEach(() => Promise.all([opened.close(), github.close(), registry.close()]));

  it('of the registry', async () => {
    registry.failures.push('limited');
    await expect(opened.registry.read('com.acme/erp', undefined, signal)).rejects.toMatchObject(limited);
    const { sources } = await opened.discovery.find('erp', { limit: 5, signal });
    expect(sources.find(({ source }) => source === 'registry')).toMatchObject({ problem: limited });
    expect(registry.requests).toHaveLength(1);
  });

  it.each(['secondary', 'secondary-with-wait'] as const)('of GitHub (%s), for archives', async (kind) => {
    const { github: limits, githubFetch: fetch } = opened;
    const fetchArchive = archiveSource({ baseUrl: github.url, fetch, limits });
    const repository = { url: 'https://github.com/a/erp-mcp', commit: 'a'.repeat(40) };
    github.failures.push(kind);
    await expect(fetchArchive(repository, signal)).rejects.toMatchObject(limited);
    await expect(limits.get('core', '/repos/a/erp-mcp', {}, { signal })).rejects.toMatchObject(limited);
    await expect(fetchArchive(repository, signal)).rejects.toMatchObject(limited);
    expect(github.requests).toHaveLength(1);
  });
});
