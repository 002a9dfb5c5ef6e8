import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { NEW_POOL } from '../../../support/cognito-simulator/index.js';
import { everyOutcome, startMigration, sub } from '../../migration.js';
import { run } from '../../support.js';

interface Line {
  new_username: string;
  legacy_sub: string;
  new_sub: string;
  outcome: string;
  candidates: string;
  detail: string;
}
const readCsv = (path: string) => parse(readFileSync(path, 'utf8'), { columns: true }) as Line[];

/** Fills in decisions, as a person does in a spreadsheet. */
function fillIn(path: string, decisions: Readonly<Record<string, string>>): void {
  const lines = readCsv(path).map((line) => ({ ...line, legacy_sub: decisions[line.new_username] ?? line.legacy_sub }));
  const header = Object.keys(lines[0] ?? {});
  const quoted = (fields: string[]) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
  writeFileSync(path, [header, ...lines.map((line) => Object.values(line))].map((row) => `${quoted(row)}\n`).join(''));
}

async function planned() {
  const migration = await startMigration();
  await migration.command('plan');
  const decided = join(migration.dir, 'decided.csv');
  return { ...migration, decided, decide: () => migration.command('report', ['--decide', decided]) };
}

describe('report --decide', () => {
  it('names the users who need a person, with the legacy users in question', async () => {
    await using migration = await planned();
    const { ending, stdout } = await migration.decide();
    expect(ending).toBe('done');
    expect(statSync(migration.decided).mode & 0o777).toBe(0o600);
    expect(readFileSync(migration.decided, 'utf8')).toMatch(
      /^new_username,legacy_sub,new_sub,outcome,candidates,detail\r\n/,
    );
    const lines = readCsv(migration.decided);
    // The username of dan would be a formula.
    expect(Object.fromEntries(lines.map((line) => [line.new_username, `${line.outcome}: ${line.candidates}`]))).toEqual(
      {
        cat: `conflict: ${sub(3)}`,
        "'=dan": `ambiguous: ${sub(4)} ${sub(5)}`,
        eve: `contradiction: ${sub(6)} ${sub(7)}`,
        'gus-a': `duplicate: ${sub(8)}`,
        'gus-b': `duplicate: ${sub(8)}`,
        'hal-new': `unverified: ${sub(9)}`,
        // What mallory wrote into the attribute is no candidate.
        mallory: 'unexplained: ',
      },
    );
    for (const { legacy_sub, new_sub, detail } of lines) {
      expect([legacy_sub, new_sub]).toEqual(['', expect.stringMatching(/^000001/)]);
      expect(detail).not.toBe('');
    }
    expect(stdout).toContain(`Wrote ${migration.decided}: 7 users to decide about.`);
    expect(stdout).toContain(`  cognito-cutover plan --mapping ${migration.decided} --legacy-pool`);
  });

  it('decides nothing as it is', async () => {
    await using migration = await planned();
    const before = (await migration.json('plan')).document as { outcomes: object };
    await migration.decide();
    const { stdout, stderr } = await migration.command('plan', ['--mapping', migration.decided, '--json']);
    expect(JSON.parse(stdout).outcomes).toEqual(before.outcomes);
    expect(stderr).toContain('warning: Rows of mapping files without a legacy_sub, which decide nothing: 7.');
    expect((await migration.command('status')).stdout).toContain('which decide nothing: 7.');
  });

  it('changes the outcomes of the users about whom a person decided', async () => {
    await using migration = await planned();
    await migration.decide();
    fillIn(migration.decided, { "'=dan": sub(5), eve: sub(6), 'gus-a': sub(8), mallory: sub(10) });
    const { stdout, stderr } = await migration.command('plan', ['--mapping', migration.decided, '--json']);
    expect(JSON.parse(stdout).outcomes).toMatchObject({
      // ann, and the first three decisions
      set: 4,
      // bob, and mallory, whose value was right
      ok: 2,
      ambiguous: 0,
      contradiction: 0,
      unexplained: 0,
      // gus-b, whose legacy user went to gus-a
      duplicate: 1,
      unverified: 1,
    });
    expect(stderr).toContain('which decide nothing: 3.');
    await migration.command('apply', ['--yes']);
    expect(migration.values()).toMatchObject({ '=dan': sub(5), eve: sub(6), 'gus-a': sub(8) });
  });

  it('is not decided by two candidates, a legacy user who does not exist, or a username that belongs to another user now', async () => {
    await using migration = await planned();
    await migration.decide();
    const refused = async (decisions: Record<string, string>) => {
      fillIn(migration.decided, decisions);
      const { ending, stderr } = await migration.command('plan', ['--mapping', migration.decided]);
      expect(ending).toBe('usage');
      return stderr;
    };
    expect(await refused({ eve: `${sub(6)} ${sub(7)}` })).toContain('legacy_sub is empty or has spaces in it');
    expect(await refused({ eve: sub(66) })).toMatch(/line \d: no such user in a legacy pool/);
    const { users } = migration.simulator.pool(NEW_POOL);
    const eve = [...users.all()].find(({ username }) => username === 'eve')!;
    users.delete('eve');
    users.add({ ...eve, attributes: { ...eve.attributes, sub: sub(166) } });
    expect(await refused({ eve: sub(6) })).toMatch(/line \d: the username belongs to another user of the new pool/);
  });

  it('replaces a file in which nobody has decided, and no other', async () => {
    await using migration = await planned();
    await migration.decide();
    expect((await migration.decide()).ending).toBe('done');
    fillIn(migration.decided, { eve: sub(6) });
    const filled = readFileSync(migration.decided, 'utf8');
    const { ending, stderr } = await migration.decide();
    expect(ending).toBe('usage');
    expect(stderr).toMatch(/--decide: .*decided.csv holds decisions \(line \d\), which are not overwritten/);
    expect(readFileSync(migration.decided, 'utf8')).toBe(filled);

    const withNotes = 'new_username,legacy_sub,new_sub,outcome,candidates,detail,note\nann,,1,,,,called her\n';
    for (const other of ['new_username,legacy_sub\nann,1\n', 'a,b\n', '"', withNotes]) {
      writeFileSync(migration.decided, other);
      expect((await migration.decide()).ending).toBe('usage');
      expect(readFileSync(migration.decided, 'utf8')).toBe(other);
    }
    const folder = join(migration.dir, 'folder');
    mkdirSync(folder);
    expect((await migration.command('report', ['--decide', folder])).stderr).toContain('is not a regular file');
  });

  it('can be restricted by outcome, to outcomes about which a person decides', async () => {
    await using migration = await planned();
    const { document } = await migration.json('report', ['--decide', migration.decided, '--outcome', 'ambiguous']);
    expect(document).toMatchObject({ decide: migration.decided, toDecide: 1, needPerson: 7 });
    expect(readCsv(migration.decided).map(({ outcome }) => outcome)).toEqual(['ambiguous']);
    const { ending, stderr } = await migration.command('report', ['--decide', migration.decided, '--outcome', 'set']);
    expect({ ending, stderr }).toEqual({ ending: 'usage', stderr: expect.stringContaining('--outcome: expected') });
  });

  it('says so where there is nobody to decide about', async () => {
    const [legacy, fresh] = everyOutcome();
    const only = (names: string[]) => ({
      ...fresh,
      users: (fresh.users ?? []).filter((one) => names.includes(one.username)),
    });
    await using migration = await startMigration([legacy, only(['ann'])]);
    await migration.command('plan');
    const { stdout } = await migration.command('report', ['--decide', join(migration.dir, 'decided.csv')]);
    expect(stdout).toContain('decided.csv: there is nobody to decide about.');
  });
});

