import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Holder, isAtWork } from '../../../src/migrate/state/locks.js';
import { type OpenStateOptions, openState } from '../../../src/migrate/state/state.js';
import { HAS } from '../../support/tools.js';
import { state, statePath } from '../support/workspace.js';

type Access = OpenStateOptions['access'];

const open =
  (path: string, access: Access = 'write') =>
  () =>
    openState({ path, access }).close();
const locked = expect.objectContaining({ code: 'ERR_STATE_LOCKED' });

function made(): string {
  const path = statePath();
  open(path, 'plan')();
  return path;
}

/** Another process that has the state open. */
async function held(path: string, access: Access) {
  const child = fork(new URL('../support/hold-state.mjs', import.meta.url), [path, access]);
  await once(child, 'message');
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    close: async () => {
      child.send('close');
      await once(child, 'exit');
    },
  };
}

const KINDS = ['plan', 'write', 'verify', 'publish'] as const;

describe('who works on one state at a time', () => {
  it.each(KINDS)('%s keeps out its like, and nobody else', (access) => {
    const path = made();
    const holder = state(path, access);
    expect(open(path, access)).toThrow(locked);
    for (const other of KINDS.filter((kind) => kind !== access)) expect(open(path, other)).not.toThrow();
    expect(state(path, 'read').running).toBe(true);
    holder.close();
    expect(open(path, access)).not.toThrow();
  });

  it('the same with another process, which may be killed', async () => {
    const path = made();
    const child = await held(path, 'verify');
    expect(open(path, 'verify')).toThrow(locked);
    const writing = state(path, 'write');
    writing.meta.addWarning('written beside');
    await child.kill();
    writing.close();
    expect(open(path, 'verify')).not.toThrow();
    expect(state(path, 'read').meta.get('warnings')).toEqual(['held', 'written beside']);
  });

  it('the last to go leaves one whole file', async () => {
    const path = made();
    const [first, last] = await Promise.all([held(path, 'verify'), held(path, 'write')]);
    await first.close();
    expect(existsSync(`${path}-wal`)).toBe(true);
    await last.close();
    expect(readdirSync(dirname(path)).filter((name) => !name.endsWith('.lock'))).toEqual(['cutover.db']);
    expect(open(path)).not.toThrow();
  });
});

describe('a lock file that is deleted while a run holds it', () => {
  it('lets no second run in, and the state is free when the first one is gone', async () => {
    const path = made();
    const child = await held(path, 'write');
    rmSync(`${path}.lock`);
    expect(open(path)).toThrow(locked);
    expect(open(path)).toThrow(locked);
    expect(state(path, 'read').running).toBe(true);
    await child.kill();
    expect(open(path)).not.toThrow();
  });

  it('nor in the same process', () => {
    const path = made();
    const first = state(path, 'write');
    rmSync(`${path}.lock`);
    expect(open(path)).toThrow(locked);
    first.close();
    expect(open(path)).not.toThrow();
  });

  const gone: [string, (holder: Holder) => Holder][] = [
    ['whose process began at another time', (holder) => ({ ...holder, started: '1' })],
    ['of another machine', (holder) => ({ ...holder, host: `${holder.host}-other` })],
    ['who is gone', (holder) => ({ ...holder, pid: 2 ** 22 + 1 })],
  ];

  it.each(gone)('a holder %s keeps nobody out', (_, change) => {
    const path = made();
    const opened = state(path, 'write');
    const holder = opened.meta.get('holders')?.main;
    if (holder === undefined) throw new Error('no holder');
    opened.close();
    const planning = state(path, 'plan');
    planning.meta.set('holders', { ...planning.meta.get('holders'), main: change({ ...holder, inode: 1 }) });
    expect(open(path)).not.toThrow();
    planning.meta.set('holders', { ...planning.meta.get('holders'), main: { ...holder, inode: 1 } });
    expect(open(path)).toThrow(locked);
  });
});

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

it.runIf(HAS.procFiles)('takes a process that is dead and not yet asked for by its parent for dead', async () => {
  // The shell becomes a program that knows nothing of its child.
  const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(printed.toString());
  const fields = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const { [19]: started = '' } = fields();
  await vi.waitUntil(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'cat\n');
  process.kill(pid, 'SIGKILL');
  await vi.waitUntil(() => fields()[0] === 'Z');
  expect(isAtWork({ host: hostname(), pid, started, inode: 0 }, undefined)).toBe(false);
  parent.kill();
});
