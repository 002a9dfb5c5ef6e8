import { configDefaults, defineConfig } from 'vitest/config';
import base from './vitest.config.js';

/** Long random runs: processes killed at any moment, and tests of which `npm test` does a short form. */
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/**/*.long.test.ts'],
    exclude: configDefaults.exclude,
    env: { ...base.test?.env, TEST_LONG: 'true' },
    testTimeout: 300_000,
  },
});
