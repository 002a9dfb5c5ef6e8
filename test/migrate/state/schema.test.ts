import { describe, expect, it } from 'vitest';
import { storedValue } from '../../../src/migrate/state/schema.js';
import { makePlanTables } from '../support/plan-tables.js';
import { state } from '../support/workspace.js';

describe('the tables of a state', () => {
  it.each([
    [
      'status',
      (word: string) =>
        `INSERT INTO operations VALUES (1, 1, 'member', 'u', 's', 'g', '', '', '${word}', 0, 0, 0, '', 0)`,
      'begun',
    ],
    ['side', (word: string) => `INSERT INTO pools VALUES (1, '${word}', 'pool')`, 'legacy'],
    ['purpose', (word: string) => `INSERT INTO listings (purpose, pool) VALUES ('${word}', 2)`, 'verify'],
  ])('refuse a row of an unknown %s, and no other', (_, insert, known) => {
    const { db } = state();
    db.exec("INSERT INTO pools VALUES (2, 'new', 'its pool')");
    expect(() => db.exec(insert('other'))).toThrow(/constraint/i);
    expect(() => db.exec(insert(known))).not.toThrow();
  });

  it('hold one operation of a plan on one target', () => {
    const { db } = state();
    const insert = (plan: number) =>
      db.run("INSERT INTO operations VALUES (NULL, ?, 'member', 'u', 's', 'g', '', '', 'begun', 0, 0, 0, '', 0)", plan);
    insert(1);
    insert(2);
    expect(() => insert(1)).toThrow(/constraint/i);
  });

  const UUID = 'C0FFEE00-0000-4000-8000-000000000001';
  it.each([
    ['a UUID in any case as the same one', UUID, UUID.toLowerCase()],
    ['everything else to the letter', 'Old-1', 'Old-1'],
  ])('read %s', (_, value, id) => {
    const { db } = state();
    makePlanTables(db);
    const sql = "INSERT INTO new_users (username, verified, value, folded, is_uuid) VALUES ('u', 0, ?, ?, ?)";
    db.run(sql, ...storedValue(value));
    expect(db.all('SELECT value, value_id FROM new_users')).toEqual([[value, id]]);
  });
});
