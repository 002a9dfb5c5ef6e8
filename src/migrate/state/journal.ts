import type { WriteJob } from '../calls/writer.js';
import type { WriteStatus } from '../results.js';
import type { Sqlite } from './sqlite.js';

/** One change of one user (or group) that is to be made. */
export interface PlannedOperation {
  /** `attribute`, `group` or `member`. */
  readonly kind: string;
  readonly username: string;
  readonly sub: string;
  /** What is changed: the attribute's or the group's name. */
  readonly target: string;
  readonly value: string;
  /** What it was before; empty where it was not set. */
  readonly before: string;
  /** From an earlier run of the same plan. */
  readonly earlier: WriteStatus | undefined;
}

/**
 * The journal of what a state changes in a pool. An operation is recorded before its call is sent and again when it was answered,
 * each with an fsync: whatever happens, no change goes unrecorded.
 */
export class Journal {
  readonly #db: Sqlite;
  readonly #plan: number;
  readonly #now: () => number;

  constructor(db: Sqlite, plan: number, now: () => number) {
    this.#db = db;
    this.#plan = plan;
    this.#now = now;
  }

  begin({ kind, username, sub, target, value, before }: PlannedOperation): void {
    // What stood there before this state's first try stays: a later try may find its own value.
    this.#db.run(
      `INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'begun', ?)
       ON CONFLICT (plan, kind, username, target) DO UPDATE SET status = 'begun', ended_at = NULL, error = NULL`,
      this.#plan,
      kind,
      username,
      sub,
      target,
      value,
      before,
      this.#now(),
    );
  }

  end({ kind, username, target }: PlannedOperation, status: WriteStatus, error?: string): void {
    this.#db.run(
      `UPDATE operations SET status = ?, ended_at = ?, error = ?
       WHERE plan = ? AND kind = ? AND username = ? AND target = ?`,
      status,
      this.#now(),
      error ?? null,
      this.#plan,
      kind,
      username,
      target,
    );
  }

  /** The operation as a writer carries it out. */
  job(operation: PlannedOperation, send: () => Promise<void>): WriteJob {
    return {
      begin: () => this.begin(operation),
      send,
      end: (status, error) => this.end(operation, status, error),
      cancel: () => this.cancel(operation),
    };
  }

  /** Begun, and certainly without effect: as if it had not been. */
  cancel(operation: PlannedOperation): void {
    const { kind, username, target, earlier } = operation;
    if (earlier === 'failed') this.end(operation, 'failed');
    // What an earlier run began stays begun: nobody knows whether that call arrived.
    if (earlier !== undefined) return;
    this.#db.run(
      'DELETE FROM operations WHERE plan = ? AND kind = ? AND username = ? AND target = ?',
      this.#plan,
      kind,
      username,
      target,
    );
  }
}
