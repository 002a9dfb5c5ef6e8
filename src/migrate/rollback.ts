import { attributeUndos, countWrittenUsers } from './attributes/undo.js';
import { Control } from './control/control.js';
import { checkLimits, type NextJob, WritingRun } from './control/writing-run.js';
import { estimateRollback, priced } from './estimate.js';
import { groupsIf } from './groups/needed.js';
import { countAddedGroups, groupDeletions, memberRemovals } from './groups/undo.js';
import { UserLookup } from './recheck/lookup.js';
import type { RollbackResult } from './results.js';
import { inRun, type Run } from './run.js';
import type { RollbackOptions } from './run-options.js';
import { countPlan } from './state/finished-plan.js';
import { UndoJournal } from './state/journal.js';
import { checkPools } from './state/planned-pools.js';
import {
  checkScope,
  chooseUsers,
  isEverything,
  PLANNED_NAMES,
  requireIntactRecords,
  WRITTEN_NAMES,
} from './state/run-scope.js';

/**
 * Removes or restores exactly what this state wrote, or the requested part of it, if the value is still the one it wrote. A value that
 * somebody else has set since is not changed, and is counted. Reads each user just before writing, with ListUsers, which makes nobody
 * monthly active. Memberships are removed first. Groups that this state created are deleted last, if they have no members left.
 *
 * Needs `cognito-idp:ListUsers`, `AdminUpdateUserAttributes` and `AdminDeleteUserAttributes` on the new pool; with
 * groups `GetGroup`, `ListUsersInGroup`, `AdminRemoveUserFromGroup` and `DeleteGroup`.
 * @throws {@link MigrationError}; `partial` then holds the {@link RollbackResult} so far
 */
export async function runRollback(options: RollbackOptions): Promise<RollbackResult> {
  return inRun(options, (run) => rollback(run, options));
}

/** How users and groups that needed no write are counted in the progress. The result lists all of these numbers. */
const COUNTED_AS = {
  removed: 'written',
  restored: 'written',
  gone: 'skipped',
  changed: undefined,
  nothing: undefined,
} as const;

async function rollback(run: Run, options: RollbackOptions): Promise<RollbackResult> {
  const { state, db, clock } = run;
  const control = new Control(run, options);
  const reads = run.calls(run.readPace(options.readRps));
  const limits = checkLimits(options);
  const { dryRun } = limits;
  checkPools(state, options.newPool);
  const scope = checkScope(state, options, await chooseRolledBack(run, options));
  await requireIntactRecords(db, scope);
  const attributes = countWrittenUsers(db, scope);
  const added = countAddedGroups(db, scope);
  const all = attributes + added.members + added.groups;
  const newGroups = groupsIf(added.groups + added.members > 0, state, options.newGroups);
  const estimated = { ...options, rps: control.pace.rps, maxWrites: limits.maxWrites };
  const planned = estimateRollback({ attributes, ...added }, priced(state, estimated));
  const writing = new WritingRun(run, control, { ...limits, total: planned.writes });
  const counts = { removed: 0, restored: 0, changed: 0, gone: 0, nothing: 0, strangers: 0 };
  const undo = {
    ...{ db, scope, clock, dryRun },
    journal: new UndoJournal(db, { now: clock.now, dryRun }),
    onUndone: (what: 'removed' | 'restored') => {
      counts[what] += 1;
    },
    onFound: (what: keyof typeof COUNTED_AS) => {
      counts[what] += 1;
      writing.settled(COUNTED_AS[what]);
    },
  };
  return writing.carryOut({
    prepare: async () => {
      const users: NextJob = attributeUndos({
        ...undo,
        directory: options.newPool,
        lookup: new UserLookup(options.newPool, reads),
        onStranger: () => {
          counts.strangers += 1;
        },
      });
      if (newGroups === undefined) return { steps: [users] };
      const groups = { ...undo, directory: newGroups, reads: { ...reads, signal: control.signal } };
      return { steps: [memberRemovals(groups), users, groupDeletions(groups)] };
    },
    isWanted: async () => (await options.confirm?.(planned)) !== false,
    // After a partial rollback the plan remains in force: the rest of what it wrote is still there.
    phases: isEverything(scope) && all > 0 ? ['rolling-back', 'rolled-back'] : undefined,
    ended: () => warnOfStrangers(run, counts.strangers, dryRun),
    result: () => {
      const { removed, restored, changed, nothing } = counts;
      const { failed, skipped } = writing.numbers;
      const { attempts, throttled } = writing.sent;
      return {
        ...{ removed, restored, changed, skipped, failed },
        remaining: all - (removed + restored + changed + nothing + skipped + failed),
        ...{ attempts, throttled, seconds: run.seconds },
        ...(dryRun ? { dryRun: true } : {}),
      };
    },
  });
}

/** Chooses the users to whom this run is limited. Returns false if it is not limited. */
async function chooseRolledBack({ state, db }: Run, { users }: RollbackOptions): Promise<boolean> {
  if (users !== undefined) countPlan(state);
  return chooseUsers(db, 'users', users, [PLANNED_NAMES, WRITTEN_NAMES]);
}

function warnOfStrangers({ report }: Run, strangers: number, dryRun: boolean): void {
  if (strangers === 0) return;
  const what = dryRun ? 'would be removed from' : 'was removed from';
  const message = `The value ${what} ${strangers} users whose sub is not the one it was written for: their usernames had been registered again.`;
  report({ type: 'warning', message });
}
