import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ImportSettings } from '../../../../src/directory/import-types.js';
import type { DirectoryUser } from '../../../../src/directory/user-types.js';
import { RowMaker } from '../../../../src/migrate/csv/export/row.js';
import { toLine } from '../../../../src/migrate/csv/format/dialect.js';
import { Newcomers } from '../../../../src/migrate/csv/import/newcomers.js';
import { COLUMNS, newFolder, target, user } from '../support.js';

const FILE = { name: 'import-0001.csv', users: 1, bytes: 0, sha256: '' };
const MANIFEST = {
  ...{ legacyPools: ['eu-west-1_Old'], newPool: 'eu-west-1_New', attribute: 'custom:legacy_sub', columns: COLUMNS },
  ...{ files: [FILE], lists: [], finishedAt: null },
};
const PHONE = { phone_number: '+15550100', phone_number_verified: 'true' };
const ann = user({ ...PHONE }, { sub: 'ann-sub' });

/** The file of one user, and a page of the new pool. */
async function looked(listed: DirectoryUser[], again = false, settings: Partial<ImportSettings> = {}) {
  const folder = newFolder();
  mkdirSync(folder);
  const row = new RowMaker(target(settings)).make(ann);
  if ('reason' in row) throw new Error(row.reason);
  writeFileSync(join(folder, FILE.name), `${toLine(COLUMNS)}\n${row.line}\n`);
  const ahead = { fresh: again ? [] : [FILE], again: again ? [FILE] : [] };
  const newcomers = await Newcomers.open(folder, MANIFEST, ahead);
  onTestFinished(() => newcomers.close());
  newcomers.add(listed);
  newcomers.add(listed);
  return newcomers;
}

const other = (attributes: Record<string, string> = {}, username = 'eve') =>
  user({ email: 'eve@example.com', ...attributes }, { username, sub: 'new-eve' });
const herself = user({ ...PHONE, 'custom:legacy_sub': 'ann-sub' }, { sub: 'new-ann' });

describe('a user of a file that nobody was imported from', () => {
  it.each<[string, DirectoryUser, Partial<ImportSettings>]>([
    ['legacy id', other({ 'custom:legacy_sub': 'ANN-sub' }), {}],
    ['username', other({}, 'Ann'), {}],
    ['verified e-mail address', other({ email: 'ann@example.com', email_verified: 'true' }), {}],
    ['e-mail address that is not verified', other({ email: 'Ann@example.com', email_verified: 'false' }), {}],
    ['phone number', other({ phone_number: '+15550100' }), {}],
    ['address, where people are named by it', other({ email: 'ann@example.com' }, 'uuid'), { signInWith: ['email'] }],
    ['e-mail address for a username', other({}, 'ann@example.com'), { signInWith: ['email'] }],
    ['everything', herself, {}],
  ])('has come already where somebody has the same %s', async (_name, listed, settings) => {
    const newcomers = await looked([other({}, 'bob'), listed], false, settings);
    expect(newcomers.count()).toEqual({ fresh: 1, again: 0 });
    expect(newcomers.has('ann-sub')).toBe(true);
    expect([...newcomers.files]).toEqual([FILE.name]);
    expect(newcomers.known(['new-eve', 'nobody'])).toEqual(new Set(['new-eve']));
  });

  it('has not come where nobody has anything in common with them', async () => {
    const newcomers = await looked([other({ phone_number: '', 'custom:legacy_sub': '' }), other({}, 'bob')]);
    expect(newcomers.count()).toEqual({ fresh: 0, again: 0 });
    expect(newcomers.has('ann-sub')).toBe(false);
  });
});

describe('a user of a file that some were imported from', () => {
  it.each<[string, DirectoryUser]>([
    ['is there as they were exported', herself],
    ['is skipped by Cognito, which knows the name', other({}, 'ann')],
  ])('is no newcomer where the user %s', async (_name, listed) => {
    expect((await looked([listed], true)).count()).toEqual({ fresh: 0, again: 0 });
  });

  it('has a stranger with their legacy id', async () => {
    const newcomers = await looked([herself, other({ 'custom:legacy_sub': 'ann-sub' })], true);
    expect(newcomers.count()).toEqual({ fresh: 0, again: 1 });
  });
});
