import type { MatchRule } from './policy.js';

/** What a new user's attribute holds, and what the pools know of it. */
export interface HeldValue {
  readonly value: string;
  /** A legacy user has this very `sub`. */
  readonly isLegacySub: boolean;
  /** Rules that find this legacy user, however weakly. */
  readonly backedBy: readonly MatchRule[];
  /** Another new user holds it, too; in whatever case, as identifiers are compared without regard to it. */
  readonly isShared: boolean;
  /** The identity provider at which the value is the user's own id. */
  readonly provider: string | null;
  /** The user never confirmed the sign-up, which may have brought the value. */
  readonly isUnconfirmed: boolean;
}

/**
 * Whether an attribute that only administrators can write settles who this is: the value is a legacy user's `sub`, nobody else
 * holds it, and every rule that finds anybody finds that legacy user. Own subs and unconfirmed sign-ups settle nothing: no
 * trigger and no backfill stamps those.
 *
 * @param found the rules that find somebody, however weakly
 */
export function isTrustable(held: HeldValue, ownSub: string | null, found: readonly MatchRule[]): boolean {
  const { value, isLegacySub, isShared, isUnconfirmed, backedBy } = held;
  const isContradicted = found.some((rule) => !backedBy.includes(rule));
  return isLegacySub && !isShared && !isUnconfirmed && !isContradicted && value !== ownSub;
}

/** What can be told of the value: what speaks for a stamp, and what for a forgery. */
export function describeHeld(held: HeldValue, ownSub: string | null): string {
  const { value, isLegacySub, isShared, isUnconfirmed, provider } = held;
  const parts = [`the attribute holds ${value}, ${whose(value, isLegacySub, ownSub)}`];
  if (provider !== null) parts.push(`it is the user's id at the identity provider ${provider}`);
  if (isShared) parts.push('another new user holds it, too');
  if (isUnconfirmed) parts.push('the sign-up, which may have brought it, was never confirmed');
  return parts.join('; ');
}

function whose(value: string, isLegacySub: boolean, ownSub: string | null): string {
  if (value === ownSub) return `the user's own sub`;
  return isLegacySub ? 'the sub of a legacy user' : 'which is no legacy user’s sub';
}
