import { stopwatch } from '../clock.js';
import { checkNumber } from '../options.js';
import { currentValue, settle, undoing, undoJob, WRITTEN_USERS, writtenUsers } from './attributes/undo.js';
import { Pace } from './calls/pace.js';
import { checkReadRps } from './calls/quotas.js';
import { type WriteJob, Writer } from './calls/writer.js';
import { Control } from './control.js';
import { estimate } from './estimate.js';
import { groupsIf } from './groups/needed.js';
import { countAddedGroups, type GroupUndo, groupDeletions, memberRemovals } from './groups/undo.js';
import type { RollbackOptions } from './options.js';
import type { Estimate, RollbackResult } from './results.js';
import { inRun, type Run } from './run.js';
import { checkPools } from './state/pools.js';

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
  return inRun(options, (run) => rollback(run, options));
}

async function rollback(run: Run, options: RollbackOptions): Promise<RollbackResult> {
  const { state, db, meta, clock, patience, report } = run;
  const { newPool } = options;
  const control = new Control(run, options);
  const { pace, gate, signal } = control;
  const reads = run.calls(new Pace(checkReadRps(options.readRps), clock));
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
  const planned: Estimate = estimate(
    writes,
    { ...options, rps: pace.rps },
    { groups, users: Math.min(attributes + added.users, writes) },
  );
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
  const undo: GroupUndo | undefined = directory && {
    db,
    directory,
    clock,
    signal,
    patience,
    pace: reads.pace,
    onSettled,
  };
  const steps = undo === undefined ? [nextUser] : [memberRemovals(undo), nextUser, groupDeletions(undo)];
  let step: () => Promise<WriteJob | undefined> = nextUser;
  const writer: Writer = new Writer({
    ...run.calls(pace),
    gate,
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
    report({
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

  if (all > 0) {
    run.partial = result;
    if ((await options.confirm?.(planned)) === false) return result();
    startedAt = passed();
    meta.set('phase', 'rolling-back');
    await control.during(async () => {
      for (step of steps) await writer.run();
    });
  }
  progress(true);
  const finished = result();
  if (finished.remaining === 0 && all > 0) meta.set('phase', 'rolled-back');
  return finished;
}
