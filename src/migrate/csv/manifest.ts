import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../errors.js';
import { isPlainObject } from '../../options.js';

export const MANIFEST_FILE = 'manifest.json';
const KIND = 'cognito-cutover import files';
const VERSION = 1;

export interface ManifestFile {
  readonly name: string;
  readonly users: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** What an export made: the folder's own description. Without `finishedAt` it is not complete. */
export interface Manifest {
  readonly legacyPools: readonly string[];
  readonly newPool: string;
  readonly attribute: string;
  /** Columns of every file. */
  readonly columns: readonly string[];
  readonly files: readonly ManifestFile[];
  /** When it was complete, in ISO 8601; `null` before. */
  readonly finishedAt: string | null;
}

export const manifestPath = (folder: string): string => join(folder, MANIFEST_FILE);

export const formatManifest = (manifest: Manifest): string =>
  `${JSON.stringify({ kind: KIND, version: VERSION, ...manifest }, undefined, 2)}\n`;

/**
 * The manifest of a folder; `undefined` where there is none.
 * @throws {@link ConfigurationError} naming `option` where it is not one of ours
 */
export function readManifest(option: string, folder: string): Manifest | undefined {
  const path = manifestPath(folder);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return undefined;
    throw new ConfigurationError(option, `cannot read ${path} (${code})`, error);
  }
  return checkManifest(text) ?? refuse(option, path, text);
}

function refuse(option: string, path: string, text: string): never {
  const newer = parse(text)?.['kind'] === KIND ? ', or one of another version of cognito-cutover' : '';
  throw new ConfigurationError(option, `${path} is not the manifest of an export${newer}`);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function checkManifest(text: string): Manifest | undefined {
  const value = parse(text);
  if (value === undefined || value['kind'] !== KIND || value['version'] !== VERSION) return undefined;
  const { legacyPools, newPool, attribute, columns, files, finishedAt } = value;
  const isComplete = finishedAt === null || (isText(finishedAt) && !Number.isNaN(Date.parse(finishedAt)));
  if (!isTexts(legacyPools) || !isText(newPool) || !isText(attribute) || !isTexts(columns) || !isComplete) {
    return undefined;
  }
  if (!Array.isArray(files) || !files.every(isManifestFile)) return undefined;
  return { legacyPools, newPool, attribute, columns, files, finishedAt };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function isManifestFile(value: unknown): value is ManifestFile {
  if (!isPlainObject(value)) return false;
  const { name, users, bytes, sha256 } = value;
  // The name is joined to the folder's.
  return (
    isText(name) && IMPORT_FILE.test(name) && isCount(users) && isCount(bytes) && /^[0-9a-f]{64}$/.test(`${sha256}`)
  );
}

/** Names of the files that Cognito gets. */
export const IMPORT_FILE = /^import-\d{4,}\.csv$/;

export const importFileName = (number: number): string => `import-${String(number).padStart(4, '0')}.csv`;
