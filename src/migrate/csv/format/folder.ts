import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../../errors.js';
import { nextOf, onDisk, syncFolder } from '../../files/durable-file.js';
import { MigrationError } from '../../migration-error.js';
import { acquireLock } from '../../state/locks.js';
import {
  IMPORT_FILE,
  LINES_FILE,
  MANIFEST_FILE,
  MAPPING_FILE,
  MISSING_FILE,
  NOT_IMPORTED_FILE,
  RECORD_FILE,
  WORK_FILE,
} from './file-names.js';
import { type ExportPools, readManifest, requireExportOf } from './manifest.js';

const LOCK_FILE = `${RECORD_FILE}.lock`;

/** Files that an export writes and a later export replaces. */
const OURS = new Set([MANIFEST_FILE, LINES_FILE, NOT_IMPORTED_FILE]);
/** Suffixes of temporary files, which a killed run leaves behind. Drafts of mapping files have a random part in their names. */
const DRAFT_END = /\.(?:part|[\da-f]{12}\.tmp)$/;
const NEXT_END = /\.next$/;

/** Access for the owner only. */
const FOLDER_MODE = 0o700;

export interface FolderLock {
  release(): void;
}

/**
 * Creates the folder, or removes an earlier export of the same pools from it, and locks it against other runs until released.
 * @throws {@link ConfigurationError} naming `out` if the folder holds anything else; {@link MigrationError} `ERR_STATE_LOCKED`
 */
export function prepareFolder(
  folder: string,
  pools: { readonly legacyPools: readonly string[]; readonly newPool: string },
): FolderLock {
  if (!existsSync(folder)) onDisk(folder, () => mkdirSync(folder, { mode: FOLDER_MODE, recursive: true }));
  if (!onDisk(folder, () => statSync(folder)).isDirectory()) {
    throw new ConfigurationError('out', `${folder} is not a folder`);
  }
  // Before locking, because the lock writes a file into a folder that may belong to something else.
  checkOurs(folder, pools);
  const lock = lockFolder(folder);
  try {
    checkOurs(folder, pools);
    onDisk(folder, () => {
      chmodSync(folder, FOLDER_MODE);
      const names = readdirSync(folder).filter((name) => name !== LOCK_FILE && name !== MANIFEST_FILE);
      for (const name of names) rmSync(join(folder, name));
      // Last: without it, the folder would not be recognised.
      rmSync(join(folder, MANIFEST_FILE), { force: true });
    });
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Locks the folder of an export against other runs until released, and removes temporary files of a killed run. If other users can
 * read the folder, removes their access and calls `closed`.
 * @throws {@link ConfigurationError} naming `from` if others may have changed it; {@link MigrationError} `ERR_STATE_LOCKED`
 */
export function openFolder(folder: string, closed: () => void): FolderLock {
  closeToOthers(folder, closed);
  const lock = lockFolder(folder);
  try {
    finishRewriting(folder);
    onDisk(folder, () => {
      for (const name of readdirSync(folder)) if (isLeftOver(name)) rmSync(join(folder, name));
    });
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

function closeToOthers(folder: string, closed: () => void): void {
  // Windows has no such mode bits.
  if (process.platform === 'win32') return;
  const { mode } = onDisk(folder, () => statSync(folder));
  if ((mode & 0o022) !== 0) {
    const what = `other users can write to ${folder}, so its files may not be those that export-csv wrote`;
    throw new ConfigurationError('from', `${what}. Export again, into a folder that only you can write to`);
  }
  if ((mode & 0o077) === 0) return;
  try {
    chmodSync(folder, FOLDER_MODE);
  } catch (error) {
    throw new ConfigurationError(
      'from',
      `other users can read ${folder}, and its access rights cannot be changed`,
      error,
    );
  }
  closed();
}

function lockFolder(folder: string): FolderLock {
  try {
    return acquireLock(join(folder, RECORD_FILE));
  } catch (error) {
    if (!(error instanceof MigrationError && error.code === 'ERR_STATE_LOCKED')) throw error;
    throw new MigrationError('ERR_STATE_LOCKED', `another export or import is running in ${folder}`, {
      fix: 'Wait for it to end, or stop it.',
      cause: error,
    });
  }
}

function checkOurs(folder: string, pools: ExportPools): void {
  const names = onDisk(folder, () => readdirSync(folder)).filter((name) => name !== LOCK_FILE && !isLeftOver(name));
  // Another run may have started just now; the lock then decides.
  if (names.length === 0) return;
  const manifest = readManifest('out', folder);
  if (manifest === undefined)
    throw new ConfigurationError('out', `${folder} is not empty and does not hold an earlier export`);
  requireExportOf('out', folder, manifest, pools);
  if (names.includes(RECORD_FILE)) {
    throw new ConfigurationError('out', `import-csv has used the files of ${folder}: choose another folder`);
  }
  const foreign = names.find((name) => !OURS.has(name) && !IMPORT_FILE.test(name));
  if (foreign !== undefined)
    throw new ConfigurationError('out', `${folder} holds ${foreign}, which is not a file of an export`);
}

/** Whether this is a temporary file that a killed run left behind. */
function isLeftOver(name: string): boolean {
  if (name.startsWith(WORK_FILE)) return true;
  if (!name.startsWith('.')) return false;
  const of = name.replace(DRAFT_END, '').replace(NEXT_END, '');
  const file = of.replace(/^\.+/, '');
  return of !== name && (OURS.has(file) || IMPORT_FILE.test(file) || REPORTS.has(file));
}

const REPORTS: ReadonlySet<string> = new Set([RECORD_FILE, MAPPING_FILE, MISSING_FILE]);

/** Gives the rewritten files their final names, if the new manifest is complete. */
export function finishRewriting(folder: string): void {
  const manifestFile = nextOf(folder, MANIFEST_FILE);
  if (!existsSync(manifestFile)) return;
  const next = readManifest('from', folder, manifestFile);
  const last = readManifest('from', folder);
  if (next === undefined) return;
  onDisk(folder, () => {
    for (const { name } of [...next.files, ...next.lists]) {
      const path = nextOf(folder, name);
      if (existsSync(path)) renameSync(path, join(folder, name));
    }
    // Files that no longer hold any users.
    const kept = new Set(next.files.map(({ name }) => name));
    const empty = (last?.files ?? []).filter(({ name }) => !kept.has(name));
    for (const { name } of empty) {
      rmSync(nextOf(folder, name), { force: true });
      rmSync(join(folder, name), { force: true });
    }
    syncFolder(folder);
    renameSync(manifestFile, join(folder, MANIFEST_FILE));
    syncFolder(folder);
  });
}
