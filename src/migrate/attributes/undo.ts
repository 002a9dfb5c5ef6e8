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
  /** Nobody knows whether it arrived. */
  readonly inDoubt: boolean;
  readonly undoBegun: boolean;
  readonly begunAt: number;
  readonly endedAt: number | undefined;
}

/** Everything in scope that this state wrote to one user's attribute, the last first. */
interface Written {
  readonly username: string;
  readonly sub: string;
  readonly target: string;
  readonly operations: readonly WrittenOperation[];
}

/** In the order of usernames: with another index, each portion would be sorted again. */
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

/** What was written under one username: mostly to one `sub`, and to one attribute. */
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
 * What is to be done about one user. `nothing`: the writes began and never arrived. `stranger`: the value stands at somebody who has
 * the username now and another `sub`.
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

/** The user written to, whose attribute holds `current`. */
function undoingOf({ operations }: Written, current: string): Undoing {
  for (const [index, { value, before, inDoubt, undoBegun }] of operations.entries()) {
    const restore = beforeAll(operations.slice(index));
    // A run that was killed had restored it already.
    if (undoBegun && current === restore) return restore === '' ? 'removed' : 'restored';
    if (current === value) return { restore };
    // Begun, and never arrived: what counts is what was written before it.
    if (!inDoubt || current !== before) return 'changed';
  }
  return 'nothing';
}

/**
 * Writes go by username. A value that stands at another `sub` went to somebody who had registered the username again: they pass for
 * the person it was meant for, so it is removed. Somebody who was created after the write got it from elsewhere.
 */
function undoingOfStranger(
  db: Sqlite,
  { username, target, operations }: Written,
  sub: string,
  { value, createdAt }: { readonly value: string; readonly createdAt: number | undefined },
): Undoing {
  const operation = operations.find((one) => one.value === value);
  if (operation === undefined) return 'gone';
  // What this state wrote to this very sub is undone with that.
  const sql = "SELECT 1 FROM operations WHERE kind = 'attribute' AND username = ? AND sub = ? AND target = ?";
  if (db.get(sql, username, sub, target) !== undefined) return 'gone';
  const { endedAt } = operation;
  // By more than clocks may differ.
  if (createdAt !== undefined && endedAt !== undefined && createdAt > endedAt + SKEW_MS) return 'changed';
  return { restore: '', stranger: true };
}

/** What stood there before the state's own values, which may have replaced one another. */
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
  /** Told of each write that was carried out. */
  readonly onUndone: (what: 'removed' | 'restored') => void;
  /** Told of each user who needs no write. */
  readonly onFound: (what: Exclude<Undoing, object>) => void;
  /** Told of each write to somebody who registered the username again. */
  readonly onStranger: () => void;
}

/** Removes or restores what this state wrote of users, each of whom is looked up before. Several may be looked up at a time. */
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
      // What was never answered may have been done: the next rollback looks.
      else if (!isInDoubt) journal.cancel(ids);
    },
    cancel: () => journal.cancel(ids),
  };
}

const idsOf = ({ operations }: Written): readonly number[] => operations.map(({ id }) => id);

/** Records what became of a user of whom nothing is to be sent. */
function settle(journal: UndoJournal, user: Written, what: Exclude<Undoing, object>, now: number): void {
  if (what === 'changed') return;
  // A write that never arrived may still arrive as long as a listing may not show it: until then, another rollback looks again.
  if (what === 'nothing' && user.operations.some(({ begunAt }) => now - begunAt < SHOWN_LATE_MS)) return;
  journal.end(idsOf(user), what === 'gone' ? 'skipped' : 'rolled-back');
}
