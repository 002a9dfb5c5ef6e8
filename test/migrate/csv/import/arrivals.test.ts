import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DirectoryUser } from '../../../../src/directory/user-types.js';
import { RowMaker } from '../../../../src/migrate/csv/export/row.js';
import { toLine } from '../../../../src/migrate/csv/format/dialect.js';
import type { Manifest } from '../../../../src/migrate/csv/format/manifest.js';
import { Arrivals } from '../../../../src/migrate/csv/import/arrivals.js';
import { COLUMNS, newFolder, target, user } from '../support.js';

const LEGACY = 'ann-sub';
const PHONE = { phone_number: '+15550100', phone_number_verified: 'true' };

/** The import of one user, and the new pool's users after it. */
async function arrived(exported: DirectoryUser, listed: readonly DirectoryUser[], signInWith: readonly string[] = []) {
  const folder = newFolder();
  mkdirSync(folder);
  const row = new RowMaker(target({ signInWith, autoVerified: ['email', 'phone_number'] })).make(exported);
  if ('reason' in row) throw new Error(row.reason);
  writeFileSync(join(folder, 'import-0001.csv'), `${toLine(COLUMNS)}\n${row.line}\n`);
  const manifest: Manifest = {
    legacyPools: ['eu-west-1_Old'],
    newPool: 'eu-west-1_New',
    attribute: 'custom:legacy_sub',
    columns: COLUMNS,
    files: [{ name: 'import-0001.csv', users: 1, bytes: 0, sha256: '' }],
    lists: [],
    finishedAt: null,
  };
  const arrivals = await Arrivals.open(folder, manifest);
  onTestFinished(() => arrivals.close());
  arrivals.add(listed);
  arrivals.add(listed);
  expect(arrivals.known(['new-ann', 'nobody'])).toEqual(
    new Set(listed.some(({ sub }) => sub === 'new-ann') ? ['new-ann'] : []),
  );
  arrivals.settle();
  expect(readdirSync(folder)).toHaveLength(2);
  return { ...arrivals.count(), users: [...arrivals.confirmed()], lost: [...arrivals.missing()] };
}

const ann = (attributes: Record<string, string> = {}, more: Partial<DirectoryUser> = {}) =>
  user(attributes, { sub: LEGACY, ...more });
const inNewPool = (attributes: Record<string, string> = {}, more: Partial<DirectoryUser> = {}) =>
  user({ 'custom:legacy_sub': LEGACY, ...attributes }, { sub: 'new-ann', ...more });

describe('a user of an import file', () => {
  it.each<[string, DirectoryUser, DirectoryUser, string[]]>([
    ['as they were exported', ann(), inNewPool(), []],
    ['with another case', ann(), inNewPool({ email: 'ANN@example.com' }, { username: 'Ann' }), []],
    [
      'with another phone number that was not verified',
      ann({ phone_number: '+1' }),
      inNewPool({ phone_number: '+2' }),
      [],
    ],
    [
      'under a username of Cognito’s making',
      ann(),
      inNewPool({ email: 'ann@example.com' }, { username: 'uuid' }),
      ['email'],
    ],
    ['with a verified phone number', ann(PHONE), inNewPool(PHONE), []],
  ])('has arrived %s', async (_name, exported, listed, signInWith) => {
    expect(await arrived(exported, [listed], signInWith)).toEqual({
      confirmed: 1,
      missing: 0,
      users: [{ newUsername: listed.username, newSub: 'new-ann', legacySub: LEGACY }],
      lost: [],
    });
  });

  it.each<[string, DirectoryUser[]]>([
    ['where nobody carries the legacy id', [inNewPool({ 'custom:legacy_sub': '' })]],
    ['where another person wrote it', [inNewPool({ email: 'eve@example.com' }, { username: 'eve' })]],
    ['where a namesake has another address', [inNewPool({ email: 'eve@example.com' })]],
    ['where the address is not verified', [inNewPool({ email_verified: 'false' })]],
    ['where the username is another one', [inNewPool({ email: 'ann@example.com' }, { username: 'eve' })]],
    [
      'where somebody else carries the legacy id too',
      [inNewPool(), inNewPool({ email: 'eve@example.com' }, { username: 'eve', sub: 'new-eve' })],
    ],
    ['where nobody knows the sub of the user', [inNewPool({}, { sub: undefined })]],
    ['in an empty pool', []],
  ])('has not arrived %s', async (_name, listed) => {
    expect(await arrived(ann(), listed)).toEqual({
      confirmed: 0,
      missing: 1,
      users: [],
      lost: [{ legacySub: LEGACY, file: 'import-0001.csv', line: 2 }],
    });
  });

  it('has not arrived with one of two addresses', async () => {
    expect(await arrived(ann(PHONE), [inNewPool()])).toMatchObject({ confirmed: 0, missing: 1 });
  });
});
