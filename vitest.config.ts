import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/package/**', 'test/**/*.long.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most of them wait for processes and sockets of their own: the default, one less than the cores, leaves a core idle.
    maxWorkers: '100%',
  },
});
