import { configDefaults, defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** Long random runs: processes killed at any moment, and tests of which `npm test` does a short form. */
const { projects: _, ...shared } = base.test ?? {};

export default defineConfig({
  test: {
    ...shared,
    isolate: false,
    include: ['test/**/*.long.test.ts'],
    exclude: configDefaults.exclude,
    env: { ...shared.env, TEST_LONG: 'true' },
    testTimeout: 300_000,
  },
});
