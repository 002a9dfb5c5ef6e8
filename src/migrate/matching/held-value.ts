import type { MatchRule } from './policy.js';

/** What a new user's attribute holds, and what the pools know about it. */
export interface HeldValue {
  readonly value: string;
  /** The value as verifiers read it: a UUID in lower case, anything else unchanged. */
  readonly id: string;
  /** A legacy user has this `sub`. */
  readonly isLegacySub: boolean;
  /** Rules that find this legacy user, however weakly. */
  readonly backedBy: readonly MatchRule[];
  /** Another new user also holds it, ignoring case: an application may compare ids without regard to case. */
  readonly isShared: boolean;
  /** The identity provider at which the value is the user's own id. */
  readonly provider: string | null;
  /** The user never confirmed the sign-up, which may have brought the value. */
  readonly isUnconfirmed: boolean;
  /** It is the last value that this state wrote to this user. */
  readonly isWritten: boolean;
}

/**
 * Whether an attribute that only administrators can write identifies the user: the value is a legacy user's `sub`, nobody else
 * holds it, and every rule that finds anybody finds that legacy user. Own subs and unconfirmed sign-ups settle nothing:
 * neither triggers nor backfills write those values.
 *
 * @param found the rules that find a legacy user, however weakly
 */
export function isTrustable(held: HeldValue, ownSub: string | null, found: readonly MatchRule[]): boolean {
  const { id, isLegacySub, isShared, isUnconfirmed, backedBy } = held;
  const isContradicted = found.some((rule) => !backedBy.includes(rule));
  return isLegacySub && !isShared && !isUnconfirmed && !isContradicted && id !== ownSub;
}

/** Describes the value: what suggests that it is genuine, and what suggests a forgery. */
export function describeHeld(held: HeldValue, ownSub: string | null): string {
  const { value, isShared, isUnconfirmed, provider } = held;
  const parts = [`the attribute holds ${quoted(value)}, ${whose(held, ownSub)}`];
  if (provider !== null) parts.push(`it is the user's id at the identity provider ${provider}`);
  if (isShared) parts.push('another new user has the same value');
  if (isUnconfirmed) parts.push('the user never confirmed the sign-up, which may have set the value');
  return parts.join('; ');
}

function whose({ value, id, isLegacySub }: HeldValue, ownSub: string | null): string {
  const inOtherCase = value === id ? '' : ' in another case';
  if (id === ownSub) return `the user's own sub${inOtherCase}`;
  return isLegacySub ? `the sub of a legacy user${inOtherCase}` : 'which is not the sub of a legacy user';
}

/** The maximum characters of a value that are shown. */
const MOST_SHOWN = 80;

/** Characters that are invisible, or that reorder or break the surrounding text. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A value may be forged: quoted and shortened, it can neither pass for our own text nor push it out of view. */
function quoted(value: string): string {
  const text = JSON.stringify(value.slice(0, MOST_SHOWN)).replace(HIDDEN, escaped);
  return value.length > MOST_SHOWN ? `${text}… (${value.length} characters)` : text;
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
