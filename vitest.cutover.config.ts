import { defineConfig } from 'vitest/config';

// Three API processes and a Redis go through a whole cutover under load: `npm run test:cutover`.
export default defineConfig({
  test: { include: ['test/cutover/cutover.test.ts'], testTimeout: 60_000, hookTimeout: 3_600_000 },
});
