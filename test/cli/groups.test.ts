import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LEGACY_POOL, NEW_POOL, type PoolOptions, type Simulator } from '../support/cognito-simulator/index.js';
import { everyOutcome, type Migration, startMigration } from './migration.js';

const PLAN_OPERATIONS = [
  'DescribeUserPool',
  'DescribeUserPoolClient',
  'ListIdentityProviders',
  'ListUserPoolClients',
  'ListUsers',
];

const ROLE = 'arn:aws:iam::111122223333:role/Admin';

/** Of the members of the legacy groups, the new pool knows ann and bob for certain, cat is a conflict, zed did not move. */
function poolsWithGroups(): [PoolOptions, PoolOptions] {
  const [legacy, fresh] = everyOutcome();
  return [
    {
      ...legacy,
      groups: [
        {
          GroupName: 'admins',
          Description: 'All rights',
          Precedence: 0,
          RoleArn: ROLE,
          members: ['ann', 'bob', 'cat', 'zed'],
        },
        { GroupName: 'editors', members: ['ann', 'bob'] },
        { GroupName: `${LEGACY_POOL}_Google`, members: ['ann'] },
      ],
    },
    {
      ...fresh,
      groups: [
        { GroupName: 'editors', Precedence: 5, members: ['ann', 'ivy'] },
        { GroupName: 'unrelated', members: ['ivy'] },
      ],
    },
  ];
}

const PLANNED = { toCreate: 1, memberships: 3, existing: 1, unmapped: 2, overLimit: 0 };

const membersOf = (simulator: Simulator, group: string) =>
  [...(simulator.pool(NEW_POOL).groups.get(group)?.members ?? [])].sort();

const groupsOf = ({ simulator }: Migration) =>
  Object.fromEntries([...simulator.pool(NEW_POOL).groups.keys()].map((name) => [name, membersOf(simulator, name)]));

describe('plan --groups', () => {
  it('adds groups and memberships to the plan, and to what it costs', async () => {
    await using migration = await startMigration(poolsWithGroups());
    const before = groupsOf(migration);
    const { ending, document } = await migration.json('plan', ['--groups']);
    expect(ending).toBe('attention');
    expect(document).toMatchObject({ writes: 5, estimatedSeconds: 1, estimatedMau: 2, groups: PLANNED });
    expect(groupsOf(migration)).toEqual(before);
    const { operations } = migration.simulator.stats;
    expect(Object.keys(operations).sort()).toEqual([...PLAN_OPERATIONS, 'ListGroups', 'ListUsersInGroup'].sort());
    // The members of two groups of the legacy pool, and of the one that the new pool has, too.
    expect(operations['ListUsersInGroup']?.attempts).toBe(3);
  });

  it('says what it found, and what differs', async () => {
    await using migration = await startMigration(poolsWithGroups());
    const { stdout, stderr } = await migration.command('plan', ['--groups']);
    expect(stdout).toMatch(
      /^ +1 {2}groups to create\n +3 {2}memberships to add\n +1 {2}memberships that already exist/m,
    );
    expect(stdout).toMatch(/^ +2 {2}memberships of legacy users for whom no new user is certain$/m);
    expect(stderr).toContain('warning: Groups that differ in the new pool: editors (precedence).');
    expect(stderr).toContain(`warning: Groups that have a role in the legacy pool: admins (${ROLE}).`);
    expect(stderr).toContain('Legacy groups: 100%, 6 members, 2 of 2 groups');
  });

  it('keeps to its fields, and to its calls, without --groups', async () => {
    await using migration = await startMigration(poolsWithGroups());
    const { document } = await migration.json('plan');
    expect(document).not.toHaveProperty('groups');
    expect(document).toMatchObject({ writes: 1 });
    expect(Object.keys(migration.simulator.stats.operations).sort()).toEqual(PLAN_OPERATIONS);
  });

  it('takes --copy-roles only together with --groups', async () => {
    await using migration = await startMigration(poolsWithGroups());
    const { ending, stderr } = await migration.command('plan', ['--copy-roles']);
    expect(ending).toBe('usage');
    expect(stderr).toContain('--copy-roles');
  });

  it('ends at once, before users are listed, where groups must not be read', async () => {
    const [legacy, fresh] = poolsWithGroups();
    await using migration = await startMigration([{ ...legacy, deny: ['ListGroups'] }, fresh]);
    const { ending, stderr } = await migration.command('plan', ['--groups']);
    expect(ending).toBe('unavailable');
    expect(stderr).toContain('cognito-idp:ListGroups');
    expect(migration.simulator.stats.operations['ListUsers']).toBeUndefined();
  });
});

