import { randomUUID } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { type FileStore, type FileStoreEvent, type FileStoreOptions, openFileStore } from '../../src/legacy-id/file.js';
import { snapshotEnd, snapshotLine } from '../../src/legacy-id/snapshot.js';
import { storeContract } from './store-contract.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-store-'));
});
afterAll(() => rm(folder, { recursive: true }));

const opened: FileStore[] = [];
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

function contentOf(users: Iterable<readonly [string, string]>): string {
  const all = new Map(users);
  return [...all].map(([sub, legacyId]) => snapshotLine(sub, legacyId)).join('') + snapshotEnd(all.size);
}

/** Puts a file in the place of the one at `path`, as publish does. */
async function replace(path: string, content: string): Promise<void> {
  const fresh = join(folder, randomUUID());
  await writeFile(fresh, content);
  await rename(fresh, path);
}

async function setUp(users: Iterable<readonly [string, string]>, options: Partial<FileStoreOptions> = {}) {
  const path = join(folder, `${randomUUID()}.ndjson`);
  await replace(path, contentOf(users));
  const events: FileStoreEvent[] = [];
  const store = await openFileStore({ path, onEvent: (event) => events.push(event), ...options });
  opened.push(store);
  return { path, store, events };
}

storeContract('a snapshot file', async () => {
  const { path, store } = await setUp([], { checkSeconds: null });
  const users = new Map<string, string>();
  let last = Promise.resolve();
  return {
    get: (sub) => store.get(sub),
    // Such a store is written by replacing its file.
    set(sub, legacyId) {
      users.set(sub, legacyId);
      last = last.then(() => replace(path, contentOf(users))).then(() => store.reload());
      return last;
    },
  };
});

describe('openFileStore', () => {
  it('takes a new file into use while it runs, and tells', async () => {
    const { path, store, events } = await setUp([['a', 'one']], { checkSeconds: 0.01 });
    await replace(
      path,
      contentOf([
        ['a', 'two'],
        ['b', 'three'],
      ]),
    );
    await expect.poll(() => store.get('b')).toBe('three');
    expect(store.get('a')).toBe('two');
    expect(store.users).toBe(2);
    expect(events).toEqual([{ type: 'loaded', users: 2 }]);
  });

  it.each([
    ['cut short', contentOf([['a', 'two']]).slice(0, -3)],
    ['no snapshot', 'Not found'],
    ['empty', ''],
  ])(
    'keeps the old content when the new file is %s, tells once, and takes the next good one',
    async (_name, content) => {
      const { path, store, events } = await setUp([['a', 'one']], { checkSeconds: 0.01 });
      await replace(path, content);
      await expect.poll(() => events).toMatchObject([{ type: 'failed', error: { name: 'SnapshotError' } }]);
      expect(store.get('a')).toBe('one');
      await replace(path, contentOf([['a', 'three']]));
      await expect.poll(() => store.get('a')).toBe('three');
      expect(events.map(({ type }) => type)).toEqual(['failed', 'loaded']);
    },
  );

  it('keeps the old content when the file is gone', async () => {
    const { path, store, events } = await setUp([['a', 'one']], { checkSeconds: 0.01 });
    await rm(path);
    await expect.poll(() => events).toMatchObject([{ type: 'failed', error: { code: 'ENOENT' } }]);
    expect(store.get('a')).toBe('one');
    await expect(store.reload()).rejects.toMatchObject({ code: 'ENOENT' });
    await replace(path, contentOf([['a', 'two']]));
    await expect.poll(() => store.get('a')).toBe('two');
  });

  it('looks for no new file after close, or when told never to look', async () => {
    const closed = await setUp([['a', 'one']], { checkSeconds: 0.01 });
    const never = await setUp([['a', 'one']], { checkSeconds: null });
    const looking = await setUp([['a', 'one']], { checkSeconds: 0.01 });
    closed.store.close();
    for (const { path } of [closed, never, looking]) await replace(path, contentOf([['a', 'two']]));
    await expect.poll(() => looking.store.get('a')).toBe('two');
    expect(closed.store.get('a')).toBe('one');
    expect(never.store.get('a')).toBe('one');
    await never.store.reload();
    expect(never.store.get('a')).toBe('two');
  });

  it('does not open without a file it can use', async () => {
    const path = join(folder, 'bad.ndjson');
    await expect(openFileStore({ path })).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(path, 'nonsense');
    await expect(openFileStore({ path })).rejects.toMatchObject({ name: 'SnapshotError' });
  });

  it.each([{}, { path: '' }, { path: 'x', checkSeconds: 0 }, { path: 'x', onEvent: 'log' }, { file: 'x' }])(
    'refuses the options %j',
    async (options) => {
      await expect(Reflect.apply(openFileStore, undefined, [options])).rejects.toThrow(ConfigurationError);
    },
  );
});
