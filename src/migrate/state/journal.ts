import { crc32 } from 'node:zlib';
import { DirectoryError } from '../../directory/user-types.js';
import type { WriteJob } from '../calls/writer.js';
import type { WriteStatus } from '../outcomes.js';
import type { Draft } from './draft.js';
import type { Sqlite, SqlValue } from './sqlite.js';

/** What is changed in a pool: a user's attribute, a group, or a user's membership of a group. */
export type OperationKind = 'attribute' | 'group' | 'member';

/** One change of one user (or group). */
export interface PlannedOperation {
  readonly kind: OperationKind;
  /** Empty if a group is created. */
  readonly username: string;
  readonly sub: string;
  /** What is changed: the attribute's or the group's name. */
  readonly target: string;
  readonly value: string;
  /** The value before; empty if it was not set. */
  readonly before: string;
  /** The status from an earlier run of the same plan. */
  readonly earlier: WriteStatus | undefined;
  readonly earlierError?: string | undefined;
}

/** For this long after a write, a listing may still show the old value, because ListUsers is eventually consistent. */
export const SHOWN_LATE_MS = 900_000;

/** Ends the error of a failed operation if one of its calls got no answer, so that it may have been carried out. Stored in state files. */
const UNANSWERED = ', after a call without an answer';

/** What a rollback has to check: operations that were carried out, and those that may have been. */
export const added = (table: string): string => `(${table}.status IN ('written', 'begun')
  OR (${table}.status = 'failed' AND ${table}.error LIKE '%${UNANSWERED}'))`;

/** Operations that may have been carried out. The plus keeps SQLite from using an index that would find half of the journal. */
export const inDoubt = (table: string): string =>
  `(+${table}.status = 'begun' OR (+${table}.status = 'failed' AND ${table}.error LIKE '%${UNANSWERED}'))`;

/** Whether a call that failed with this error may have been carried out. */
export const mayHaveArrived = (error: unknown): boolean =>
  !(error instanceof DirectoryError) || ['unavailable', 'answer'].includes(error.kind);

/** How many writes were rolled back. */
export const countRolledBack = (db: Sqlite): number =>
  db.count("SELECT count(*) FROM operations WHERE kind IN ('attribute', 'group', 'member') AND status = 'rolled-back'");

export interface JournalJob extends WriteJob {
  /** Whether an attempt, of this run or an earlier one, may have been carried out without an answer. */
  mayHaveArrived(): boolean;
}

/** Finds a changed bit in what an operation undoes, which SQLite does not notice. */
export const recordChecksum = (
  operation: Pick<PlannedOperation, 'kind' | 'username' | 'sub' | 'target' | 'value' | 'before'>,
): number => {
  const { kind, username, sub, target, value, before } = operation;
  return crc32(JSON.stringify([kind, username, sub, target, value, before]));
};

interface JournalOptions {
  readonly now: () => number;
  /** Records nothing. @defaultValue false */
  readonly dryRun?: boolean;
}

/** A dry run records nothing. */
const recorder = (db: Sqlite, dryRun = false): Pick<Sqlite, 'run'> => (dryRun ? { run: () => 0 } : db);

/**
 * The journal of what a state changes in a pool. An operation is recorded before its call is sent and again after the answer, each time
 * with an fsync, so that no change is lost whatever happens.
 */
export class Journal {
  readonly #db: Pick<Sqlite, 'run'>;
  readonly #plan: number;
  readonly #now: () => number;

  constructor(db: Sqlite, plan: number, { now, dryRun }: JournalOptions) {
    this.#db = recorder(db, dryRun);
    this.#plan = plan;
    this.#now = now;
  }

