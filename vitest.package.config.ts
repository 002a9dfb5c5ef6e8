import { defineConfig } from 'vitest/config';

// The packed tarball, installed into an empty folder as a user would: `npm run test:package`.
export default defineConfig({
  test: { include: ['test/package/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 300_000 },
});
