import type { BigIntStats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { checkFunction, checkKeys, checkNumber, checkString } from '../options.js';
import { tell } from '../thenable.js';
import { readSnapshot, type Snapshot, SnapshotError } from './mapping-snapshot.js';
import type { LegacyIdReader } from './store.js';

/** Options of {@link openFileStore}. */
export interface FileStoreOptions {
  /** A snapshot as `cognito-cutover publish --to FILE.ndjson` writes it; docs/stores.md describes the format. */
  readonly path: string;
  /**
   * How often to check whether the file was replaced, in seconds, 0.01 to 86 400; `null` never checks.
   * @defaultValue 10
   */
  readonly checkSeconds?: number | null;
  /**
   * Called for every new file that a check found, whether it can be used or not, and for a file that cannot be read. Its
   * exceptions and rejections are ignored. Default: none.
   */
  readonly onEvent?: (event: FileStoreEvent) => void;
}

/** What happened to the file that a store reads. */
export type FileStoreEvent =
  | { readonly type: 'loaded'; readonly users: number }
  /**
   * The earlier content stays in use. A `SnapshotError`: this file will not be read again before it changes. Any other
   * error: the file is read again at every check, and another event follows when the error changes.
   */
  | { readonly type: 'failed'; readonly error: Error };

/** Legacy ids from a file, in memory. */
export interface FileStore extends LegacyIdReader {
  get(newSub: string): string | undefined;
  /** Users in the file. */
  readonly users: number;
  /** Loads the file now, whether it changed or not. Rejects when it cannot be used; the earlier content is then kept. */
  reload(): Promise<void>;
  /** Stops checking for a new file. */
  close(): void;
}

/**
 * Serves a mapping from a file, held in memory: about 50 bytes per user whose ids are UUIDs. Read only: to change the
 * mapping, replace the file (write beside it, then rename), at any time. A new file is used once it was read completely and
 * is valid; until then, and otherwise, the earlier content stays in use.
 *
 * @throws `ConfigurationError` for wrong options; `SnapshotError` for a file whose content cannot be used; a system error, or
 *   an `Error` for a file that was written to meanwhile, when it cannot be read
 */
export async function openFileStore(options: FileStoreOptions): Promise<FileStore> {
  checkKeys('', options, ['path', 'checkSeconds', 'onEvent']);
  const path = checkString('path', options.path);
  const checkMs =
    options.checkSeconds === null
      ? null
      : 1000 * checkNumber('checkSeconds', options.checkSeconds, { min: 0.01, max: 86_400, fallback: 10 });
  const onEvent = checkFunction('onEvent', options.onEvent);

  let version = '';
  let snapshot!: Snapshot;
  /** The last file whose content cannot be used. */
  let refused: Loaded | undefined;
  /** Why the last check found nothing to use: the version of a refused file, or the name of a failure to read. */
  let trouble: string | undefined;
  let loading: Promise<void> | undefined;
  let isLooking = false;

  const take = (loaded: Loaded): void => {
    if (loaded.content instanceof SnapshotError) {
      refused = loaded;
      throw loaded.content;
    }
    snapshot = loaded.content;
    version = loaded.version;
    trouble = undefined;
  };
  take(await load(path));

  const loadOnce = () => {
    loading ??= load(path)
      .then(take)
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };

  const reload = async () => {
    // One that began earlier may have read the file that was replaced since.
    await loading?.catch(() => {});
    await loadOnce();
  };

  const check = async () => {
    const found = versionOf(await stat(path, { bigint: true }));
    // After a failure to read, even the earlier file is loaded again, so that `loaded` reports the recovery.
    if (found === (trouble ?? version) || loading !== undefined) return;
    await loadOnce();
    tell(onEvent, { type: 'loaded', users: snapshot.users });
  };

  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      await check();
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error('the file cannot be read', { cause });
      const found = error === refused?.content ? refused.version : nameOf(error);
      const isNew = found !== trouble;
      trouble = found;
      if (isNew) tell(onEvent, { type: 'failed', error });
    } finally {
      isLooking = false;
    }
  };

  const timer = checkMs === null ? undefined : setInterval(() => void look(), checkMs).unref();
  return {
    get: (newSub) => snapshot.get(newSub),
    get users() {
      return snapshot.users;
    },
    reload,
    close: () => clearInterval(timer),
  };
}

interface Loaded {
  readonly version: string;
  /** Or what is wrong with it, which another try will not change. */
  readonly content: Snapshot | SnapshotError;
}

/** @throws a system error where the file cannot be read, which says nothing about its content */
async function load(path: string): Promise<Loaded> {
  const file = await open(path);
  try {
    // Of the open file, so that a file renamed into its place meanwhile is noticed at the next check.
    const before = await file.stat({ bigint: true });
    const content = await contentOf(file);
    const after = await file.stat({ bigint: true });
    // What was read may be half of the old content and half of the new.
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs)
      throw new Error('the file was written to while it was read');
    return { version: versionOf(before), content };
  } finally {
    await file.close();
  }
}

async function contentOf(file: FileHandle): Promise<Snapshot | SnapshotError> {
  try {
    return await readSnapshot(file);
  } catch (error) {
    if (error instanceof SnapshotError) return error;
    throw error;
  }
}

/**
 * What changes when a file is replaced, written to, or given another owner or mode. The change time tells more than the
 * modification time, which copying tools set to that of the original.
 */
function versionOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

/** The same for the same failure, which must not be reported again and again. */
function nameOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
