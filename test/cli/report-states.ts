import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrationPair, NEW_POOL, type PoolOptions } from '../support/cognito-simulator/index.js';
import { everyOutcome, type Migration, startMigration, sub } from './migration.js';

/** Names that a page must show as text, and must not let break its layout. */
export const HOSTILE_NAMES = [
  `<img/src=x/onerror=alert(1)>"'&</td></table><script>document.title='owned'</script>`,
  'w'.repeat(128),
  'مرحبا-بالعالم',
  'שלום123abc',
  'a\u202Eb\u0007c',
  '😀'.repeat(20),
  'Z̷̢͔̈́͝a̷l̵g̸o̴',
];

/** Every outcome, and users with hostile names and values. */
function hostilePools(): [PoolOptions, PoolOptions] {
  const [legacy, fresh] = everyOutcome();
  const hostile = HOSTILE_NAMES.map((username, at) => ({
    username,
    sub: sub(300 + at),
    attributes: { 'custom:legacy_sub': at === 0 ? '<b>"&</b>' : `${sub(900)}${at}` },
  }));
  return [legacy, { ...fresh, users: [...(fresh.users ?? []), ...hostile] }];
}

/** Bob would be in too many groups, and all members are in groups. */
function groupedPools(groups: number): [PoolOptions, PoolOptions] {
  const [legacy, fresh] = everyOutcome();
  const many = Array.from({ length: groups }, (_, at) => ({ GroupName: `g${at}`, members: ['bob'] }));
  const members = { GroupName: 'admins', members: ['ann', 'bob', 'cat', 'zed'] };
  return [
    { ...legacy, groups: [members, ...many] },
    { ...fresh, groups: [] },
  ];
}

/** Plans and applies, lets others change the pool, and verifies. */
async function verifiedWithProblems(migration: Migration): Promise<void> {
  await migration.command('plan');
  await migration.command('apply', ['--yes']);
  const pool = migration.simulator.pool(NEW_POOL);
  pool.setAttribute('user0000001', 'custom:legacy_sub', sub(5));
  pool.setAttribute('user0000002', 'custom:legacy_sub', null);
  // Another person who has registered the username of a user of the plan.
  pool.deleteUser('user0000003');
  pool.addUser({ username: 'user0000003', sub: sub(3), attributes: {} });
  pool.addUser({ username: 'a-newcomer', sub: sub(4), attributes: { 'custom:legacy_sub': sub(66) } });
  await migration.command('verify');
}

/** The page, the CSV with every row, and what the command printed. */
export interface MadeReport {
  readonly html: string;
  readonly csv: string;
  readonly stdout: string;
}

async function reportOf(migration: Migration): Promise<MadeReport> {
  const html = join(migration.dir, 'report.html');
  const { stdout } = await migration.command('report', ['--html', html]);
  const csv = join(migration.dir, 'every-row.csv');
  await migration.command('report', ['--csv', csv]);
  return { html: readFileSync(html, 'utf8'), csv: readFileSync(csv, 'utf8'), stdout };
}

/** The report in each state that a migration may be in, made by the commands themselves. To be called in a test. */
export const REPORT_STATES = {
  'a fresh plan with hostile names': async () => {
    await using migration = await startMigration(hostilePools());
    await migration.command('plan');
    return reportOf(migration);
  },
  'half applied': async () => {
    const type = 'InvalidParameterException';
    const faults = [{ kind: 'error', operations: ['AdminUpdateUserAttributes'], type, times: 2 }] as const;
    await using migration = await startMigration(migrationPair({ users: 40, shares: { unverified: 0.5 } }), { faults });
    await migration.command('plan', ['--match', 'email']);
    await migration.command('apply', ['--yes', '--max-writes', '7']);
    return reportOf(migration);
  },
  'verified with wrong and missing values': async () => {
    await using migration = await startMigration(migrationPair({ users: 8 }));
    await verifiedWithProblems(migration);
    return reportOf(migration);
  },
  'rolled back': async () => {
    await using migration = await startMigration(migrationPair({ users: 8 }));
    await verifiedWithProblems(migration);
    await migration.command('rollback', ['--yes']);
    return reportOf(migration);
  },
  'verified after a rollback': async () => {
    await using migration = await startMigration(migrationPair({ users: 4 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    await migration.command('rollback', ['--yes']);
    await migration.command('verify');
    return reportOf(migration);
  },
  'a plan with groups, of which one user has too many': async () => {
    await using migration = await startMigration(groupedPools(100));
    await migration.command('plan', ['--groups', '--match', 'username', '--trust-usernames']);
    return reportOf(migration);
  },
  'groups applied, of which Cognito refused some': async () => {
    const type = 'NotAuthorizedException';
    const faults = [{ kind: 'error', type, operations: ['AdminAddUserToGroup'], usernames: ['bob'] }] as const;
    await using migration = await startMigration(groupedPools(1), { faults });
    await migration.command('plan', ['--groups']);
    await migration.command('apply', ['--yes']);
    await migration.command('verify');
    return reportOf(migration);
  },
  'nothing to do': async () => {
    const value = { 'custom:legacy_sub': sub(1) };
    const [legacy, fresh] = everyOutcome();
    const email = { email: 'ann@example.com', email_verified: 'true' };
    await using migration = await startMigration([
      { ...legacy, users: [{ username: 'ann', sub: sub(1), attributes: email }] },
      { ...fresh, users: [{ username: 'ann', sub: sub(101), attributes: { ...email, ...value } }] },
    ]);
    await migration.command('plan');
    return reportOf(migration);
  },
  'more users than a page shows': async () => {
    await using migration = await startMigration(migrationPair({ users: 215, shares: { unverified: 1 } }));
    await migration.command('plan', ['--match', 'email']);
    return reportOf(migration);
  },
} satisfies Readonly<Record<string, () => Promise<MadeReport>>>;
