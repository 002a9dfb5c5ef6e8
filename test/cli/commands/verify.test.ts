import { describe, expect, it } from 'vitest';
import { migrationPair, NEW_POOL } from '../../support/cognito-simulator/index.js';
import { startMigration, sub } from '../migration.js';

describe('verify', () => {
  it('proves that every value is right', async () => {
    await using migration = await startMigration(migrationPair({ users: 12, newBorn: 3 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    const { ending, document } = await migration.json('verify');
    expect(ending).toBe('done');
    expect(document).toEqual({ checked: 12, right: 12, wrong: 0, missing: 0, duplicates: 0 });
    expect((await migration.command('verify')).stdout).toContain('All 12 users are right');
  });

  it('finds values that were changed, removed or copied, and says what to do', async () => {
    await using migration = await startMigration(migrationPair({ users: 12 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    const pool = migration.simulator.pool(NEW_POOL);
    const values = migration.values();
    pool.setAttribute('user0000001', 'custom:legacy_sub', sub(5));
    pool.setAttribute('user0000002', 'custom:legacy_sub', null);
    pool.setAttribute('user0000003', 'custom:legacy_sub', values['user0000004'] ?? '');
    const { ending, document } = await migration.json('verify');
    expect(ending).toBe('attention');
    expect(document).toEqual({ checked: 12, right: 9, wrong: 2, missing: 1, duplicates: 2 });

    const { stdout } = await migration.command('verify');
    expect(stdout).toContain('9 users of 12 are right');
    expect(stdout).toContain('Write what is missing:\n  cognito-cutover apply ');
    expect(stdout).toContain('See who, and what to do:\n  cognito-cutover report --html report.html ');
  });

  it('only reads', async () => {
    await using migration = await startMigration();
    await migration.command('plan');
    const before = migration.values();
    migration.simulator.stats.reset();
    await migration.command('verify');
    expect(Object.keys(migration.simulator.stats.operations)).toEqual(['ListUsers']);
    expect(migration.values()).toEqual(before);
  });
});
