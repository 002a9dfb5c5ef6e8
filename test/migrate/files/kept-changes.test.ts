import { appendFileSync, copyFileSync, existsSync, linkSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { containsKeptChanges, forgetChanges, keepChanges } from '../../../src/migrate/files/kept-changes.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { statePath } from '../support/workspace.js';

const kept = (path: string) => `${path}-wal-kept`;

/** A database in use, with two changes beside it. */
function inUse(): { path: string; db: Sqlite } {
  const path = statePath();
  const db = new Sqlite(path);
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)');
  keepChanges(path);
  return { path, db };
}

const moveChanges = (db: Sqlite) => db.exec('PRAGMA wal_checkpoint(PASSIVE)');

describe('the last changes of a database under their second name', () => {
  it('are the same file, also after it was begun anew', () => {
    const { path, db } = inUse();
    expect(statSync(kept(path)).ino).toBe(statSync(`${path}-wal`).ino);
    writeFileSync(`${path}-other`, '');
    forgetChanges(path);
    linkSync(`${path}-other`, kept(path));
    keepChanges(path);
    expect(statSync(kept(path)).ino).toBe(statSync(`${path}-wal`).ino);
    forgetChanges(path);
    expect(existsSync(kept(path))).toBe(false);
    db.close();
  });

  it('are contained in it once they were moved there, and not before', () => {
    const { path, db } = inUse();
    expect(containsKeptChanges(path)).toBe(false);
    moveChanges(db);
    expect(containsKeptChanges(path)).toBe(true);
    db.exec('INSERT INTO t VALUES (2)');
    expect(containsKeptChanges(path)).toBe(false);
    db.close();
  });

  it('are not contained in an older version of it', () => {
    const { path, db } = inUse();
    moveChanges(db);
    copyFileSync(path, `${path}-older`);
    db.exec('UPDATE t SET a = 3');
    moveChanges(db);
    expect(containsKeptChanges(path)).toBe(true);
    copyFileSync(kept(path), kept(`${path}-older`));
    expect(containsKeptChanges(`${path}-older`)).toBe(false);
    db.close();
  });

  it('count only as far as they were committed', () => {
    const { path, db } = inUse();
    moveChanges(db);
    copyFileSync(path, `${path}-torn`);
    copyFileSync(kept(path), kept(`${path}-torn`));
    appendFileSync(kept(`${path}-torn`), Buffer.alloc(5000, 7));
    expect(containsKeptChanges(`${path}-torn`)).toBe(true);
    db.close();
  });

  it('prove nothing where there are none', () => {
    const { path, db } = inUse();
    moveChanges(db);
    copyFileSync(kept(path), kept(`${path}-empty`));
    truncateSync(kept(`${path}-empty`));
    copyFileSync(path, `${path}-empty`);
    expect(containsKeptChanges(`${path}-empty`)).toBe(false);
    forgetChanges(path);
    expect(containsKeptChanges(path)).toBe(false);
    db.close();
  });
});
