import { setImmediate as othersFirst } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import Libsql from 'libsql';
import { leaveLingering } from '../files/lingering-files.js';
import { MigrationError } from '../migration-error.js';

export type SqlValue = string | number | null;
type Statement = ReturnType<Libsql.Database['prepare']>;

/** Runs statements that return nothing: a database, or a script that is carried out later. */
export interface Statements {
  /** Runs statements that take no values, once. */
  exec(sql: string): void;
  run(sql: string, ...values: readonly SqlValue[]): unknown;
}

interface SqliteOptions {
  /** Changes nothing on the disk, neither the file nor SQLite's side files. @defaultValue false */
  readonly readOnly?: boolean;
  /** An open connection. Default: a new one. */
  readonly connection?: Libsql.Database;
  /** Changes each statement before it reaches SQLite. Default: none. */
  readonly translate?: (sql: string) => string;
}

/**
 * One connection to an SQLite file. Statements are prepared once, rows are arrays, and failures become readable errors. The caller names
 * the shape of the rows, next to the columns in the SQL.
 */
export class Sqlite implements Statements {
  readonly path: string;
  /** A statement as it reaches SQLite. */
  readonly translate: (sql: string) => string;
  readonly #db: Libsql.Database;
  readonly #statements = new Map<string, Statement>();

  constructor(path: string, { readOnly = false, connection, translate = (sql) => sql }: SqliteOptions = {}) {
    this.path = path;
    this.translate = translate;
    const place = readOnly ? `${pathToFileURL(path).href}?mode=ro` : path;
    this.#db = connection ?? explained(path, () => new Libsql(place));
  }

