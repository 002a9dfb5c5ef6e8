import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as othersFirst } from 'node:timers/promises';
import { ConfigurationError } from '../../errors.js';
import { GrowingFile, onDisk, syncFolder } from './durable-file.js';
import type { SystemError } from './system-error.js';

/**
 * Replaces a file that an option names, readable by its owner only: readers see the old file or the whole new one, even after a
 * power cut. Several processes may replace the same file at once: each writes its own draft.
 *
 * @throws {@link ConfigurationError} naming `option` if the file cannot be written
 */
export async function replaceFile(option: string, path: string, parts: Iterable<string>): Promise<void> {
  const explain = (error: SystemError) => new ConfigurationError(option, `cannot write ${path} (${error.code})`, error);
  const existing = onDisk(path, () => statSync(path, { throwIfNoEntry: false }), explain);
  // Renaming over a device or a folder would not do what the caller meant.
  if (existing !== undefined && !existing.isFile()) {
    throw new ConfigurationError(option, `${path} is not a regular file`);
  }
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = new GrowingFile(path, { draft, explain });
  try {
    for (const part of parts) if (file.add(part)) await othersFirst();
    file.finish();
    syncFolder(dirname(path), explain);
  } catch (error) {
    file.discard();
    throw error;
  }
}
