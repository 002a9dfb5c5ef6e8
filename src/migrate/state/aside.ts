import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import Libsql from 'libsql';
import { explain, type Sqlite, type SqlValue, type Statements } from './sqlite.js';

interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** Whether its rows are wanted. If not, it may consist of several statements. */
  readonly wanted: boolean;
}

type Answer = { readonly rows: readonly (readonly SqlValue[])[] } | { readonly code: string; readonly message: string };

/** Runs in a thread with its own connection. It is a string, so that no separate file is needed. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { path, module, settings, statements } = workerData;
const Libsql = require(module);
let answer = { rows: [] };
try {
  const db = new Libsql(path);
  db.exec(settings);
  for (const { sql, values, wanted } of statements) {
    if (wanted) answer = { rows: db.prepare(sql).raw().all(values) };
    else if (values.length === 0) db.exec(sql);
    else db.prepare(sql).run(values);
  }
  db.close();
} catch (error) {
  answer = { code: String(error.code), message: String(error.message) };
}
parentPort.postMessage(answer);
`;

const SETTINGS = 'PRAGMA cache_size = -16384; PRAGMA temp_store = FILE; PRAGMA synchronous = FULL';

/** How often `onWait` is called. */
const WAIT_MS = 500;

/** Below this size a thread is not worthwhile: no statement takes a tenth of a second. */
const LARGE_BYTES = 16 * 1024 * 1024;

interface AsideOptions {
  /** Default: whether the file is large. */
  readonly inThread?: boolean;
  /** How long it waits for other writers. @defaultValue 60 000 */
  readonly busyMs?: number;
  /** Called now and then while a statement runs. */
  readonly onWait?: () => void;
}

/**
 * Runs long statements without blocking the process. SQLite returns only when a statement has finished, which takes seconds for a million
 * rows. Meanwhile the process could not show progress, handle signals or keep connections alive. So they run in a thread, on its own
 * connection.
 */
export class Aside {
  readonly #db: Sqlite;
  readonly #inThread: boolean;
  readonly #settings: string;
  readonly #onWait: () => void;

  constructor(db: Sqlite, { inThread = isLarge(db.path), busyMs = 60_000, onWait = () => {} }: AsideOptions = {}) {
    this.#db = db;
    this.#inThread = inThread;
    this.#settings = `${SETTINGS}; PRAGMA busy_timeout = ${busyMs}`;
    this.#onWait = onWait;
  }

  /** Each statement is a transaction of its own, unless the script says otherwise. */
  async run(script: (to: Statements) => void): Promise<void> {
    if (!this.#inThread) return script(this.#db);
    const statements: Statement[] = [];
    const { translate } = this.#db;
    script({
      exec: (sql) => statements.push({ sql: translate(sql), values: [], wanted: false }),
      run: (sql, ...values) => statements.push({ sql: translate(sql), values, wanted: false }),
    });
    await this.#send(statements);
  }

  async all<Row extends readonly SqlValue[]>(sql: string, ...values: readonly SqlValue[]): Promise<readonly Row[]> {
    if (!this.#inThread) return this.#db.all<Row>(sql, ...values);
    const rows = await this.#send([{ sql: this.#db.translate(sql), values, wanted: true }]);
    return rows as readonly Row[];
  }

  /** The first column of the only row, as a number. */
  async count(sql: string, ...values: readonly SqlValue[]): Promise<number> {
    return Number((await this.all<readonly [number]>(sql, ...values))[0]?.[0] ?? 0);
  }

  async #send(statements: readonly Statement[]): Promise<readonly (readonly SqlValue[])[]> {
    const { path } = this.#db;
    // Frees this connection's pages, which the thread would load a second time.
    this.#db.exec('PRAGMA shrink_memory');
    const module = createRequire(import.meta.url).resolve('libsql');
    const thread = new Worker(THREAD, {
      eval: true,
      workerData: { path, module, settings: this.#settings, statements },
    });
    const waiting = setInterval(this.#onWait, WAIT_MS);
    try {
      const [answer]: [Answer] = (await once(thread, 'message')) as [Answer];
      if ('rows' in answer) return answer.rows;
      throw explain(path, new Libsql.SqliteError(answer.message, answer.code));
    } finally {
      clearInterval(waiting);
      await thread.terminate();
    }
  }
}

function isLarge(path: string): boolean {
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? { size: 0 };
  return size >= LARGE_BYTES;
}
