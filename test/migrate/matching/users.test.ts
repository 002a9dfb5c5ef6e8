import { describe, expect, it } from 'vitest';
import type { DirectoryUser } from '../../../src/directory/user-types.js';
import { prepareLegacyUsers, prepareNewUsers } from '../../../src/migrate/matching/match-indexes.js';
import { checkPolicy, type MatchOptions } from '../../../src/migrate/matching/policy.js';
import { UserStore } from '../../../src/migrate/matching/users.js';
import type { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { makePlanTables } from '../support/plan-tables.js';
import { state } from '../support/workspace.js';

const user = (username: string, sub: string | undefined, attributes: Record<string, string> = {}): DirectoryUser => ({
  ...{ username, sub, attributes, status: 'CONFIRMED', enabled: true, createdAt: undefined, modifiedAt: undefined },
});
const identity = (providerName: string, userId: string) => ({
  identities: JSON.stringify([{ providerName, userId, providerType: 'OIDC' }]),
});

/** Hashes that can be read. */
const readable = (kind: string, value: string) => `#${kind}:${value.replace('\0', '/')}`;

function stored(options: MatchOptions = {}): { db: Sqlite; store: UserStore } {
  const { db } = state();
  makePlanTables(db);
  return { db, store: new UserStore(db, checkPolicy(options), readable) };
}

const column = (db: Sqlite, sql: string) => db.all<readonly [string | null]>(sql).map(([value]) => value);

describe('listed users', () => {
  it('are stored with folded names, and addresses only as hashes', () => {
    const { db, store } = stored({ match: ['username', 'email', 'phone'] });
    store.addLegacy(1, [user('Ann', 'a', { email: 'ANN@example.com', phone_number: '+15550100' })]);
    store.addLegacy(1, [user('ben@example.com', 'b')]);
    expect(db.all('SELECT name, exact_name, email, phone FROM legacy_users ORDER BY id')).toEqual([
      ['ann', 'Ann', '#email:ann@example.com', '#phone:+15550100'],
      ['@#username:ben@example.com', null, null, null],
    ]);
  });

  it('prove themselves by the identity that the new pool has under another name, and by the legacy provider', () => {
    const { db, store } = stored({ providerMap: { OldOkta: 'Okta' }, legacyProvider: 'Legacy' });
    store.addLegacy(1, [user('ann', 'a', identity('OldOkta', '7'))]);
    expect(column(db, 'SELECT hash FROM legacy_proofs ORDER BY hash')).toEqual([
      '#identity:Legacy/a',
      '#identity:Okta/7',
    ]);
  });

  it('keep the provider whose user id the attribute holds', () => {
    const { db, store } = stored();
    store.addNew([user('ann', 'n', { ...identity('Okta', 'X7'), 'custom:legacy_sub': 'x7' }), user('ben', 'm')]);
    expect(column(db, 'SELECT value_provider FROM new_users ORDER BY id')).toEqual(['Okta', null]);
  });
});

describe('names', () => {
  it.each([
    ['12345', true],
    ['+12345', true],
    ['ben@example.com', true],
    ['1234', false],
    ['a12345', false],
    ['12345a', false],
    ['++12345', false],
  ])('%s is hashed as an address: %j', (name, isHashed) => {
    const { db, store } = stored();
    store.addLegacy(1, [user(name, 'a')]);
    expect(column(db, 'SELECT name FROM legacy_users')).toEqual([isHashed ? `@#username:${name}` : name]);
  });

  it('of new users are stored once where they are the key, and with their case beside it', () => {
    const { db, store } = stored();
    store.addNew([user('ann', 'n1'), user('Ben', 'n2')]);
    expect(db.all('SELECT username, name, exact_name FROM new_users ORDER BY id')).toEqual([
      ['ann', null, null],
      ['Ben', 'ben', 'Ben'],
    ]);
  });

  it.each<[string, MatchOptions, string, string]>([
    ['a provider that the new pool has too', {}, 'Google_7', 'google_7'],
    ['a provider that is another one there', { providerMap: { Google: 'GoogleEU' } }, 'Google_7', 'google_7@'],
    ['the provider that stands for the legacy pool', { legacyProvider: 'Google' }, 'Google_7', 'google_7@'],
    ['nobody: it was linked', { providerMap: { Google: 'GoogleEU' } }, 'ann', 'ann'],
  ])('that come from %s (%j)', (_, options, name, key) => {
    const { db, store } = stored(options);
    store.addLegacy(1, [user(name, 'a', identity('Google', '7'))]);
    expect(column(db, 'SELECT name FROM legacy_users')).toEqual([key]);
  });
});

describe('what proves who a user is', () => {
  const hashes = (db: Sqlite) => column(db, 'SELECT hash FROM legacy_proofs ORDER BY hash');

  it('is no identity at a provider that is another one in the new pool, and none of the legacy provider’s name', () => {
    const { db, store } = stored({ providerMap: { OldOkta: 'Okta' }, legacyProvider: 'Legacy' });
    store.addLegacy(1, [user('ann', undefined, identity('Okta', '7')), user('ben', 'b', identity('Legacy', '8'))]);
    expect(hashes(db)).toEqual(['#identity:Legacy/b']);
  });

  it('is no sub where there is no legacy provider, and no identity where identities are not compared', () => {
    const plain = stored();
    plain.store.addLegacy(1, [user('ann', 'a')]);
    expect(hashes(plain.db)).toEqual([]);
    const byEmail = stored({ match: ['email'] });
    byEmail.store.addLegacy(1, [user('ann', 'a', identity('Okta', '7'))]);
    expect(hashes(byEmail.db)).toEqual([]);
  });

  it('is a sub in any case at the legacy provider, and a user id in its own at others', () => {
    const id = 'C4E80448-B0A1-70F2-0000-00000000000A';
    const { db, store } = stored({ legacyProvider: 'Legacy' });
    store.addNew([user('ann', 'n1', identity('Legacy', id)), user('ben', 'n2', identity('Okta', id))]);
    expect(db.all('SELECT rule, hash FROM new_proofs ORDER BY user')).toEqual([
      ['identity', `#identity:Legacy/${id.toLowerCase()}`],
      ['identity', `#identity:Okta/${id}`],
    ]);
  });

  it('is an attribute that is compared, where it is not empty', () => {
    const { db, store } = stored({ match: ['attribute:custom:number'] });
    const numbered = (number: string) => user(`of ${number}`, undefined, { 'custom:number': number });
    store.addLegacy(1, [numbered('7'), numbered(''), user('none', 'c')]);
    expect(hashes(db)).toEqual(['#attribute:custom:number:7']);
    store.addNew([numbered('7')]);
    expect(db.all('SELECT rule, hash FROM new_proofs')).toEqual([
      ['attribute:custom:number', '#attribute:custom:number:7'],
    ]);
  });

  it('is of another provider where the attribute holds the user id of that one', () => {
    const { db, store } = stored();
    const identities = JSON.stringify([
      { providerName: 'Okta', userId: '1' },
      { providerName: 'Google', userId: 'Ab' },
    ]);
    store.addNew([user('ann', 'n', { identities, 'custom:legacy_sub': 'aB' })]);
    store.addNew([{ ...user('ben', 'm'), status: 'UNCONFIRMED', enabled: false }]);
    expect(db.all('SELECT value_provider, unconfirmed, enabled FROM new_users ORDER BY id')).toEqual([
      ['Google', 0, 1],
      [null, 1, 0],
    ]);
  });
});

describe('users that were listed more than once', () => {
  it('are kept as they were listed last', () => {
    const { db, store } = stored();
    store.addLegacy(1, [user('old', 'a'), user('none', undefined), user('none', undefined)]);
    store.addLegacy(1, [user('renamed', 'a')]);
    store.addLegacy(2, [user('namesake', 'a')]);
    prepareLegacyUsers(db, checkPolicy({}));
    expect(column(db, 'SELECT name FROM legacy_users ORDER BY id')).toEqual(['none', 'renamed', 'namesake']);

    store.addNew([user('ann', 'n1'), user('ben', 'n2')]);
    store.addNew([user('ann', 'n3'), user('renamed', 'n2')]);
    prepareNewUsers(db);
    expect(column(db, 'SELECT sub FROM new_users ORDER BY id')).toEqual(['n3', 'n2']);
    expect(column(db, 'SELECT username FROM new_users ORDER BY id')).toEqual(['ann', 'renamed']);
  });
});
