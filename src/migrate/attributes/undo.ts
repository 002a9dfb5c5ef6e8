import type { Clock } from '../../clock.js';
import type { UserDirectory } from '../../directory/user-types.js';
import type { WriteJob } from '../calls/writer.js';
import type { Found, UserLookup } from '../recheck/lookup.js';
import { heldBy } from '../recheck/still-planned.js';
import { SKEW_MS } from '../state/finished-plan.js';
import { mayHaveArrived, SHOWN_LATE_MS, type UndoJournal } from '../state/journal.js';
import { inScope, type UndoScope } from '../state/run-scope.js';
import { keysetRows, type Sqlite } from '../state/sqlite.js';

interface WrittenOperation {
  readonly id: number;
  readonly value: string;
  readonly before: string;
  /** It is not known whether it arrived. */
  readonly inDoubt: boolean;
  readonly undoBegun: boolean;
  readonly begunAt: number;
  readonly endedAt: number | undefined;
}

/** Everything in scope that this state wrote to one user's attribute, latest first. */
interface Written {
  readonly username: string;
  readonly sub: string;
  readonly target: string;
  readonly operations: readonly WrittenOperation[];
}

/** By the index on usernames: with any other index, SQLite would sort every portion again. */
const writtenOf = (scope: UndoScope): string => `FROM operations o INDEXED BY operations_username
  WHERE o.kind = 'attribute' AND ${inScope('o', scope)}`;

export function countWrittenUsers(db: Sqlite, scope: UndoScope): number {
  return db.count(`SELECT count(*) FROM (SELECT DISTINCT o.username, o.sub, o.target ${writtenOf(scope)})`);
}

/** Users with something to undo, by username. */
function* writtenUsers(db: Sqlite, scope: UndoScope): Generator<Written> {
  const sql = `SELECT DISTINCT o.username ${writtenOf(scope)} AND o.username > ? ORDER BY o.username LIMIT ?`;
  for (const [username] of keysetRows<readonly [string]>(db, sql, [], [''])) yield* writtenTo(db, username, scope);
}

/** What was written under one username, usually to one `sub` and one attribute. */
function writtenTo(db: Sqlite, username: string, scope: UndoScope): readonly Written[] {
  const rows = db.all<Row>(
    `SELECT o.id, o.sub, o.target, o.value, o.before, o.status, o.undo_begun_at, o.begun_at, o.ended_at
     ${writtenOf(scope)} AND o.username = ? ORDER BY o.id DESC`,
    username,
  );
  const all = new Map<string, Written & { operations: WrittenOperation[] }>();
  for (const [id, sub, target, value, before, status, undo, begunAt, endedAt] of rows) {
    const key = JSON.stringify([sub, target]);
    const written = all.get(key) ?? { username, sub, target, operations: [] };
    written.operations.push({
      ...{ id, value, before, inDoubt: status !== 'written', undoBegun: undo !== null, begunAt },
      endedAt: endedAt ?? undefined,
    });
    all.set(key, written);
  }
  return [...all.values()];
}

type Row = readonly [
  id: number,
  sub: string,
  target: string,
  value: string,
  before: string,
  status: string,
  undoBegunAt: number | null,
  begunAt: number,
  endedAt: number | null,
];

/**
 * What to do about one user. `nothing`: the writes were begun and never arrived. `stranger`: the value is now held by another user, with
 * the same username and another `sub`.
 */
type Undoing =
  | { readonly restore: string; readonly stranger?: true }
  | 'changed'
  | 'removed'
  | 'restored'
  | 'nothing'
  | 'gone';

function undoing(db: Sqlite, written: Written, found: Found): Undoing {
  const { username, sub, target } = written;
  const { user, holder } = found;
  const isSame = sub === '' ? holder !== undefined && holder.sub === undefined : user?.username === username;
  if (isSame) return undoingOf(written, heldBy(found, target));
  if (holder === undefined) return 'gone';
  return undoingOfStranger(db, written, holder.sub ?? '', {
    value: heldBy({ ...found, user: holder }, target),
    createdAt: holder.createdAt?.getTime(),
  });
}

