import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFixtureServer } from './fixture-server.ts';
import { runConformance } from './run-conformance.ts';

let fixture: Awaited<ReturnType<typeof startFixtureServer>>;
beforeAll(async () => {
  fixture = await startFixtureServer();
});
afterAll(() => fixture.close());

test.each(['2025-11-25', '2026-07-28'] as const)(
  'passes the requirements of %s',
  async (requirements) => {
    const { exitCode, output } = await runConformance(fixture.url, { requirements });
    expect(exitCode, output).toBe(0);
  },
  180_000,
);
