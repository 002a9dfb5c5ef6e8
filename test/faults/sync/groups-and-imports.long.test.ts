import { join } from 'node:path';
import { describe, expect, onTestFinished } from 'vitest';
import { type Migration, startMigration } from '../../cli/migration.js';
import { type Fault, LEGACY_POOL, migrationPair, NEW_POOL } from '../../support/cognito-simulator/index.js';
import { fault } from '../fault.js';
import { QuickClock } from './quick-clock.js';

const timeoutMs = 120_000;
const ROLE = 'arn:aws:iam::123456789012:role/CognitoImportLogs';
/** So many attempts of each call fail. */
const TIMES = 3;
/** Longer than a call may take. */
const SILENT_MS = 11_000;

const OUTAGES: Readonly<Record<string, Fault>> = {
  throttled: { kind: 'throttle' },
  'failing with 500': { kind: 'internal-error' },
  'resetting connections': { kind: 'drop-before' },
  'resetting connections after the work': { kind: 'drop-after' },
};

const hitting = (broken: Fault, operations: readonly string[]): Fault[] =>
  operations.map((operation) => ({ times: TIMES, ...broken, pool: NEW_POOL, operations: [operation] }));

async function startGroups() {
  const migration = await startMigration(migrationPair({ users: 40, newBorn: 2 }));
  onTestFinished(() => migration[Symbol.asyncDispose]());
  const { simulator } = migration;
  const everybody = [...simulator.pool(LEGACY_POOL).users.all()].map(({ username }) => username);
  simulator.pool(LEGACY_POOL).addGroup({ GroupName: 'staff', members: everybody.slice(0, 8) });
  simulator.pool(LEGACY_POOL).addGroup({ GroupName: 'admins', members: everybody.slice(5, 10) });
  await migration.json('plan', ['--groups']);
  const members = () =>
    Object.fromEntries([...simulator.pool(NEW_POOL).groups.values()].map(({ name, members: all }) => [name, all.size]));
  return { migration, members };
}

const counts = ({ ending, document }: Awaited<ReturnType<Migration['json']>>) => {
  const { seconds: _, attempts: __, throttled: ___, ...rest } = document as Record<string, unknown>;
  return { ending, ...rest };
};

/** Applies and rolls back a plan with groups, while some calls go wrong. */
async function groupsThrough(whileApplied: readonly Fault[], whileRolledBack: readonly Fault[]) {
  const { migration, members } = await startGroups();
  const { faults } = migration.simulator;
  faults.set(whileApplied);
  const applied = counts(await migration.json('apply', ['--yes']));
  expect(faults.idle).toEqual([]);
  faults.set([]);
  const verified = counts(await migration.json('verify'));
  const there = { values: migration.values(), members: members() };
  faults.set(whileRolledBack);
  const rolledBack = counts(await migration.json('rollback', ['--yes']));
  expect(faults.idle).toEqual([]);
  return { applied, verified, there, rolledBack, left: { values: migration.values(), members: members() } };
}

async function startImport() {
  const migration = await startMigration(migrationPair({ users: 60, notMigrated: 40 }));
  onTestFinished(() => migration[Symbol.asyncDispose]());
  const out = join(migration.dir, 'import');
  await migration.command('plan');
  await migration.command('export-csv', ['--out', out]);
  const run = async () => {
    const args = ['--from', out, '--logs-role-arn', ROLE, '--yes'];
    return counts(await migration.json('import-csv', args, { clock: new QuickClock(50) }));
  };
  return { migration, run, pool: migration.simulator.pool(NEW_POOL) };
}

describe('groups and imports while Cognito is out of order', () => {
  fault(
    'Cognito is throttled, fails or resets connections in the midst of apply and rollback of groups',
    'The commands repeat the calls and end as if undisturbed, also where a group or a membership was made and the answer was lost.',
    async () => {
      const undisturbed = await groupsThrough([], []);
      expect(undisturbed.applied).toMatchObject({ ending: 'done', failed: 0, remaining: 0 });
      expect(undisturbed.there.members).toEqual({ staff: 8, admins: 5 });
      expect(undisturbed.left).toEqual({ values: {}, members: {} });
      const outages = Object.entries(OUTAGES).map(async ([name, broken]) => {
        const applying = hitting(broken, ['CreateGroup', 'AdminAddUserToGroup', 'AdminUpdateUserAttributes']);
        const undoing = hitting(broken, ['DeleteGroup', 'AdminRemoveUserFromGroup', 'AdminDeleteUserAttributes']);
        expect([name, await groupsThrough(applying, undoing)]).toEqual([name, undisturbed]);
      });
      await Promise.all(outages);
    },
    { timeoutMs },
  );

  fault(
    'Cognito is throttled, fails or resets connections in the midst of import-csv',
    'The command repeats the calls, imports every user once with one job that is started, and ends as if undisturbed.',
    async () => {
      const undisturbed = await (await startImport()).run();
      expect(undisturbed).toMatchObject({ ending: 'done', imported: 40, confirmed: 40, missing: 0, jobs: 1 });
      const outages = Object.entries(OUTAGES).map(async ([name, broken]) => {
        const { migration, pool, run } = await startImport();
        const calls = ['CreateUserImportJob', 'StartUserImportJob', 'DescribeUserImportJob', 'ListUserImportJobs'];
        migration.simulator.faults.set(hitting(broken, [...calls, 'ListUsers', 'GetCSVHeader']));
        expect([name, await run()]).toEqual([name, undisturbed]);
        expect([name, migration.simulator.faults.idle]).toEqual([name, []]);
        const started = [...pool.importJobs.values()].filter(({ status }) => status === 'Succeeded');
        expect([name, started.length, [...pool.users.all()].length]).toEqual([name, 1, 60]);
      });
      await Promise.all(outages);
    },
    { timeoutMs },
  );

  fault(
    'Cognito accepts a call and never answers it, in the midst of apply of groups and of import-csv',
    'The call is given up after ten seconds and repeated, and the commands end as if undisturbed.',
    async () => {
      const silent = (operation: string): Fault[] => hitting({ kind: 'slow', ms: SILENT_MS, times: 1 }, [operation]);
      const importing = await startImport();
      importing.migration.simulator.faults.set(silent('StartUserImportJob'));
      const [undisturbed, create, add, imported] = await Promise.all([
        groupsThrough([], []),
        groupsThrough(silent('CreateGroup'), []),
        groupsThrough(silent('AdminAddUserToGroup'), []),
        importing.run(),
      ]);
      expect(importing.migration.simulator.faults.idle).toEqual([]);
      expect(create).toEqual(undisturbed);
      expect(add).toEqual(undisturbed);
      expect(imported).toMatchObject({ ending: 'done', imported: 40, confirmed: 40, missing: 0, jobs: 1 });
      expect([...importing.pool.users.all()]).toHaveLength(60);
    },
    { timeoutMs },
  );
});
