import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { migrationPair, NEW_POOL } from '../../support/cognito-simulator/index.js';
import { everyOutcome, startMigration, sub } from '../migration.js';
import { run } from '../support.js';

const many = (users: number) => migrationPair({ users });

describe('apply', () => {
  it('writes what the plan says and nothing else', async () => {
    await using migration = await startMigration();
    await migration.command('plan');
    const before = migration.values();
    const { ending, document } = await migration.json('apply', ['--yes']);
    expect(ending).toBe('done');
    expect(document).toMatchObject({ written: 1, failed: 0, skipped: 0, remaining: 0, attempts: 1, throttled: 0 });
    expect(migration.values()).toEqual({ ...before, ann: sub(1) });
  });

  it('needs to be told neither pools nor attribute again', async () => {
    await using migration = await startMigration();
    await migration.command('plan');
    const { endpoint } = migration.simulator;
    const { ending } = await run(['apply', '--yes', '--state', migration.state, '--new-endpoint', endpoint]);
    expect(ending).toBe('done');
    expect(migration.values()).toMatchObject({ ann: sub(1) });
  });

  it.each([
    [['--new-pool', 'eu-west-1_Other'], '--new-pool: expected eu-west-1_New, as in '],
    [['--legacy-pool', 'eu-west-1_Other'], '--legacy-pool: expected eu-west-1_Legacy, as in '],
    [['--attribute', 'custom:other'], '--attribute: expected custom:legacy_sub, as in '],
  ])('refuses %j, which is not what was planned', async (args, message) => {
    await using migration = await startMigration();
    await migration.command('plan');
    const { ending, stderr } = await run(['apply', '--yes', '--state', migration.state, ...args]);
    expect(stderr).toContain(message);
    expect(ending).toBe('usage');
  });

  it('writes conflicts only when told to', async () => {
    await using migration = await startMigration();
    await migration.command('plan');
    const { document } = await migration.json('apply', ['--yes', '--overwrite']);
    expect(document).toMatchObject({ written: 2 });
    expect(migration.values()).toMatchObject({ cat: sub(3) });
  });

  it('shows the estimate and asks; a yes writes', async () => {
    await using migration = await startMigration(many(5));
    await migration.command('plan');
    const { ending, stdout, stderr } = await migration.command('apply', [], { answer: 'y' });
    expect(stderr).toContain('  writes  5\n  time    about 1 s\n  cost    5 monthly active users, about $0.08\n');
    expect(stderr).toContain('Write 5 users? [y/N] ');
    expect(stdout).toContain('Wrote 5 users in ');
    expect(stdout).toContain(
      'Next, prove that every value is right:\n  cognito-cutover verify --legacy-pool eu-west-1_Legacy',
    );
    expect(ending).toBe('done');
  });

  it('names the pool, the account, the role and the attribute before it asks, and also where it does not ask', async () => {
    await using migration = await startMigration(many(5));
    await migration.command('plan');
    const target = (account: string, role: string) =>
      `  pool       eu-west-1_New\n  account    ${account}\n  role       ${role}\n  attribute  custom:legacy_sub\n`;
    const dry = await migration.command('apply', ['--dry-run']);
    expect(dry.stderr).toContain(target('111111111111', 'unknown'));
    vi.stubEnv('AWS_ENDPOINT_URL_STS', migration.simulator.endpoint);
    const asked = await migration.command('apply', [], { answer: 'n' });
    expect(asked.stderr).toContain(target('222233334444', 'arn:aws:iam::222233334444:user/operator'));
    const role = ['--new-role-arn', 'arn:aws:iam::222233334444:role/Writer'];
    const { stderr } = await migration.command('apply', [...role, '--yes']);
    expect(stderr).toContain(target('222233334444', 'arn:aws:sts::222233334444:assumed-role/Writer/cognito-cutover'));
    const rolled = await migration.command('rollback', [], { answer: 'n' });
    expect(rolled.stderr).toContain(target('222233334444', 'arn:aws:iam::222233334444:user/operator'));
    expect(rolled.stderr).toContain('Roll back 5 users? [y/N] ');
    expect((await migration.command('rollback', ['--dry-run'])).stderr).toContain('  account    222233334444\n');
  });

  it.each(['n', '', 'yep'])('writes nothing when the answer is %j', async (answer) => {
    await using migration = await startMigration(many(5));
    await migration.command('plan');
    const { ending, stdout } = await migration.command('apply', [], { answer });
    expect(migration.values()).toEqual({});
    expect(stdout).toContain('Nothing was written');
    expect(ending).toBe('done');
  });

  it('writes nothing when nobody can be asked', async () => {
    await using migration = await startMigration(many(5));
    await migration.command('plan');
    const { ending, stderr } = await migration.command('apply');
    expect(stderr).toContain('--yes: is required where nobody can be asked');
    expect({ ending, values: migration.values() }).toEqual({ ending: 'usage', values: {} });
  });

  it('stops after --max-writes and continues from there', async () => {
    await using migration = await startMigration(many(10));
    await migration.command('plan');
    expect((await migration.json('apply', ['--yes', '--max-writes', '4'])).document).toMatchObject({
      written: 4,
      remaining: 6,
    });
    const { stdout } = await migration.command('apply', ['--yes', '--max-writes', '1']);
    expect(stdout).toMatch(/Still to write: 5 users. Continue with:\n {2}cognito-cutover apply /);
    expect((await migration.json('apply', ['--yes'])).document).toMatchObject({ written: 5, remaining: 0 });
    expect(Object.keys(migration.values())).toHaveLength(10);
  });

  it('refuses to start while an app client can write the attribute, unless told to', async () => {
    const [legacy, fresh] = everyOutcome();
    const clients = [{ ClientId: 'open', ClientName: 'open' }];
    await using migration = await startMigration([legacy, { ...fresh, clients }]);
    await migration.command('plan');
    const { ending, document } = await migration.json('apply', ['--yes']);
    expect(ending).toBe('usage');
    expect(document).toMatchObject({ error: { code: 'ERR_ATTRIBUTE', fix: expect.any(String) } });
    expect(migration.values()).not.toHaveProperty('ann');
    expect((await migration.command('apply', ['--yes', '--allow-writable-attribute'])).ending).toBe('done');
    expect(migration.values()).toHaveProperty('ann');
  });

  it('says that the attribute is missing, and how to add it', async () => {
    const [legacy, fresh] = migrationPair({ users: 3 });
    await using migration = await startMigration([legacy, { ...fresh, customAttributes: [] }]);
    await migration.command('plan');
    const { ending, document } = await migration.json('apply', ['--yes']);
    expect(ending).toBe('usage');
    expect(document).toMatchObject({
      error: { code: 'ERR_ATTRIBUTE', fix: expect.stringContaining('add-custom-attributes') },
    });
  });

  it('needs a finished plan', async () => {
    await using migration = await startMigration();
    const { ending, document } = await migration.json('apply', ['--yes']);
    expect({ ending, document }).toMatchObject({
      ending: 'usage',
      document: { error: { code: 'ERR_STATE_NOT_READY' } },
    });
  });

  it('drains on a signal and tells what was done, in one document; the next run finishes', async () => {
    const stop = new AbortController();
    await using migration = await startMigration(many(40), {
      onRequest: ({ operation }, { stats }) => {
        if (operation === 'AdminUpdateUserAttributes' && stats.of(operation).attempts === 20)
          stop.abort(new Error('stopped'));
      },
    });
    await migration.command('plan');
    const { ending, document } = await migration.json('apply', ['--yes'], { signal: stop.signal });
    expect(ending).toBe('interrupted');
    const { written, remaining } = document as { written: number; remaining: number };
    expect(document).toMatchObject({ failed: 0, error: { code: 'ERR_INTERRUPTED' } });
    expect(written).toBeGreaterThanOrEqual(20);
    expect(written + remaining).toBe(40);
    expect(Object.keys(migration.values())).toHaveLength(written);

    expect((await migration.json('apply', ['--yes'])).document).toMatchObject({ written: remaining, remaining: 0 });
    expect(migration.simulator.pool(NEW_POOL).journal).toHaveLength(40);
  });

  it('continues when users cannot be written, and says that a person must look', async () => {
    await using migration = await startMigration(many(10), {
      faults: [
        {
          kind: 'error',
          operations: ['AdminUpdateUserAttributes'],
          usernames: ['user0000003'],
          type: 'NotAuthorizedException',
        },
      ],
    });
    await migration.command('plan');
    const { ending, stdout } = await migration.command('apply', ['--yes']);
    expect(ending).toBe('attention');
    expect(stdout).toContain('1 user could not be written. See why:');
    expect(Object.keys(migration.values())).toHaveLength(9);
  });
});