describe('what needs a person', () => {
  it('are users who would be in too many groups: plan and report say who', async () => {
    const [legacy, fresh] = poolsWithGroups();
    const groups = Array.from({ length: 100 }, (_, n) => ({ GroupName: `g${n}`, members: ['bob'] }));
    await using migration = await startMigration([{ ...legacy, groups: [...(legacy.groups ?? []), ...groups] }, fresh]);
    const { stdout } = await migration.command('plan', ['--groups', '--match', 'username', '--trust-usernames']);
    expect(stdout).toMatch(/^ +1 {2}users who would be in more groups than Cognito allows/m);
    const csv = join(migration.dir, 'report.csv');
    const html = join(migration.dir, 'report.html');
    const report = await migration.command('report', ['--csv', csv, '--html', html]);
    expect(report.stdout).toMatch(/too many groups:\n {2}bob +would be in more than 100 groups: none is added/);
    expect(readFileSync(csv, 'utf8')).toMatch(/^bob,.*,would be in more than 100 groups: none is added\r$/m);
    expect(readFileSync(html, 'utf8')).toContain('more groups than Cognito allows');
  });

  it('are members whom Cognito refuses: report says of which group', async () => {
    await using migration = await startMigration(poolsWithGroups(), {
      faults: [
        { kind: 'error', type: 'NotAuthorizedException', operations: ['AdminAddUserToGroup'], usernames: ['bob'] },
      ],
    });
    await migration.command('plan', ['--groups']);
    const { ending, document } = await migration.json('apply', ['--yes']);
    expect(ending).toBe('attention');
    expect(document).toMatchObject({ written: 3, failed: 2 });
    const { stdout } = await migration.command('report');
    expect(stdout).toMatch(/bob +write failed: group \w+: NotAuthorizedException, group \w+: NotAuthorizedException/);
  });
});

describe('the way there and back', () => {
  it('is tried out both ways, with groups and memberships counted, nothing written and nobody asked', async () => {
    await using migration = await startMigration(poolsWithGroups());
    const before = [groupsOf(migration), migration.values()];
    await migration.command('plan', ['--groups']);
    const dry = await migration.json('apply', ['--dry-run']);
    expect(dry).toMatchObject({ ending: 'done', document: { wouldWrite: 5, written: 0, remaining: 5, attempts: 0 } });
    expect([groupsOf(migration), migration.values()]).toEqual(before);
    await migration.command('apply', ['--yes']);
    const written = [groupsOf(migration), migration.values()];
    const back = await migration.json('rollback', ['--dry-run']);
    expect(back).toMatchObject({ ending: 'done', document: { removed: 5, attempts: 0, dryRun: true } });
    expect([groupsOf(migration), migration.values()]).toEqual(written);
  });

  it('creates, adds, proves and takes back exactly what was planned', async () => {
    await using migration = await startMigration(poolsWithGroups());
    const before = groupsOf(migration);
    await migration.command('plan', ['--groups']);

    expect(await migration.json('verify')).toMatchObject({
      ending: 'attention',
      document: { groups: { checked: 5, right: 1, missing: 4, extra: 0 } },
    });
    const apply = await migration.json('apply', ['--yes']);
    expect(apply).toMatchObject({ ending: 'done', document: { written: 5, failed: 0, skipped: 0, remaining: 0 } });
    expect(groupsOf(migration)).toEqual({
      ...before,
      admins: ['ann', 'bob'],
      editors: ['ann', 'bob', 'ivy'],
    });
    const { admins } = Object.fromEntries(migration.simulator.pool(NEW_POOL).groups);
    expect(admins).toMatchObject({ Description: 'All rights', Precedence: 0 });
    expect(admins).not.toHaveProperty('RoleArn');
    // Groups first, then attributes, then memberships: none is added for a user who is not mapped yet.
    const journal = migration.simulator.pool(NEW_POOL).journal.map(({ operation }) => operation);
    expect(journal).toEqual([
      'CreateGroup',
      'AdminUpdateUserAttributes',
      'AdminAddUserToGroup',
      'AdminAddUserToGroup',
      'AdminAddUserToGroup',
    ]);

    const verify = await migration.json('verify');
    expect(verify.document).toMatchObject({ groups: { checked: 5, right: 5, missing: 0, extra: 0 } });
    const again = await migration.json('apply', ['--yes']);
    expect(again.document).toMatchObject({ written: 0, attempts: 0 });

    const { stdout } = await migration.command('status');
    expect(stdout).toContain('5 of 5, 0 remain');
    expect(stdout).toMatch(/3 {2}memberships to add/);

    const rollback = await migration.json('rollback', ['--yes']);
    expect(rollback.document).toMatchObject({ removed: 5, changed: 0, remaining: 0, failed: 0 });
    expect(groupsOf(migration)).toEqual(before);
  });

  it('finds nothing to do in a second plan', async () => {
    await using migration = await startMigration(poolsWithGroups());
    await migration.command('plan', ['--groups']);
    await migration.command('apply', ['--yes']);
    const { document } = await migration.json('plan', ['--groups']);
    expect(document).toMatchObject({
      writes: 0,
      groups: { toCreate: 0, memberships: 0, existing: 4, unmapped: 2, overLimit: 0 },
    });
    const rollback = await migration.json('rollback', ['--yes']);
    expect(rollback.document).toMatchObject({ removed: 5, remaining: 0 });
  });

  it('copies roles when asked to', async () => {
    await using migration = await startMigration(poolsWithGroups());
    const { stderr } = await migration.command('plan', ['--groups', '--copy-roles']);
    expect(stderr).toContain(`get the role that they have in the legacy pool: admins (${ROLE})`);
    await migration.command('apply', ['--yes']);
    expect(migration.simulator.pool(NEW_POOL).groups.get('admins')).toMatchObject({ RoleArn: ROLE });
  });

  it('counts everything as changes, and stops after --max-writes of them', async () => {
    await using migration = await startMigration(poolsWithGroups());
    await migration.command('plan', ['--groups']);
    const { stdout, stderr } = await migration.command('apply', ['--max-writes', '3'], { answer: 'y' });
    expect(stderr).toContain('Write 3 changes of 2 users? [y/N] ');
    expect(stdout).toContain('Wrote 3 changes in ');
    expect(stdout).toContain('Still to write: 2 changes.');
    expect(await migration.json('apply', ['--yes'])).toMatchObject({ document: { written: 2, remaining: 0 } });
    const back = await migration.command('rollback', ['--max-writes', '1', '--yes']);
    expect(back.stdout).toContain('Rolled back 1 change in ');
    expect(back.stdout).toContain('Still to take back: 4 changes.');
    expect(await migration.json('rollback', ['--yes'])).toMatchObject({ document: { removed: 4, remaining: 0 } });
  });

  it('leaves a group that somebody uses or has changed meanwhile', async () => {
    for (const change of [
      (groups: Map<string, { members: Set<string>; Description?: string | undefined }>) =>
        groups.get('admins')?.members.add('ivy'),
      (groups: Map<string, { members: Set<string>; Description?: string | undefined }>) =>
        Object.assign(groups.get('admins') ?? {}, { Description: 'Few rights' }),
    ]) {
      await using migration = await startMigration(poolsWithGroups());
      await migration.command('plan', ['--groups']);
      await migration.command('apply', ['--yes']);
      change(migration.simulator.pool(NEW_POOL).groups);
      const { ending, document } = await migration.json('rollback', ['--yes']);
      expect(document).toMatchObject({ removed: 4, changed: 1, remaining: 0 });
      expect(ending).toBe('attention');
      expect(Object.keys(groupsOf(migration))).toContain('admins');
    }
  });
});

