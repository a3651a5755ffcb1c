// The scenarios of the official suite that need no fixtures, against the product itself.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHouse, type TestHouse } from '../support/house.ts';
import { runConformance } from './run-conformance.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house.close());

const scenarios = {
  '2025-11-25': [
    'server-initialize',
    'ping',
    'logging-set-level',
    'tools-list',
    'resources-list',
    'prompts-list',
    'server-sse-multiple-streams',
    'dns-rebinding-protection',
    'server-session-lifecycle',
  ],
  '2026-07-28': [
    'tools-list',
    'resources-list',
    'prompts-list',
    'caching',
    'dns-rebinding-protection',
    'http-header-validation',
    'sep-2164-resource-not-found',
    'input-required-result-unsupported-methods',
    'input-required-result-validate-input',
  ],
} as const;

test.each(Object.keys(scenarios) as (keyof typeof scenarios)[])(
  'the product passes the fixture-free scenarios of %s',
  async (requirements) => {
    const { exitCode, output } = await runConformance(`${house.origin}/mcp`, {
      requirements,
      scenarios: scenarios[requirements],
    });
    expect(exitCode, output).toBe(0);
  },
  180_000,
);
