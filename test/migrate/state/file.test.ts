import { mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Libsql from 'libsql';
import { describe, expect, it } from 'vitest';
import { runPlan } from '../../../src/migrate/plan.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory } from '../support/fake-directory.js';
import { mode, open, plannedPath } from '../support/planned-state.js';
import { state, statePath } from '../support/workspace.js';

describe('the path of a state', () => {
  it('may be an empty file', () => {
    const path = statePath();
    writeFileSync(path, '', { mode: 0o644 });
    open(path)();
    expect(mode(path)).toBe(0o600);
  });

  it('is the same state under another name', async () => {
    const path = await plannedPath();
    const folder = join(dirname(path), 'elsewhere');
    mkdirSync(folder);
    symlinkSync(path, join(folder, 'link.db'));
    state(path, 'write');
    expect(open(join(folder, 'link.db'), 'write')).toThrow(expect.objectContaining({ code: 'ERR_STATE_LOCKED' }));
  });
});

describe('a file that is not a state of this version', () => {
  const foreign: [string, (path: string) => void | Promise<void>, RegExp][] = [
    ['text', (path) => writeFileSync(path, 'hello'), /not an SQLite database/],
    ['a database of somebody else', (path) => void new Libsql(path).exec('CREATE TABLE t (a)'), /another application/],
    [
      'of a newer version',
      async (path) => {
        const db = new Sqlite(await copyOfPlanned(path));
        db.exec('PRAGMA user_version = 99');
        db.close();
      },
      /newer version/,
    ],
    [
      'of an older version',
      async (path) => {
        const db = new Sqlite(await copyOfPlanned(path));
        db.exec('PRAGMA user_version = 1');
        db.close();
      },
      /older version/,
    ],
    [
      'truncated',
      async (path) => {
        await copyOfPlanned(path);
        truncateSync(path, Math.floor(statSync(path).size / 2));
      },
      /damaged/,
    ],
    [
      'truncated to less than a header',
      async (path) => {
        await copyOfPlanned(path);
        truncateSync(path, 50);
      },
      /not an SQLite database/,
    ],
  ];

  it.each(foreign)('%s: is refused by name and left as it is', async (_, make, message) => {
    const path = statePath();
    await make(path);
    const before = { bytes: readFileSync(path), time: statSync(path).mtimeMs };
    for (const access of ['plan', 'write', 'read'] as const) {
      expect(open(path, access)).toThrow(
        expect.objectContaining({ code: 'ERR_STATE_INVALID', message: expect.stringMatching(message) }),
      );
    }
    expect(open(path)).toThrow(path);
    expect({ bytes: readFileSync(path), time: statSync(path).mtimeMs }).toEqual(before);
  });

  async function copyOfPlanned(path: string): Promise<string> {
    writeFileSync(path, readFileSync(await plannedPath()));
    return path;
  }

  it('damaged inside: says so and does not crash', async () => {
    const path = await plannedPath();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096);
    writeFileSync(path, bytes);
    // Found when it is opened or when it is read, by which page the tables' own descriptions reach into.
    expect(() => state(path, 'read').pools).toThrow(expect.objectContaining({ code: 'ERR_STATE_INVALID' }));
  });

  it('of other pools: is refused and left as it is', async () => {
    const path = await plannedPath();
    const before = readFileSync(path);
    const plan = {
      legacyPools: [new FakeDirectory('old_2')],
      newPool: new FakeDirectory('new_1'),
      clock: new AutoClock(),
    };
    const opened = state(path);
    await expect(runPlan({ ...plan, state: opened })).rejects.toMatchObject({
      code: 'ERR_STATE_INVALID',
      message: expect.stringContaining('expected old_1 -> new_1, got old_2 -> new_1'),
    });
    opened.close();
    // SQLite counts openings in the header; nothing else may differ.
    expect(readFileSync(path).subarray(100)).toEqual(before.subarray(100));
  });
});

describe('a place where no state can be', () => {
  it.each([
    ['a folder that is missing', (path: string) => join(path, 'missing', 'cutover.db')],
    ['a folder itself', (path: string) => dirname(path)],
  ])('%s: is refused', (_, where) => {
    expect(open(where(statePath()))).toThrow(
      expect.objectContaining({
        code: 'ERR_STATE_STORAGE',
        message: expect.stringMatching(/ cannot be opened \(E\w+\)$/),
      }),
    );
  });
});