describe('what happens meanwhile', () => {
  it('skips users and groups that are deleted, and notes them', async () => {
    await using migration = await startMigration(poolsWithGroups());
    await migration.command('plan', ['--groups']);
    const pool = migration.simulator.pool(NEW_POOL);
    pool.deleteUser('bob');
    pool.groups.delete('editors');
    const { ending, document } = await migration.json('apply', ['--yes']);
    expect(document).toMatchObject({ written: 3, skipped: 2, failed: 0, remaining: 0 });
    expect(ending).toBe('done');
    expect(membersOf(migration.simulator, 'admins')).toEqual(['ann']);
    // Bob is not missed; ann's membership in the group that is gone is.
    expect(await migration.json('verify')).toMatchObject({
      ending: 'attention',
      document: { groups: { checked: 3, right: 2, missing: 1, extra: 0 } },
    });
    expect(await migration.json('rollback', ['--yes'])).toMatchObject({ document: { removed: 3, remaining: 0 } });
  });

  it('leaves a group alone that somebody else created, and fills it', async () => {
    await using migration = await startMigration(poolsWithGroups());
    await migration.command('plan', ['--groups']);
    migration.simulator.pool(NEW_POOL).addGroup({ GroupName: 'admins', Description: 'Mine' });
    const { stderr } = await migration.command('apply', ['--yes']);
    expect(stderr).toContain('warning: The group admins appeared in the new pool after the plan was made.');
    expect(membersOf(migration.simulator, 'admins')).toEqual(['ann', 'bob']);
    await migration.command('rollback', ['--yes']);
    expect(groupsOf(migration)['admins']).toEqual([]);
  });

  it('counts members nobody planned', async () => {
    await using migration = await startMigration(poolsWithGroups());
    await migration.command('plan', ['--groups']);
    await migration.command('apply', ['--yes']);
    migration.simulator.pool(NEW_POOL).groups.get('admins')?.members.add('mallory');
    const { document } = await migration.json('verify');
    expect(document).toMatchObject({ groups: { checked: 5, right: 5, missing: 0, extra: 1 } });
    expect((await migration.command('verify')).stdout).toContain(
      '5 of 5 groups and memberships are right, 0 missing, 1 members not in the plan',
    );
  });
});