  /** The same connection, with other names for tables. */
  translated(translate: (sql: string) => string): Sqlite {
    return new Sqlite(this.path, { connection: this.#db, translate });
  }

  /** Runs one statement. Returns how many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.runWith(sql, values);
  }

  /** The same with an array of values, which may be long. */
  runWith(sql: string, values: readonly SqlValue[]): number {
    try {
      return this.#statement(sql).run(values).changes;
    } catch (error) {
      throw explain(this.path, error);
    }
  }

  exec(sql: string): void {
    explained(this.path, () => this.#db.exec(this.translate(sql)));
  }

  all<Row extends readonly SqlValue[]>(sql: string, ...values: readonly SqlValue[]): Row[] {
    return explained(this.path, () => this.#statement(sql).all(values) as Row[]);
  }

  get<Row extends readonly SqlValue[]>(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.all<Row>(sql, ...values)[0];
  }

  /** The first column of the only row, as a number: for counts. */
  count(sql: string, ...values: readonly SqlValue[]): number {
    return Number(this.get<readonly [number]>(sql, ...values)?.[0] ?? 0);
  }

  /** Does all of `work` or nothing. It is synchronous, so nothing else runs in between. */
  transaction<T>(work: () => T): T {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** Does several reads that see the same state, whatever others write. It is synchronous, so it ends soon. */
  snapshot<T>(work: () => T): T {
    if (this.#db.inTransaction) return work();
    this.exec('BEGIN');
    try {
      return work();
    } finally {
      this.rollback();
    }
  }

  /** Undoes the open transaction, unless SQLite has already done so, as on a full disk. */
  rollback(): void {
    if (this.#db.inTransaction) this.exec('ROLLBACK');
  }

  /** Moves the contents of SQLite's side file into the file itself, without waiting for readers. */
  checkpoint(): void {
    const busyMs = this.count('PRAGMA busy_timeout');
    this.exec(`PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = ${busyMs}`);
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
    // The driver keeps the file of a closed connection open until its statements are collected.
    leaveLingering();
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(this.translate(sql));
      if (statement.reader) statement.raw();
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** What to do about a damaged state. */
export const RESTORE = 'Restore the file from a copy, or plan again with another --state file.';

function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explain(path, error);
  }
}

/** Turns failures of SQLite into readable errors; returns others unchanged. */
export function explain(path: string, error: unknown): unknown {
  const code = error instanceof Libsql.SqliteError ? error.code : 'SQLITE_CANTOPEN';
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new MigrationError('ERR_STATE_LOCKED', `${path} is in use by another process`, { cause: error });
  }
  if (/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM|NOMEM)/.test(code) || isFrom(error, /\blocking protocol\b/)) {
    const reason = code === 'SQLITE_FULL' ? 'the disk is full' : code;
    return new MigrationError('ERR_STATE_STORAGE', `${path} cannot be read or written: ${reason}`, {
      fix: `What was recorded before is safe. Free disk space, correct the access rights, or make sure that ${path}-wal and ${path}-shm, if present, are files. Then run the same command again.`,
      cause: error,
    });
  }
  if (/^SQLITE_(CORRUPT|NOTADB|CONSTRAINT|MISMATCH)/.test(code) || showsDamage(error)) {
    return new MigrationError('ERR_STATE_INVALID', `${path} is damaged (${code})`, { fix: RESTORE, cause: error });
  }
  return error;
}

const isFrom = (error: unknown, message: RegExp): boolean =>
  error instanceof Libsql.SqliteError && message.test(error.message);

/** Every state has what the statements name, unless it is damaged. A wrong statement, or one at the wrong time, is a mistake of ours. */
const showsDamage = (error: unknown): boolean =>
  isFrom(error, /./) && !isFrom(error, /\b(syntax error|incomplete input|transaction)\b/);

/** Many rows per statement, because the call into SQLite costs more than the insertion. */
const ROWS_PER_INSERT = 20;

/** Inserts rows, given as one flat list of values. */
export function insertRows(db: Sqlite, table: string, columns: readonly string[], values: readonly SqlValue[]): void {
  const width = columns.length;
  const insert = (count: number) =>
    `INSERT INTO ${table} (${columns.join(',')}) VALUES ${Array(count)
      .fill(`(${Array(width).fill('?').join(',')})`)
      .join(',')}`;
  const step = ROWS_PER_INSERT * width;
  let next = 0;
  if (values.length >= step) {
    const many = insert(ROWS_PER_INSERT);
    for (; next + step <= values.length; next += step) db.runWith(many, values.slice(next, next + step));
  }
  if (next === values.length) return;
  const single = insert(1);
  for (; next < values.length; next += width) db.runWith(single, values.slice(next, next + width));
}

const ROWS_PER_READ = 1000;

/**
 * Reads the rows of a query on demand, in portions. No statement stays open between two portions, so the rows may be written in the
 * meantime. A row begins with its key. The last parameters of the query are the key after which it reads, and how many rows.
 *
 * @param before a key that comes before all others
 * @param limit at most this many rows. Default: all.
 */
export function* keysetRows<Row extends readonly SqlValue[]>(
  db: Sqlite,
  sql: string,
  values: readonly SqlValue[],
  before: readonly SqlValue[],
  limit = Number.MAX_SAFE_INTEGER,
): Generator<Row, void, undefined> {
  let left = limit;
  const read = (after: readonly SqlValue[]) => db.all<Row>(sql, ...values, ...after, Math.min(left, ROWS_PER_READ));
  for (const rows of keysetPortions(read, (row) => row.slice(0, before.length), before)) {
    left -= rows.length;
    yield* rows;
  }
}

/** The order of two texts in SQLite, which differs from that of JavaScript beyond the first 65,536 characters. */
export const compareTexts = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

type Key = SqlValue | readonly SqlValue[];

/** Whether a key comes after another one of the same columns, in the order of SQLite. */
function isAfter(one: Key, other: Key): boolean {
  const pairs = [one].flat().map((value, index) => [value, [other].flat()[index]] as const);
  const [value, than] = pairs.find(([left, right]) => left !== right) ?? [0, 0];
  if (typeof value === 'string') return typeof than !== 'string' || compareTexts(value, than) > 0;
  return Number(value) > Number(than);
}

/**
 * The portions themselves, for a reader with its own size or query. Ends at the first empty portion.
 * @throws {@link MigrationError} `ERR_STATE_INVALID` for rows out of order: a damaged index would give the same ones for ever
 */
export function* keysetPortions<Row, K extends Key>(
  read: (after: K) => readonly Row[],
  keyOf: (row: Row) => K,
  before: K,
): Generator<readonly Row[], void, undefined> {
  for (let after = before; ; ) {
    const rows = read(after);
    const last = rows.at(-1);
    if (last === undefined) return;
    if (!isAfter(keyOf(last), after)) {
      throw new MigrationError('ERR_STATE_INVALID', 'the state is damaged: rows are out of order', { fix: RESTORE });
    }
    after = keyOf(last);
    yield rows;
  }
}

/** How many ids a step covers. Nothing else runs during a step. */
const IDS_PER_STEP = 20_000;

/** Processes a large table in steps, each for the ids above `from` up to `to`. Other work can run between two steps. */
export async function inSteps(lastId: number, step: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < lastId; from += IDS_PER_STEP) {
    step(from, from + IDS_PER_STEP);
    await othersFirst();
  }
}
