import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ImportSettings } from '../../../../src/directory/import-types.js';
import type { UserDirectory } from '../../../../src/directory/user-types.js';
import { type ExportCsvOptions, runExportCsv } from '../../../../src/migrate/csv/export/export-run.js';
import { fromLine } from '../../../../src/migrate/csv/format/dialect.js';
import { readManifest } from '../../../../src/migrate/csv/format/manifest.js';
import type { UserSink } from '../../../../src/migrate/listing/listing-record.js';
import type { MatchRule } from '../../../../src/migrate/matching/policy.js';
import { runPlan } from '../../../../src/migrate/plan.js';
import { openState, type State } from '../../../../src/migrate/state/state.js';
import { AutoClock } from '../../support/auto-clock.js';
import { FakeDirectory, type FakeUser } from '../../support/fake-directory.js';
import { COLUMNS, newFolder, SETTINGS } from '../support.js';

const person = (name: string, over: Record<string, string> = {}, sub = `${name}-sub`): FakeUser => ({
  username: name,
  sub,
  attributes: { email: `${name}@example.com`, email_verified: 'true', ...over },
});
/** Stays, and means nothing while nobody holds it. */
const LOCK = 'import.json.lock';

const moved = (name: string, over: Record<string, string> = {}) => person(name, over, `new-${name}`);

interface Pools {
  readonly legacy?: readonly FakeUser[];
  readonly more?: readonly FakeUser[];
  readonly fresh?: readonly FakeUser[];
  readonly match?: readonly MatchRule[];
}

/** A state with a finished plan, and the pools it is of. */
async function planned({ legacy = [], more, fresh = [], match }: Pools) {
  const out = newFolder();
  const state = openState({ path: join(dirname(out), 'cutover.db'), access: 'plan' });
  onTestFinished(() => state.close());
  const legacyPools = [new FakeDirectory('eu-west-1_Old', { users: legacy, pageSize: 4 })];
  if (more !== undefined) legacyPools.push(new FakeDirectory('eu-west-1_Older', { users: more }));
  const newPool = new FakeDirectory('eu-west-1_New', { users: fresh });
  const options = match === undefined ? {} : { match };
  await runPlan({ state, legacyPools, newPool, clock: new AutoClock(), ...options });
  return { out, state, legacyPools };
}

/** Lists page after page, each twice. */
async function listTwice(directory: UserDirectory, sink: UserSink): Promise<void> {
  let token: string | undefined;
  do {
    const page = await directory.listUsers(token === undefined ? {} : { token });
    sink.add([...page.users, ...page.users]);
    sink.add(page.users);
    expect(sink.known([...page.users.flatMap(({ sub }) => sub ?? []), 'nobody']).has('nobody')).toBe(false);
    token = page.nextToken;
  } while (token !== undefined);
}

type Given = Partial<ExportCsvOptions> & { settings?: Partial<ImportSettings> };

const exporting = (
  { out, state, legacyPools }: { out: string; state: State; legacyPools: readonly UserDirectory[] },
  { settings = {}, ...options }: Given = {},
) =>
  runExportCsv({
    state,
    out,
    legacyPools,
    service: {
      userPoolId: 'eu-west-1_New',
      columns: async () => COLUMNS,
      settings: async () => ({ ...SETTINGS, ...settings }),
    },
    listUsers: listTwice,
    clock: new AutoClock(),
    ...options,
  });

const textOf = (out: string, name: string) => readFileSync(join(out, name), 'utf8');

/** Usernames in the import files, by file. */
function usernames(out: string): string[][] {
  const files = readManifest('out', out)?.files ?? [];
  return files.map(({ name }) => {
    const [header, ...lines] = textOf(out, name).trimEnd().split('\n');
    expect(fromLine(header ?? '')).toEqual(COLUMNS);
    return lines.map((line) => fromLine(line)[0] ?? '');
  });
}

/** The reason of each user in not-imported.csv, by sub. */
function reasons(out: string): Record<string, string> {
  const [header, ...lines] = textOf(out, 'not-imported.csv').trimEnd().split('\r\n');
  expect(header).toBe('legacy_sub,reason,detail');
  return Object.fromEntries(lines.map((line) => line.split(',').slice(0, 2)));
}

