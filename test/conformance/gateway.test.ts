// The official suite through the gateway: what passes against the fixture server alone passes when it is mounted.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHouse, type TestHouse } from '../support/house.ts';
import { startFixtureServer } from './fixture-server.ts';
import { startRenamingShim } from './renaming-shim.ts';
import { runConformance } from './run-conformance.ts';

const DOMAIN = 'fx';
const LEGACY_SERVER = fileURLToPath(new URL('legacy-server-behind-gateway.yml', import.meta.url));

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
      const known = era === 'legacy' && requirements === '2026-07-28' ? { expectedFailures: LEGACY_SERVER } : {};
      const { exitCode, output } = await runConformance(shim.url, { requirements, ...known });
      expect(exitCode, output).toBe(0);
    },
    180_000,
  );
});
