import { open, stat } from 'node:fs/promises';
import { checkFunction, checkKeys, checkNumber, checkString } from '../options.js';
import { readSnapshot, type Snapshot } from './snapshot.js';
import type { LegacyIdReader } from './store.js';

export interface FileStoreOptions {
  /** A snapshot as `cognito-cutover publish --to FILE.ndjson` writes it; the form is described in docs/stores.md. */
  readonly path: string;
  /**
   * How often to look whether the file was replaced, in seconds, 0.01 to 86 400; `null` never looks.
   * @defaultValue 10
   */
  readonly checkSeconds?: number | null;
  /** Told of every load after the first, and of every new file that could not be used. Default: none. */
  readonly onEvent?: (event: FileStoreEvent) => void;
}

export type FileStoreEvent =
  | { readonly type: 'loaded'; readonly users: number }
  /** The earlier content is still served. */
  | { readonly type: 'failed'; readonly error: Error };

export interface FileStore extends LegacyIdReader {
  get(newSub: string): string | undefined;
  /** Users in the file. */
  readonly users: number;
  /** Loads the file now, whether it changed or not. Rejects when it cannot be used; the earlier content is then kept. */
  reload(): Promise<void>;
  /** Ends looking for a new file. */
  close(): void;
}

/**
 * Serves a mapping from a file, held in memory: about 50 bytes per user whose ids are UUIDs. Read only: to change the
 * mapping, replace the file (write beside it, then rename), while this runs or not. A new file is used once it was read
 * completely and found right; until then, and if it is not, the earlier one serves.
 *
 * @throws `ConfigurationError` for wrong options; `SnapshotError` or a system error when the file cannot be used
 */
export async function openFileStore(options: FileStoreOptions): Promise<FileStore> {
  checkKeys('', options, ['path', 'checkSeconds', 'onEvent']);
  const path = checkString('path', options.path);
  const checkMs =
    options.checkSeconds === null
      ? null
      : 1000 * checkNumber('checkSeconds', options.checkSeconds, { min: 0.01, max: 86_400, fallback: 10 });
  const onEvent = checkFunction('onEvent', options.onEvent);

  let { snapshot, version } = await load(path);
  let loading: Promise<void> | undefined;

  const reload = () => {
    loading ??= load(path)
      .then((loaded) => {
        ({ snapshot, version } = loaded);
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };

  const check = async () => {
    const found = await versionOf(path);
    if (found === version || loading !== undefined) return;
    try {
      await reload();
      onEvent?.({ type: 'loaded', users: snapshot.users });
    } catch (error) {
      // Not to be read again before it changes again.
      version = found;
      onEvent?.({
        type: 'failed',
        error: error instanceof Error ? error : new Error('not readable', { cause: error }),
      });
    }
  };

  const timer = checkMs === null ? undefined : setInterval(() => void check(), checkMs).unref();
  return {
    get: (newSub) => snapshot.get(newSub),
    get users() {
      return snapshot.users;
    },
    reload,
    close: () => clearInterval(timer),
  };
}

async function load(path: string): Promise<{ snapshot: Snapshot; version: string }> {
  const file = await open(path);
  try {
    // Of the open file, so that one renamed into its place meanwhile is noticed at the next look.
    const version = fingerprint(await file.stat());
    return { snapshot: await readSnapshot(file), version };
  } finally {
    await file.close();
  }
}

/** What changes when a file is replaced or written to. */
function fingerprint({ ino, size, mtimeMs }: { ino: number; size: number; mtimeMs: number }): string {
  return `${ino}:${size}:${mtimeMs}`;
}

async function versionOf(path: string): Promise<string> {
  try {
    return fingerprint(await stat(path));
  } catch {
    return 'not readable';
  }
}
