import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportJob } from '../../../directory/import-types.js';
import { isPlainObject, parseJson } from '../../../options.js';
import { replaceFileSync } from '../../files/durable-file.js';
import { isMissing } from '../../files/system-error.js';
import { MigrationError } from '../../migration-error.js';
import { RECORD_FILE } from './file-names.js';

const KIND = 'cognito-cutover import';
const VERSION = 1;

/** How a job ended. */
export type JobEnd = Pick<ImportJob, 'status' | 'imported' | 'skipped' | 'failed' | 'message'>;

/** The progress of one file. */
export interface FileRecord {
  /** Number of jobs begun for the file, including the current one. Part of the job's name. */
  readonly attempt: number;
  /** Id of the current job, once it is known. */
  readonly jobId?: string;
  /** Whether the file was uploaded to the job's address. */
  readonly uploaded?: boolean;
  /** Whether the operator stopped the current job. */
  readonly stopped?: boolean;
  /** How the current job ended. */
  readonly end?: JobEnd;
  /** Users imported by jobs before the current one. */
  readonly importedBefore: number;
}

/** What was done with the files of a folder. Each step is written to the disk before the next one. */
export class ImportRecord {
  readonly #path: string;
  readonly #files: Map<string, FileRecord>;

  constructor(folder: string) {
    this.#path = join(folder, RECORD_FILE);
    this.#files = read(this.#path);
  }

  get(file: string): FileRecord | undefined {
    return this.#files.get(file);
  }

  /** The file has changed, so a job that was created for it must not be used. */
  forgetJob(file: string): void {
    const known = this.#files.get(file);
    if (known?.jobId === undefined) return;
    this.set(file, { attempt: known.attempt + 1, importedBefore: known.importedBefore });
  }

  set(file: string, record: FileRecord): void {
    this.#files.set(file, record);
    const files = Object.fromEntries(this.#files);
    replaceFileSync(this.#path, `${JSON.stringify({ kind: KIND, version: VERSION, files }, undefined, 2)}\n`);
  }
}

function read(path: string): Map<string, FileRecord> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return new Map();
    throw new MigrationError('ERR_STATE_STORAGE', `${path} cannot be read`, { cause: error });
  }
  const value = parseJson(text);
  if (isPlainObject(value) && value['kind'] === KIND && value['version'] === VERSION && isPlainObject(value['files'])) {
    const files = Object.entries(value['files']);
    if (files.every((entry): entry is [string, FileRecord] => isFileRecord(entry[1]))) return new Map(files);
  }
  throw new MigrationError('ERR_STATE_INVALID', `${path} is damaged, or was made by another version`, {
    fix: 'Look at the import jobs of the pool before you delete the file: without it, import-csv starts again with the first file.',
  });
}

function isFileRecord(value: unknown): value is FileRecord {
  if (!isPlainObject(value)) return false;
  const { attempt, jobId, uploaded, stopped, end, importedBefore } = value;
  return (
    typeof attempt === 'number' &&
    typeof importedBefore === 'number' &&
    (jobId === undefined || typeof jobId === 'string') &&
    (uploaded === undefined || typeof uploaded === 'boolean') &&
    (stopped === undefined || typeof stopped === 'boolean') &&
    (end === undefined || (isPlainObject(end) && typeof end['status'] === 'string'))
  );
}
