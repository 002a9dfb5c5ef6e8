import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/package/**', 'test/**/*.long.test.ts'],
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
    // A worker loads each module once, not once for every test file: a third of the time of a run.
    isolate: false,
    // Some wait for processes and sockets of their own: with one worker more than cores, no core is idle meanwhile.
    maxWorkers: availableParallelism() + 1,
  },
});
