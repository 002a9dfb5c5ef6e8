import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applyCommand } from '../../src/cli/commands/apply.js';
import { planCommand } from '../../src/cli/commands/plan.js';
import { publishCommand } from '../../src/cli/commands/publish/command.js';
import { reportCommand } from '../../src/cli/commands/report/command.js';
import { rollbackCommand } from '../../src/cli/commands/rollback.js';
import { statusCommand } from '../../src/cli/commands/status.js';
import { verifyCommand } from '../../src/cli/commands/verify.js';
import { flagOf } from '../../src/cli/options/option.js';
import { readOptions } from '../../src/cli/options/read-options.js';
import { OUTCOMES } from '../../src/migrate/outcomes.js';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const reference = read('sync-script.md');
const documented = [
  planCommand,
  publishCommand,
  applyCommand,
  verifyCommand,
  statusCommand,
  rollbackCommand,
  reportCommand,
];

describe('the reference', () => {
  it.each(documented.flatMap(({ name, options }) => Object.keys(options).map((key) => [name, flagOf(key)])))(
    'of %s names %s',
    (_name, flag) => {
      expect(reference).toContain(`\`${flag}`);
    },
  );

  it.each(OUTCOMES)('explains the outcome %s', (outcome) => expect(reference).toContain(`| \`${outcome}\` |`));

  it.each(
    [
      ...readFileSync(new URL('../../src/migrate/migration-error.ts', import.meta.url), 'utf8').matchAll(
        /^ {2}\| '(ERR_\w+)'/gm,
      ),
    ].map(([, code = '']) => code),
  )('explains the code %s', (code) => expect(reference).toContain(`| \`${code}\` |`));

  it('shows config files that are understood', () => {
    const blocks = [...reference.matchAll(/```json\n(\{\n {2}"legacyPool":[\s\S]*?)```/g)].map(([, text = '']) => text);
    expect(blocks).not.toHaveLength(0);
    for (const text of blocks) {
      const file = { path: 'cutover.json', values: JSON.parse(text) };
      expect(() => readOptions({}, file)(planCommand.options)).not.toThrow();
    }
  });
});
