import { renameSync } from 'node:fs';
import {
  appendFile,
  chmod,
  chown,
  type FileHandle,
  mkdir,
  open,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { contentOf, fileStores } from './file-support.js';

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  return { ...actual, open: vi.fn(actual.open), stat: vi.fn(actual.stat) };
});
const actual = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
beforeEach(() => {
  vi.mocked(open).mockReset().mockImplementation(actual.open);
  vi.mocked(stat).mockClear();
});

const { freshPath, replace, setUp } = fileStores();

const before = contentOf([['a', 'one']]);
const after = contentOf([['a', 'two']]);
const looking = () => setUp([['a', 'one']], { checkSeconds: 0.01 });

/** Resolves once the path was looked at three times more. */
async function someLooks(): Promise<void> {
  const looks = vi.mocked(stat).mock.calls.length;
  await expect.poll(() => vi.mocked(stat).mock.calls.length).toBeGreaterThan(looks + 3);
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code });
}

describe('a file that cannot be read yet', () => {
  // In each of these the file itself stays as it is: nothing about it tells that it has become readable.
  it.each(['EACCES', 'EMFILE', 'EIO'])(
    'is tried at every look, told once (%s), and loaded when it can be',
    async (code) => {
      const { path, store, events } = await looking();
      vi.mocked(open).mockRejectedValue(systemError(code));
      await replace(path, after);
      await expect.poll(() => vi.mocked(open).mock.calls.length).toBeGreaterThan(5);
      expect(events).toMatchObject([{ type: 'failed', error: { code } }]);
      expect(store.get('a')).toBe('one');
      vi.mocked(open).mockImplementation(actual.open);
      await expect.poll(() => store.get('a')).toBe('two');
      expect(events.slice(1)).toEqual([{ type: 'loaded', users: 1 }]);
    },
  );

  it('is loaded when reading it failed in the middle, and no longer does', async () => {
    const { path, store, events } = await looking();
    let failures = 3;
    vi.mocked(open).mockImplementation(async (...args) => {
      const file = await actual.open(...args);
      if (failures-- <= 0) return file;
      vi.spyOn(file, 'createReadStream').mockImplementation(() => {
        throw systemError('EIO');
      });
      return file;
    });
    await replace(path, after);
    await expect.poll(() => store.get('a')).toBe('two');
    expect(events).toMatchObject([{ type: 'failed', error: { code: 'EIO' } }, { type: 'loaded' }]);
  });

  it('is told again when it fails in another way', async () => {
    const { path, events } = await looking();
    const codes = () => events.map((event) => event.type === 'failed' && 'code' in event.error && event.error.code);
    vi.mocked(open).mockRejectedValue(systemError('EACCES'));
    await replace(path, after);
    for (const [index, code] of ['EACCES', 'EIO', 'EACCES'].entries()) {
      vi.mocked(open).mockRejectedValue(systemError(code));
      await expect.poll(() => codes()).toHaveLength(index + 1);
      await someLooks();
    }
    expect(codes()).toEqual(['EACCES', 'EIO', 'EACCES']);
  });

  it('is not looked at again while a look is still waiting for the disk', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await looking();
    vi.mocked(stat).mockReturnValueOnce(new Promise(() => {}));
    vi.advanceTimersByTime(100);
    vi.useRealTimers();
    expect(stat).toHaveBeenCalledOnce();
  });

  const NOBODY = 65_534;
  it('is loaded after publish wrote it for its owner alone, and the operator gave it away', async () => {
    const { path, store, events } = await looking();
    const isRoot = process.getuid?.() === 0;
    await chmod(dirname(path), 0o755);
    await writeFile(`${path}.new`, after, { mode: isRoot ? 0o600 : 0o000 });
    // The superuser reads what it likes, so that this process has to be somebody else meanwhile. No look comes between.
    const become = (uid: number) => isRoot && process.seteuid?.(uid);
    renameSync(`${path}.new`, path);
    become(NOBODY);
    try {
      await expect.poll(() => events).toMatchObject([{ type: 'failed', error: { code: 'EACCES' } }]);
      await someLooks();
      expect(events).toHaveLength(1);
    } finally {
      become(0);
    }
    if (isRoot) await chown(path, NOBODY, NOBODY);
    else await chmod(path, 0o400);
    await expect.poll(() => store.get('a')).toBe('two');
    expect(events.slice(1)).toEqual([{ type: 'loaded', users: 1 }]);
  });
});

describe('what may stand in the place of the file for a while', () => {
  const cases: readonly (readonly [
    string,
    string,
    (path: string) => Promise<unknown>,
    (path: string) => Promise<unknown>,
  ])[] = [
    ['a directory', 'EISDIR', (path) => mkdir(path), (path) => rm(path, { recursive: true })],
    ['a dangling symbolic link', 'ENOENT', (path) => symlink('nowhere', path), (path) => rm(path)],
    ['a symbolic link to itself', 'ELOOP', (path) => symlink(path, path), (path) => rm(path)],
    ['nothing', 'ENOENT', async () => {}, async () => {}],
  ];

  it.each(cases)('%s: told once, and the next file is taken', async (_name, code, put, remove) => {
    const { path, store, events } = await looking();
    await rm(path);
    await put(path);
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'failed', error: { code } });
    await someLooks();
    const told = events.length;
    await someLooks();
    expect(events).toHaveLength(told);
    expect(store.get('a')).toBe('one');
    await remove(path);
    await replace(path, after);
    await expect.poll(() => store.get('a')).toBe('two');
  });

  it('a file where its folder should be', async () => {
    const folder = freshPath();
    await mkdir(folder);
    const path = join(folder, 'mapping.ndjson');
    await writeFile(path, before);
    const { store, events } = await setUp([], { path, checkSeconds: 0.01 });
    await rename(folder, `${folder}.aside`);
    await writeFile(folder, '');
    await expect.poll(() => events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'ENOTDIR' } });
    await rm(folder);
    await rename(`${folder}.aside`, folder);
    // The same file as before, unchanged: it is loaded all the same, for the sake of the news.
    await expect.poll(() => events.at(-1)).toEqual({ type: 'loaded', users: 1 });
    expect(store.get('a')).toBe('one');
  });
});

