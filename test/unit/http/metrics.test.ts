import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMetrics, type Metrics } from '../../../src/http/metrics.ts';
import type { CallReport } from '../../../src/tools/call-report.ts';

const sources = {
  sessions: () => ({ http: 1 }),
  credentialCache: () => ({ hits: 17, misses: 6, evictions: 4, cached_items: 2 }),
  omie: () => ({
    queued: 2,
    inFlight: 1,
    requests: 9,
    retries: 3,
    cache: { hits: 5, misses: 4, shared: 1 },
    breakers: { open: 1, blocked: 0, half_open: 0, refused_keys: 0 },
  }),
  audit: () => undefined,
};

function call(metrics: Metrics, changes: Partial<CallReport>): void {
  metrics.call({
    method: 'tools/call',
    target: 'listar_empresas',
    known: true,
    door: 'stdio',
    principal: 'local',
    requestId: 'x',
    outcome: 'ok',
    durationMs: 3,
    companies: ['empresa_001'],
    rows: 1,
    args: {},
    ...changes,
  });
}

it('names no company unless it is asked to', async () => {
  const plain = createMetrics(sources, { byCompany: false });
  call(plain, {});
  expect(await plain.render()).not.toContain('empresa_001');
  const byCompany = createMetrics(sources, { byCompany: true });
  call(byCompany, {});
  expect(await byCompany.render()).toContain('omie_mcp_company_calls_total{company="empresa_001",outcome="ok"} 1');
});

it('however many names callers make up, they are one label', async () => {
  const metrics = createMetrics(sources, { byCompany: false });
  fc.assert(
    fc.property(fc.string(), (target) => call(metrics, { target, known: false, outcome: 'nao_encontrado' })),
    { numRuns: 300 },
  );
  const lines = (await metrics.render()).split('\n').filter((line) => line.startsWith('omie_mcp_calls_total{'));
  expect(lines).toEqual([
    'omie_mcp_calls_total{method="tools/call",target="unknown",door="stdio",outcome="nao_encontrado"} 300',
  ]);
});

it('however many names a mounted server offers, there are 501 labels', async () => {
  const metrics = createMetrics(sources, { byCompany: false });
  for (let at = 0; at < 2_000; at += 1) call(metrics, { target: `sales__${at}` });
  const lines = (await metrics.render()).split('\n').filter((line) => line.startsWith('omie_mcp_calls_total{'));
  expect(lines).toHaveLength(501);
  expect(lines.at(-1)).toMatch(/target="other".* 1500$/);
});

it('reads what others count, and reads it anew each time', async () => {
  const metrics = createMetrics(sources, { byCompany: false });
  await metrics.render();
  const text = await metrics.render();
  expect(text).toContain('omie_mcp_omie_requests_total{kind="retry"} 3');
  expect(text).toContain('omie_mcp_omie_cache_total{result="shared"} 1');
  expect(text).toContain('omie_mcp_omie_queue{what="queued"} 2');
  expect(text).toContain('omie_mcp_breakers{state="open"} 1');
  expect(text).toContain('omie_mcp_refused_total{reason="rate"} 0');
  expect(text).toContain('omie_mcp_credential_cache{what="hits"} 17');
  expect(text).toContain('omie_mcp_credential_cache{what="misses"} 6');
  expect(text).toContain('omie_mcp_credential_cache{what="evictions"} 4');
  expect(text).toContain('omie_mcp_credential_cache{what="cached_items"} 2');
});