describe('who is exported', () => {
  it('is every legacy user once whom no new user matches', async () => {
    const setup = await planned({
      legacy: ['moved', 'done', 'held', 'ann', 'bob'].map((name) => person(name)),
      fresh: [
        moved('moved'),
        moved('done', { 'custom:legacy_sub': 'done-sub' }),
        moved('held', { 'custom:legacy_sub': 'somebody' }),
      ],
      match: ['email'],
    });
    expect(await exporting(setup)).toEqual({
      exported: 2,
      notImported: 0,
      claimed: 3,
      files: 1,
      droppedAttributes: {},
      misfitAttributes: {},
      uuidUsernames: 0,
      reasons: {},
    });
    expect(usernames(setup.out)).toEqual([['ann', 'bob']]);
    expect(textOf(setup.out, 'lines.csv')).toBe(
      'file,line,legacy_sub\r\nimport-0001.csv,2,ann-sub\r\nimport-0001.csv,3,bob-sub\r\n',
    );
    expect(readManifest('out', setup.out)).toMatchObject({
      legacyPools: ['eu-west-1_Old'],
      newPool: 'eu-west-1_New',
      attribute: 'custom:legacy_sub',
      files: [{ name: 'import-0001.csv', users: 2 }],
      lists: ['lines.csv', 'not-imported.csv'].map((name) => ({ name, bytes: statSync(join(setup.out, name)).size })),
      finishedAt: expect.any(String),
    });
  });

  it.each<[string, FakeUser, FakeUser, MatchRule[]]>([
    ['same-email', person('ann'), moved('x', { email: 'Ann@example.com', email_verified: 'false' }), ['email']],
    ['same-email', person('ann', { email_verified: 'false' }), moved('x', { email: 'ann@example.com' }), ['username']],
    ['same-username', person('ann'), moved('Ann', { email: 'other@example.com' }), ['username']],
    ['same-username', person('ann'), moved('ann', { email: 'other@example.com' }), ['email']],
    ['same-phone', person('ann', { phone_number: '+1555' }), moved('x', { phone_number: '+1555' }), ['email', 'phone']],
    ['legacy-id-taken', person('ann'), moved('x', { 'custom:legacy_sub': 'ann-sub' }), ['email']],
    ['legacy-id-taken', person('ann'), moved('x', { 'custom:legacy_sub': 'ANN-SUB' }), ['email']],
  ])('is nobody who may be in the new pool: %s', async (reason, legacy, fresh, match) => {
    const setup = await planned({ legacy: [legacy, person('bob')], fresh: [fresh], match });
    const result = await exporting(setup);
    expect(result).toMatchObject({ exported: 1, notImported: 1, claimed: 0, reasons: { [reason]: 1 } });
    expect(reasons(setup.out)).toEqual({ 'ann-sub': reason });
    expect(usernames(setup.out)).toEqual([['bob']]);
  });

  it('is nobody who shares an identity with two new users, or with one that contradicts', async () => {
    const identities = JSON.stringify([{ providerName: 'Google', userId: '1' }]);
    const setup = await planned({
      legacy: [person('ann', { identities }), person('eve', { identities })],
      fresh: [moved('x', { identities })],
    });
    expect(await exporting(setup)).toMatchObject({ exported: 0, files: 0, reasons: { 'same-identity': 2 } });
    expect(readdirSync(setup.out).sort()).toEqual([LOCK, 'lines.csv', 'manifest.json', 'not-imported.csv']);
  });

  it('is nobody whose phone number alone is verified, unless the plan compared phone numbers', async () => {
    const phone = { email_verified: 'false', phone_number: '+1555', phone_number_verified: 'true' };
    const settings = { autoVerified: ['email', 'phone_number'] };
    const without = await planned({ legacy: [person('ann', phone)] });
    expect(await exporting(without, { settings })).toMatchObject({
      exported: 0,
      reasons: { 'phones-not-compared': 1 },
    });
    const compared = await planned({ legacy: [person('ann', phone)], match: ['email', 'phone'] });
    expect(await exporting(compared, { settings })).toMatchObject({ exported: 1 });
  });

  it('is nobody whom the plan does not know', async () => {
    const setup = await planned({ legacy: [person('ann')] });
    setup.legacyPools[0]?.users.set('late', person('late'));
    setup.legacyPools[0]?.users.set('odd', { ...person('odd'), sub: undefined });
    expect(await exporting(setup)).toMatchObject({ exported: 1 });
    expect(reasons(setup.out)).toEqual({ 'late-sub': 'not-in-plan', '': 'no-sub' });
  });

  it('is one of two whom the new pool could not tell apart, in all legacy pools together', async () => {
    const setup = await planned({ legacy: [person('ann')], more: [person('ANN', { email: 'other@example.com' })] });
    expect(await exporting(setup)).toMatchObject({ exported: 1, reasons: { 'exported-twice': 1 } });
    expect(textOf(setup.out, 'not-imported.csv')).toContain(
      'ANN-sub,exported-twice,another exported user has the same username',
    );
  });

  it.each([
    ['alias', { aliases: ['email'], autoVerified: ['email', 'phone_number'] }, {}],
    ['username', { signInWith: ['email', 'phone_number'], autoVerified: ['email', 'phone_number'] }, { email: 1 }],
  ])('is not kept out by who claims their address and never verified it: as %s', async (_name, settings, left) => {
    const claim = { email: 'Victim@example.com', email_verified: 'false' };
    const mallory = { ...claim, phone_number: '+15550100', phone_number_verified: 'true' };
    const unclaimed = { ...mallory, email: 'other@example.com', phone_number: '+15550101' };
    const setup = await planned({
      legacy: [person('mallory', mallory), person('victim'), person('other', unclaimed)],
      match: ['email', 'phone'],
    });
    // Where the address is the username, Cognito might keep a second user out who has it.
    expect(await exporting(setup, { settings })).toMatchObject({ exported: 3, reasons: {}, misfitAttributes: left });
    const text = textOf(setup.out, 'import-0001.csv');
    expect(text.includes('Victim@example.com')).toBe(!('email' in left));
    expect(text).toContain('other@example.com');
  });

  it('is somebody who claims the phone number of another, without it', async () => {
    const claim = { phone_number: '+15550100', phone_number_verified: 'false' };
    const owner = { phone_number: '+15550100', phone_number_verified: 'true' };
    const setup = await planned({
      legacy: [person('mallory', claim), person('victim', owner)],
      match: ['email', 'phone'],
    });
    const settings = { signInWith: ['email', 'phone_number'] };
    expect(await exporting(setup, { settings })).toMatchObject({ exported: 2, misfitAttributes: { phone_number: 1 } });
  });

  it('takes nothing from others where it is not exported itself', async () => {
    const setup = await planned({
      legacy: [person('ann'), person('bob', { email: 'ann@example.com' })],
      more: [person('BOB', { email: 'b@example.com' })],
    });
    expect(await exporting(setup, { settings: { aliases: ['email'] } })).toMatchObject({ exported: 2 });
    expect(reasons(setup.out)).toEqual({ 'bob-sub': 'exported-twice' });
  });

  it('is told with what is lost on the way', async () => {
    const lost = { 'custom:shoe': '38', nickname: 'A', birthdate: 'unknown' };
    const uuid = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    const legacy = [person('ann', lost), person('bob'), person(uuid, { email: 'c@example.com' }, 'c-sub')];
    expect(await exporting(await planned({ legacy }))).toMatchObject({
      exported: 3,
      droppedAttributes: { 'custom:shoe': 1, nickname: 1 },
      misfitAttributes: { birthdate: 1 },
      uuidUsernames: 1,
    });
  });
});

