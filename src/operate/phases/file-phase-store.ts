import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { checkKeys, checkString } from '../../options.js';
import { MAX_PLAN_LENGTH, planText } from './phase-plan.js';
import type { PhaseStore } from './phase-source.js';
import { planReader } from './stored-plan.js';

/** Options of {@link createFilePhaseStore}. */
export interface FilePhaseStoreOptions {
  /** The file, JSON. Its folder must exist. */
  readonly path: string;
}

/**
 * Keeps the plan of the phases in a JSON file: for one machine, or for a volume or a configuration that all instances see. Writing
 * replaces the file, so that readers see the old plan or the whole new one.
 *
 * @throws `ConfigurationError`
 */
export function createFilePhaseStore(options: FilePhaseStoreOptions): PhaseStore {
  checkKeys('', options, ['path']);
  const path = checkString('path', options.path, 'the path of a file');
  let last: Promise<unknown> = Promise.resolve();
  return {
    // One after the other: a read of a volume that does not answer occupies a thread of Node's pool for as long as that takes. There are
    // four, for everything in the process that reads files or looks up hosts.
    read: planReader(path, (signal) => {
      const text = last.then(() => readIfThere(path, signal));
      last = text.catch(() => {});
      return text;
    }),
    write: async (plan) => replace(path, `${planText(plan)}\n`),
  };
}

async function readIfThere(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  signal?.throwIfAborted();
  try {
    const file = await open(path);
    try {
      // No more than shows that it is too long.
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_PLAN_LENGTH + 1));
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
    // Without its folder the path is wrong, or a volume is not mounted: that says nothing about the plan.
    await stat(dirname(path));
    return undefined;
  }
}

async function replace(path: string, text: string): Promise<void> {
  // Where the path is a link, what it leads to is replaced.
  const target = await realpath(path).catch((error: unknown) => {
    if (isMissing(error)) return path;
    throw error;
  });
  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    // There is nothing secret in it, and the service may run as another user than the one who writes.
    const file = await open(draft, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
