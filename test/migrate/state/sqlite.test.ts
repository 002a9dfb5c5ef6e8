import Libsql from 'libsql';
import { describe, expect, it } from 'vitest';
import {
  compareTexts,
  explain,
  inSteps,
  keysetPortions,
  keysetRows,
  Sqlite,
} from '../../../src/migrate/state/sqlite.js';
import { statePath } from '../support/workspace.js';

function table(): Sqlite {
  const db = new Sqlite(':memory:');
  db.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)');
  return db;
}

describe('an SQLite file', () => {
  it('answers rows as arrays, null included', () => {
    const db = table();
    expect(db.run('INSERT INTO t VALUES (?, ?), (?, ?)', 1, 'x', 2, null)).toBe(2);
    expect(db.all('SELECT a, b FROM t ORDER BY a')).toEqual([
      [1, 'x'],
      [2, null],
    ]);
    expect(db.get('SELECT b FROM t WHERE a = ?', 3)).toBeUndefined();
    expect(db.run('UPDATE t SET b = ?', null)).toBe(2);
    expect(db.count('SELECT max(a) FROM t')).toBe(2);
  });

  it('undoes a transaction that throws', () => {
    const db = table();
    const work = () =>
      db.transaction(() => {
        db.run('INSERT INTO t VALUES (1, ?)', 'x');
        throw new Error('no');
      });
    expect(work).toThrow('no');
    expect(db.count('SELECT count(*) FROM t')).toBe(0);
    expect(db.transaction(() => db.run('INSERT INTO t VALUES (1, ?)', 'x'))).toBe(1);
  });

  it('says in words that the disk is full, and can be used again', () => {
    const db = new Sqlite(statePath());
    db.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); PRAGMA max_page_count = 4');
    const fill = () => db.transaction(() => db.run('INSERT INTO t (b) VALUES (?)', 'x'.repeat(100_000)));
    expect(fill).toThrow(
      expect.objectContaining({ code: 'ERR_STATE_STORAGE', message: expect.stringContaining('disk is full') }),
    );
    expect(db.transaction(() => db.run('INSERT INTO t (b) VALUES (?)', 'x'))).toBe(1);
    db.close();
  });

  it.each(['SELECT c FROM t', 'SELECT * FROM u', 'SELECT a FROM t INDEXED BY i'])(
    'lacks what every state has: is damaged: %s',
    (sql) => {
      expect(() => table().all(sql)).toThrow(expect.objectContaining({ code: 'ERR_STATE_INVALID' }));
    },
  );

  it('has a row that its own rules exclude: is damaged', () => {
    const db = table();
    db.run("INSERT INTO t VALUES (1, 'x')");
    expect(() => db.run("INSERT INTO t VALUES (1, 'y')")).toThrow(
      expect.objectContaining({ code: 'ERR_STATE_INVALID' }),
    );
  });

  it('names the files beside the state that keep it from being locked', () => {
    const error = explain('/var/cutover.db', new Libsql.SqliteError('locking protocol', 'SQLITE_UNKNOWN', 15));
    expect(error).toMatchObject({ code: 'ERR_STATE_STORAGE', fix: expect.stringContaining('/var/cutover.db-shm') });
  });

  it('takes a schema that does not fit the statements for damage', () => {
    for (const message of ['no such index: i', 'error in index i after rename: orphan index', 'no such column: b']) {
      const error = explain('/var/cutover.db', new Libsql.SqliteError(message, 'SQLITE_ERROR', 1));
      expect(error).toMatchObject({ code: 'ERR_STATE_INVALID', message: expect.stringContaining('is damaged') });
    }
  });

  it('leaves mistakes in our own SQL as they are', () => {
    expect(() => table().run('SELEC 1')).toThrow(expect.objectContaining({ code: 'SQLITE_ERROR' }));
  });
});

