import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { type FileStoreEvent, openFileStore } from '../../src/legacy-id/file-store.js';
import { settled } from '../support/fake-clock.js';
import { noteProcessFaults } from '../support/process-faults.js';
import { contentOf, fileStores } from './file-support.js';
import { storeContract } from './store-contract.js';

const { freshPath, replace, setUp } = fileStores();
const faults = noteProcessFaults();

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
  it('reloads what is there now, though an earlier load is under way', async () => {
    const { path, store } = await setUp([['a', 'one']], { checkSeconds: null });
    const early = store.reload();
    await replace(path, contentOf([['a', 'two']]));
    await Promise.all([early, store.reload()]);
    expect(store.get('a')).toBe('two');
  });

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

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('is not troubled by a listener that %s', async (_name, answer) => {
    const heard: string[] = [];
    // Not a mock of Vitest's, which would catch the rejection.
    const onEvent = ({ type }: FileStoreEvent) => {
      heard.push(type);
      return answer();
    };
    const { path, store } = await setUp([['a', 'one']], { checkSeconds: 0.01, onEvent });
    await replace(path, 'nonsense');
    await expect.poll(() => heard).toEqual(['failed']);
    await replace(path, contentOf([['a', 'two']]));
    await expect.poll(() => heard).toEqual(['failed', 'loaded']);
    expect(store.get('a')).toBe('two');
    await settled();
    expect(faults).toEqual([]);
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
    const path = freshPath();
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
