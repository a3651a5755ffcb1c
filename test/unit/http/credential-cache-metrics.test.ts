import { expect, it } from 'vitest';
import { createMetrics, type MetricSources } from '../../../src/http/metrics.ts';

it('the credential cache tells its look-ups, and which part of them were hits', async () => {
  let counts = { hits: 0, misses: 0, evictions: 0, cached_items: 0 };
  const sources: MetricSources = {
    sessions: () => ({}),
    credentialCache: () => counts,
    omie: () => ({
      queued: 0,
      inFlight: 0,
      requests: 0,
      retries: 0,
      cache: { hits: 0, misses: 0, shared: 0 },
      breakers: {},
    }),
    audit: () => undefined,
  };
  const { render } = createMetrics(sources, { byCompany: false });
  const told = async () =>
    (await render()).match(/^omie_mcp_credential_cache_.*$/gm)?.map((line) => line.replace('omie_mcp_credential_', ''));
  expect(await told()).toEqual(['cache_requests_total 0', 'cache_hit_rate 0']);
  counts = { hits: 3, misses: 1, evictions: 0, cached_items: 1 };
  expect(await told()).toEqual(['cache_requests_total 4', 'cache_hit_rate 0.75']);
  // Scraped again, nothing is counted twice.
  expect(await told()).toEqual(['cache_requests_total 4', 'cache_hit_rate 0.75']);
});
