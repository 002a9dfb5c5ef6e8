import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Source files, and folders, whose rules a suite with another name covers. */
const COVERED_BY: Readonly<Record<string, string>> = {
  'middleware/hono/': 'test/middleware/hono.test.ts',
  'middleware/nest/nest-host.ts': 'test/middleware/nest.test.ts',
  'src/assess/checks/': 'test/assess/checks/index.test.ts',
  'src/cli/commands/assess/page-style.ts': 'test/cli/commands/assess/page.test.ts',
  'src/cli/commands/assess/read-pools.ts': 'test/cli/commands/assess/command.test.ts',
  'src/cli/commands/drain/': 'test/cli/commands/drain/command.test.ts',
  'src/cli/commands/dashboard/dashboard-style.ts': 'test/cli/commands/dashboard/browser.test.ts',
  'src/cli/commands/dashboard/page.ts': 'test/cli/commands/dashboard/dashboard.test.ts',
  'src/cli/commands/dashboard/panels/': 'test/cli/commands/dashboard/panels.test.ts',
  'src/cli/commands/dashboard/people.ts': 'test/cli/commands/dashboard/dashboard.test.ts',
  'src/cli/commands/dashboard/routes.ts': 'test/cli/commands/dashboard/dashboard.test.ts',
  'src/cli/commands/dashboard/sources.ts': 'test/cli/commands/dashboard/dashboard.test.ts',
  'src/cli/commands/dashboard/state-view.ts': 'test/cli/commands/dashboard/dashboard.test.ts',
  'src/cli/commands/report/outcome-section.ts': 'test/cli/commands/report/page.test.ts',
  'src/cli/commands/publish/open-store.ts': 'test/cli/commands/publish/command.test.ts',
  'src/cli/commands/token/result.ts': 'test/cli/commands/token/command.test.ts',
  'src/cli/commands/token/text.ts': 'test/cli/commands/token/command.test.ts',
  'src/cli/commands/token/trial.ts': 'test/cli/commands/token/command.test.ts',
  'src/directory/lambda/get-user.ts': 'test/directory/lambda/legacy-pool-gateway.test.ts',
  'src/handover/': 'test/handover/hand-over.test.ts',
  'src/cli/commands/token/token-options.ts': 'test/cli/commands/token/command.test.ts',
  'src/operate/metric-instruments.ts': 'test/operate/metrics.test.ts',
  'src/operate/recording.ts': 'test/operate/metrics.test.ts',
  'src/cli/commands/forward-auth/forward-auth-options.ts': 'test/cli/commands/forward-auth/command.test.ts',
  'src/cli/commands/forward-auth/service.ts': 'test/cli/commands/forward-auth/command.test.ts',
  'src/cli/listening.ts': 'test/cli/commands/forward-auth/command.test.ts',
  'src/cli/options/verified-pools.ts': 'test/cli/options/verifier-options.test.ts',
  'src/cli/html/sums.ts': 'test/cli/commands/report/page.test.ts',
  'src/cli/wording/run-phases.ts': 'test/cli/commands/status.test.ts',
  'src/triggers/token-overrides.ts': 'test/triggers/pre-token-generation.test.ts',
};

const files = ['src', 'middleware'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);
const testOf = (file: string) =>
  file
    .replace(/^src\//, '')
    .replace(/^/, 'test/')
    .replace(/\.ts$/, '.test.ts');
const hasTest = (file: string) => existsSync(join(root, testOf(file)));
/** Whether anything of the file is there at run time. An `index.ts` that only re-exports has no rule of its own. */
const hasRules = (file: string) => {
  const text = readFileSync(join(root, file), 'utf8');
  return /^export (?:abstract |async |class|const|function|let)/m.test(text) || file.endsWith('/bin.ts');
};
const entryFor = (file: string) => Object.keys(COVERED_BY).find((covered) => file.startsWith(covered));

describe('the test of a source file', () => {
  it('stands at the same path, or in the suite that is named for it', () => {
    const missing = files.filter((file) => hasRules(file) && !hasTest(file) && entryFor(file) === undefined);
    expect(missing).toEqual([]);
  });

  it.each(Object.entries(COVERED_BY))('of %s stands in %s alone', (covered, suite) => {
    const inside = files.filter((file) => file.startsWith(covered));
    expect(existsSync(join(root, suite))).toBe(true);
    expect(inside).not.toEqual([]);
    expect(inside.filter(hasTest).filter((file) => testOf(file) !== suite)).toEqual([]);
  });
});
