import { expect, it } from 'vitest';
import { openDiscovery } from '../../../../src/hub/discovery/open-discovery.ts';
import { Secret } from '../../../../src/logging/secret.ts';
import { GitHubServer } from '../../../support/github-server.ts';
import { McpRegistryServer } from '../../../support/mcp-registry.ts';

it('asks the addresses that were configured, with the token, and each once while its answer is fresh', async () => {
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
    await opened.discovery.find('erp', { limit: 5, signal });
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
