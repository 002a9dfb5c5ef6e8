import type { GroupDirectory } from '../../directory/group-types.js';
import { DirectoryError } from '../../directory/user-types.js';
import { Pace } from '../calls/pace.js';
import { repeatedPages } from '../calls/paging.js';
import { GROUP_RPS } from '../calls/quotas.js';
import { type CallOptions, repeated } from '../calls/repeated.js';
import type { WriteJob } from '../calls/writer.js';
import type { OperationKind, PlannedOperation, UndoJournal } from '../state/journal.js';
import { inScope, type UndoScope } from '../state/run-scope.js';
import { keysetRows, type Sqlite } from '../state/sqlite.js';
import { sameGroup } from './decide-groups.js';
import { groupFromText } from './pending.js';

export interface GroupUndo {
  readonly db: Sqlite;
  readonly journal: UndoJournal;
  readonly scope: UndoScope;
  readonly directory: GroupDirectory;
  /** How members are listed, at the pace of ListUsersInGroup. */
  readonly reads: CallOptions;
  /** Groups count as empty, because a rollback would have removed their members. */
  readonly dryRun: boolean;
  /** Called for each write that was carried out. */
  readonly onUndone: (what: 'removed') => void;
  /** Called for each group that needs no write. */
  readonly onFound: (what: 'changed' | 'gone') => void;
}

/** What a writer asks for its next job. */
type NextJob = () => Promise<WriteJob | undefined>;

/** What a rollback would remove. `users` are those to whom this state gave memberships and no attribute. */
export function countAddedGroups(
  db: Sqlite,
  scope: UndoScope,
): {
  readonly groups: number;
  readonly members: number;
  readonly users: number;
} {
  const count = (what: string, kind: OperationKind, more = '') =>
    db.count(
      `SELECT count(*) FROM (SELECT DISTINCT ${what} FROM operations o WHERE kind = ? AND ${inScope('o', scope)} ${more})`,
      kind,
    );
  return {
    groups: scope.isLimited ? 0 : count('target', 'group'),
    members: count('username, target', 'member'),
    users: count(
      'username',
      'member',
      `AND NOT EXISTS (
      SELECT 1 FROM operations a WHERE a.kind = 'attribute' AND a.username = o.username AND ${inScope('a', scope)})`,
    ),
  };
}

/** Removes the memberships that this state added. Removing one that no longer exists does no harm. */
export function memberRemovals(undo: GroupUndo): NextJob {
  return jobsOf(removals(undo));
}

function* removals(undo: GroupUndo): Generator<WriteJob> {
  const { db, scope, directory } = undo;
  // Each once, even if several plans added it. In the order of ids; an index would only slow this down.
  const sql = `SELECT o.id, o.username, o.target FROM operations o NOT INDEXED
    WHERE o.kind = 'member' AND ${inScope('o', scope)} AND o.id > ?
      AND NOT EXISTS (SELECT 1 FROM operations later WHERE later.kind = o.kind AND later.username = o.username
        AND later.target = o.target AND ${inScope('later', scope)} AND later.id > o.id)
    ORDER BY o.id LIMIT ?`;
  for (const [, username, group] of keysetRows<readonly [number, string, string]>(db, sql, [], [0])) {
    const operation = { kind: 'member', username, target: group } as const;
    yield undoJob(undo, operation, () => directory.removeMember(group, username));
  }
}

/** Deletes the groups that this state created, if they have no members and were not changed. */
export function groupDeletions(undo: GroupUndo): NextJob {
  return jobsOf(deletions(undo));
}

async function* deletions(undo: GroupUndo): AsyncGenerator<WriteJob> {
  const { db, journal, scope, directory, reads, dryRun, onFound } = undo;
  // A rollback that is limited to some users keeps groups, because others may be in them.
  if (scope.isLimited) return;
  const pace = new Pace(GROUP_RPS, reads.clock);
  const rows = db.all<readonly [string, string]>(
    `SELECT target, value FROM operations WHERE id IN (
       SELECT max(o.id) FROM operations o WHERE o.kind = 'group' AND ${inScope('o', scope)} GROUP BY o.target) ORDER BY id DESC`,
  );
  for (const [name, value] of rows) {
    const operation = { kind: 'group', username: '', target: name } as const;
    const there = await repeated(() => directory.getGroup(name), { ...reads, pace });
    if (there === undefined) {
      journal.endAll(operation, 'skipped');
      onFound('gone');
    } else if (!sameGroup(there, groupFromText(name, value)) || (!dryRun && (await hasMembers(undo, name)))) {
      onFound('changed');
    } else {
      yield undoJob(undo, operation, deletion(directory, name, pace));
    }
  }
}

/** Deletes a group. One that an earlier attempt, which was not answered, has deleted counts as deleted. */
function deletion(directory: GroupDirectory, name: string, pace: Pace): () => Promise<void> {
  let mayBeGone = false;
  return async () => {
    await pace.acquire();
    try {
      await directory.deleteGroup(name);
    } catch (error) {
      const kind = error instanceof DirectoryError ? error.kind : undefined;
      if (mayBeGone && kind === 'group-not-found') return;
      mayBeGone ||= kind === 'unavailable';
      throw error;
    }
  };
}

async function hasMembers({ directory, reads }: GroupUndo, group: string): Promise<boolean> {
  for await (const { users } of repeatedPages(directory, (token) => directory.listMembers(group, token), reads)) {
    if (users.length > 0) return true;
  }
  return false;
}

/** Turns a generator into what a writer asks for its next job. */
function jobsOf(jobs: Iterator<WriteJob> | AsyncIterator<WriteJob>): NextJob {
  return async () => {
    const job = await jobs.next();
    return job.done === true ? undefined : job.value;
  };
}

/** Both kinds of calls can safely be repeated, so only their end is recorded. */
function undoJob(
  { journal, onUndone }: GroupUndo,
  operation: Pick<PlannedOperation, 'kind' | 'username' | 'target'>,
  send: () => Promise<void>,
): WriteJob {
  return {
    begin: () => undefined,
    send,
    end: (status) => {
      if (status === 'failed') return;
      journal.endAll(operation, status === 'written' ? 'rolled-back' : 'skipped');
      if (status === 'written') onUndone('removed');
    },
    cancel: () => undefined,
  };
}
