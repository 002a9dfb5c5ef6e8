import type { Outcome } from '../outcomes.js';
import type { ApplyResult, PlanResult, RollbackResult, VerifyResult } from '../results.js';
import type { Guard } from './plan-guards.js';

/** Outcomes that a person has to look at, worst first. */
export const OUTCOMES_FOR_A_PERSON = [
  'unexplained',
  'conflict',
  'contradiction',
  'duplicate',
  'ambiguous',
  'unverified',
] as const satisfies readonly Outcome[];

export function countForAPerson(outcomes: Readonly<Record<Outcome, number>>): number {
  return OUTCOMES_FOR_A_PERSON.reduce((sum, outcome) => sum + outcomes[outcome], 0);
}

/** Users of a plan who need a person, those with too many groups among them. */
export function planForAPerson({ outcomes, groups }: Pick<PlanResult, 'outcomes' | 'groups'>): number {
  return countForAPerson(outcomes) + (groups?.overLimit ?? 0);
}

export const applyNeedsAPerson = ({ failed, changed, stoppedBy }: ApplyResult): boolean =>
  failed + changed > 0 || stoppedBy !== undefined;

export const rollbackNeedsAPerson = ({ failed, changed }: RollbackResult): boolean => failed + changed > 0;

/**
 * What a verification found to be otherwise than expected: than planned, or rolled back. Where a listing lacked planned users, others
 * may be missing too.
 */
export function verifyProblems(result: VerifyResult): number {
  const { wrong, duplicates, unlisted = 0 } = result;
  return wrong + duplicates + unlisted + toWrite(result);
}

/** Values and memberships that are missing although no rollback removed them. */
export function toWrite({ missing, rolledBack = 0, groups }: VerifyResult): number {
  return missing - rolledBack + (groups === undefined ? 0 : groups.missing - (groups.rolledBack ?? 0));
}

/** What a nightly run did; what it did not reach is `null`. */
export interface Night {
  readonly plan: PlanResult | null;
  readonly guards: readonly Guard[];
  readonly apply: ApplyResult | null;
  readonly verify: VerifyResult | null;
  readonly publish: { readonly wrong: number } | null;
}

/** Whether a person has to look at a night; so many users who need one are `known`. */
export function nightNeedsAPerson({ plan, guards, apply, verify, publish }: Night, known = 0): boolean {
  return (
    (plan !== null && (planForAPerson(plan) > known || plan.inForce === false)) ||
    guards.some(({ ok }) => !ok) ||
    (apply !== null && apply.failed + apply.changed + apply.remaining > 0) ||
    // Users of whom the plan says already that they need a person are counted there.
    (verify !== null && verifyProblems(verify) - (verify.foreseen ?? 0) > 0) ||
    (publish !== null && publish.wrong > 0)
  );
}
