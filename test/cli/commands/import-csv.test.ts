import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AutoClock } from '../../migrate/support/auto-clock.js';
import { LEGACY_POOL, migrationPair, NEW_POOL, type PoolOptions } from '../../support/cognito-simulator/index.js';
import { startMigration, sub } from '../migration.js';
import { run, runBin } from '../support.js';

const ROLE = 'arn:aws:iam::123456789012:role/CognitoImportLogs';
const importing = (from: string) => ['--from', from, '--logs-role-arn', ROLE, '--yes'];

/** Jobs are waited for, and no time passes; the export of a moment ago is not old. */
function clockFromNow(): AutoClock {
  const clock = new AutoClock();
  clock.setWallClock(Date.now() - clock.now());
  return clock;
}

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
  it('name the pool, the account and both roles before anything is imported, also in a dry run', async () => {
    await using migration = await startMigration(pools());
    const out = join(migration.dir, 'import');
    await migration.command('plan');
    await migration.command('export-csv', ['--out', out]);
    const args = importing(out).filter((arg) => arg !== '--yes');
    const dry = await migration.json('import-csv', [...args, '--dry-run']);
    expect(dry).toMatchObject({ ending: 'done', document: { dryRun: true, wouldImport: 5, imported: 0 } });
    const { stdout, stderr } = await migration.command('import-csv', args, { answer: 'n' });
    expect(stderr).toContain(
      `  pool       eu-west-1_New\n  account    111111111111\n  role       unknown\n  attribute  custom:legacy_sub\n  job role   ${ROLE}\n`,
    );
    expect(stderr).toContain('Import 5 users? [y/N] ');
    expect(stdout).toContain('Imported 0 users');
    expect(migration.simulator.stats.operations['CreateUserImportJob']).toBeUndefined();
    const { stdout: summary } = await migration.command('import-csv', [...args, '--dry-run']);
    expect(summary).toMatch(
      /^Would import 5 users; nothing was imported\nNext, import them:\n {2}cognito-cutover import-csv /,
    );
  });

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
        misfitAttributes: {},
        uuidUsernames: 0,
        reasons: {},
      },
    });
    const imported = await migration.json('import-csv', importing(out), { clock: clockFromNow() });
    expect(imported.document).toEqual({
      imported: 5,
      skipped: 0,
      failed: 0,
      arrivedSince: 0,
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

  it('also give an account to people with a phone number only', async () => {
    const phone = { email_verified: 'false', phone_number: '+15550100', phone_number_verified: 'true' };
    const [legacy, fresh] = pools({ settings: { AutoVerifiedAttributes: ['email', 'phone_number'] } });
    const users = [person('moved', 1), person('tel', 2, { ...phone, email: '' })];
    await using migration = await startMigration([{ ...legacy, users }, fresh]);
    const out = join(migration.dir, 'import');
    await migration.command('plan', ['--match', 'mapping,identity,username,email,phone']);
    expect(await migration.json('export-csv', ['--out', out])).toMatchObject({ document: { exported: 1 } });
    await migration.command('import-csv', importing(out), { clock: clockFromNow() });
    const mapping = ['--mapping', join(out, 'mapping.csv')];
    expect(await migration.json('plan', mapping)).toMatchObject({ document: { outcomes: { ok: 1, unexplained: 0 } } });
  });

  it('bring people into a pool that names them itself', async () => {
    await using migration = await startMigration(pools({ users: [], settings: { UsernameAttributes: ['email'] } }));
    const out = join(migration.dir, 'import');
    await migration.command('plan');
    expect(await migration.json('export-csv', ['--out', out])).toMatchObject({
      document: { exported: 5, reasons: { 'exported-twice': 1 } },
    });
    const imported = await migration.json('import-csv', importing(out), { clock: clockFromNow() });
    expect(imported).toMatchObject({ ending: 'done', document: { imported: 5, confirmed: 5, missing: 0 } });
    const plan = await migration.json('plan', ['--mapping', join(out, 'mapping.csv')]);
    expect(plan).toMatchObject({ document: { outcomes: { ok: 5, unexplained: 0, ambiguous: 0 }, notMigrated: 1 } });
  });

  it('tell plan about two imports, and about who is gone since', async () => {
    const [legacy, fresh] = pools();
    await using migration = await startMigration([legacy, fresh]);
    const out = join(migration.dir, 'import');
    await migration.command('plan');
    await migration.command('export-csv', ['--out', out]);
    await migration.command('import-csv', importing(out), { clock: clockFromNow() });
    const mapping = join(out, 'mapping.csv');
    expect(readFileSync(mapping, 'utf8')).toMatch(/^new_username,legacy_sub,new_sub\r\n/);
    const decided = join(migration.dir, 'decided.csv');
    writeFileSync(decided, `new_username,legacy_sub\nmoved,${sub(1)}\n`);
    const both = ['--mapping', mapping, '--mapping', decided];
    expect(await migration.json('plan', both)).toMatchObject({ document: { outcomes: { ok: 5, set: 1 } } });
    const pool = migration.simulator.pool(NEW_POOL);
    pool.deleteUser('bob');
    // Somebody else has the name now; the row is not about them.
    pool.deleteUser('ann');
    pool.addUser({ username: 'ann', attributes: { email: 'eve@example.com', email_verified: 'true' } });
    const plan = await migration.command('plan', [...both, '--json']);
    expect(JSON.parse(plan.stdout)).toMatchObject({ outcomes: { ok: 3, set: 1, unverified: 0, contradiction: 1 } });
    expect(plan.stderr).toContain('whose user no longer exists: 2. They are ignored.');
    writeFileSync(decided, `new_username,legacy_sub\nmoved,${sub(1)}\nnobody,${sub(99)}\n`);
    const refused = await migration.command('plan', both);
    expect(refused.ending).toBe('usage');
    expect(refused.stderr).toContain(`--mapping: ${decided}, line 3: no such user in the new pool`);
    writeFileSync(decided, `new_username,legacy_sub\ncat,${sub(4)}\n`);
    const twice = await migration.command('plan', both);
    expect(twice.stderr).toContain(`--mapping: ${decided}, line 2: the same legacy user as ${mapping}, line `);
  });

  it('try again with those whom the first import did not bring in', async () => {
    await using migration = await startMigration(pools());
    const [out, next] = [join(migration.dir, 'import'), join(migration.dir, 'import-2')];
    await migration.command('plan');
    await migration.command('export-csv', ['--out', out, '--max-users-per-file', '3']);
    const pool = migration.simulator.pool(NEW_POOL);
    const clock = clockFromNow();
    const sleep = clock.sleep;
    clock.sleep = (ms, signal) => {
      for (const job of pool.importJobs.values())
        job.file = (job.file ?? '').replace(/^.*ann@example.com.*$/m, 'broken');
      return sleep(ms, signal);
    };
    const first = await migration.command('import-csv', importing(out), { clock });
    expect(first.stdout).toContain(`export-csv --retry ${out} --out ${out}-2`);
    const retry = ['--retry', out, '--out', next];
    const early = await migration.command('export-csv', retry);
    expect(early.ending).toBe('usage');
    expect(early.stderr).toContain('the plan is older than the export');
    pool.addUser({ username: 'late', attributes: { email: 'late@example.com' } });
    await migration.command('plan', ['--mapping', join(out, 'mapping.csv')]);
    const again = await migration.json('export-csv', retry);
    expect(again).toMatchObject({ ending: 'done', document: { exported: 1, notImported: 0, claimed: 0, files: 1 } });
    expect(readFileSync(join(next, 'lines.csv'), 'utf8')).toContain(`import-0001.csv,2,${sub(2)}`);
    const second = await migration.json('import-csv', importing(next), { clock: clockFromNow() });
    expect(second).toMatchObject({ ending: 'done', document: { imported: 1, confirmed: 1, missing: 0 } });
    const both = [out, next].flatMap((folder) => ['--mapping', join(folder, 'mapping.csv')]);
    expect(await migration.json('plan', both)).toMatchObject({ document: { outcomes: { ok: 5 }, notMigrated: 0 } });
  });

  it('make no second account for who signed up in between', async () => {
    await using migration = await startMigration(pools());
    const out = join(migration.dir, 'import');
    await migration.command('plan');
    await migration.command('export-csv', ['--out', out]);
    const attributes = { email: 'eve@example.com', email_verified: 'true', 'custom:legacy_sub': sub(2) };
    migration.simulator.pool(NEW_POOL).addUser({ username: 'ann', attributes });
    const imported = await migration.json('import-csv', importing(out), { clock: clockFromNow() });
    expect(imported).toMatchObject({
      ending: 'attention',
      document: { imported: 4, skipped: 0, arrivedSince: 1, confirmed: 4, missing: 0 },
    });
    expect(readFileSync(join(out, 'not-imported.csv'), 'utf8')).toContain(`${sub(2)},arrived-since,`);
    expect(readFileSync(join(out, 'mapping.csv'), 'utf8')).not.toContain(sub(2));
    const plan = await migration.json('plan', ['--mapping', join(out, 'mapping.csv')]);
    expect(plan).toMatchObject({ ending: 'attention', document: { outcomes: { ok: 4, contradiction: 1 } } });
  });
});

