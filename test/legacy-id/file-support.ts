import { randomUUID } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import {
  type FileStore,
  type FileStoreEvent,
  type FileStoreOptions,
  openFileStore,
} from '../../src/legacy-id/file-store.js';
import { snapshotEnd, snapshotLine } from '../../src/legacy-id/mapping-snapshot.js';

export function contentOf(users: Iterable<readonly [string, string]>): string {
  const all = new Map(users);
  return [...all].map(([sub, legacyId]) => snapshotLine(sub, legacyId)).join('') + snapshotEnd(all.size);
}

/** A folder of the test file's own, and stores over files in it that are closed after each test. */
export function fileStores() {
  let folder = '';
  const opened: FileStore[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-store-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  afterEach(() => {
    for (const store of opened.splice(0)) store.close();
  });

  const freshPath = () => join(folder, `${randomUUID()}.ndjson`);

  /** Puts a file in the place of the one at `path`, as publish does. */
  const replace = async (path: string, content: string): Promise<void> => {
    const fresh = freshPath();
    await writeFile(fresh, content);
    await rename(fresh, path);
  };

  const setUp = async (users: Iterable<readonly [string, string]>, options: Partial<FileStoreOptions> = {}) => {
    const path = freshPath();
    await replace(path, contentOf(users));
    const events: FileStoreEvent[] = [];
    const store = await openFileStore({ path, onEvent: (event) => events.push(event), ...options });
    opened.push(store);
    return { path, store, events };
  };
  return { freshPath, replace, setUp };
}
