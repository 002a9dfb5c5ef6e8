import { describe, expect, it } from 'vitest';
import { migrationPair, NEW_POOL } from '../../support/cognito-simulator/index.js';
import { startMigration, sub } from '../migration.js';

describe('rollback', () => {
  it('takes back what was written, and puts back what was there before', async () => {
    await using migration = await startMigration();
    const before = migration.values();
    await migration.command('plan');
    await migration.command('apply', ['--yes', '--overwrite']);
    const { ending, document } = await migration.json('rollback', ['--yes']);
    expect(ending).toBe('done');
    expect(document).toMatchObject({ removed: 1, restored: 1, changed: 0, failed: 0, remaining: 0 });
    expect(migration.values()).toEqual(before);
  });

  it('leaves alone what somebody else wrote since, and says so', async () => {
    await using migration = await startMigration(migrationPair({ users: 6 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    migration.simulator.pool(NEW_POOL).setAttribute('user0000001', 'custom:legacy_sub', sub(5));
    const { ending, stdout } = await migration.command('rollback', ['--yes']);
    expect(ending).toBe('attention');
    expect(stdout).toContain('Rolled back 5 users in ');
    expect(stdout).toContain('changed   1 (left alone');
    expect(migration.values()).toEqual({ user0000001: sub(5) });
  });

  it('asks first, and goes on after --max-writes', async () => {
    await using migration = await startMigration(migrationPair({ users: 6 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    const { stderr } = await migration.command('rollback', [], { answer: 'n' });
    expect(stderr).toContain('Roll back 6 users? [y/N] ');
    expect(Object.keys(migration.values())).toHaveLength(6);
    const { stdout } = await migration.command('rollback', ['--yes', '--max-writes', '2']);
    expect(stdout).toMatch(/4 users remain. Go on with:\n {2}cognito-cutover rollback /);
    await migration.command('rollback', ['--yes']);
    expect(migration.values()).toEqual({});
  });
});
