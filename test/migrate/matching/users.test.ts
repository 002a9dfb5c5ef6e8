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
