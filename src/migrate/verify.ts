import type { UserDirectory } from '../directory/user-types.js';
import { counted } from '../words.js';
import {
  collectUnobserved,
  compare,
  indexObserved,
  observedSink,
  takeFromPlan,
  unobserved,
} from './attributes/compare.js';
import type { CallOptions } from './calls/repeated.js';
import { verifyGroups } from './groups/compare.js';
import { groupsIf, plansGroups } from './groups/needed.js';
import { listPool, reportListed } from './listing/list-pool.js';
import type { UserSink } from './listing/listing-record.js';
import { UserLookup } from './recheck/lookup.js';
import { ReadAhead } from './recheck/read-ahead.js';
import type { ApplyResult, VerifyResult } from './results.js';
import { inRun, type Run } from './run.js';
import type { VerifyOptions } from './run-options.js';
import { countPlan, requireIntactPlan } from './state/finished-plan.js';
import type { MetaValues } from './state/meta.js';
import { checkPools, newPoolId } from './state/planned-pools.js';
import { VERIFY_TABLES } from './state/schema.js';

/**
 * Reads the new pool again, always from the beginning, and compares each user's value with the plan, and the plan with the legacy
 * listing. Planned users who are missing from the listing are read by `sub` before they count as deleted. Needs
 * `cognito-idp:ListUsers` on the new pool; with groups `ListGroups` and `ListUsersInGroup`.
 * @throws {@link MigrationError}
 */
export async function runVerify(options: VerifyOptions): Promise<VerifyResult> {
  return inRun(options, (run) => verify(run, options));
}

/** From this share of users written on, listing the pool again costs less than reading those users one by one. */
const REREAD_SHARE = 0.01;

/** How long after its listing a plan still says what is in the pool: afterwards others may have changed it. */
const FRESH_SECONDS = 3600;

/** What to compare with after an apply that followed its plan at once: the pool, or what the plan listed and what was written since. */
export function listingAfter(newUsers: number, apply: ApplyResult | null): NonNullable<VerifyOptions['listing']> {
  const { written = 0, seconds = 0 } = apply ?? {};
  return written > newUsers * REREAD_SHARE || seconds > FRESH_SECONDS ? 'pool' : 'plan';
}

async function verify(run: Run, options: VerifyOptions): Promise<VerifyResult> {
  const { state, db, meta, clock, warn, report: onProgress } = run;
  const { newPool } = options;
  const calls = run.calls(run.readPace(options.readRps));
  checkPools(state, newPool);
  const { newUsers: estimatedUsers } = countPlan(state);
  await requireIntactPlan(state);
  const newGroups = groupsIf(plansGroups(state), state, options.newGroups);
  db.transaction(() => {
    db.exec(VERIFY_TABLES);
    db.run("DELETE FROM listings WHERE purpose = 'verify'");
    meta.delete('verified');
  });
  const where = { state, purpose: 'verify', pool: newPoolId(db), side: 'new', directory: newPool } as const;
  const sink = observedSink(db, meta.get('attribute') ?? '');
  const asPlanned = options.listing === 'plan';
  if (asPlanned) await takeFromPlan(state);
  else await listPool({ ...where, ...calls, sink, estimatedUsers, warn, onProgress });
  await indexObserved(db);
  const read = await readUnlisted(run, options, sink, calls);
  reportListed({ ...where, onProgress }, db.count('SELECT count(*) FROM observed'));
  const groups = newGroups && (await verifyGroups(newGroups, { ...calls, db, onProgress }));
  const { result: compared, newcomers } = await compare(db);
  const { gone } = read;
  const unlisted = asPlanned ? 0 : read.unlisted;
  const result = afterRollback(meta.get('phase'), {
    ...compared,
    ...(unlisted > 0 ? { unlisted } : {}),
    ...(gone > 0 ? { gone } : {}),
    ...(groups === undefined ? {} : { groups }),
  });
  meta.set('verified', { at: clock.now(), result });
  warnOf(run, newPool, { unlisted, gone, newcomers });
  return result;
}

/** After a rollback of everything, all that is missing is expected to be: also what had not been written yet. */
function afterRollback(phase: MetaValues['phase'] | undefined, result: VerifyResult): VerifyResult {
  if (phase !== 'rolled-back') return result;
  const { missing, groups } = result;
  return {
    ...result,
    ...(missing > 0 ? { rolledBack: missing } : {}),
    ...(groups !== undefined && groups.missing > 0 ? { groups: { ...groups, rolledBack: groups.missing } } : {}),
  };
}

function warnOf(
  { warn }: Run,
  { userPoolId }: UserDirectory,
  { unlisted, gone, newcomers }: { readonly unlisted: number; readonly gone: number; readonly newcomers: number },
): void {
  if (unlisted > 0) {
    warn(
      `The listing of pool ${userPoolId} lacked ${unlisted} planned users, who were then read one by one. Others may be missing too: run verify again.`,
    );
  }
  if (gone > 0)
    warn(`${counted(gone, 'planned user')} ${gone === 1 ? 'was' : 'were'} deleted since the plan was made.`);
  if (newcomers > 0) {
    warn(
      `${counted(newcomers, 'user')} who appeared after the plan ${newcomers === 1 ? 'has' : 'have'} a value that could not be compared: plan again.`,
    );
  }
}

/** High enough that only the pace of reading limits the speed. */
const READ_FAST = 1000;

/** Adds planned users who are missing from the listing, if the pool still has them. */
async function readUnlisted(
  { db }: Run,
  { newPool, listing }: VerifyOptions,
  sink: UserSink,
  calls: CallOptions,
): Promise<{ unlisted: number; gone: number }> {
  await collectUnobserved(db);
  const lookup = new UserLookup(newPool, calls);
  // Each user is read by the whole sub, because a longer list has just omitted them. After a listing of the pool, it is already known
  // who has the usernames of those who are gone.
  const withHolders = listing === 'plan';
  const options = { lookup, prefixOf: (sub: string) => sub, rps: () => READ_FAST, withHolders };
  const ahead = new ReadAhead(unobserved(db), options);
  const counts = { unlisted: 0, gone: 0 };
  try {
    for (let read = await ahead.next(); read !== undefined; read = await ahead.next()) {
      const { subject, found } = read;
      const user = subject.sub === '' ? found.holder : found.user;
      if (user === undefined || user.username !== subject.username) {
        if (withHolders && found.holder !== undefined) sink.add([found.holder]);
        else counts.gone += 1;
      } else {
        sink.add([user]);
        counts.unlisted += 1;
      }
    }
  } finally {
    await ahead.end();
  }
  return counts;
}