/** For the user who was written, whose attribute now contains `current`. */
function undoingOf({ operations }: Written, current: string): Undoing {
  for (const [index, { value, before, inDoubt, undoBegun }] of operations.entries()) {
    const restore = beforeAll(operations.slice(index));
    // A killed rollback has already restored it.
    if (undoBegun && current === restore) return restore === '' ? 'removed' : 'restored';
    if (current === value) return { restore };
    // This write was begun and never arrived, so the one before it decides.
    if (!inDoubt || current !== before) return 'changed';
  }
  return 'nothing';
}

/**
 * Writes address users by username. If another `sub` has the value, it was written to somebody who had registered the username again.
 * That user would pass for the person it was meant for, so the value is removed. A user created after the write got it elsewhere.
 */
function undoingOfStranger(
  db: Sqlite,
  { username, target, operations }: Written,
  sub: string,
  { value, createdAt }: { readonly value: string; readonly createdAt: number | undefined },
): Undoing {
  const operation = operations.find((one) => one.value === value);
  if (operation === undefined) return 'gone';
  // What this state wrote to this sub is undone separately.
  const sql = "SELECT 1 FROM operations WHERE kind = 'attribute' AND username = ? AND sub = ? AND target = ?";
  if (db.get(sql, username, sub, target) !== undefined) return 'gone';
  const { endedAt } = operation;
  // Allows for the difference between two clocks.
  if (createdAt !== undefined && endedAt !== undefined && createdAt > endedAt + SKEW_MS) return 'changed';
  return { restore: '', stranger: true };
}

/** The value before all of this state's own values, which may have replaced one another. */
function beforeAll([last, ...earlier]: Written['operations']): string {
  let before = last?.before ?? '';
  for (const operation of earlier) if (operation.value === before) before = operation.before;
  return before;
}

export interface AttributeUndo {
  readonly db: Sqlite;
  readonly journal: UndoJournal;
  readonly scope: UndoScope;
  readonly directory: UserDirectory;
  readonly lookup: UserLookup;
  readonly clock: Clock;
  /** Called for each write that was carried out. */
  readonly onUndone: (what: 'removed' | 'restored') => void;
  /** Called for each user who needs no write. */
  readonly onFound: (what: Exclude<Undoing, object>) => void;
  /** Called for each write to somebody who registered the username again. */
  readonly onStranger: () => void;
}

/** Removes or restores the attributes that this state wrote. Each user is looked up first; several lookups may run at a time. */
export function attributeUndos(undo: AttributeUndo): () => Promise<WriteJob | undefined> {
  const { db, journal, scope, lookup, clock, onFound, onStranger } = undo;
  const users = writtenUsers(db, scope);
  return async () => {
    for (let user = users.next(); user.done !== true; user = users.next()) {
      const written = user.value;
      const what = undoing(db, written, await lookup.one(written));
      if (typeof what === 'object') {
        if (what.stranger) onStranger();
        return undoJob(undo, written, what.restore);
      }
      settle(journal, written, what, clock.now());
      onFound(what);
    }
    return undefined;
  };
}

function undoJob({ journal, directory, onUndone }: AttributeUndo, user: Written, restore: string): WriteJob {
  const { username, target } = user;
  const ids = idsOf(user);
  let isInDoubt = false;
  return {
    begin: () => journal.begin(ids),
    send: async () => {
      try {
        if (restore === '') await directory.deleteAttributes(username, [target]);
        else await directory.updateAttributes(username, { [target]: restore });
      } catch (error) {
        isInDoubt ||= mayHaveArrived(error);
        throw error;
      }
    },
    end: (status) => {
      if (status === 'written') {
        journal.end(ids, 'rolled-back');
        onUndone(restore === '' ? 'removed' : 'restored');
      } else if (status === 'skipped') journal.end(ids, 'skipped');
      // A call without an answer may have been carried out: the next rollback checks.
      else if (!isInDoubt) journal.cancel(ids);
    },
    cancel: () => journal.cancel(ids),
  };
}

const idsOf = ({ operations }: Written): readonly number[] => operations.map(({ id }) => id);

/** Records the result for a user who needs no write. */
function settle(journal: UndoJournal, user: Written, what: Exclude<Undoing, object>, now: number): void {
  if (what === 'changed') return;
  // A listing may not show the write yet. Until it would, the operation stays open, and the next rollback checks again.
  if (what === 'nothing' && user.operations.some(({ begunAt }) => now - begunAt < SHOWN_LATE_MS)) return;
  journal.end(idsOf(user), what === 'gone' ? 'skipped' : 'rolled-back');
}
