import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AutoClock } from '../../migrate/support/auto-clock.js';
import { LEGACY_POOL, migrationPair, NEW_POOL, type PoolOptions } from '../../support/cognito-simulator/index.js';
import { startMigration, sub } from '../migration.js';

const ROLE = 'arn:aws:iam::123456789012:role/CognitoImportLogs';
const importing = (from: string) => ['--from', from, '--logs-role-arn', ROLE, '--yes'];

const person = (name: string, n: number, attributes: Record<string, string> = {}) => ({
  username: name,
  sub: sub(n),
  attributes: { email: `${name}@example.com`, email_verified: 'true', ...attributes },
});

/** One user has moved; the others are to be imported. */
function pools(more: Partial<PoolOptions> = {}): [PoolOptions, PoolOptions] {
  const [, fresh] = migrationPair({ users: 0 });
  const { generated: _, ...empty } = fresh;
  return [
    {
      id: LEGACY_POOL,
      users: [
        person('moved', 1),
        person('ann', 2, { name: 'Ann, the first', birthdate: '1980-12-31', 'custom:legacy_only': 'x' }),
        person('bob', 3, { phone_number: '+15550100', phone_number_verified: 'false' }),
        person('twin1', 4, { email: 'twins@example.com' }),
        person('twin2', 5, { email: 'twins@example.com' }),
        person('=formula', 6),
      ],
      customAttributes: ['legacy_only'],
    },
    { ...empty, users: [person('moved', 101)], ...more },
  ];
}

describe('export-csv and import-csv', () => {
  it('bring users over whom plan then finds right, and verify too', async () => {
    await using migration = await startMigration(pools());
    const out = join(migration.dir, 'import');
    await migration.command('plan');
    const exported = await migration.json('export-csv', ['--out', out]);
    expect(exported).toEqual({
      ending: 'done',
      document: {
        exported: 5,
        notImported: 0,
        claimed: 1,
        files: 1,
        droppedAttributes: { 'custom:legacy_only': 1 },
        reasons: {},
      },
    });
    const imported = await migration.json('import-csv', importing(out), { clock: new AutoClock() });
    expect(imported.document).toEqual({
      imported: 5,
      skipped: 0,
      failed: 0,
      jobs: 1,
      remaining: 0,
      confirmed: 5,
      missing: 0,
      problems: [],
    });
    expect(imported.ending).toBe('done');
    const plan = await migration.json('plan', ['--mapping', join(out, 'mapping.csv')]);
    expect(plan).toMatchObject({ ending: 'done', document: { outcomes: { ok: 5, set: 1 }, notMigrated: 0 } });
    await migration.command('apply', ['--yes']);
    const verified = await migration.json('verify');
    expect(verified).toMatchObject({ ending: 'done', document: { checked: 6, right: 6, wrong: 0, missing: 0 } });
    const ann = migration.simulator.pool(NEW_POOL).user('ann');
    expect(ann?.attributes).toMatchObject({
      name: 'Ann, the first',
      birthdate: '12/31/1980',
      'custom:legacy_sub': sub(2),
      email_verified: 'true',
    });
    expect(readdirSync(out).sort()).toEqual([
      'import-0001.csv',
      'import.json',
      'import.json.lock',
      'lines.csv',
      'manifest.json',
      'mapping.csv',
      'missing.csv',
      'not-imported.csv',
    ]);
    expect(statSync(out).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o777, name).toBe(0o600);
    expect(readFileSync(join(out, 'lines.csv'), 'utf8').split('\r\n')).toHaveLength(7);
  });
});
