import { defineConfig } from 'vitest/config';

/** Long random runs: processes that are killed at any moment, over and over. */
export default defineConfig({
  test: {
    include: ['test/**/*.long.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    maxWorkers: '100%',
  },
});
