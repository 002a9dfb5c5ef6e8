import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// The packed tarball, installed into an empty folder as a user would: `npm run test:package`.
export default defineConfig({
  test: {
    globalSetup: ['test/package/pack-once.ts'],
    include: ['test/package/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // Most of the time is npm's, which waits for files and the network.
    maxWorkers: availableParallelism() + 1,
  },
});
