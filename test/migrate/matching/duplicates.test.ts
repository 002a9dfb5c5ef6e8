import { describe, expect, it } from 'vitest';
import { settleClaims } from '../../../src/migrate/matching/duplicates.js';
import { STORED_COLUMNS, storedValue } from '../../../src/migrate/state/schema.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { makePlanTables } from '../support/plan-tables.js';

/** New users as `sub: outcome value [held value] [rule]`; answers outcome and detail by sub. */
function settled(
  users: readonly { outcome: string; value: string | null; holds?: string; rule?: string; trustable?: boolean }[],
  stamp = false,
) {
  const db = new Sqlite(':memory:');
  makePlanTables(db);
  for (const [i, { outcome, value, holds, rule, trustable }] of users.entries()) {
    const insert = `INSERT INTO new_users (id, sub, username, verified, ${STORED_COLUMNS}) VALUES (?, ?, ?, 0, ?, ?, ?)`;
    db.run(insert, i + 1, `n${i}`, `user${i}`, ...storedValue(holds));
    const decision = 'INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?)';
    db.run(decision, i + 1, outcome, rule ?? 'email', value, '', trustable === true ? 1 : 0);
  }
  db.run("INSERT INTO legacy_users (pool, sub, name, verified) VALUES (1, 'n9', 'x', 0)");
  settleClaims(db, stamp);
  return db.all<readonly [string, string]>(
    `SELECT outcome, CASE WHEN trustable THEN 'trustable' ELSE detail END FROM decisions ORDER BY user`,
  );
}

const outcomes = (...args: Parameters<typeof settled>) => settled(...args).map(([outcome]) => outcome);

const UUID = 'a1000000-0000-4000-8000-00000000abcd';

describe('claims', () => {
  it('of several to one legacy user are all duplicates, and name each other', () => {
    const claim = { outcome: 'set', value: 'a' };
    const result = settled([claim, { ...claim, outcome: 'ok', holds: 'a' }, { outcome: 'set', value: 'b' }]);
    expect(result).toEqual([
      ['duplicate', 'matched by 2 new users: n0, n1'],
      ['duplicate', 'matched by 2 new users: n0, n1'],
      ['set', ''],
    ]);
  });

  it('of very many name three', () => {
    const [[, detail] = []] = settled(Array(50).fill({ outcome: 'set', value: 'a' }));
    expect(detail).toBe('matched by 50 new users: n0, n1, n10, …');
  });

  it('by the mapping file win', () => {
    const users = [
      { outcome: 'set', value: 'a', rule: 'mapping' },
      { outcome: 'set', value: 'a' },
      { outcome: 'conflict', value: 'a', holds: 'x' },
    ];
    expect(outcomes(users)).toEqual(['set', 'duplicate', 'duplicate']);
  });
});

describe('a value that this state wrote', () => {
  const written = { outcome: 'ok', value: 'a', holds: 'a', rule: 'written' };

  it('stays with its holder, whoever comes to claim the legacy user', () => {
    const users = [
      { outcome: 'set', value: 'a', rule: 'username' },
      written,
      { outcome: 'conflict', value: 'a', holds: 'x' },
    ];
    const held = ['duplicate', 'the value is already held by n1'];
    expect(settled(users)).toEqual([held, ['ok', ''], held]);
  });

  it('is nobody’s where a second user holds it and has evidence as well', () => {
    const [one, other] = [written, { ...written, rule: 'email' }];
    expect(outcomes([one, other])).toEqual(['duplicate', 'duplicate']);
    expect(outcomes([one, one])).toEqual(['duplicate', 'duplicate']);
    expect(outcomes([one, other, { outcome: 'set', value: 'a' }])).toEqual(['duplicate', 'duplicate', 'duplicate']);
  });

  it('stays with its holder where somebody copied it without any evidence', () => {
    expect(outcomes([written, { outcome: 'unexplained', value: null, holds: 'a', rule: '' }])).toEqual([
      'ok',
      'unexplained',
    ]);
  });

  it('gives way to the mapping file', () => {
    expect(outcomes([written, { outcome: 'set', value: 'a', rule: 'mapping' }])).toEqual(['duplicate', 'duplicate']);
  });

  it('is settled quickly, however many claim it', () => {
    const claim = { outcome: 'set', value: 'a' };
    expect(new Set(outcomes([...Array(30_000).fill(claim), written]))).toEqual(new Set(['duplicate', 'ok']));
  }, 30_000);
});

