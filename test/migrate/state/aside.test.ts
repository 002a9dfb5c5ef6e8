import { describe, expect, it } from 'vitest';
import { Aside } from '../../../src/migrate/state/aside.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { statePath } from '../support/workspace.js';

function database() {
  const db = new Sqlite(statePath());
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE draft_t (a INTEGER PRIMARY KEY, b TEXT)');
  return db.translated((sql) => sql.replaceAll(/\bt\b/g, 'draft_t'));
}

describe.each([true, false])('statements aside, in a thread: %s', (inThread) => {
  it('are carried out in order, on the same tables', async () => {
    const db = database();
    const aside = new Aside(db, { inThread });
    await aside.run((script) => {
      script.run('INSERT INTO t VALUES (?, ?), (?, ?)', 1, 'x', 2, null);
      script.exec('CREATE TEMP TABLE temporary AS SELECT a FROM t; UPDATE t SET b = a WHERE a IN temporary');
    });
    expect(db.all('SELECT a, b FROM t')).toEqual([
      [1, '1'],
      [2, '2'],
    ]);
    expect(await aside.all('SELECT b, a FROM t WHERE a > ?', 1)).toEqual([['2', 2]]);
    expect(await aside.count('SELECT count(*) FROM t')).toBe(2);
  });

  it('tell in words why they failed', async () => {
    const db = database();
    const aside = new Aside(db, { inThread });
    await expect(aside.all('SELEC 1')).rejects.toMatchObject({ code: 'SQLITE_ERROR' });
  });
});

it('a statement that takes long keeps nobody waiting, and that it still runs is told', async () => {
  const db = database();
  let onWait = () => {};
  const waited = new Promise<void>((resolve) => {
    onWait = resolve;
  });
  const aside = new Aside(db, { inThread: true, onWait });
  db.exec('BEGIN EXCLUSIVE');
  const written = aside.run((script) => script.run('INSERT INTO t VALUES (1, ?)', 'x'));
  await waited;
  db.exec('ROLLBACK');
  await written;
  expect(db.count('SELECT count(*) FROM t')).toBe(1);
});

it('is told when another process keeps the file to itself', async () => {
  const db = database();
  db.exec('BEGIN EXCLUSIVE');
  const write = new Aside(db, { inThread: true, busyMs: 0 }).run((script) => script.exec('DELETE FROM t'));
  await expect(write).rejects.toMatchObject({ code: 'ERR_STATE_LOCKED' });
  db.exec('ROLLBACK');
});
