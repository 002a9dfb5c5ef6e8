import { defineConfig } from 'vitest/config';

// Three API processes and a Redis go through a whole cutover under load: `npm run test:cutover`.
export default defineConfig({
  test: {
    globalSetup: ['test/support/tools.ts'],
    include: ['test/cutover/cutover.test.ts'],
    hookTimeout: 7_200_000,
  },
});
