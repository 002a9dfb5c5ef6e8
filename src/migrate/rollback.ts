import { stopwatch, systemClock } from '../clock.js';
import type { UserDirectory } from '../directory/types.js';
import { checkNumber } from '../options.js';
import { partialOf } from './apply.js';
import { Pace } from './calls/pace.js';
import { asMigrationError, type CallOptions, interruptedOr, repeated } from './calls/repeated.js';
import { type WriteJob, Writer } from './calls/writer.js';
import { MigrationError } from './errors.js';
import { checkRps, estimate } from './estimate.js';
import { groupsIf } from './groups/needed.js';
import { countAddedGroups, type GroupUndo, groupDeletions, memberRemovals } from './groups/undo.js';
import { checkReadRps } from './listing/list-pool.js';
import type { RollbackOptions } from './options.js';
import type { Estimate, RollbackResult } from './results.js';
import { checkPools } from './state/pools.js';
import type { Sqlite } from './state/sqlite.js';

const ROWS_PER_READ = 500;

/** Everything this state wrote to one user's attribute, the last first. */
interface Written {
  readonly username: string;
  readonly sub: string;
  readonly target: string;
  readonly operations: readonly { value: string; before: string; begun: boolean; undoBegun: boolean }[];
}

/**
 * Removes or restores exactly what this state wrote, where the value is still the one it wrote; a value that somebody else has
 * set since is left alone and counted. Reads each user just before writing, with ListUsers, which makes nobody monthly active.
 * Memberships go first; groups that this state created go last, where nobody is in them any more.
 *
 * Needs `cognito-idp:ListUsers`, `AdminUpdateUserAttributes` and `AdminDeleteUserAttributes` on the new pool; with
 * groups `GetGroup`, `ListUsersInGroup`, `AdminRemoveUserFromGroup` and `DeleteGroup`, too.
 * @throws {@link MigrationError}; `partial` then holds the {@link RollbackResult} so far
 */
export async function runRollback(options: RollbackOptions): Promise<RollbackResult> {
  const { state, newPool, clock = systemClock, signal, onProgress } = options;
  const { db, meta } = state;
  const pace = new Pace(checkRps(options.rps), clock);
  const reads = { clock, signal, pace: new Pace(checkReadRps(options.readRps), clock) };
  const concurrency = checkNumber('concurrency', options.concurrency, { min: 1, max: 64, integer: true, fallback: 8 });
  const max = Number.MAX_SAFE_INTEGER;
  const maxWrites = checkNumber('maxWrites', options.maxWrites, { min: 1, max, integer: true, fallback: max });
  checkPools(state, newPool);
  const added = countAddedGroups(db);
  const directory = groupsIf(added.groups + added.members > 0, state, options.newGroups);
  const attributes = db.count(`SELECT count(*) FROM (${WRITTEN_USERS})`, '');
  const all = attributes + added.members + added.groups;
  const writes = Math.min(all, maxWrites);
  // Groups come last.
  const groups = Math.max(0, writes - attributes - added.members);
  const planned: Estimate = estimate(writes, options, { groups, users: Math.min(attributes + added.users, writes) });
  const passed = stopwatch(clock);
  let startedAt = passed();

  const done = { removed: 0, restored: 0, changed: 0, gone: 0 };
  const users = writtenUsers(db);
  const nextUser = async (): Promise<WriteJob | undefined> => {
    for (let user = users.next(); user.done !== true; user = users.next()) {
      const current = await currentValue(newPool, user.value, reads);
      const plan = current === undefined ? 'gone' : undoing(user.value, current);
      if (typeof plan === 'object') return undoJob(db, newPool, user.value, plan.restore, clock.now, done);
      done[plan] += 1;
      if (plan === 'gone') settle(db, user.value, 'skipped', clock.now());
      if (plan === 'removed' || plan === 'restored') settle(db, user.value, 'rolled-back', clock.now());
      progress(false);
    }
    return undefined;
  };
  const onSettled = (what: keyof typeof done) => {
    done[what] += 1;
    progress(false);
  };
  const undo: GroupUndo | undefined = directory && { db, directory, ...reads, onSettled };
  const steps = undo === undefined ? [nextUser] : [memberRemovals(undo), nextUser, groupDeletions(undo)];
  let step: () => Promise<WriteJob | undefined> = nextUser;
  const writer: Writer = new Writer({
    clock,
    pace,
    signal,
    concurrency,
    maxWrites,
    next: () => step(),
    whyInvalid: async () => undefined,
    onProgress: () => progress(false),
  });
  const { counts } = writer;
  const result = (): RollbackResult => {
    const skipped = counts.skipped + done.gone;
    const settled = done.removed + done.restored + done.changed + skipped + counts.failed;
    return {
      removed: done.removed,
      restored: done.restored,
      changed: done.changed,
      skipped,
      failed: counts.failed,
      remaining: all - settled,
      attempts: counts.attempts,
      throttled: counts.throttled,
      seconds: Math.round(passed() - startedAt) / 1000,
    };
  };
  const progress = (finished: boolean) => {
    const { removed, restored, skipped, failed, attempts, throttled } = result();
    const written = removed + restored;
    onProgress?.({
      type: 'write',
      written,
      failed,
      skipped,
      total: planned.writes,
      attempts,
      throttled,
      rps: pace.rps,
      done: finished,
    });
  };

  try {
    if (all > 0) {
      if ((await options.confirm?.(planned)) === false) return result();
      startedAt = passed();
      meta.set('phase', 'rolling-back');
      for (step of steps) await writer.run();
    }
    progress(true);
    const finished = result();
    if (finished.remaining === 0 && all > 0) meta.set('phase', 'rolled-back');
    return finished;
  } catch (error) {
    const failure = interruptedOr(asMigrationError(error), signal);
    if (failure instanceof MigrationError && all > 0) failure.partial = partialOf(result);
    throw failure;
  }
}

/** Users with something to undo, by username. */
const WRITTEN_USERS = `SELECT DISTINCT username, sub, target FROM operations
  WHERE kind = 'attribute' AND status IN ('written', 'begun') AND username > ? ORDER BY username`;

function* writtenUsers(db: Sqlite): Generator<Written> {
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
async function currentValue(
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
function undoing({ operations }: Written, current: string): { restore: string } | 'changed' | 'removed' | 'restored' {
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

function undoJob(
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

function settle(db: Sqlite, { username, target }: Written, status: 'rolled-back' | 'skipped', now: number): void {
  db.run(
    `UPDATE operations SET status = ?, ended_at = ? WHERE kind = 'attribute' AND username = ? AND target = ?
     AND status IN ('written', 'begun')`,
    status,
    now,
    username,
    target,
  );
}
