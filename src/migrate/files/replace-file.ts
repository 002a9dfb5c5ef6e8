import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigurationError } from '../../errors.js';

const CHUNK_CHARACTERS = 65_536;

/**
 * Writes `path` anew, readable by its owner only. Whoever looks sees the old file or the whole new one: it is written
 * beside the old one, forced to the disk and renamed over it.
 *
 * @throws ConfigurationError naming `option` when the place cannot be written.
 */
export async function replaceFile(option: string, path: string, parts: Iterable<string>): Promise<void> {
  const fresh = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await refuseSpecialFile(option, path);
    await writeAndSync(fresh, parts);
    await rename(fresh, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(fresh, { force: true });
    throw isSystemError(error) ? new ConfigurationError(option, `cannot write ${path} (${error.code})`, error) : error;
  }
}

/** Renaming over a device or a directory would not do what the caller meant. */
async function refuseSpecialFile(option: string, path: string): Promise<void> {
  const existing = await stat(path).catch((error: unknown) => {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (existing !== undefined && !existing.isFile()) {
    throw new ConfigurationError(option, `expected a file to write, ${path} is something else`);
  }
}

async function writeAndSync(path: string, parts: Iterable<string>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    let chunk = '';
    for (const part of parts) {
      chunk += part;
      if (chunk.length < CHUNK_CHARACTERS) continue;
      await file.writeFile(chunk);
      chunk = '';
    }
    await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself survive a power cut. Not every file system lets a directory be synced. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch (error) {
    if (!isSystemError(error) || (error.code !== 'EINVAL' && error.code !== 'EPERM')) throw error;
  } finally {
    await directory.close();
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}
