import { describe, expect, it } from 'vitest';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
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

  it('leaves mistakes in our own SQL as they are', () => {
    expect(() => table().run('SELEC 1')).toThrow(expect.objectContaining({ code: 'SQLITE_ERROR' }));
  });
});
