import { stopwatch } from '../clock.js';
import { checkNumber } from '../options.js';
import { countWrittenUsers, settle, undoing, undoJob, writtenUsers } from './attributes/undo.js';
import { Pace } from './calls/pace.js';
import { checkReadRps } from './calls/quotas.js';
import { type WriteJob, Writer } from './calls/writer.js';
import { Control } from './control/control.js';
import { estimate } from './estimate.js';
import { groupsIf } from './groups/needed.js';
import { countAddedGroups, type GroupUndo, groupDeletions, memberRemovals } from './groups/undo.js';
import type { RollbackOptions } from './options.js';
import { UserLookup } from './recheck/lookup.js';
import type { Estimate, RollbackResult } from './results.js';
import { inRun, type Run } from './run.js';
import { countPlan } from './state/finished-plan.js';
import { UndoJournal } from './state/journal.js';
import { checkPools } from './state/planned-pools.js';
import { checkScope, chooseUsers, isEverything, PLANNED_NAMES, WRITTEN_NAMES } from './state/run-scope.js';

/**
 * Removes or restores exactly what this state wrote, or the part of it that is asked for, where the value is still the one it wrote;
 * a value that somebody else has set since is left alone and counted. Reads each user just before writing, with ListUsers, which
 * makes nobody monthly active. Memberships go first; groups that this state created go last, where nobody is in them any more.
 *
 * Needs `cognito-idp:ListUsers`, `AdminUpdateUserAttributes` and `AdminDeleteUserAttributes` on the new pool; with
 * groups `GetGroup`, `ListUsersInGroup`, `AdminRemoveUserFromGroup` and `DeleteGroup`, too.
 * @throws {@link MigrationError}; `partial` then holds the {@link RollbackResult} so far
 */
export async function runRollback(options: RollbackOptions): Promise<RollbackResult> {
  return inRun(options, (run) => rollback(run, options));
}

type Next = () => Promise<WriteJob | undefined>;

async function rollback(run: Run, options: RollbackOptions): Promise<RollbackResult> {
  const { state, db, meta, clock, patience, report } = run;
  const { newPool, dryRun = false } = options;
  const control = new Control(run, options);
  const { pace, gate, signal } = control;
  const reads = run.calls(new Pace(checkReadRps(options.readRps), clock));
  const concurrency = checkNumber('concurrency', options.concurrency, { min: 1, max: 64, integer: true, fallback: 8 });
  const max = Number.MAX_SAFE_INTEGER;
  const maxWrites = checkNumber('maxWrites', options.maxWrites, { min: 1, max, integer: true, fallback: max });
  checkPools(state, newPool);
  const scope = checkScope(state, options, await chooseRolledBack(run, options));
  const added = countAddedGroups(db, scope);
  const directory = groupsIf(added.groups + added.members > 0, state, options.newGroups);
  const attributes = countWrittenUsers(db, scope);
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

  const done = { removed: 0, restored: 0, changed: 0, gone: 0, nothing: 0, strangers: 0 };
  const onSettled = (what: keyof typeof done) => {
    done[what] += 1;
    progress(false);
  };
  const lookup = new UserLookup(newPool, reads);
  const journal = new UndoJournal(db, clock.now);
  const users = writtenUsers(db, scope);
  const nextUser: Next = async () => {
    for (let user = users.next(); user.done !== true; user = users.next()) {
      const { value: written } = user;
      const what = undoing(db, written, await lookup.one(written));
      if (typeof what === 'object') {
        if (what.stranger) done.strangers += 1;
        const { restore } = what;
        const job = undoJob(journal, newPool, written, restore, onSettled);
        return dryRun ? { ...job, end: () => onSettled(restore === '' ? 'removed' : 'restored') } : job;
      }
      if (!dryRun) settle(journal, written, what, clock.now());
      onSettled(what);
    }
    return undefined;
  };
  const undo: GroupUndo | undefined = directory && {
    ...{ db, journal, scope, directory, clock, signal, patience, dryRun },
    pace: reads.pace,
    onSettled,
  };
  const steps = undo === undefined ? [nextUser] : [memberRemovals(undo), nextUser, groupDeletions(undo)];
  let step: Next = nextUser;
  const writer: Writer = new Writer({
    ...run.calls(pace),
    ...{ gate, signal, concurrency, maxWrites },
    next: () => step(),
    whyInvalid: async () => undefined,
    onProgress: () => progress(false),
  });
  const { counts } = writer;
  const result = (): RollbackResult => {
    const { removed, restored, changed, gone, nothing } = done;
    const skipped = counts.skipped + gone;
    return {
      ...{ removed, restored, changed, skipped, failed: counts.failed },
      remaining: all - (removed + restored + changed + nothing + skipped + counts.failed),
      ...{ attempts: counts.attempts, throttled: counts.throttled },
      seconds: Math.round(passed() - startedAt) / 1000,
      ...(dryRun ? { dryRun } : {}),
    };
  };
  const progress = (finished: boolean) => {
    const { removed, restored, skipped, failed, attempts, throttled } = result();
    const numbers = { written: removed + restored, failed, skipped, attempts, throttled };
    report({ type: 'write', ...numbers, total: planned.writes, rps: pace.rps, done: finished });
  };

  if (all > 0) {
    run.partial = result;
    if (!dryRun && (await options.confirm?.(planned)) === false) return result();
    startedAt = passed();
    // A part that was taken back leaves the plan as it is: what else it wrote stands.
    if (!dryRun && isEverything(scope)) meta.set('phase', 'rolling-back');
    const work = async () => {
      for (step of steps) await (dryRun ? tryOut(step, maxWrites, signal) : writer.run());
    };
    await (dryRun ? work() : control.during(work));
    warnOfStrangers(run, done.strangers, dryRun);
  }
  progress(true);
  const finished = result();
  if (finished.remaining === 0 && all > 0 && !dryRun && isEverything(scope)) meta.set('phase', 'rolled-back');
  return finished;
}

/** The users whom this run is limited to; false where it is not. */
async function chooseRolledBack({ state, db }: Run, { users }: RollbackOptions): Promise<boolean> {
  if (users !== undefined) countPlan(state);
  return chooseUsers(db, 'users', users, [PLANNED_NAMES, WRITTEN_NAMES]);
}

/** Takes each job for done that a writer would carry out. */
async function tryOut(next: Next, most: number, signal: AbortSignal | undefined): Promise<void> {
  for (let writes = 0; writes < most; writes += 1) {
    const job = await next();
    if (job === undefined) return;
    signal?.throwIfAborted();
    job.end('written');
  }
}

function warnOfStrangers({ report }: Run, strangers: number, dryRun: boolean): void {
  if (strangers === 0) return;
  const what = dryRun ? 'would be removed from' : 'was removed from';
  const message = `The value ${what} ${strangers} users whose username has another sub than the one it was written for: they had registered it again.`;
  report({ type: 'warning', message });
}
