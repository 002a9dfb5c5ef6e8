import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../errors.js';
import { onDisk } from './durable.js';
import { LINES_FILE, NOT_IMPORTED_FILE } from './export/output.js';
import { IMPORT_FILE, MANIFEST_FILE, readManifest } from './manifest.js';

export const RECORD_FILE = 'import.json';
export const MAPPING_FILE = 'mapping.csv';
export const MISSING_FILE = 'missing.csv';
export const WORK_FILE = '.work.db';

/** What an export leaves and a later one replaces. */
const OURS = new Set([MANIFEST_FILE, LINES_FILE, NOT_IMPORTED_FILE]);
const DRAFT = /^\.(.+)\.part$/;

/**
 * Makes the folder, or empties it of an earlier export of the same pools.
 * @throws {@link ConfigurationError} naming `out` where the folder holds anything else
 */
export function prepareFolder(
  folder: string,
  pools: { readonly legacyPools: readonly string[]; readonly newPool: string },
): void {
  if (!existsSync(folder)) {
    onDisk(folder, () => mkdirSync(folder, { mode: 0o700, recursive: true }));
    return;
  }
  if (!onDisk(folder, () => statSync(folder)).isDirectory()) {
    throw new ConfigurationError('out', `expected a folder, ${folder} is something else`);
  }
  const names = onDisk(folder, () => readdirSync(folder));
  if (names.length > 0) checkOurs(folder, names, pools);
  onDisk(folder, () => {
    chmodSync(folder, 0o700);
    for (const name of names) if (name !== MANIFEST_FILE) rmSync(join(folder, name));
    // Last: without it, the folder would not be recognised.
    rmSync(join(folder, MANIFEST_FILE), { force: true });
  });
}

function checkOurs(
  folder: string,
  names: readonly string[],
  { legacyPools, newPool }: { readonly legacyPools: readonly string[]; readonly newPool: string },
): void {
  const manifest = readManifest('out', folder);
  if (manifest === undefined)
    throw new ConfigurationError('out', `${folder} is not empty, and holds no earlier export`);
  if (manifest.newPool !== newPool || manifest.legacyPools.join() !== legacyPools.join()) {
    throw new ConfigurationError(
      'out',
      `${folder} holds an export of other pools: ${manifest.legacyPools.join(', ')} -> ${manifest.newPool}`,
    );
  }
  if (names.includes(RECORD_FILE)) {
    throw new ConfigurationError('out', `the files of ${folder} were given to import-csv: choose another folder`);
  }
  const foreign = names.find((name) => !isOurs(DRAFT.exec(name)?.[1] ?? name));
  if (foreign !== undefined) throw new ConfigurationError('out', `${folder} holds ${foreign}, which no export made`);
}

const isOurs = (name: string): boolean => OURS.has(name) || IMPORT_FILE.test(name) || name.startsWith(WORK_FILE);
