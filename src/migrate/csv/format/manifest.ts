import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../../errors.js';
import { isPlainObject, parseJson } from '../../../options.js';
import { isMissing, isSystemError } from '../../files/system-error.js';
import { namedPools, samePools } from '../../state/planned-pools.js';
import { IMPORT_FILE, LINES_FILE, MANIFEST_FILE, NOT_IMPORTED_FILE } from './file-names.js';

const LISTS: readonly string[] = [LINES_FILE, NOT_IMPORTED_FILE];
const KIND = 'cognito-cutover import files';
/** 2: with the lists beside the import files. */
const VERSION = 2;

/** A file at the time it was written. */
export interface WrittenFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ManifestFile extends WrittenFile {
  readonly users: number;
}

/** The description of an export, kept in its folder. Without `finishedAt` the export is not complete. */
export interface Manifest {
  readonly legacyPools: readonly string[];
  readonly newPool: string;
  readonly attribute: string;
  /** Columns of every file. */
  readonly columns: readonly string[];
  readonly files: readonly ManifestFile[];
  /** The lists of exported lines and of users who are not imported. */
  readonly lists: readonly WrittenFile[];
  /** When the export was completed, in ISO 8601; `null` before. */
  readonly finishedAt: string | null;
}

export type ExportPools = Pick<Manifest, 'legacyPools' | 'newPool'>;

export type CompleteManifest = Manifest & { readonly finishedAt: string };

export const manifestPath = (folder: string): string => join(folder, MANIFEST_FILE);

export const formatManifest = (manifest: Manifest): string =>
  `${JSON.stringify({ kind: KIND, version: VERSION, ...manifest }, undefined, 2)}\n`;

/**
 * The manifest of a folder; `undefined` if the folder has none.
 * @throws {@link ConfigurationError} naming `option` if the file is not a manifest of an export
 */
export function readManifest(
  option: string,
  folder: string,
  path: string = manifestPath(folder),
): Manifest | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (!isSystemError(error)) throw error;
    throw new ConfigurationError(option, `cannot read ${path} (${error.code})`, error);
  }
  return checkManifest(text) ?? refuse(option, path, text);
}

/**
 * The manifest of a folder whose export is complete.
 * @throws {@link ConfigurationError} naming `option`
 */
export function finishedExport(option: string, folder: string): CompleteManifest {
  const manifest = readManifest(option, folder);
  if (manifest === undefined) throw new ConfigurationError(option, `${folder} is not the folder of an export`);
  const { finishedAt } = manifest;
  if (finishedAt === null) {
    throw new ConfigurationError(option, `the export into ${folder} was not finished: run export-csv again`);
  }
  return { ...manifest, finishedAt };
}

/** @throws {@link ConfigurationError} naming `option` if the folder holds an export of other pools */
export function requireExportOf(option: string, folder: string, made: ExportPools, pools: ExportPools): void {
  const found = { legacy: made.legacyPools, new: made.newPool };
  if (samePools(found, { legacy: pools.legacyPools, new: pools.newPool })) return;
  throw new ConfigurationError(option, `${folder} holds an export of other pools: ${namedPools(found)}`);
}

function refuse(option: string, path: string, text: string): never {
  const value = parse(text);
  if (value?.['kind'] === KIND && value['version'] !== VERSION) {
    const what = `${path} was written by another version of cognito-cutover (format ${value['version']})`;
    throw new ConfigurationError(option, `${what}: run export-csv again, into another folder`);
  }
  throw new ConfigurationError(option, `${path} is not the manifest of an export`);
}

function parse(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text);
  return isPlainObject(value) ? value : undefined;
}

function checkManifest(text: string): Manifest | undefined {
  const value = parse(text);
  if (value === undefined || value['kind'] !== KIND || value['version'] !== VERSION) return undefined;
  const { legacyPools, newPool, attribute, columns, files, lists, finishedAt } = value;
  const isComplete = finishedAt === null || (isText(finishedAt) && !Number.isNaN(Date.parse(finishedAt)));
  if (!isTexts(legacyPools) || !isText(newPool) || !isText(attribute) || !isTexts(columns) || !isComplete) {
    return undefined;
  }
  if (!Array.isArray(files) || !files.every(isManifestFile)) return undefined;
  if (!Array.isArray(lists) || !lists.every(isWrittenFile)) return undefined;
  if (!lists.every(({ name }) => LISTS.includes(name))) return undefined;
  // A complete export has both lists: without their checksums, changes to them would not be noticed.
  if (finishedAt !== null && LISTS.some((name) => !lists.some((list) => list.name === name))) return undefined;
  return { legacyPools, newPool, attribute, columns, files, lists, finishedAt };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function isWrittenFile(value: unknown): value is WrittenFile {
  if (!isPlainObject(value)) return false;
  const { name, bytes, sha256 } = value;
  return isText(name) && isCount(bytes) && /^[0-9a-f]{64}$/.test(`${sha256}`);
}

function isManifestFile(value: unknown): value is ManifestFile {
  // The name becomes part of a path.
  return isWrittenFile(value) && IMPORT_FILE.test(value.name) && 'users' in value && isCount(value.users);
}
