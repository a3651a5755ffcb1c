import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Two cores in CI: more workers only make timers late.
    maxWorkers: 2,
    reporters: process.env['CI'] ? ['default'] : ['dot'],
    sequence: { shuffle: false },
  },
});
