// The official suite through the gateway: what passes against the fixture server alone passes when it is mounted.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHouse, type TestHouse } from '../support/house.ts';
import { startFixtureServer } from './fixture-server.ts';
import { startRenamingShim } from './renaming-shim.ts';
import { runConformance } from './run-conformance.ts';

const DOMAIN = 'fx';
/** What a client of 2026-07-28 cannot have of a server of older revisions, whoever stands between them. */
const NOT_OF_OLDER_SERVERS = [
  // Wants the key under which this very server asks; before 2026-07-28 questions have no keys, so the gateway makes them.
  'input-required-result-basic-elicitation',
  // The tool looks at the capabilities of this request; before 2026-07-28 they are declared once, at `initialize`.
  'input-required-result-capability-check',
];

/** A server of both eras is asked in its newest one. */
describe.each(['both', 'legacy'] as const)('a mounted server of eras: %s', (era) => {
  let fixture: Awaited<ReturnType<typeof startFixtureServer>>;
  let house: TestHouse;
  let shim: Awaited<ReturnType<typeof startRenamingShim>>;

  beforeAll(async () => {
    fixture = await startFixtureServer({ era });
    const file = join(mkdtempSync(join(tmpdir(), 'gateway-')), 'gateway.json');
    const mounted = { name: 'fixture', transport: 'http', url: fixture.url, priority: 10, domains: [DOMAIN] };
    writeFileSync(file, JSON.stringify({ mcp_servers: { fixture: { ...mounted, allow_private_address: true } } }));
    house = await startHouse({ variables: { GATEWAY_CONFIG: file } });
    shim = await startRenamingShim(`${house.origin}/mcp/d/${DOMAIN}`, DOMAIN);
  }, 60_000);
  afterAll(async () => {
    await shim?.close();
    await house?.close();
    await fixture?.close();
  });

  test.each(['2025-11-25', '2026-07-28'] as const)(
    'passes the requirements of %s',
    async (requirements) => {
      const known = era === 'legacy' && requirements === '2026-07-28' ? NOT_OF_OLDER_SERVERS : [];
      const { output } = await runConformance(shim.url, { requirements });
      // Summaries only; what the suite itself does not score is of an extension that no server here speaks.
      const failing = [...output.matchAll(/^✗ ([\w-]+): \d+ passed/gm)].map(([, scenario]) => scenario);
      const scored = failing.filter((scenario) => scenario?.startsWith('tasks-') === false);
      expect(scored.sort(), output).toEqual(known);
      expect(output).toMatch(/^Total: \d{2,} passed/m);
    },
    180_000,
  );
});
