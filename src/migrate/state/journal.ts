import { DirectoryError } from '../../directory/user-types.js';
import type { WriteJob } from '../calls/writer.js';
import type { WriteStatus } from '../outcomes.js';
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
  readonly earlierError?: string | undefined;
}

/** For so long after a write, a listing may show what was there before it: ListUsers is eventually consistent. */
export const SHOWN_LATE_MS = 900_000;

/** Ends the error of a failed operation of which an attempt was sent and never answered: it may have been carried out. */
const UNANSWERED = ', after a call without an answer';

/** What a rollback has to look at: operations that stand in the pool, and those of which nobody knows whether they do. */
export const added = (table: string): string => `(${table}.status IN ('written', 'begun')
  OR (${table}.status = 'failed' AND ${table}.error LIKE '%${UNANSWERED}'))`;

/** Operations of which nobody knows whether they stand in the pool. The plus keeps SQLite from an index that finds half of the journal. */
export const inDoubt = (table: string): string =>
  `(+${table}.status = 'begun' OR (+${table}.status = 'failed' AND ${table}.error LIKE '%${UNANSWERED}'))`;

/** Whether a call that failed so may have been carried out. */
export const mayHaveArrived = (error: unknown): boolean =>
  !(error instanceof DirectoryError) || ['unavailable', 'answer'].includes(error.kind);

/** Writes that were taken back. */
export const countRolledBack = (db: Sqlite): number =>
  db.count("SELECT count(*) FROM operations WHERE kind IN ('attribute', 'group', 'member') AND status = 'rolled-back'");

export interface JournalJob extends WriteJob {
  /** An attempt, of this run or of an earlier one, may have been carried out without our knowing. */
  mayHaveArrived(): boolean;
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
    // What stood there before this state's first try stays: a later try may find its own value. The time is that of the last try: a plan
    // that listed users before it knows nothing of it.
    this.#db.run(
      `INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'begun', ?)
       ON CONFLICT (plan, kind, username, target) DO UPDATE SET status = 'begun', begun_at = excluded.begun_at,
         ended_at = NULL, undo_begun_at = NULL, error = NULL`,
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

  /**
   * The operation as a writer carries it out.
   * @param inDoubt told of a failed operation that may have been carried out
   */
  job(operation: PlannedOperation, send: () => Promise<void>, inDoubt?: () => void): JournalJob {
    const { earlier, earlierError = '' } = operation;
    let perhapsArrived = earlier === 'begun' || (earlier === 'failed' && earlierError.endsWith(UNANSWERED));
    return {
      begin: () => this.begin(operation),
      send: async () => {
        try {
          await send();
        } catch (error) {
          perhapsArrived ||= mayHaveArrived(error);
          throw error;
        }
      },
      end: (status, error) => {
        const isInDoubt = status === 'failed' && perhapsArrived;
        this.end(operation, status, isInDoubt ? `${error ?? 'failed'}${UNANSWERED}` : error);
        if (isInDoubt) inDoubt?.();
      },
      cancel: () => this.cancel(operation),
      mayHaveArrived: () => perhapsArrived,
    };
  }

  /** Begun, and certainly without effect: as if it had not been. */
  cancel(operation: PlannedOperation): void {
    const { kind, username, target, earlier, earlierError } = operation;
    if (earlier === 'failed') this.end(operation, 'failed', earlierError);
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
