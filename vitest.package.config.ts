import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const OF_DOCS = [
  'test/samples.test.ts',
  'test/hosts-samples.test.ts',
  'test/handover/samples.test.ts',
  'test/middleware/followed-phases-http.test.ts',
];

// The packed tarball, installed into an empty folder as a user would: `npm run test:package`.
export default defineConfig({
  test: {
    globalSetup: ['test/package/pack-once.ts'],
    // The samples of the docs and the examples work with the tarball, too.
    include: ['test/package/**/*.test.ts', ...OF_DOCS],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // Most of the time is npm's, which waits for files and the network.
    maxWorkers: availableParallelism() + 1,
  },
});