  begin(operation: PlannedOperation): void {
    const { kind, username, sub, target, value, before } = operation;
    // The value before this state's first attempt is kept, because a later attempt may find its own value. The time is that of the last
    // attempt, because a plan that listed users before it cannot have seen it.
    this.#db.run(
      `INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at, checksum)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'begun', ?, ?)
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
      recordChecksum(operation),
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
   * The operation as a job for a writer.
   * @param inDoubt called for a failed operation that may have been carried out
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

  /** Undoes `begin` for an operation that certainly had no effect. */
  cancel(operation: PlannedOperation): void {
    const { kind, username, target, earlier, earlierError } = operation;
    if (earlier === 'failed') this.end(operation, 'failed', earlierError);
    // What an earlier run began stays begun, because that call may have arrived.
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

/** How an undone change ends: the pool was changed, or there was nothing left to change. */
type UndoStatus = 'rolled-back' | 'skipped';

/** The journal of a rollback. */
export class UndoJournal {
  readonly #db: Pick<Sqlite, 'run'>;
  readonly #now: () => number;

  constructor(db: Sqlite, { now, dryRun }: JournalOptions) {
    this.#db = recorder(db, dryRun);
    this.#now = now;
  }

  /** Must be called before the call is sent. */
  begin(ids: readonly number[]): void {
    this.#mark(ids, this.#now());
  }

  /** Undoes `begin` for operations that certainly had no effect. */
  cancel(ids: readonly number[]): void {
    this.#mark(ids, null);
  }

  #mark(ids: readonly number[], at: number | null): void {
    this.#db.run(`UPDATE operations SET undo_begun_at = ? ${LISTED}`, at, JSON.stringify(ids));
  }

  end(ids: readonly number[], status: UndoStatus): void {
    this.#db.run(`UPDATE operations SET status = ?, ended_at = ? ${LISTED}`, status, this.#now(), JSON.stringify(ids));
  }

  /** Ends every operation on one group or membership: several plans may have added it, and it is removed once. */
  endAll({ kind, username, target }: Pick<PlannedOperation, 'kind' | 'username' | 'target'>, status: UndoStatus): void {
    this.#db.run(
      `UPDATE operations SET status = ?, ended_at = ?
       WHERE kind = ? AND username = ? AND target = ? AND ${added('operations')}`,
      status,
      this.#now(),
      kind,
      username,
      target,
    );
  }
}

const LISTED = 'WHERE id IN (SELECT value FROM json_each(?))';

/**
 * Ends operations that a killed run left open, because the listing of a new plan shows whether they arrived. It does not show those that
 * were begun shortly before or during the listing, other attributes, or users whom it lacks. Those stay open, for rollback to check.
 *
 * @param listing the database as the new plan sees it
 */
export function settleByListing(
  listing: Sqlite,
  { begunAt, attribute }: Pick<Draft, 'begunAt' | 'attribute'>,
  { groups }: { readonly groups: boolean },
): void {
  const settle = ({ open, arrived, absent, absentUntil = begunAt, values = [] }: Shown) => {
    const begun = `WHERE status = 'begun' AND ${open}`;
    const written = "UPDATE operations SET status = 'written', ended_at = begun_at";
    listing.run(`${written} ${begun} AND begun_at <= ? AND ${arrived}`, ...values, begunAt);
    listing.run(`DELETE FROM operations ${begun} AND begun_at <= ? AND ${absent}`, ...values, absentUntil);
  };
  const user = 'SELECT 1 FROM new_users n WHERE n.username = operations.username';
  settle({
    open: "kind = 'attribute' AND target = ?",
    values: [attribute],
    arrived: `EXISTS (${user} AND n.value = operations.value)`,
    absent: `EXISTS (${user})`,
    absentUntil: begunAt - SHOWN_LATE_MS,
  });
  if (!groups) return;
  const group = `SELECT 1 FROM pool_groups p WHERE p.purpose = 'plan' AND p.name = operations.target
    AND p.pool = (SELECT id FROM pools WHERE side = 'new')`;
  settle({ open: "kind = 'group'", arrived: `EXISTS (${group})`, absent: `NOT EXISTS (${group})` });
  const member = 'SELECT 1 FROM group_members m WHERE m.pool_group = p.id AND m.member = operations.username';
  settle({
    open: "kind = 'member'",
    arrived: `EXISTS (${group} AND EXISTS (${member}))`,
    // If the group exists and its members were not listed, nothing is known.
    absent: `NOT EXISTS (${group} AND p.wanted = 0)`,
  });
}

/** What a listing shows about operations of one kind, as SQL conditions. */
interface Shown {
  /** Selects the operations. */
  readonly open: string;
  readonly values?: readonly SqlValue[];
  readonly arrived: string;
  readonly absent: string;
  /** Operations begun later may have arrived without being shown yet. */
  readonly absentUntil?: number;
}
