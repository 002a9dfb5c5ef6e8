import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AutoClock } from '../../migrate/support/auto-clock.js';
import { LEGACY_POOL, NEW_POOL } from '../../support/cognito-simulator/index.js';
import { everyOutcome, startMigration, sub } from '../migration.js';

describe('export-csv', () => {
  it('exports users whom no new user matches, and names the reason for the others', async () => {
    const [legacy, fresh] = everyOutcome();
    const odd = [
      { username: 'Google_1', sub: sub(20), status: 'EXTERNAL_PROVIDER' as const },
      { username: 'new', sub: sub(21), attributes: { email: 'n@example.com', email_verified: 'true' } },
      { username: 'off', sub: sub(22), enabled: false },
    ];
    await using migration = await startMigration([{ ...legacy, users: [...(legacy.users ?? []), ...odd] }, fresh]);
    await migration.command('plan');
    const out = join(migration.dir, 'import');
    const { ending, document } = await migration.json('export-csv', ['--out', out, '--read-rps', '1000']);
    expect(ending).toBe('done');
    expect(document).toEqual({
      exported: 1,
      notImported: 8,
      claimed: 4,
      files: 1,
      droppedAttributes: {},
      misfitAttributes: {},
      uuidUsernames: 0,
      reasons: {
        disabled: 1,
        'external-provider': 1,
        'legacy-id-taken': 1,
        'same-email': 4,
        'same-username': 1,
      },
    });
    const lines = readFileSync(join(out, 'lines.csv'), 'utf8');
    expect(lines).toBe(`file,line,legacy_sub\r\nimport-0001.csv,2,${sub(21)}\r\n`);
  });

  it('prints what was done and what comes next, for people', async () => {
    await using migration = await startMigration();
    await migration.command('plan');
    const out = join(migration.dir, 'import');
    const { ending, stdout, stderr } = await migration.command('export-csv', ['--out', out]);
    expect(ending).toBe('done');
    expect(stdout).toContain(`0 users in 0 files in ${out}`);
    expect(stdout).toMatch(/same-email +\d/);
    expect(stdout).toContain('There is nobody to import.');
    expect(stderr).not.toContain('@');
  });

  it('warns about values that are left out, and about users who could sign in only with a UUID', async () => {
    const [legacy, fresh] = everyOutcome();
    const attributes = { email: 'u@example.com', email_verified: 'true', birthdate: 'unknown', nickname: 'U' };
    await using migration = await startMigration([
      { ...legacy, users: [{ username: sub(21), sub: sub(21), attributes }] },
      fresh,
    ]);
    await migration.command('plan');
    const { stdout } = await migration.command('export-csv', ['--out', join(migration.dir, 'import')]);
    expect(stdout).toMatch(/does not accept these values; they are left out:\n +birthdate +1 user/);
    expect(stdout).toContain('1 user could sign in only with a UUID');
    expect(stdout).not.toContain('does not have these attributes');
  });

  it('asks about a plan of another day, and refuses it where nobody can be asked', async () => {
    await using migration = await startMigration();
    const clock = new AutoClock();
    await migration.command('plan', [], { clock });
    clock.setWallClock(30 * 3_600_000);
    const out = ['--out', join(migration.dir, 'import')];
    const refused = await migration.command('export-csv', out, { clock });
    expect(refused.ending).toBe('usage');
    expect(refused.stderr).toContain('--max-plan-age: the plan is 30 hours old, and 24 are allowed: run plan again');
    const no = await migration.command('export-csv', out, { clock, answer: 'n' });
    expect(no).toMatchObject({ ending: 'usage', stderr: expect.stringContaining('Continue with it? [y/N]') });
    expect(existsSync(join(migration.dir, 'import'))).toBe(false);
    expect(await migration.command('export-csv', out, { clock, answer: 'y' })).toMatchObject({ ending: 'done' });
    const longer = [...out, '--max-plan-age', '48'];
    expect(await migration.command('export-csv', longer, { clock })).toMatchObject({ ending: 'done' });
  });

  it.each<[string, string[], string]>([
    ['without a folder', [], '--out'],
    ['with a pool that is not the plan’s', ['--out', 'x', '--new-pool', 'eu-west-1_Other'], '--new-pool'],
    ['with an empty file', ['--out', 'x', '--max-users-per-file', '0'], '--max-users-per-file'],
  ])('refuses to start %s', async (_name, args, message) => {
    await using migration = await startMigration();
    await migration.command('plan');
    const { ending, stderr } = await migration.command('export-csv', args);
    expect(ending).toBe('usage');
    expect(stderr).toContain(message);
  });

  it('refuses a folder with anything else in it, and a state without a plan', async () => {
    await using migration = await startMigration();
    const args = ['--out', migration.dir];
    expect(await migration.command('export-csv', args)).toMatchObject({ ending: 'usage' });
    expect(existsSync(migration.state)).toBe(false);
    await migration.command('plan');
    writeFileSync(join(migration.dir, 'photo.jpg'), '');
    const { ending, stderr, stdout } = await migration.command('export-csv', [...args, '--json']);
    expect(ending).toBe('usage');
    expect(stderr).toContain('--out: ');
    expect(JSON.parse(stdout)).toMatchObject({
      error: { message: expect.stringContaining('does not hold an earlier export') },
    });
  });

  it.each([
    ['lacks the attribute', { customAttributes: [] }, 'usage'],
    ['verifies nothing', { settings: { AutoVerifiedAttributes: [] } }, 'usage'],
    ['may not be read', { deny: ['GetCSVHeader'] }, 'unavailable'],
  ])('ends where the new pool %s', async (_name, change, expected) => {
    const [legacy, fresh] = everyOutcome();
    const users = (fresh.users ?? []).filter((user) => user.attributes?.['custom:legacy_sub'] === undefined);
    await using migration = await startMigration([legacy, { ...fresh, users, ...change }]);
    await migration.command('plan');
    const { ending, stderr } = await migration.command('export-csv', ['--out', join(migration.dir, 'import')]);
    expect(ending).toBe(expected);
    expect(stderr).toContain(NEW_POOL);
    expect(stderr).not.toContain(LEGACY_POOL);
  });
});