describe('apply under the operator’s hand', () => {
  const file = (dir: string, content: string) => {
    const path = join(dir, 'users.csv');
    writeFileSync(path, content);
    return path;
  };

  it('writes only the users of a file, which may be a report', async () => {
    await using migration = await startMigration(many(6));
    await migration.command('plan');
    const report = join(migration.dir, 'report.csv');
    await migration.command('report', ['--csv', report]);
    const [header = '', ...rows] = readFileSync(report, 'utf8').split('\r\n');
    const some = rows.filter((row) => /user000000[13]/.test(row));
    const only = file(migration.dir, [header, ...some].join('\r\n'));
    const { ending, stdout } = await migration.command('apply', ['--yes', '--only', only]);
    expect(ending).toBe('done');
    expect(stdout).toContain('Wrote 2 users in ');
    expect(stdout).toContain('Still to write, of the whole plan: 4 users. Continue with:');
    expect(Object.keys(migration.values()).sort()).toEqual(['user0000001', 'user0000003']);
  });

  it.each([
    ['new_username\nuser0000001\nnobody\n', '--only: line 3: this state has no such user'],
    ['new_username,x\nuser0000001\n', 'line 2: expected 2 fields, got 1'],
    ['username\nuser0000001\n', 'line 1: expected a column new_username in the header'],
    ['', 'line 1: expected a column new_username, the file is empty'],
    ['new_username\n', '--only: does not name any user'],
  ])('refuses a file with the line that is wrong: %j', async (content, message) => {
    await using migration = await startMigration(many(3));
    await migration.command('plan');
    const { ending, stderr } = await migration.command('apply', ['--yes', '--only', file(migration.dir, content)]);
    expect(stderr).toContain(message);
    expect({ ending, values: migration.values() }).toEqual({ ending: 'usage', values: {} });
  });

  it('tries out without asking, and without writing', async () => {
    await using migration = await startMigration(many(5));
    await migration.command('plan');
    migration.simulator.pool(NEW_POOL).deleteUser('user0000001');
    const { ending, document } = await migration.json('apply', ['--dry-run']);
    expect(ending).toBe('done');
    expect(document).toMatchObject({ written: 0, wouldWrite: 4, skipped: 1, attempts: 0, dryRun: true });
    expect((await migration.command('apply', ['--dry-run'])).stdout).toContain(
      'Would write 4 users; nothing was written',
    );
    expect(migration.values()).toEqual({});
  });

  it('stops after failures, and says so', async () => {
    const types = {
      kind: 'error',
      operations: ['AdminUpdateUserAttributes'],
      type: 'InvalidParameterException',
    } as const;
    await using migration = await startMigration(many(20), { faults: [types] });
    await migration.command('plan');
    const { ending, stdout } = await migration.command('apply', ['--yes', '--max-failed', '1']);
    expect(ending).toBe('attention');
    expect(stdout).toContain('Stopped by --max-failed.');
  });

  it('skips somebody who registered a username again, and says that a person must look', async () => {
    await using migration = await startMigration(many(5));
    await migration.command('plan');
    const pool = migration.simulator.pool(NEW_POOL);
    pool.deleteUser('user0000001');
    pool.addUser({ username: 'user0000001', attributes: { email: 'eve@example.com' } });
    const { ending, stdout } = await migration.command('apply', ['--yes']);
    expect(ending).toBe('attention');
    expect(stdout).toContain('1 user changed since the plan. See why, then plan again:');
    expect(migration.values()).not.toHaveProperty('user0000001');
    const { ending: verified, document } = await migration.json('verify');
    expect([verified, document]).toMatchObject(['attention', { right: 4, wrong: 1 }]);
  });

  it('asks about an old plan once, and refuses it with --yes', async () => {
    await using migration = await startMigration(many(5));
    await migration.command('plan');
    const clock = { ...systemClock, now: () => Date.now() + 30 * 3_600_000 };
    const refused = await migration.command('apply', ['--yes'], { clock });
    expect(refused.ending).toBe('usage');
    expect(refused.stderr).toContain('--max-plan-age: The plan is 30 hours old');
    const asked = await migration.command('apply', [], { clock, answer: 'n' });
    expect(asked.stderr).toContain(
      'The plan is 30 hours old; users may have changed since then. Write 5 users? [y/N] ',
    );
    expect(migration.values()).toEqual({});
    expect((await migration.command('apply', ['--yes', '--max-plan-age', '31'], { clock })).ending).toBe('done');
    expect(Object.keys(migration.values())).toHaveLength(5);
  });

  it('ends a pool’s refusal after the first write as a run that can be continued', async () => {
    await using migration = await startMigration(many(30), {
      onRequest: ({ operation }, { stats, faults }) => {
        if (operation === 'AdminUpdateUserAttributes' && stats.of(operation).attempts === 10) {
          faults.set([{ kind: 'error', operations: [operation], type: 'OperationNotEnabledException' }]);
        }
      },
    });
    await migration.command('plan');
    const { ending, document } = await migration.json('apply', ['--yes']);
    expect(document).toMatchObject({ error: { code: 'ERR_POOL' } });
    expect(ending).toBe('unavailable');
  });
});