describe('a value that would be trusted', () => {
  const holder = { outcome: 'unexplained', value: null, holds: 'a', rule: '', trustable: true };

  it('stays so while no other new user claims it', () => {
    expect(settled([holder, { outcome: 'set', value: 'b' }])).toEqual([
      ['unexplained', 'trustable'],
      ['set', ''],
    ]);
  });

  it('is doubted where a rule gives it to another user, though the value differs in upper and lower case', () => {
    const [first] = settled([
      { ...holder, holds: UUID.toUpperCase() },
      { outcome: 'conflict', value: UUID, holds: 'z' },
    ]);
    expect(first).toEqual(['unexplained', '; another new user matches this legacy user']);
  });

  it.each(['set', 'conflict'])('is doubted where a rule gives it to another user, %s', (outcome) => {
    const [first, second] = settled([holder, { outcome, value: 'a', ...(outcome === 'set' ? {} : { holds: 'z' }) }]);
    expect(first).toEqual(['unexplained', '; another new user matches this legacy user']);
    expect(second?.[0]).toBe('duplicate');
  });
});

describe('a value that another user holds', () => {
  it.each(['unexplained', 'ambiguous', 'contradiction', 'unverified', 'conflict'])(
    'is not set, though that one is %s',
    (outcome) => {
      const holder = { outcome, value: outcome === 'conflict' ? 'b' : null, holds: 'a' };
      const [first] = settled([{ outcome: 'set', value: 'a' }, holder]);
      expect(first).toEqual(['duplicate', 'the value is already held by n1']);
    },
  );

  it('is overwritten where both are conflicts: two who hold each other’s value', () => {
    const users = [
      { outcome: 'conflict', value: 'a', holds: 'b' },
      { outcome: 'conflict', value: 'b', holds: 'a' },
    ];
    expect(outcomes(users)).toEqual(['conflict', 'conflict']);
  });

  it('stays held when its holder is not overwritten after all, through a whole chain', () => {
    const users = [
      { outcome: 'conflict', value: 'a', holds: 'x' },
      { outcome: 'conflict', value: 'b', holds: 'a' },
      { outcome: 'conflict', value: 'c', holds: 'b' },
      { outcome: 'unexplained', value: null, holds: 'c' },
    ];
    expect(outcomes(users)).toEqual(['duplicate', 'duplicate', 'duplicate', 'unexplained']);
  });

  it('stays held through a chain of everybody, as after a backfill that is one row off, each link followed once', () => {
    const count = 20_000;
    const users = Array.from({ length: count }, (_, i) =>
      i === 0
        ? { outcome: 'unexplained', value: null, holds: 'v1' }
        : { outcome: 'conflict', value: `v${i}`, holds: `v${i + 1}` },
    );
    const result = settled(users);
    expect(result[0]).toEqual(['unexplained', '']);
    expect(
      result.slice(1).every(([outcome], i) => outcome === 'duplicate' && result[i + 1]?.[1].endsWith(` n${i}`)),
    ).toBe(true);
  });

  it('is overwritten around a ring, unless somebody outside holds one of its values as well', () => {
    const ring = Array.from({ length: 50 }, (_, i) => ({
      outcome: 'conflict',
      value: `v${i}`,
      holds: `v${(i + 1) % 50}`,
    }));
    expect(new Set(outcomes(ring))).toEqual(new Set(['conflict']));
    const outside = { outcome: 'unexplained', value: null, holds: 'v7' };
    expect(outcomes([...ring, outside])).toEqual([...Array(50).fill('duplicate'), 'unexplained']);
  });

  it('is held in whatever case', () => {
    const holder = { outcome: 'unexplained', value: null, holds: UUID.toUpperCase() };
    expect(outcomes([{ outcome: 'set', value: UUID }, holder])).toEqual(['duplicate', 'unexplained']);
    expect(
      outcomes([
        { outcome: 'set', value: 'ann' },
        { ...holder, holds: 'Ann' },
      ]),
    ).toEqual(['duplicate', 'unexplained']);
  });

  it('that is right already stays right', () => {
    const users = [
      { outcome: 'ok', value: 'a', holds: 'a' },
      { outcome: 'unexplained', value: null, holds: 'a' },
    ];
    expect(outcomes(users)).toEqual(['ok', 'unexplained']);
  });
});

describe('new-born users', () => {
  it('are to carry their own sub, when that is asked for', () => {
    const users = [{ outcome: 'new-born', value: null }];
    expect(outcomes(users, true)).toEqual(['new-born']);
  });

  it('are not stamped with a sub that another user holds', () => {
    const users = [
      { outcome: 'new-born', value: null },
      { outcome: 'unexplained', value: null, holds: 'n0' },
    ];
    expect(outcomes(users, true)).toEqual(['duplicate', 'unexplained']);
    expect(outcomes(users, false)).toEqual(['new-born', 'unexplained']);
  });

  it('are unexplained where the own sub they carry is a legacy user’s', () => {
    const users = Array.from({ length: 10 }, (_, index) => ({ outcome: 'new-born', value: null, holds: `n${index}` }));
    const expected = [...Array(9).fill('new-born'), 'unexplained'];
    expect([outcomes(users, true), outcomes(users, false)]).toEqual([expected, expected]);
  });

  it('are not stamped with a sub that is a legacy user’s', () => {
    const users = Array(10).fill({ outcome: 'new-born', value: null });
    expect(outcomes(users, true)).toEqual([...Array(9).fill('new-born'), 'unverified']);
  });
});
