import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
    expect(stdout).toMatch(/somebody removed it since. Plan again, then apply:\n {2}cognito-cutover plan /);
    expect(stdout).toContain('See who, and what to do:\n  cognito-cutover report --html report.html ');
  });

  it('leads to a pool in which no value is missing, also where a written one was removed', async () => {
    await using migration = await startMigration(migrationPair({ users: 12 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes', '--max-writes', '10']);
    const [written = ''] = Object.keys(migration.values());
    migration.simulator.pool(NEW_POOL).setAttribute(written, 'custom:legacy_sub', null);
    const followed: string[] = [];
    for (let step = 0; step < 6; step++) {
      const { stdout } = await migration.command('verify');
      const [, next] = /^ {2}cognito-cutover (apply|plan) /m.exec(stdout) ?? [];
      if (next === undefined) break;
      followed.push(next);
      await migration.command(next, next === 'apply' ? ['--yes'] : []);
      if (next === 'plan') await migration.command('apply', ['--yes']);
    }
    expect(followed).toEqual(['apply', 'plan']);
    expect((await migration.json('verify')).document).toMatchObject({ right: 12, missing: 0 });
  });

  it('expects no values after a rollback, and says that it takes a new plan to write them again', async () => {
    await using migration = await startMigration(migrationPair({ users: 12 }));
    await migration.command('plan');
    // Two users are never written: they are missing for the same reason.
    await migration.command('apply', ['--yes', '--max-writes', '10']);
    await migration.command('rollback', ['--yes']);
    const { ending, document } = await migration.json('verify');
    expect(ending).toBe('done');
    expect(document).toEqual({ checked: 12, right: 0, wrong: 0, missing: 12, duplicates: 0, rolledBack: 12 });
    const { stdout } = await migration.command('verify');
    expect(stdout).toContain('12 users have no value after the rollback, as expected\n');
    expect(stdout).toMatch(/To write again what was rolled back, plan again:\n {2}cognito-cutover plan /);
    expect(stdout).not.toContain('cognito-cutover apply');
  });

  it('expects no memberships after a rollback either', async () => {
    const [legacy, fresh] = migrationPair({ users: 3 });
    const groups = [{ GroupName: 'staff', members: ['user0000001'] }];
    await using migration = await startMigration([{ ...legacy, groups }, fresh]);
    await migration.command('plan', ['--groups']);
    await migration.command('apply', ['--yes']);
    await migration.command('rollback', ['--yes']);
    const { ending, document } = await migration.json('verify');
    expect(document).toMatchObject({ missing: 3, rolledBack: 3, groups: { checked: 2, missing: 2, rolledBack: 2 } });
    expect(ending).toBe('done');
  });

  it('tells so of memberships too, and leads to a new plan with groups', async () => {
    const [legacy, fresh] = migrationPair({ users: 3 });
    const groups = [{ GroupName: 'staff', members: ['user0000001', 'user0000002'] }];
    await using migration = await startMigration([{ ...legacy, groups }, fresh]);
    await migration.command('plan', ['--groups']);
    await migration.command('apply', ['--yes']);
    const users = join(migration.dir, 'users.csv');
    writeFileSync(users, 'new_username\nuser0000001\n');
    await migration.command('rollback', ['--yes', '--users', users]);
    const { ending, document } = await migration.json('verify');
    expect(document).toMatchObject({ missing: 1, rolledBack: 1, groups: { missing: 1, rolledBack: 1 } });
    expect(ending).toBe('done');
    const { stdout } = await migration.command('verify');
    expect(stdout).toContain('1 missing (1 rolled back)');
    expect(stdout).not.toContain('cognito-cutover apply');
    expect(stdout).toMatch(/plan again:\n {2}cognito-cutover plan --groups /);
  });

  it('tells what a partial rollback took back from what is still to be written', async () => {
    await using migration = await startMigration(migrationPair({ users: 12 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes', '--max-writes', '10']);
    const users = join(migration.dir, 'users.csv');
    const [written = ''] = Object.keys(migration.values());
    writeFileSync(users, `new_username\n${written}\n`);
    await migration.command('rollback', ['--yes', '--users', users]);
    const { ending, document } = await migration.json('verify');
    expect(ending).toBe('attention');
    expect(document).toEqual({ checked: 12, right: 9, wrong: 0, missing: 3, duplicates: 0, rolledBack: 1 });
    const { stdout } = await migration.command('verify');
    expect(stdout).toContain('9 of 11 are right, 1 user has no value after the rollback, as expected\n');
    expect(stdout).toMatch(/Write what is missing:\n {2}cognito-cutover apply /);
    expect(stdout).toMatch(/plan again:\n {2}cognito-cutover plan /);
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    expect((await migration.json('verify')).document).toMatchObject({ right: 12, missing: 0 });
  });

  it('asks to finish a rollback that was interrupted', async () => {
    await using migration = await startMigration(migrationPair({ users: 12 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    await migration.command('rollback', ['--yes', '--max-writes', '4']);
    const { stdout } = await migration.command('verify');
    expect(stdout).toMatch(/The rollback is not finished. Continue with:\n {2}cognito-cutover rollback /);
    expect(stdout).not.toMatch(/cognito-cutover (plan|apply)/);
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
