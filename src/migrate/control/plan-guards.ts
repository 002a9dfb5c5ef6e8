import { ConfigurationError } from '../../errors.js';
import type { State } from '../state/state.js';

/** What is taken back without being told to: this share of what is published, and at least so many users. */
const REMOVED_SHARE = 0.01;
const REMOVED_USERS = 10;

/** What a run would take away from a place where legacy ids are looked up. */
export interface Removals {
  /** Users who are published there. */
  readonly published: number;
  /** Of them: users whom the plan does not want there, or not with that legacy id. */
  readonly removed: number;
}

/** How many users may be taken back. */
function removalLimit({ published }: Removals, allowed: number | undefined): number {
  return allowed ?? Math.max(REMOVED_USERS, Math.floor(published * REMOVED_SHARE));
}

/** The most that a run nobody watches may do; `undefined` where nobody said. */
export interface GuardLimits {
  /** Writes to the new pool. Default: a tenth of its users, at least 1 000. */
  readonly writes?: number;
  /** Published users who are taken back or get another legacy id. Default: 1 % of them, at least 10. */
  readonly removals?: number;
  /** Users who need a person. Default: as many as after the plan before, and 1 % of the new pool's users (at least 100) more. */
  readonly forAPerson?: number;
}

/** What a plan is about to do, and what it replaces. */
export interface GuardedPlan {
  readonly newUsers: number;
  readonly writes: number;
  readonly forAPerson: number;
  /** By the plan before; `undefined` for the first one, which has nothing to be compared with. */
  readonly forAPersonBefore: number | undefined;
  /** `undefined` where nothing is published. */
  readonly removals: Removals | undefined;
}

/** One guard: what was found, and the most there may be. */
export interface Guard {
  readonly guard: 'writes' | 'forAPerson' | 'removals';
  readonly found: number;
  /** `null` where there is nothing to compare with. */
  readonly limit: number | null;
  readonly ok: boolean;
}

const WRITTEN_SHARE = 0.1;
const LEAST_WRITES = 1000;
const MORE_SHARE = 0.01;
const LEAST_MORE = 100;

/**
 * Judges a plan before anything of it is done. A plan that went wrong, by an outage, a mistake in the options or an attack, shows in
 * numbers: far more writes, more people in doubt, or users who lose what was published of them. Every guard is told, not only
 * the first that does not hold.
 */
export function judgePlan(plan: GuardedPlan, limits: GuardLimits = {}): readonly Guard[] {
  const { newUsers, writes, forAPerson, forAPersonBefore, removals } = plan;
  const more = Math.max(LEAST_MORE, Math.floor(newUsers * MORE_SHARE));
  return [
    judged('writes', writes, limits.writes ?? Math.max(LEAST_WRITES, Math.floor(newUsers * WRITTEN_SHARE))),
    judged(
      'forAPerson',
      forAPerson,
      limits.forAPerson ?? (forAPersonBefore === undefined ? null : forAPersonBefore + more),
    ),
    ...(removals === undefined ? [] : [judged('removals', removals.removed, removalLimit(removals, limits.removals))]),
  ];
}

/**
 * What the next plan's users who need a person are compared with: those of the plan that is there, unless that one did not hold or
 * was never judged. Otherwise an unusual plan would be the usual one of the next night. A plan that a person
 * made since counts as seen.
 */
export function keepMeasure({ db, meta }: State, forAPerson: number): number {
  return db.transaction(() => {
    const plan = meta.get('plan') ?? 0;
    const kept = meta.get('measure');
    const before = kept !== undefined && plan - kept.plan <= 1 ? kept.forAPerson : forAPerson;
    meta.set('measure', { plan, forAPerson: before });
    return before;
  });
}

/** The plan that is there held: the next one is compared with it. */
export function dropMeasure({ meta }: State): void {
  meta.delete('measure');
}

function judged(guard: Guard['guard'], found: number, limit: number | null): Guard {
  return { guard, found, limit, ok: limit === null || found <= limit };
}

/**
 * A plan that lost its evidence, after an outage or a mistake in its options, would take legacy ids away from users who are
 * signed in.
 * @throws {@link ConfigurationError} with nothing done
 */
export function refuseRemovals(name: string, removals: Removals, allowed: number | undefined): void {
  const { removed, published } = removals;
  const limit = removalLimit(removals, allowed);
  if (removed <= limit) return;
  throw new ConfigurationError(
    'allowRemovals',
    `${removed} of the ${published} users published to ${name} would be removed or get another legacy id, and at most ${limit} are allowed. The report says why; if that is correct, allow ${removed}`,
  );
}
