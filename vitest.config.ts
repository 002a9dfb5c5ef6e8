import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** Tests that replace modules need modules of their own. */
const MOCKING = readdirSync(new URL('test', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/${file}`)
  .filter((file) => /\bvi\.(?:mock|doMock|resetModules)\(/.test(readFileSync(new URL(file, import.meta.url), 'utf8')));

const EXCLUDED = [
  ...configDefaults.exclude,
  'test/package/**',
  'test/cutover/cutover.test.ts',
  'test/**/*.long.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/support/tools.ts'],
    env: {
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    unstubEnvs: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What a test waits for may need longer than a second on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    // Some wait for processes and sockets of their own: with one worker more than cores, no core is idle meanwhile.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        extends: true,
        // A worker loads each module once, not once for every test file: a third of the time of a run.
        test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: [...EXCLUDED, ...MOCKING], isolate: false },
      },
      { extends: true, test: { name: 'mocking', include: MOCKING, exclude: EXCLUDED } },
    ],
  },
});
