import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { LEGACY_POOL, migrationPair, NEW_POOL } from '../../../support/cognito-simulator/index.js';
import { startMigration, sub } from '../../migration.js';

interface Line {
  new_username: string;
  new_sub: string;
  legacy_sub: string;
  outcome: string;
  rule: string;
  detail: string;
}
const readCsv = (path: string) =>
  parse(readFileSync(path, 'utf8'), { columns: true, record_delimiter: '\r\n' }) as Line[];

describe('report', () => {
  it('writes every user into the CSV, safe for a spreadsheet', async () => {
    await using migration = await startMigration();
    await migration.command('plan');
    const csv = join(migration.dir, 'report.csv');
    const { ending } = await migration.command('report', ['--csv', csv]);
    expect(ending).toBe('done');
    expect(readFileSync(csv, 'utf8').split('\r\n')[0]).toBe('new_username,new_sub,legacy_sub,outcome,rule,detail');
    const lines = readCsv(csv);
    expect(lines.map(({ new_username, outcome }) => `${new_username} ${outcome}`).sort()).toEqual([
      "'=dan ambiguous",
      'ann set',
      'bob ok',
      'cat conflict',
      'eve contradiction',
      'gus-a duplicate',
      'gus-b duplicate',
      'hal-new unverified',
      'ivy new-born',
      'mallory unexplained',
    ]);
    expect(lines[1]).toMatchObject({
      new_username: 'ann',
      new_sub: sub(101),
      legacy_sub: sub(1),
      rule: expect.stringContaining('email'),
    });
    expect(statSync(csv).mode & 0o777).toBe(0o600);
  });

  it('writes a page with the users that need a person, the reason and the next step', async () => {
    await using migration = await startMigration();
    await migration.command('plan');
    const html = join(migration.dir, 'report.html');
    const { stdout } = await migration.command('report', ['--html', html]);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('7 users need a person.');
    for (const name of ['=dan', 'cat', 'eve', 'gus-a', 'gus-b', 'hal-new', 'mallory'])
      expect(page).toContain(`>${name}</td>`);
    for (const name of ['ann', 'bob', 'ivy']) expect(page).not.toContain(`>${name}</td>`);
    expect(page).not.toMatch(/@example\.com/);
    expect(stdout).toContain(`Wrote ${html}`);
    expect(statSync(html).mode & 0o777).toBe(0o600);
  });

  it('tells why writes failed', async () => {
    await using migration = await startMigration(migrationPair({ users: 5 }), {
      faults: [
        {
          kind: 'error',
          operations: ['AdminUpdateUserAttributes'],
          usernames: ['user0000003'],
          type: 'InvalidParameterException',
        },
      ],
    });
    await migration.command('plan');
    await migration.command('apply', ['--yes']);
    const files = { html: join(migration.dir, 'r.html'), csv: join(migration.dir, 'r.csv') };
    const { stdout } = await migration.command('report', ['--html', files.html, '--csv', files.csv]);
    expect(stdout).toMatch(/failed:\n {2}user0000003 {2}.*write failed: InvalidParameterException/);
    expect(readFileSync(files.html, 'utf8')).toContain('write failed: InvalidParameterException');
    const failed = readCsv(files.csv).filter(({ detail }) => detail.includes('write failed'));
    expect(failed.map(({ new_username }) => new_username)).toEqual(['user0000003']);
  });

  it('tells what verification found', async () => {
    await using migration = await startMigration(migrationPair({ users: 8 }));
    await migration.command('plan');
    await migration.command('apply', ['--yes', '--max-writes', '7']);
    const [missing = ''] = Array.from({ length: 8 }, (_, n) => `user000000${n}`).filter(
      (name) => !(name in migration.values()),
    );
    const wrong = missing === 'user0000003' ? 'user0000004' : 'user0000003';
    migration.simulator.pool(NEW_POOL).setAttribute(wrong, 'custom:legacy_sub', sub(5));
    await migration.command('verify');
    const files = { html: join(migration.dir, 'r.html'), csv: join(migration.dir, 'r.csv') };
    await migration.command('report', ['--html', files.html, '--csv', files.csv]);
    expect(readFileSync(files.html, 'utf8')).toContain('What the last verification found');
    const details = Object.fromEntries(readCsv(files.csv).map(({ new_username, detail }) => [new_username, detail]));
    expect(details[wrong]).toContain(`last verify: wrong, holds ${sub(5)}`);
    expect(details[missing]).toContain('last verify: missing');
    expect(Object.values(details).filter((detail) => detail.includes('last verify'))).toHaveLength(2);
  });

  it('shows a page of each kind, counts the rest and names the file that has them', async () => {
    await using migration = await startMigration(migrationPair({ users: 210, shares: { unverified: 1 } }));
    await migration.command('plan', ['--match', 'email']);
    const html = join(migration.dir, 'report.html');
    const csv = join(migration.dir, 'report.csv');
    const { stdout } = await migration.command('report', ['--html', html, '--csv', csv]);
    expect(readFileSync(html, 'utf8')).toContain(`10 users more: every row is in <code>${csv}</code>.`);
    expect(stdout).toMatch(/unverified:\n.*\n.*\n {2}and 208 more\n/);
    expect(readCsv(csv)).toHaveLength(210);
  });

  it('prints totals and where to continue when no file is asked for', async () => {
    await using migration = await startMigration();
    await migration.command('plan');
    expect((await migration.command('report')).stdout).toContain(
      'To see all of them:\n  cognito-cutover report --html report.html',
    );
    expect((await migration.json('report')).document).toEqual({
      newUsers: 10,
      outcomes: expect.objectContaining({ duplicate: 2 }),
      notMigrated: 6,
      needPerson: 7,
      csv: null,
      html: null,
    });
  });

  it('needs a finished plan, and prints the command that makes one', async () => {
    await using migration = await startMigration();
    const { ending, document } = await migration.json('report');
    const fix = `Run \`cognito-cutover plan --legacy-pool ${LEGACY_POOL} --new-pool ${NEW_POOL} --legacy-endpoint ${migration.simulator.endpoint} --new-endpoint ${migration.simulator.endpoint} --state ${migration.state}\` first.`;
    expect({ ending, document }).toMatchObject({
      ending: 'usage',
      document: { error: { code: 'ERR_STATE_NOT_READY', fix } },
    });
  });
});