describe('import-csv', () => {
  async function exported() {
    const migration = await startMigration(pools());
    const out = join(migration.dir, 'import');
    await migration.command('plan');
    await migration.command('export-csv', ['--out', out]);
    return Object.assign(migration, { out, jobs: () => migration.simulator.pool(NEW_POOL).importJobs });
  }
  const asking = (from: string) => importing(from).filter((word) => word !== '--yes');

  it('says what it will do, asks, and follows the job', async () => {
    await using migration = await exported();
    const clock = clockFromNow();
    const { ending, stdout, stderr } = await migration.command('import-csv', asking(migration.out), {
      answer: 'y',
      clock,
    });
    expect(stderr).toContain('To be imported: 5 users in 1 file.');
    expect(stderr).toContain('monthly active');
    expect(stderr).toContain('import-0001.csv: Succeeded, 5 imported');
    expect(stdout).toContain('Imported 5 users');
    expect(stdout).toContain(`plan --mapping ${migration.out}/mapping.csv`);
    expect(stdout + stderr).not.toMatch(/@|PreSigned|_import/);
    expect(ending).toBe('done');
  });

  it('stops the job on an interruption where that is wanted', async () => {
    await using migration = await exported();
    const stop = new AbortController();
    const clock = clockFromNow();
    const sleep = clock.sleep;
    clock.sleep = (ms, signal) => {
      if ([...migration.jobs().values()].some(({ status }) => status === 'Pending')) stop.abort(new Error('stopped'));
      return sleep(ms, signal);
    };
    const args = [...importing(migration.out), '--stop-on-interrupt'];
    const { ending, stderr } = await migration.command('import-csv', args, { clock, signal: stop.signal });
    expect(ending).toBe('interrupted');
    expect(stderr).toContain('the job was stopped');
    expect(stderr).toContain('Done before that: imported 0');
    expect([...migration.jobs().values()].map(({ status }) => status)).toEqual(['Stopped']);
    const again = await migration.json('import-csv', importing(migration.out), { clock: clockFromNow() });
    expect(again).toMatchObject({ ending: 'done', document: { imported: 5, confirmed: 5 } });
  });

  it('asks about an export of another day, and refuses it where nobody can be asked', async () => {
    await using migration = await exported();
    const late = () => {
      const clock = clockFromNow();
      clock.setWallClock(30 * 3_600_000);
      return clock;
    };
    const refused = await migration.command('import-csv', importing(migration.out), { clock: late() });
    expect(refused.ending).toBe('usage');
    expect(refused.stderr).toContain('--max-plan-age: the export is 30 hours old, and 24 are allowed');
    const no = await migration.command('import-csv', asking(migration.out), { clock: late(), answer: 'n' });
    expect(no.stderr).toContain('The export is 30 hours old, and 24 are allowed. Continue with it? [y/N]');
    expect(no.ending).toBe('usage');
    expect(migration.jobs().size).toBe(0);
    const args = [...importing(migration.out), '--max-plan-age', '31'];
    expect(await migration.json('import-csv', args, { clock: late() })).toMatchObject({ document: { imported: 5 } });
  });

  it('imports nobody where the answer is no', async () => {
    await using migration = await exported();
    const { stdout } = await migration.command('import-csv', asking(migration.out), { answer: 'n' });
    expect(stdout).toContain('remaining');
    expect(migration.jobs().size).toBe(0);
  });

  it.each<[string, (out: string) => string[], string]>([
    ['without consent', asking, '--yes'],
    ['without a role', (out) => ['--from', out, '--yes'], '--logs-role-arn'],
    ['without a folder', () => importing('x').slice(2), '--from'],
    ['from a folder that is none', () => importing('/nonexistent'), '--from'],
    ['into another pool', (out) => [...importing(out), '--new-pool', 'eu-west-1_Other'], '--new-pool'],
    ['of another attribute', (out) => [...importing(out), '--attribute', 'custom:other'], '--attribute'],
  ])('refuses to start %s', async (_name, args, option) => {
    await using migration = await exported();
    const given = args(migration.out);
    const where = ['--new-endpoint', migration.simulator.endpoint];
    const { ending, stderr } = await run(['import-csv', ...where, ...given]);
    expect(ending).toBe('usage');
    expect(stderr).toContain(option);
    expect(migration.jobs().size).toBe(0);
  });

  it('says what Cognito says of a job that fails, and exits so that scripts see it', async () => {
    await using migration = await exported();
    const pool = migration.simulator.pool(NEW_POOL);
    const clock = clockFromNow();
    const sleep = clock.sleep;
    clock.sleep = (ms, signal) => {
      for (const job of pool.importJobs.values()) job.file = 'broken';
      return sleep(ms, signal);
    };
    const failed = await migration.command('import-csv', importing(migration.out), { clock });
    expect(failed.ending).toBe('attention');
    expect(failed.stdout).toContain('import-0001.csv: Failed. The header in the CSV file does not match');
    expect(failed.stdout).toContain('Nobody was confirmed.');
    const again = await migration.json('import-csv', importing(migration.out), { clock: clockFromNow() });
    expect(again).toMatchObject({ ending: 'done', document: { imported: 5, confirmed: 5, problems: [] } });
  });

  it('ends with AWS’s fault where AWS fails, and continues later', async () => {
    await using migration = await exported();
    migration.simulator.faults.set([{ kind: 'internal-error', operations: ['StartUserImportJob'] }]);
    const failed = await migration.command('import-csv', importing(migration.out), { clock: clockFromNow() });
    expect(failed.ending).toBe('unavailable');
    migration.simulator.faults.set([]);
    const again = await migration.json('import-csv', importing(migration.out), { clock: clockFromNow() });
    expect(again).toMatchObject({ ending: 'done', document: { imported: 5, jobs: 1 } });
    expect(migration.jobs().size).toBe(1);
  });
});

it('continues after the process was killed', async () => {
  await using migration = await startMigration(pools());
  const out = join(migration.dir, 'import');
  await migration.command('plan');
  await migration.command('export-csv', ['--out', out]);
  const { child, ended } = runBin(['import-csv', '--new-endpoint', migration.simulator.endpoint, ...importing(out)]);
  child.stderr.on('data', (text: string) => {
    if (text.includes('started')) child.kill('SIGKILL');
  });
  expect((await ended).code).toBeNull();
  const imported = await migration.json('import-csv', importing(out), { clock: clockFromNow() });
  expect(imported).toMatchObject({ ending: 'done', document: { imported: 5, confirmed: 5, jobs: 1 } });
  expect(migration.simulator.pool(NEW_POOL).importJobs.size).toBe(1);
});
