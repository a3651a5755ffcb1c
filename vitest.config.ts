import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    // Not how long a test takes, but when it is given up: slow machines are slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Files that share a process load each module once; no test mocks modules or leaves globals behind.
    isolate: false,
    // One more than CI has cores: about half of the tests' time is waiting for programs, sockets and clocks.
    maxWorkers: 3,
    reporters: process.env['CI'] ? ['default'] : ['dot'],
    sequence: { shuffle: false },
  },
});
