import { ConfigurationError } from '../../errors.js';
import type { State } from '../state/state.js';

/** How many published users may be removed by default: this share of them, and at least this many. */
const REMOVED_SHARE = 0.01;
const REMOVED_USERS = 10;

/** What a run would remove from a store of legacy ids. */
export interface Removals {
  /** Users who are published in the store. */
  readonly published: number;
  /** Of these: users whom the plan removes or gives another legacy id. */
  readonly removed: number;
}

/** How many users may be removed. */
function removalLimit({ published }: Removals, allowed: number | undefined): number {
  return allowed ?? Math.max(REMOVED_USERS, Math.floor(published * REMOVED_SHARE));
}

/** Limits for an unattended run. */
export interface GuardLimits {
  /** Writes to the new pool. Default: a tenth of its users, at least 1 000. */
  readonly writes?: number;
  /** Published users who are removed or get another legacy id. Default: 1 % of them, at least 10. */
  readonly removals?: number;
  /** Users who need a person. Default: as many as in the previous plan, plus 1 % of the new pool's users (at least 100). */
  readonly forAPerson?: number;
}

/** What a plan is about to do, and what it replaces. */
export interface GuardedPlan {
  readonly newUsers: number;
  readonly writes: number;
  readonly forAPerson: number;
  /** The same number in the previous plan; `undefined` for the first plan. */
  readonly forAPersonBefore: number | undefined;
  /** `undefined` if nothing is published. */
  readonly removals: Removals | undefined;
}

/** One guard: the number found, and the limit. */
export interface Guard {
  readonly guard: 'writes' | 'forAPerson' | 'removals';
  readonly found: number;
  /** `null` if there is nothing to compare with. */
  readonly limit: number | null;
  readonly ok: boolean;
}

const WRITTEN_SHARE = 0.1;
const LEAST_WRITES = 1000;
const MORE_SHARE = 0.01;
const LEAST_MORE = 100;

/**
 * Judges a plan before it is applied. A plan that went wrong because of an outage, a mistake in the options or an attack shows unusual
 * numbers: far more writes, more uncertain users, or published users who would be removed. All guards are returned, not only the first
 * that fails.
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
 * The number with which the next plan's users who need a person are compared: that of the current plan, unless that plan failed its
 * guards or was never judged. Otherwise an unusual plan would become the normal one on the next night. A plan that a person has made
 * since counts as checked.
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

/** The current plan passed its guards, so the next one is compared with it. */
export function dropMeasure({ meta }: State): void {
  meta.delete('measure');
}

function judged(guard: Guard['guard'], found: number, limit: number | null): Guard {
  return { guard, found, limit, ok: limit === null || found <= limit };
}

/**
 * A plan without its evidence, because of an outage or a mistake in its options, would remove legacy ids of users who are signed in.
 * @throws {@link ConfigurationError} before anything is done
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
