import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { look } from '../../../src/migrate/browse/look.js';
import { readStatus } from '../../../src/migrate/report.js';
import { correctMark, leaveMarkedRightly } from '../../../src/migrate/state/connection.js';
import { lacksChanges } from '../../../src/migrate/state/file.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { openState } from '../../../src/migrate/state/state.js';
import { held, KINDS, made, open } from '../support/held-state.js';
import { plannedPath } from '../support/planned-state.js';
import { state } from '../support/workspace.js';

describe('what a killed run leaves', () => {
  it('is whole with the file beside it', async () => {
    const path = made();
    const child = await held(path, 'write');
    await child.kill();
    expect(open(path, 'read')).not.toThrow();
    expect(state(path, 'read').meta.get('warnings')).toEqual(['held']);
    expect(open(path)).not.toThrow();
  });

  it('and was copied without it is refused, for reading too', async () => {
    const path = made();
    const child = await held(path, 'write');
    await child.kill();
    const copy = join(dirname(path), 'copy.db');
    copyFileSync(path, copy);
    for (const access of [...KINDS, 'read'] as const) {
      expect(open(copy, access)).toThrow(
        expect.objectContaining({
          code: 'ERR_STATE_INVALID',
          message: expect.stringContaining('copied without the file beside it'),
        }),
      );
    }
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    expect(open(copy)).not.toThrow();
  });

  it('is not mistaken after another process, which worked beside it, closed the file as the last one', async () => {
    const path = made();
    const child = await held(path, 'verify');
    const db = new Sqlite(path);
    db.exec('SELECT count(*) FROM sqlite_schema');
    expect(leaveMarkedRightly(db, ['main'])).toBe(false);
    await child.kill();
    db.close();
    // SQLite has put everything into the file, which says that it is in use.
    expect([existsSync(`${path}-wal`), lacksChanges(path)]).toEqual([false, true]);
    correctMark(path, ['main']);
    expect(lacksChanges(path)).toBe(false);
    expect(state(path, 'read').meta.get('warnings')).toEqual(['held']);
  });

  it('is not mistaken where a process that closed it before ends after it', async () => {
    const path = made();
    const child = await held(path, 'verify');
    const closed = openState({ path, access: 'write' });
    closed.meta.addWarning('written');
    closed.close();
    await child.kill();
    await closedForGood(path);
    expect([existsSync(`${path}-wal`), lacksChanges(path)]).toEqual([false, true]);
    const warnings = state(path, 'read').meta.get('warnings');
    expect(warnings?.toSorted()).toEqual(['held', 'written']);
    expect(open(path)).not.toThrow();
    expect(readdirSync(dirname(path)).filter((name) => name.includes('-kept'))).toEqual([]);
  });

  it('is refused there where the file was replaced by an older one since', async () => {
    const path = made();
    const older = `${path}.older`;
    const child = await held(path, 'verify');
    copyFileSync(path, older);
    const closed = openState({ path, access: 'write' });
    closed.meta.addWarning('written');
    closed.close();
    await child.kill();
    await closedForGood(path);
    copyFileSync(older, path);
    expect(open(path)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('missing its last changes') }),
    );
  });

  it('is not mistaken after somebody read it', async () => {
    const path = made();
    const child = await held(path, 'write');
    const reader = state(path, 'read');
    expect(reader.pools).toBeUndefined();
    await child.close();
    reader.close();
    for (const name of [`${path}-wal`, `${path}-shm`]) rmSync(name, { force: true });
    expect(open(path)).not.toThrow();
  });

  it('is empty when a reader keeps the last process from joining the files, so that a new state may be made', async () => {
    const path = made();
    const child = await held(path, 'write');
    const reader = state(path, 'read');
    expect(reader.pools).toBeUndefined();
    await child.close();
    expect(statSync(`${path}-wal`).size).toBe(0);
    rmSync(path);
    expect(open(path, 'plan')).not.toThrow();
  });

  it('is not added to another state of this name', async () => {
    const path = made();
    const child = await held(path, 'write');
    await child.kill();
    rmSync(path);
    expect(open(path, 'plan')).toThrow(
      expect.objectContaining({
        code: 'ERR_STATE_INVALID',
        message: expect.stringContaining(`does not exist, but ${path}-wal does`),
      }),
    );
    expect(existsSync(path)).toBe(false);
    rmSync(`${path}-wal`);
    expect(open(path, 'plan')).not.toThrow();
  });

  it('of a new file is removed at the next start', () => {
    const path = made();
    const drafts = ['.new', '.new-journal', '.new-wal', '.new-shm'].map((ending) => `${path}${ending}`);
    drafts.push(join(dirname(path), '.cutover.db.key.part'));
    for (const draft of drafts) writeFileSync(draft, 'user1');
    open(path)();
    expect(drafts.filter((draft) => existsSync(draft))).toEqual([]);
  });

  it('can be read where nothing can be made beside it', async () => {
    const path = made();
    const child = await held(path, 'write');
    await child.kill();
    rmSync(`${path}-shm`);
    // SQLite cannot make its file here.
    mkdirSync(`${path}-shm`);
    const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('cognito-cutover-'));
    const before = copies();
    const reader = openState({ path, access: 'read' });
    expect(reader.meta.get('warnings')).toEqual(['held']);
    reader.close();
    expect(copies()).toEqual(before);
  });

  it('can be read without changing anything', async () => {
    const path = made();
    const child = await held(path, 'write');
    await child.kill();
    const facts = () => [path, `${path}-wal`].map((name) => [statSync(name).size, statSync(name).mtimeMs]);
    const before = facts();
    const reader = openState({ path, access: 'read' });
    expect(reader.running).toBe(false);
    expect(() => reader.meta.addWarning('x')).toThrow(expect.objectContaining({ code: 'ERR_STATE_STORAGE' }));
    reader.close();
    expect(facts()).toEqual(before);
  });
});

