import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportCsvCommand } from '../../src/cli/commands/export-csv.js';
import { importCsvCommand } from '../../src/cli/commands/import-csv.js';
import { COMMON_OPTIONS } from '../../src/cli/options/common.js';
import { flagOf } from '../../src/cli/options/option.js';
import { REASON_TEXTS } from '../../src/migrate/csv/format/reasons.js';
import { AutoClock } from '../migrate/support/auto-clock.js';
import { LEGACY_POOL, NEW_POOL } from '../support/cognito-simulator/index.js';
import { everyOutcome, startMigration, sub } from './migration.js';

const page = readFileSync(new URL('../../docs/csv-import.md', import.meta.url), 'utf8');

interface Policy {
  readonly Statement: readonly { readonly Action: string | readonly string[] }[];
}
const policies = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => JSON.parse(text) as Policy);
const poolActions = (policy: Policy | undefined) =>
  (policy?.Statement ?? [])
    .flatMap(({ Action }) => Action)
    .filter((action) => action.startsWith('cognito-idp:'))
    .sort();

describe('the page about CSV import', () => {
  it.each(Object.keys(REASON_TEXTS))('says what to do about %s', (reason) => expect(page).toContain(`\`${reason}\``));

  it.each(
    [exportCsvCommand, importCsvCommand]
      .flatMap(({ options }) => Object.keys(options))
      .filter((key) => !(key in COMMON_OPTIONS))
      .map(flagOf),
  )('names %s', (flag) => expect(page).toContain(`| \`${flag}`));

  it('allows each command exactly what it calls', async () => {
    const [legacy, fresh] = everyOutcome();
    const users = [
      { username: 'new', sub: sub(21), attributes: { email: 'n@example.com', email_verified: 'true' } },
      ...(legacy.users ?? []),
    ];
    let command = '';
    const called = new Map<string, Set<string>>();
    await using migration = await startMigration([{ ...legacy, users }, fresh], {
      onRequest: ({ operation, poolId }) => {
        const key = `${command} ${poolId}`;
        called.set(key, (called.get(key) ?? new Set()).add(`cognito-idp:${operation}`));
      },
    });
    const out = join(migration.dir, 'import');
    const clock = new AutoClock();
    const role = ['--logs-role-arn', 'arn:aws:iam::123456789012:role/Logs'];
    for (const [name, ...args] of [
      ['plan'],
      ['export-csv', '--out', out],
      ['import-csv', '--from', out, ...role, '--yes'],
    ]) {
      command = name ?? '';
      await migration.command(command, args, { clock });
    }
    const calls = (key: string) => [...(called.get(key) ?? [])].sort();
    const [exportOld, exportNew, importing] = policies;
    expect(calls(`export-csv ${LEGACY_POOL}`)).toEqual(poolActions(exportOld));
    expect(calls(`export-csv ${NEW_POOL}`)).toEqual(poolActions(exportNew));
    expect(calls(`import-csv ${NEW_POOL}`)).toEqual(poolActions(importing));
    expect(policies).toHaveLength(5);
  });
});