describe('the files', () => {
  const many = Array.from({ length: 11 }, (_, n) => person(`user${n}`));

  it('hold so many users at most', async () => {
    const setup = await planned({ legacy: many });
    expect(await exporting(setup, { maxUsersPerFile: 4 })).toMatchObject({ exported: 11, files: 3 });
    expect(usernames(setup.out).map((users) => users.length)).toEqual([4, 4, 3]);
    expect(textOf(setup.out, 'lines.csv')).toContain('import-0003.csv,2,user8-sub\r\n');
  });

  it('hold so many bytes at most, and say how many', async () => {
    const legacy = many.map(({ username }) => person(username, { name: 'é'.repeat(2000) }));
    const setup = await planned({
      legacy: [...legacy, ...Array.from({ length: 40 }, (_, n) => person(`x${n}`, { name: 'é'.repeat(2000) }))],
    });
    await exporting(setup, { maxBytesPerFile: 100_000 });
    const files = readManifest('out', setup.out)?.files ?? [];
    expect(files.length).toBeGreaterThan(1);
    for (const { name, bytes } of files) {
      expect(bytes).toBe(statSync(join(setup.out, name)).size);
      expect(bytes).toBeLessThanOrEqual(100_000);
    }
    expect(files[0]?.bytes).toBeGreaterThan(95_000);
  });

  it('begin again after an interruption, and are never half of something that could be imported', async () => {
    const setup = await planned({ legacy: many });
    const stop = new AbortController();
    const listUsers: ExportCsvOptions['listUsers'] = async (directory, sink) => {
      sink.add((await directory.listUsers()).users);
      stop.abort(new Error('stopped'));
      throw stop.signal.reason;
    };
    await expect(exporting(setup, { listUsers, signal: stop.signal })).rejects.toMatchObject({
      code: 'ERR_INTERRUPTED',
      fix: expect.stringContaining('starts from the beginning'),
    });
    expect(readManifest('out', setup.out)?.finishedAt).toBeNull();
    expect(
      readdirSync(setup.out)
        .filter((name) => !name.startsWith('.'))
        .sort(),
    ).toEqual([LOCK, 'manifest.json']);
    expect(await exporting(setup)).toMatchObject({ exported: 11 });
    expect(readdirSync(setup.out).sort()).toEqual([
      'import-0001.csv',
      LOCK,
      'lines.csv',
      'manifest.json',
      'not-imported.csv',
    ]);
  });

  it('replace those of an earlier export of the same pools', async () => {
    const setup = await planned({ legacy: many });
    await exporting(setup, { maxUsersPerFile: 4 });
    await exporting(setup);
    expect(readdirSync(setup.out).filter((name) => name.startsWith('import-'))).toEqual(['import-0001.csv']);
  });

  it('are written by one export at a time', async () => {
    const setup = await planned({ legacy: many });
    const listUsers: ExportCsvOptions['listUsers'] = async (directory, sink) => {
      const second = exporting(setup, { maxUsersPerFile: 4 });
      await expect(second).rejects.toMatchObject({
        code: 'ERR_STATE_LOCKED',
        message: expect.stringContaining(setup.out),
      });
      await listTwice(directory, sink);
    };
    expect(await exporting(setup, { listUsers })).toMatchObject({ exported: 11, files: 1 });
    expect(textOf(setup.out, 'lines.csv').trimEnd().split('\r\n')).toHaveLength(12);
  });

  it('and what helps to write them can be read by their owner alone, and is gone afterwards', async () => {
    const setup = await planned({ legacy: many });
    const listUsers: ExportCsvOptions['listUsers'] = async (directory, sink) => {
      for (const name of readdirSync(setup.out)) expect(statSync(join(setup.out, name)).mode & 0o077, name).toBe(0);
      expect(readdirSync(setup.out)).toContain('.work.db');
      await listTwice(directory, sink);
    };
    await exporting(setup, { listUsers });
    expect(readdirSync(setup.out)).not.toContain('.work.db');
    expect(statSync(setup.out).mode & 0o777).toBe(0o700);
  });

  it('are written into a folder where a killed export left its work, and nothing else', async () => {
    const setup = await planned({ legacy: many });
    mkdirSync(setup.out, { mode: 0o755 });
    for (const name of [LOCK, '.work.db', '.work.db-journal', '.manifest.json.part', '.import-0001.csv.part']) {
      writeFileSync(join(setup.out, name), '');
    }
    expect(await exporting(setup)).toMatchObject({ exported: 11 });
    expect(readdirSync(setup.out).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(statSync(setup.out).mode & 0o777).toBe(0o700);
  });

  it.each<[string, (out: string) => void]>([
    ['an earlier export', (out) => writeFileSync(join(out, 'photo.jpg'), '')],
    ['not the manifest of an export', (out) => writeFileSync(join(out, 'manifest.json'), '{}')],
    [
      'an export of other pools',
      (out) => {
        const text = textOf(out, 'manifest.json');
        writeFileSync(join(out, 'manifest.json'), text.replace('eu-west-1_New', 'eu-west-1_Other'));
      },
    ],
    ['which is not a file of an export', (out) => writeFileSync(join(out, 'notes.txt'), '')],
    ['import-csv has used', (out) => writeFileSync(join(out, 'import.json'), '{}')],
  ])('are not written into a folder that holds %s', async (message, spoil) => {
    const setup = await planned({ legacy: many });
    if (message === 'an earlier export') mkdirSync(setup.out);
    else await exporting(setup);
    spoil(setup.out);
    const before = readdirSync(setup.out);
    await expect(exporting(setup)).rejects.toMatchObject({ option: 'out', message: expect.stringContaining(message) });
    expect(readdirSync(setup.out)).toEqual(before);
  });

  it('are not written where the folder is a file', async () => {
    const setup = await planned({ legacy: many });
    writeFileSync(setup.out, '');
    await expect(exporting(setup)).rejects.toMatchObject({ option: 'out' });
  });

  it('are not begun where the new pool cannot take them', async () => {
    const setup = await planned({ legacy: many });
    await expect(exporting(setup, { settings: { autoVerified: [] } })).rejects.toMatchObject({ code: 'ERR_POOL' });
    expect(existsSync(setup.out)).toBe(false);
  });

  it('are not begun without a finished plan', async () => {
    const out = newFolder();
    const state = openState({ path: join(dirname(out), 'cutover.db'), access: 'plan' });
    onTestFinished(() => state.close());
    await expect(exporting({ out, state, legacyPools: [] })).rejects.toMatchObject({ code: 'ERR_STATE_NOT_READY' });
  });
});
