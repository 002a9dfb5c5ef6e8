import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { copyOpened, readStart } from '../../../src/migrate/files/file-start.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { amount } from '../../support/amount.js';
import { HAS } from '../../support/tools.js';
import { KINDS, made } from '../support/held-state.js';
import { state, statePath } from '../support/workspace.js';

describe('the first bytes of a file', () => {
  it('answers its size, and nothing where there is no file', () => {
    const path = made();
    expect(readStart(path, 100)?.size).toBeGreaterThan(4096);
    expect(readStart(path, 15)?.bytes.toString('latin1')).toBe('SQLite format 3');
    expect(readStart(statePath(), 100)).toBeUndefined();
  });

  it.skipIf(process.platform === 'win32')('of a named pipe are refused at once', () => {
    const path = statePath();
    execFileSync('mkfifo', [path]);
    expect(() => readStart(path, 100)).toThrow('ESPIPE');
  });

  it.each([
    ['reading them', (path: string) => void readStart(path, 100)],
    ['copying the whole file', (path: string) => copyOpened(path, `${path}.copy`)],
  ])('does not free the locks that this process has on it: %s', (_, look) => {
    const path = made();
    const working = new Sqlite(path);
    working.exec('PRAGMA journal_mode = WAL; BEGIN; SELECT count(*) FROM sqlite_schema');
    look(path);
    // What removes the changes that are kept beside the file, if nobody is using them.
    const other = `const db = new (require('libsql'))(process.argv[1]);
      try { db.exec('PRAGMA journal_mode = DELETE'); console.log('joined'); } catch (error) { console.log(error.code); }`;
    expect(execFileSync(process.execPath, ['-e', other, path], { encoding: 'utf8' })).toBe('SQLITE_BUSY\n');
    working.exec('ROLLBACK');
    working.close();
  });

  it.skipIf(!HAS.procFiles)('keeps it open only while it exists, and once', () => {
    const openOnes = (path: string) =>
      readdirSync('/proc/self/fd').filter((fd) => linkOf(`/proc/self/fd/${fd}`).startsWith(path)).length;
    const path = statePath();
    for (const file of ['a', 'b', 'c'].map((name) => path + name)) {
      const db = new Sqlite(file);
      db.exec('CREATE TABLE t (a)');
      db.close();
      readStart(file, 100);
      readStart(file, 100);
      expect(openOnes(file)).toBe(1);
      rmSync(file);
    }
    readStart(made(), 100);
    expect(openOnes(path)).toBe(0);
  });
});

describe('processes that open and close one state at every moment', () => {
  const script = new URL('../support/work-state.mjs', import.meta.url).pathname;

  it('leave it whole, and none of them finds anything wrong with it', { timeout: 60_000 }, async () => {
    const path = made();
    const run = promisify(execFile);
    const milliseconds = String(amount(1500, 10_000));
    const times = await Promise.all(
      [...KINDS, 'read'].map(async (access) => {
        const { stdout } = await run(process.execPath, [script, path, access, milliseconds]);
        return Number(stdout);
      }),
    );
    for (const count of times) expect(count).toBeGreaterThan(0);
    expect(state(path).db.all('PRAGMA integrity_check')).toEqual([['ok']]);
  });
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