describe('reading by key', () => {
  const filled = (rows: number): Sqlite => {
    const db = table();
    db.run(
      `INSERT INTO t SELECT value, value % 3 FROM json_each(?)`,
      JSON.stringify(Array.from({ length: rows }, (_, index) => index + 1)),
    );
    return db;
  };
  const AFTER = 'SELECT b, a FROM t WHERE a <> ? AND (b, a) > (?, ?) ORDER BY b, a LIMIT ?';

  it.each([0, 1, 999, 1000, 1001, 2500])('gives each of %d rows once, in the order of a key of two columns', (rows) => {
    const db = filled(rows);
    const expected = db.all('SELECT b, a FROM t ORDER BY b, a');
    expect([...keysetRows(db, AFTER, [0], ['', 0])]).toEqual(expected);
  });

  it('gives no more rows than wanted, over several portions', () => {
    const db = filled(2500);
    const few = (limit: number) => [...keysetRows<readonly [string, number]>(db, AFTER, [0], ['', 0], limit)];
    expect([0, 1, 1000, 1500].map((limit) => few(limit).length)).toEqual([0, 1, 1000, 1500]);
  });

  it('keeps no statement open: what was read may be written', () => {
    const db = filled(2500);
    const sql = 'SELECT a FROM t WHERE a > ? ORDER BY a LIMIT ?';
    for (const [a] of keysetRows<readonly [number]>(db, sql, [], [0])) db.run('DELETE FROM t WHERE a = ?', a);
    expect(db.count('SELECT count(*) FROM t')).toBe(0);
  });

  it('reads the next portion when it is asked for, until one is empty', () => {
    const asked: number[] = [];
    const read = (after: number) => {
      asked.push(after);
      return [1, 2, 3, 4, 5].filter((one) => one > after).slice(0, 2);
    };
    const portions = keysetPortions(read, (one) => one, 0);
    expect(portions.next().value).toEqual([1, 2]);
    expect(asked).toEqual([0]);
    expect([...portions]).toEqual([[3, 4], [5]]);
    expect(asked).toEqual([0, 2, 4, 5]);
  });

  it.each([
    ['the same row again', 'b', ['b']],
    ['an earlier row', 'b', ['c', 'a']],
    ['a number after a text', 'b', [9]],
    ['a row without a key', 1, [null]],
    ['an earlier row by its second column', ['b', 2], [['b', 1]]],
  ] as const)('is refused where damage gives %s, which would never end', (_, after, rows) => {
    const portions = keysetPortions<unknown, never>(
      () => rows,
      (row) => row as never,
      after as never,
    );
    expect(() => portions.next()).toThrow(expect.objectContaining({ code: 'ERR_STATE_INVALID' }));
  });

  it.each([
    ['a text after a number', 9, ['b']],
    ['a longer text', 'b', ['ba']],
    ['a text of rare characters after one that JavaScript puts later', '\uff5e', ['\u{1f600}']],
    ['a later row by its second column', ['b', 2], [['b', 10]]],
  ] as const)('goes on with %s', (_, after, rows) => {
    const portions = keysetPortions<unknown, never>(
      () => rows,
      (row) => row as never,
      after as never,
    );
    expect(portions.next().value).toEqual(rows);
  });
});

describe('long work in steps', () => {
  it('takes every id once, and lets others run in between', async () => {
    const ranges: (readonly [number, number])[] = [];
    let others = 0;
    setImmediate(() => {
      others = ranges.length;
    });
    await inSteps(45_000, (from, to) => ranges.push([from, to]));
    expect(ranges).toEqual([
      [0, 20_000],
      [20_000, 40_000],
      [40_000, 60_000],
    ]);
    expect(others).toBe(1);
  });
});

it('orders texts as SQLite does', () => {
  const texts = ['\u{1f600}', '\uff21', 'b', 'a', 'ab', 'B', 'é', ''];
  const db = table();
  for (const text of texts) db.run('INSERT INTO t (b) VALUES (?)', text);
  const inSqlite = db.all<readonly [string]>('SELECT b FROM t ORDER BY b').map(([text]) => text);
  expect([...texts].sort(compareTexts)).toEqual(inSqlite);
  expect([...texts].sort()).not.toEqual(inSqlite);
});
