import { configDefaults, defineConfig } from 'vitest/config';
import base from './vitest.config.js';

const { projects: _, ...shared } = base.test ?? {};

/** What `npm run faults` runs: the tests that docs/reliability.md names, long ones included. */
export default defineConfig({
  test: {
    ...shared,
    include: ['test/**/*.test.ts'],
    exclude: configDefaults.exclude,
    env: { ...shared.env, TEST_LONG: 'true' },
    testTimeout: 300_000,
    // One file at a time: time limits and sockets here are real.
    fileParallelism: false,
    passWithNoTests: false,
  },
});
