import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Libsql from 'libsql';
import { describe, expect, it } from 'vitest';
import { runPlan } from '../../../src/migrate/plan.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { openState } from '../../../src/migrate/state/state.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory } from '../support/fake-directory.js';
import { state, statePath } from '../support/workspace.js';

const people = (prefix: string) =>
  Array.from({ length: 200 }, (_, i) => ({
    username: `user-${i}`,
    sub: `${prefix}-${i}`,
    attributes: { email: `somebody${i}@example.com`, email_verified: 'true', phone_number: `+4670000${i}` },
  }));

/** A state with a finished plan, closed. */
async function plannedPath(): Promise<string> {
  const path = statePath();
  const opened = openState({ path, access: 'plan' });
  await runPlan({
    state: opened,
    legacyPools: [new FakeDirectory('old_1', { users: people('old') })],
    newPool: new FakeDirectory('new_1', { users: people('new') }),
    match: ['username', 'email', 'phone'],
    clock: new AutoClock(),
  });
  opened.close();
  return path;
}

const open =
  (path: string, access: 'plan' | 'write' | 'read' = 'plan') =>
  () =>
    openState({ path, access }).close();
const mode = (path: string) => statSync(path).mode & 0o777;

describe('a state file', () => {
  it('is readable by its owner alone, side files included, while it is open and after', async () => {
    const path = await plannedPath();
    const opened = state(path);
    opened.meta.addWarning('changed');
    const files = readdirSync(dirname(path));
    expect(files).toEqual(expect.arrayContaining(['cutover.db', 'cutover.db-wal', 'cutover.db.plan.lock']));
    expect(files.map((name) => mode(join(dirname(path), name)))).toEqual(files.map(() => 0o600));
    opened.close();
    const locks = ['cutover.db.lock', 'cutover.db.plan.lock', 'cutover.db.publish.lock', 'cutover.db.verify.lock'];
    expect(readdirSync(dirname(path)).sort()).toEqual(['cutover.db', ...locks]);
  });

  it('holds no e-mail address, no phone number and, once planned, no key to their hashes', async () => {
    const text = readFileSync(await plannedPath(), 'latin1');
    expect(text).toContain('user-199');
    expect(text).not.toMatch(/@example|somebody|4670000/);
    expect(text).not.toContain('hashKey');
  });

  it('keeps its key while the plan is not finished', async () => {
    const opened = state();
    const broken = new FakeDirectory('old_1', {
      before: () => {
        throw new Error('broken');
      },
    });
    const plan = { state: opened, legacyPools: [broken], newPool: new FakeDirectory('new_1'), clock: new AutoClock() };
    await expect(runPlan(plan)).rejects.toThrow('broken');
    expect(opened.meta.get('hashKey')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('tells its pools', async () => {
    expect(state(await plannedPath(), 'read').pools).toEqual({ legacy: ['old_1'], new: 'new_1' });
    expect(state().pools).toBeUndefined();
  });

  it.each(['write', 'read'] as const)('must be there for %s', (access) => {
    const path = statePath();
    expect(open(path, access)).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_READY' }));
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('may be an empty file', () => {
    const path = statePath();
    writeFileSync(path, '', { mode: 0o644 });
    open(path)();
    expect(mode(path)).toBe(0o600);
  });
});

describe('a file that is no state of this version', () => {
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
      message: expect.stringContaining('it has old_1 -> new_1, asked for was old_2 -> new_1'),
    });
    opened.close();
    // SQLite counts openings in the header; nothing else may differ.
    expect(readFileSync(path).subarray(100)).toEqual(before.subarray(100));
  });
});

describe('a state in use', () => {
  it('refuses a second writer, and lets others read', async () => {
    const path = await plannedPath();
    const first = state(path, 'write');
    expect(open(path, 'write')).toThrow(expect.objectContaining({ code: 'ERR_STATE_LOCKED' }));
    const reader = state(path, 'read');
    expect(reader.running).toBe(true);
    first.close();
    expect(reader.running).toBe(false);
    expect(open(path, 'write')).not.toThrow();
  });

  it('is the same state under another name', async () => {
    const path = await plannedPath();
    const folder = join(dirname(path), 'elsewhere');
    mkdirSync(folder);
    symlinkSync(path, join(folder, 'link.db'));
    state(path, 'write');
    expect(open(join(folder, 'link.db'), 'write')).toThrow(expect.objectContaining({ code: 'ERR_STATE_LOCKED' }));
  });

  it('is free at once when its process is killed', async () => {
    const path = statePath();
    const child = fork(new URL('../support/hold-state.mjs', import.meta.url), [path]);
    await once(child, 'message');
    expect(existsSync(path)).toBe(true);
    expect(open(path)).toThrow(expect.objectContaining({ code: 'ERR_STATE_LOCKED' }));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(open(path)).not.toThrow();
  });
});

describe('a place where no state can be', () => {
  it.each([
    ['a folder that is missing', (path: string) => join(path, 'missing', 'cutover.db')],
    ['a folder itself', (path: string) => dirname(path)],
  ])('%s: is refused', (_, where) => {
    expect(open(where(statePath()))).toThrow(expect.objectContaining({ code: 'ERR_STATE_STORAGE' }));
  });
});
