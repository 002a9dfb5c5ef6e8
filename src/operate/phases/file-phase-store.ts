import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { checkKeys, checkString } from '../../options.js';
import { planText } from './phase-plan.js';
import type { PhaseStore } from './phase-source.js';
import { planReader } from './stored-plan.js';

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
  return {
    read: planReader(path, (signal) => readIfThere(path, signal)),
    write: async (plan) => replace(path, `${planText(plan)}\n`),
  };
}

async function readIfThere(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  try {
    return await readFile(path, { encoding: 'utf8', ...(signal && { signal }) });
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
