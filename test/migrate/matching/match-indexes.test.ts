import { describe, expect, it } from 'vitest';
import { prepareLegacyUsers, prepareNewUsers } from '../../../src/migrate/matching/match-indexes.js';
import { checkPolicy, type MatchRule } from '../../../src/migrate/matching/policy.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { makePlanTables } from '../support/plan-tables.js';

function tables() {
  const db = new Sqlite(':memory:');
  makePlanTables(db);
  const legacy = (pool: number, sub: string | null, name: string, exactName: string | null = null) =>
    db.run(
      'INSERT INTO legacy_users (pool, sub, name, exact_name, verified) VALUES (?, ?, ?, ?, 0)',
      pool,
      sub,
      name,
      exactName,
    );
  const fresh = (sub: string | null, username: string) =>
    db.run('INSERT INTO new_users (sub, username, verified, is_uuid) VALUES (?, ?, 0, 0)', sub, username);
  const left = (table: string) => db.all<readonly [number]>(`SELECT id FROM ${table} ORDER BY id`).map(([id]) => id);
  const indexes = () =>
    db
      .all<readonly [string]>("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
      .map(([name]) => name);
  return { db, legacy, fresh, left, indexes };
}

const policy = (...match: MatchRule[]) => checkPolicy({ match });

describe('legacy users who were listed more than once', () => {
  it('count as they were listed last, each pool by itself', () => {
    const { db, legacy, left } = tables();
    legacy(1, 'a', 'ann');
    legacy(2, 'a', 'ann');
    legacy(1, 'b', 'bob');
    legacy(1, 'a', 'anna');
    legacy(2, 'a', 'ann');
    prepareLegacyUsers(db, policy('username'));
    expect(left('legacy_users')).toEqual([3, 4, 5]);
  });

  it('are told apart by their names where they have no sub', () => {
    const { db, legacy, left } = tables();
    legacy(1, null, 'ann');
    legacy(1, null, 'ann', 'Ann');
    legacy(2, null, 'ann');
    legacy(1, null, 'ann');
    prepareLegacyUsers(db, policy('username'));
    expect(left('legacy_users')).toEqual([2, 3, 4]);
  });
});

it('new users who were listed more than once count as they were listed last, by username and by sub', () => {
  const { db, fresh, left } = tables();
  fresh('a', 'ann');
  fresh('b', 'bob');
  // Deleted and registered again, and renamed.
  fresh('c', 'ann');
  fresh('b', 'robert');
  fresh(null, 'cy');
  fresh(null, 'dan');
  prepareNewUsers(db);
  expect(left('new_users')).toEqual([3, 4, 5, 6]);
});

it.each<[MatchRule[], string[]]>([
  [['identity'], []],
  [['username'], ['legacy_name']],
  [
    ['email', 'phone'],
    ['legacy_email', 'legacy_phone'],
  ],
])('the rules %j have the indexes that they ask for, and no others', (rules, expected) => {
  const { db, indexes } = tables();
  const before = indexes();
  prepareLegacyUsers(db, policy(...rules));
  const made = indexes().filter((name) => !before.includes(name));
  expect(made).toEqual([...expected, 'legacy_proofs_hash', 'legacy_sub'].toSorted());
  // A plan that goes on prepares them again.
  prepareLegacyUsers(db, policy(...rules));
});