describe('report --outcome', () => {
  it('restricts the rows of the CSV file, of --json and of the screen, and leaves the counts whole', async () => {
    await using migration = await planned();
    const csv = join(migration.dir, 'report.csv');
    const args = ['--outcome', 'duplicate', '--outcome', 'set', '--csv', csv];
    const { document } = await migration.json('report', args);
    expect(document).toMatchObject({
      newUsers: 10,
      needPerson: 7,
      outcomes: { ambiguous: 1, duplicate: 2, set: 1 },
      users: [
        { newUsername: 'ann', outcome: 'set', legacySub: sub(1), newSub: sub(101) },
        { newUsername: 'gus-a', outcome: 'duplicate' },
        { newUsername: 'gus-b', outcome: 'duplicate' },
      ],
      usersLeftOut: 0,
    });
    expect(readCsv(csv).map(({ new_username }) => new_username)).toEqual(['ann', 'gus-a', 'gus-b']);
    const { stdout, stderr } = await migration.command('report', args);
    expect(stderr).toContain('Writing 3 users into');
    expect(stdout).toMatch(/duplicate:\n {2}gus-a .*\n {2}gus-b .*\nset:\n {2}ann\n/);
    expect(stdout).toContain('Need a person: 7 users.');
    expect(stdout).not.toContain('mallory');
  });

  it('refuses an outcome that does not exist, with those that do', async () => {
    const { ending, stderr } = await run(['report', '--outcome', 'ambigous']);
    expect(ending).toBe('usage');
    for (const name of ['set', 'ambiguous', 'new-born']) expect(stderr).toContain(`'${name}'`);
  });
});
