import type { UserDirectory } from '../../directory/types.js';
import { type CallOptions, repeated } from '../calls/repeated.js';
import type { WriteJob } from '../calls/writer.js';
import type { Sqlite } from '../state/sqlite.js';

const ROWS_PER_READ = 500;

/** Everything this state wrote to one user's attribute, the last first. */
export interface Written {
  readonly username: string;
  readonly sub: string;
  readonly target: string;
  readonly operations: readonly { value: string; before: string; begun: boolean; undoBegun: boolean }[];
}

/** Users with something to undo, by username. */
export const WRITTEN_USERS = `SELECT DISTINCT username, sub, target FROM operations
  WHERE kind = 'attribute' AND status IN ('written', 'begun') AND username > ? ORDER BY username`;

export function* writtenUsers(db: Sqlite): Generator<Written> {
  for (let last = ''; ; ) {
    const rows = db.all<readonly [string, string, string]>(`${WRITTEN_USERS} LIMIT ${ROWS_PER_READ}`, last);
    if (rows.length === 0) return;
    for (const [username, sub, target] of rows) {
      last = username;
      const operations = db
        .all<readonly [string, string, string, number | null]>(
          `SELECT value, before, status, undo_begun_at FROM operations
           WHERE kind = 'attribute' AND username = ? AND target = ? AND status IN ('written', 'begun') ORDER BY id DESC`,
          username,
          target,
        )
        .map(([value, before, status, undo]) => ({
          value,
          before,
          begun: status === 'begun',
          undoBegun: undo !== null,
        }));
      yield { username, sub, target, operations };
    }
  }
}

/** The attribute's value now, empty where it is not set; `undefined` when the user is gone. */
export async function currentValue(
  directory: UserDirectory,
  { username, sub, target }: Written,
  options: CallOptions,
): Promise<string | undefined> {
  const where = sub === '' ? {} : { subPrefix: sub };
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const request = { ...where, ...(token === undefined ? {} : { token }) };
    const page = await repeated(() => directory.listUsers(request), options);
    const user = page.users.find((one) => one.username === username && (sub === '' || one.sub === sub));
    if (user !== undefined) return user.attributes[target] ?? '';
    token = page.nextToken;
  }
  return undefined;
}

/** What is to be done about one user, whose attribute holds `current`. */
export function undoing(
  { operations }: Written,
  current: string,
): { restore: string } | 'changed' | 'removed' | 'restored' {
  for (const [index, { value, before, begun, undoBegun }] of operations.entries()) {
    const restore = beforeAll(operations.slice(index));
    // A run that was killed had restored it already.
    if (undoBegun && current === restore) return restore === '' ? 'removed' : 'restored';
    if (current === value) return { restore };
    // Begun by a run that was killed, and never arrived: what counts is what was written before it.
    if (!begun || current !== before) return 'changed';
  }
  return 'changed';
}

/** What stood there before the state's own values, which may have replaced one another. */
function beforeAll([last, ...earlier]: Written['operations']): string {
  let before = last?.before ?? '';
  for (const operation of earlier) if (operation.value === before) before = operation.before;
  return before;
}

export function undoJob(
  db: Sqlite,
  directory: UserDirectory,
  user: Written,
  restore: string,
  now: () => number,
  done: { removed: number; restored: number },
): WriteJob {
  const { username, target } = user;
  return {
    begin: () => markUndo(db, user, now()),
    send: () =>
      restore === ''
        ? directory.deleteAttributes(username, [target])
        : directory.updateAttributes(username, { [target]: restore }),
    end: (status) => {
      if (status === 'written') {
        done[restore === '' ? 'removed' : 'restored'] += 1;
        settle(db, user, 'rolled-back', now());
      } else if (status === 'skipped') settle(db, user, 'skipped', now());
      else markUndo(db, user, null);
    },
    cancel: () => markUndo(db, user, null),
  };
}

function markUndo(db: Sqlite, { username, target }: Written, at: number | null): void {
  db.run(
    `UPDATE operations SET undo_begun_at = ? WHERE kind = 'attribute' AND username = ? AND target = ?
     AND status IN ('written', 'begun')`,
    at,
    username,
    target,
  );
}

export function settle(
  db: Sqlite,
  { username, target }: Written,
  status: 'rolled-back' | 'skipped',
  now: number,
): void {
  db.run(
    `UPDATE operations SET status = ?, ended_at = ? WHERE kind = 'attribute' AND username = ? AND target = ?
     AND status IN ('written', 'begun')`,
    status,
    now,
    username,
    target,
  );
}
