import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Holder, isAtWork } from '../../../src/migrate/state/locks.js';
import { openState } from '../../../src/migrate/state/state.js';
import { HAS } from '../../support/tools.js';
import { held, KINDS, locked, made, open } from '../support/held-state.js';
import { state } from '../support/workspace.js';

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

describe('who holds a lock', () => {
  it.each([
    ['plan', 'plan'],
    ['write', 'sync'],
    ['verify', 'verify'],
    ['publish', 'publish'],
    ['control', 'pace'],
  ] as const)('is told to its like: %s', (access, command) => {
    const path = made();
    const holder = openState({ path, access, command });
    const since = new Date().toISOString().slice(11, 16);
    expect(open(path, access)).toThrow(`\`${command}\` (pid ${process.pid}, since ${since} UTC) is working on ${path}`);
    if (access !== 'control') {
      expect(state(path, 'read').workers).toEqual([
        { command, pid: process.pid, host: hostname(), since: expect.any(Date) },
      ]);
    }
    holder.close();
    expect(state(path, 'read').workers).toEqual([]);
  });

  it('is told with what to do', () => {
    const path = made();
    const holder = state(path, 'write');
    const fix = expect.stringMatching(
      new RegExp(`^Wait until it ends; .status --watch. .*pace --pause.*kill -TERM ${process.pid}; `),
    );
    expect(open(path)).toThrow(expect.objectContaining({ fix }));
    holder.close();
  });

  it('is told of another process, and of one whose lock file was deleted', async () => {
    const path = made();
    const child = await held(path, 'write');
    const named = expect.objectContaining({ message: expect.stringMatching(/^`apply` \(pid \d+, since .* UTC\) is/) });
    expect(open(path)).toThrow(named);
    rmSync(`${path}.lock`);
    expect(open(path)).toThrow(named);
    await child.kill();
  });

  const recorded: [string, (holder: Holder) => unknown, string][] = [
    ['of an older version', ({ command: _, since: __, ...holder }) => holder, 'another process'],
    ['who is gone', (holder) => ({ ...holder, pid: 2 ** 22 + 1 }), 'another process'],
    ['that is damaged', (holder) => ({ ...holder, command: '\u001b[2J', since: 'x' }), 'another process'],
    ['that is no record', () => 'x', 'another process'],
    ['with a time that is none', (holder) => ({ ...holder, since: 9e15 }), 'another process'],
    ['on another host', (holder) => ({ ...holder, host: 'night-1' }), 'on host night-1, since'],
  ];

  it.each(recorded)('is only told if the record makes sense: one %s', (_, change, message) => {
    const path = made();
    const holder = state(path, 'write');
    const { main, ...others } = holder.meta.get('holders') ?? {};
    if (main === undefined) throw new Error('no holder');
    holder.meta.set('holders', { ...others, main: change(main) as Holder });
    expect(open(path)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
    holder.close();
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
