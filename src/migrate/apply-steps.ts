import type { GroupDirectory } from '../directory/group-types.js';
import type { UserDirectory } from '../directory/user-types.js';
import {
  type AttributeWrite,
  attributeWrite,
  type PendingOptions,
  pendingOperations,
  queuePending,
} from './attributes/pending.js';
import { Pace } from './calls/pace.js';
import { anyOf } from './calls/signals.js';
import type { WriteJob } from './calls/writer.js';
import type { NextJob, WriteSteps } from './control/writing-run.js';
import { memberAddition, memberOperations } from './groups/members.js';
import { type GroupWrites, groupCreations } from './groups/pending.js';
import { UserLookup } from './recheck/lookup.js';
import { ReadAhead, type Reading } from './recheck/read-ahead.js';
import { CHANGED, heldBy, sameId } from './recheck/still-planned.js';
import { prefixes } from './recheck/sub-prefix.js';
import type { Run } from './run.js';
import { Journal } from './state/journal.js';

export interface ApplyStepsOptions extends PendingOptions {
  readonly newPool: UserDirectory;
  readonly newGroups: GroupDirectory | undefined;
  readonly attribute: string;
  readonly readRps: number;
  /** The current rate, in writes per second. */
  readonly rps: () => number;
  /** Nothing is written. Memberships are checked as if the attributes had been written. */
  readonly dryRun: boolean;
  /** Called for each user who is no longer as planned. */
  readonly onChanged: () => void;
}

/**
 * The steps of an apply, each user read again shortly before the write: groups first, because members can only be added to a group
 * that exists; then attributes, then memberships.
 */
export async function applySteps(run: Run, options: ApplyStepsOptions): Promise<WriteSteps> {
  const { state, db, clock, signal, warn } = run;
  const { newPool, newGroups, attribute, isLimited, dryRun } = options;
  const stop = new AbortController();
  const readSignal = anyOf(stop.signal, signal);
  const calls = { ...run.calls(new Pace(options.readRps, clock)), signal: readSignal };
  const lookup = new UserLookup(newPool, calls);
  const journal = new Journal(db, state.meta.get('plan') ?? 0, { now: clock.now, dryRun });
  const reading = { lookup, prefixOf: prefixes(db), rps: options.rps };
  const inDoubt: AttributeWrite[] = [];

  await queuePending(state, options);
  const attributes = new ReadAhead(pendingOperations(state, attribute), reading);
  const written = jobsOf(attributes, (one) =>
    attributeWrite(one, { newPool, journal, lookup, inDoubt: (operation) => inDoubt.push(operation) }),
  );
  const aheads: { end(): Promise<void> }[] = [attributes];
  const steps = [written];
  if (newGroups !== undefined) {
    const groups: GroupWrites = { state, journal, directory: newGroups, clock, warn, isLimited, dryRun };
    const creations = groupCreations(groups);
    const members = new ReadAhead(memberOperations(groups, attribute), reading);
    aheads.push(members);
    steps.unshift(async () => creations.next().value ?? undefined);
    steps.push(jobsOf(members, (one) => memberAddition(one, { ...groups, lookup, attribute })));
  }
  return {
    steps: steps.map((step) => countingChanged(step, options.onChanged)),
    settle: async () => {
      let arrived = 0;
      for (const operation of inDoubt.splice(0)) {
        const found = await lookup.one(operation);
        const isOurs = found.user === undefined ? operation.sub === '' : found.user.username === operation.username;
        if (!isOurs || !sameId(heldBy(found, attribute), operation.value)) continue;
        journal.end(operation, 'written');
        arrived += 1;
      }
      return arrived;
    },
    end: async () => {
      stop.abort(new Error('the run has ended'));
      for (const ahead of aheads) await ahead.end();
    },
  };
}

/** Counts the jobs that end because a user is no longer as planned. */
function countingChanged(next: NextJob, onChanged: () => void): NextJob {
  return async () => {
    const job = await next();
    if (job === undefined) return undefined;
    const end: WriteJob['end'] = (status, reason) => {
      job.end(status, reason);
      if (status === 'skipped' && reason?.startsWith(CHANGED)) onChanged();
    };
    return { ...job, end };
  };
}

function jobsOf<T extends { readonly username: string; readonly sub: string }>(
  ahead: ReadAhead<T>,
  toJob: (reading: Reading<T>) => WriteJob,
): NextJob {
  return async () => {
    const reading = await ahead.next();
    return reading === undefined ? undefined : toJob(reading);
  };
}
