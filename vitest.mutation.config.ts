import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import base from './vitest.config.js';

/** Tests of one place, whose sources have all of their mutants inside: `npm run mutation`, which see. */
const folder = process.env['MUTATION_FOLDER'] ?? '';
const { sources, tests } = JSON.parse(readFileSync(join(folder, 'place.json'), 'utf8')) as {
  sources: Record<string, string>;
  tests: string[];
};

class InTheGivenOrder extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const place = (id: string) => tests.findIndex((test) => id.endsWith(`/${test}`));
    return [...files].sort((a, b) => place(a.moduleId) - place(b.moduleId));
  }
}

const { projects: _, globalSetup: __, ...shared } = base.test ?? {};

export default defineConfig({
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      load: (id) => sources[id.split('?')[0] as string],
    },
  ],
  test: {
    ...shared,
    include: tests,
    isolate: false,
    runner: './test/mutation/mutant-runner.ts',
    maxWorkers: 1,
    fileParallelism: false,
    sequence: { sequencer: InTheGivenOrder },
    expect: { poll: { timeout: 2000 } },
    hookTimeout: 120_000,
    passWithNoTests: true,
    dangerouslyIgnoreUnhandledErrors: true,
    reporters: ['dot'],
  },
});