describe('a file whose content cannot be used', () => {
  it('is read once, and told once', async () => {
    const { path, events } = await looking();
    await replace(path, 'nonsense');
    await expect.poll(() => events).toMatchObject([{ type: 'failed', error: { name: 'SnapshotError' } }]);
    const reads = vi.mocked(open).mock.calls.length;
    await someLooks();
    expect(vi.mocked(open).mock.calls).toHaveLength(reads);
    expect(events).toHaveLength(1);
  });

  it('is told again when it is another one', async () => {
    const { path, events } = await looking();
    await replace(path, 'nonsense');
    await expect.poll(() => events).toHaveLength(1);
    await replace(path, 'nonsense');
    await expect.poll(() => events).toHaveLength(2);
    expect(events).toMatchObject([{ error: { name: 'SnapshotError' } }, { error: { name: 'SnapshotError' } }]);
  });

  it('is loaded once it was completed in place', async () => {
    const { path, store, events } = await looking();
    await truncate(path, 5);
    await expect.poll(() => events).toMatchObject([{ type: 'failed', error: { name: 'SnapshotError' } }]);
    await writeFile(path, after);
    await expect.poll(() => store.get('a')).toBe('two');
  });
});

describe('a file that was changed', () => {
  it('in place, to the same size, its time put back: is noticed', async () => {
    const path = freshPath();
    const write = async (content: string) => {
      await writeFile(path, content);
      await utimes(path, 1_700_000_000, 1_700_000_000);
    };
    await write(before);
    const { store } = await setUp([], { path, checkSeconds: 0.01 });
    const { ino, size, mtimeMs } = await actual.stat(path);
    await write(after);
    expect(await actual.stat(path)).toMatchObject({ ino, size, mtimeMs });
    await expect.poll(() => store.get('a')).toBe('two');
  });

  it.each([
    ['1970', 0],
    ['2100', 4_102_444_800],
  ])('for one with a time of %s: is noticed, whatever the clocks say', async (_name, seconds) => {
    const { path, store } = await looking();
    await writeFile(`${path}.new`, after);
    await utimes(`${path}.new`, seconds, seconds);
    await rename(`${path}.new`, path);
    await expect.poll(() => store.get('a')).toBe('two');
  });

  it('while it was read: is not used, and read again', async () => {
    const { path, store, events } = await looking();
    vi.mocked(open).mockImplementationOnce(async (...args) => {
      const file = await actual.open(...args);
      const look = file.stat.bind(file) as (options: object) => Promise<never>;
      let looks = 0;
      vi.spyOn(file, 'stat').mockImplementation(async (options) => {
        // After the last of it was read. Perhaps the first half of it is to change, too.
        if (++looks === 3) await appendFile(path, 'more');
        return look(options ?? {});
      });
      return file;
    });
    await replace(path, after);
    await expect.poll(() => events).toHaveLength(2);
    expect(events).toMatchObject([
      { type: 'failed', error: { message: 'the file was written to while it was read' } },
      { type: 'failed', error: { name: 'SnapshotError' } },
    ]);
    expect(store.get('a')).toBe('one');
    await truncate(path, after.length);
    await expect.poll(() => store.get('a')).toBe('two');
  });

  it.each<[string, (path: string) => Promise<void>]>([
    ['to the same size', (path) => utimes(path, 1_700_000_000, 1_700_000_001)],
    [
      'its time put back',
      async (path) => {
        await appendFile(path, 'more');
        await utimes(path, 1_700_000_000, 1_700_000_000);
      },
    ],
  ])('while it was read, %s: is not used', async (_name, change) => {
    const { path, store } = await setUp([['a', 'one']], { checkSeconds: null });
    await replace(path, after);
    await utimes(path, 1_700_000_000, 1_700_000_000);
    vi.mocked(open).mockImplementationOnce(async (...args) => {
      const file = await actual.open(...args);
      const look = file.stat.bind(file) as (options: object) => Promise<never>;
      let looks = 0;
      vi.spyOn(file, 'stat').mockImplementation(async (options) => {
        if (++looks === 3) await change(path);
        return look(options ?? {});
      });
      return file;
    });
    await expect(store.reload()).rejects.toThrow('the file was written to while it was read');
    expect(store.get('a')).toBe('one');
  });

  it('is closed again, whether it can be used or not', async () => {
    const { path, store } = await looking();
    const files = () => vi.mocked(open).mock.settledResults.map(({ value }) => (value as FileHandle).fd);
    await replace(path, after);
    await store.reload();
    await replace(path, 'nonsense');
    await expect(store.reload()).rejects.toThrow();
    store.close();
    // Node's number of a handle that is closed.
    await expect.poll(() => new Set(files())).toEqual(new Set([-1]));
  });
});
