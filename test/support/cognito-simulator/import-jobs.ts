import { ServiceError } from './errors.js';
import { createUser } from './operations/users.js';
import type { SimulatedPool } from './pool.js';

const MAX_BYTES = 100 * 1024 * 1024;
const MAX_USERS = 500_000;
const MAX_ROW = 16_000;
/** How often a started job is described before it is through. */
const DESCRIBES_UNTIL_DONE = 2;

type ImportStatus = 'Created' | 'Pending' | 'InProgress' | 'Stopped' | 'Failed' | 'Succeeded';

export interface ImportJob {
  readonly id: string;
  readonly name: string;
  readonly roleArn: string;
  readonly createdAt: number;
  status: ImportStatus;
  startedAt?: number;
  completedAt?: number;
  message?: string;
  /** The uploaded file. */
  file?: string;
  describes: number;
  imported: number;
  skipped: number;
  failed: number;
  /** What the service writes into CloudWatch Logs: line numbers only. */
  readonly log: string[];
}

/** The columns of a pool's import file. */
export function csvHeader({ schema }: SimulatedPool): string[] {
  const names = schema.map(({ Name = '' }) => Name).filter((name) => name !== 'sub' && name !== 'identities');
  return [...names, 'cognito:mfa_enabled', 'cognito:username'];
}

/** Called for every look at a job: one that runs comes nearer to its end. */
export function advance(pool: SimulatedPool, job: ImportJob): void {
  if (job.status !== 'Pending' && job.status !== 'InProgress') return;
  job.status = 'InProgress';
  if (++job.describes >= DESCRIBES_UNTIL_DONE) run(pool, job);
}

function run(pool: SimulatedPool, job: ImportJob): void {
  const text = job.file ?? '';
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const header = cells(lines[0] ?? '');
  const fault = fileFault(pool, text, lines, header);
  job.completedAt = pool.nowSeconds;
  job.status = fault === undefined ? 'Succeeded' : 'Failed';
  job.message = fault ?? 'Import Job Completed Successfully.';
  if (fault !== undefined) return;
  for (let line = 1; line < lines.length; line++) importRow(pool, job, header, lines[line]!, line + 1);
}

function fileFault(pool: SimulatedPool, text: string, lines: string[], header: string[]): string | undefined {
  if (Buffer.byteLength(text) > MAX_BYTES) return 'The file is too large.';
  if (lines.length - 1 > MAX_USERS) return 'The file has too many users.';
  const expected = csvHeader(pool);
  if (expected.length !== header.length || expected.some((name) => !header.includes(name))) {
    return 'The header in the CSV file does not match the expected headers.';
  }
  return undefined;
}

/** Cognito's own dialect: no quoting, and a comma in a value is written with a backslash. */
const cells = (line: string) => line.split(/(?<!\\),/).map((cell) => cell.replaceAll('\\,', ','));

function importRow(pool: SimulatedPool, job: ImportJob, header: string[], line: string, number: number): void {
  try {
    if (line.length > MAX_ROW) throw new Error('The row is too long.');
    const row = cells(line);
    if (row.length !== header.length) throw new Error('The number of columns does not match the header.');
    importUser(pool, Object.fromEntries(header.map((name, column) => [name, row[column] ?? ''])));
    job.imported++;
    job.log.push(`[SUCCEEDED] Line Number ${number} - The import succeeded.`);
  } catch (error) {
    const exists = error instanceof ServiceError && error.type === 'UsernameExistsException';
    if (exists) job.skipped++;
    else job.failed++;
    const reason = exists ? 'The user already exists.' : error instanceof Error ? error.message : 'Unknown';
    job.log.push(`[${exists ? 'SKIPPED' : 'FAILED'}] Line Number ${number} - ${reason}`);
  }
}

const FORMS: Readonly<Record<string, RegExp>> = {
  Number: /^-?\d+(\.\d+)?$/,
  DateTime: /^\d{4}-\d{2}-\d{2}T/,
  phone_number: /^\+[1-9]\d{1,14}$/,
};

function importUser(pool: SimulatedPool, row: Record<string, string>): void {
  const { 'cognito:username': username = '', 'cognito:mfa_enabled': mfa = '', ...values } = row;
  if (username === '') throw new Error('The User Record does not have a username.');
  if (mfa !== 'true' && mfa !== 'false') throw new Error('The User Record does not set cognito:mfa_enabled.');
  const verified = (pool.settings.AutoVerifiedAttributes ?? []).filter(
    (name) => values[`${name}_verified`] === 'true' && values[name] !== '',
  );
  if (verified.length === 0) {
    throw new Error('The User Record does not set any of the auto verified attributes to true.');
  }
  const missing = pool.schema.find(({ Name = '', Required }) => Required === true && values[Name] === '');
  if (missing !== undefined) throw new Error(`The User Record does not have the required ${missing.Name}.`);
  const attributes = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
  for (const { Name = '', AttributeDataType: type } of pool.schema) {
    const value = attributes[Name];
    if (value !== undefined && FORMS[Name === 'phone_number' ? Name : (type ?? '')]?.test(value) === false) {
      throw new Error(`The User Record has an invalid ${Name}.`);
    }
  }
  createUser(pool, 'StartUserImportJob', { username, attributes, status: 'RESET_REQUIRED' });
}