/** SQLite closes a connection when its last statement is garbage-collected, which may be when the process ends. */
async function closedForGood(path: string): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  await vi.waitUntil(() => {
    collectGarbage();
    return !existsSync(`${path}-wal`);
  });
}

describe('a state of an older version', () => {
  const indexes = (path: string, access: 'read' | 'write' | 'publish') => {
    const opened = state(path, access);
    const rows = opened.db.all<readonly [string]>("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE INDEX%'");
    opened.close();
    return rows.map(([name]) => name);
  };

  it('is read as it is, and gets the indexes that it lacks when it is next planned or applied', async () => {
    const path = await plannedPath();
    const current = state(path);
    current.db.exec(`DROP INDEX operations_progress; DROP INDEX operations_overwriting;
      CREATE INDEX operations_status ON operations (kind, status)`);
    current.close();
    expect(look(path, (opened) => readStatus(opened).writes)).toMatchObject({ total: 200, remaining: 200 });
    expect(indexes(path, 'publish')).toContain('operations_status');
    expect(indexes(path, 'write')).toEqual(expect.arrayContaining(['operations_progress', 'operations_overwriting']));
    expect(indexes(path, 'read')).not.toContain('operations_status');
  });
});

it('commands that open a state at the same moment wait for one another', { timeout: 60_000 }, async () => {
  const others = ['verify', 'write', 'publish'].map((access) =>
    fork(new URL('../support/open-often.mjs', import.meta.url), [access]),
  );
  try {
    for (let round = 0; round < 100; round += 1) {
      const path = made();
      const answers = others.map((other) => once(other, 'message'));
      for (const other of others) other.send(path);
      expect((await Promise.all(answers)).flat().filter((answer) => typeof answer === 'string')).toEqual(['', '', '']);
    }
  } finally {
    for (const other of others) other.kill();
  }
});

it('a folder where a side file belongs is refused, and named', () => {
  const path = made();
  mkdirSync(`${path}-wal`);
  expect(open(path, 'read')).toThrow(expect.objectContaining({ code: 'ERR_STATE_STORAGE' }));
});
