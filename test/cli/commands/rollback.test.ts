import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openState } from '../../../src/migrate/state/state.js';
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

  it.each([
    ['rollback', 'AdminDeleteUserAttributes'],
    ['sync', 'AdminUpdateUserAttributes'],
  ])('and others are told which command is at work: %s', async (command, during) => {
    const seen = new Set<string>();
    let path = '';
    await using migration = await startMigration(migrationPair({ users: 2 }), {
      onRequest: ({ operation }) => {
        if (operation !== during || path === '') return;
        const opened = openState({ path, access: 'read' });
        for (const worker of opened.workers) seen.add(worker.command);
        opened.close();
      },
    });
    if (command === 'rollback') {
      await migration.command('plan');
      await migration.command('apply', ['--yes']);
    }
    path = migration.state;
    await migration.command(command, ['--yes']);
    expect([...seen]).toEqual([command]);
  });

  it('asks first, and continues after --max-writes', async () => {
    await using migration = await startMigration(migrationPair({ users: 6 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    const { stderr } = await migration.command('rollback', [], { answer: 'n' });
    expect(stderr).toContain('Roll back 6 users? [y/N] ');
    expect(Object.keys(migration.values())).toHaveLength(6);
    const { stdout } = await migration.command('rollback', ['--yes', '--max-writes', '2']);
    expect(stdout).toMatch(/Still to take back: 4 users. Continue with:\n {2}cognito-cutover rollback /);
    await migration.command('rollback', ['--yes']);
    expect(migration.values()).toEqual({});
  });
});

describe('a rollback of a part', () => {
  it('continues with the same part, without --yes', async () => {
    await using migration = await startMigration(migrationPair({ users: 6 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    const { stdout } = await migration.command('rollback', ['--yes', '--plan', '1', '--max-writes', '2']);
    const [line = ''] = /^ {2}cognito-cutover rollback .*$/m.exec(stdout) ?? [];
    // Without --plan, the next run would take back more than this one.
    for (const kept of ['--plan 1', '--max-writes 2', '--new-pool eu-west-1_New', '--rps 1000']) {
      expect(line).toContain(` ${kept}`);
    }
    expect(line).not.toContain('--yes');
  });

  it('can be tried out without asking', async () => {
    await using migration = await startMigration(migrationPair({ users: 6 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    const { ending, document } = await migration.json('rollback', ['--dry-run']);
    expect(ending).toBe('done');
    expect(document).toMatchObject({ removed: 6, restored: 0, remaining: 0, attempts: 0, dryRun: true });
    expect((await migration.command('rollback', ['--dry-run'])).stdout).toContain('Would roll back 6 users;');
    expect(Object.keys(migration.values())).toHaveLength(6);
  });

  it('takes back the users of a file, and what was written since', async () => {
    await using migration = await startMigration(migrationPair({ users: 6 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    const users = join(migration.dir, 'users.csv');
    writeFileSync(users, 'new_username\nuser0000002\n');
    const where = ['--yes', '--plan', '1', '--since', '2026-01-01T00:00+01:00', '--users', users];
    expect((await migration.json('rollback', where)).document).toMatchObject({ removed: 1, remaining: 0 });
    expect(Object.keys(migration.values())).toHaveLength(5);
    expect(migration.values()).not.toHaveProperty('user0000002');
    expect((await migration.json('rollback', ['--yes', '--since', '2999-01-01'])).document).toMatchObject({
      removed: 0,
    });
  });

  it.each([
    [['--since', 'yesterday'], '--since: expected a date like 2026-01-15 or 2026-01-15T22:00Z, got "yesterday"'],
    [['--since', '2026-01-15T22:00'], '--since: expected a date like'],
    [['--since', '2026-13-45'], '--since: expected a date like'],
    [['--plan', '2'], '--plan: expected a plan of this state, which has 1, got 2'],
    [['--plan', '0'], '--plan: expected a whole number from 1'],
  ])('refuses %j', async (args, message) => {
    await using migration = await startMigration(migrationPair({ users: 2 }));
    await migration.command('plan');
    const { ending, stderr } = await migration.command('rollback', ['--yes', ...args]);
    expect(stderr).toContain(message);
    expect(ending).toBe('usage');
  });
});
