import type { Outcome } from '../results.js';
import { describeHeld, type HeldValue, isTrustable } from './held-value.js';
import type { MatchRule } from './policy.js';

/**
 * One legacy user whom one rule finds for a new user.
 *
 * - `proof`: the rule settles it: same identity, same chosen attribute, or same e-mail or phone verified in both pools
 * - `unverified`: same e-mail or phone, but not verified in `unverifiedIn`
 * - `username`: same username, to the letter
 * - `username-case`: a username that differs in upper and lower case; pools may hold both as two people
 */
export interface Finding {
  readonly rule: MatchRule;
  /** The legacy user's `sub`; `null` for the odd user who has none, and so cannot be anybody's legacy id. */
  readonly sub: string | null;
  readonly strength: 'proof' | 'unverified' | 'username' | 'username-case';
  /** For `unverified`: where verification is missing. */
  readonly unverifiedIn?: 'legacy' | 'new' | 'both';
  /** For `username`: both users have a verified e-mail, and they are not the same. */
  readonly emailsDiffer?: boolean;
}

/** A new-pool user and everything that was found for them. */
export interface MatchInput {
  readonly sub: string | null;
  /** What the attribute holds now; `null` when empty. */
  readonly held: HeldValue | null;
  /** Legacy `sub` that the mapping file gives; `null` where it does not name this user. */
  readonly mapped: string | null;
  /** In the order of the rules. May leave out further findings of one rule beyond the second. */
  readonly findings: readonly Finding[];
}

/** What is decided by looking at one user alone. `duplicate` follows from looking at all. */
export interface Decision {
  readonly outcome: Exclude<Outcome, 'duplicate'>;
  /** Rules that found the legacy user, joined by `+`. */
  readonly rule: string;
  /** The legacy id: what the attribute should hold. `null` where none is certain. */
  readonly value: string | null;
  readonly detail: string;
  /** `unexplained`, and `ok` if the attribute were trusted. */
  readonly trustable?: true;
}

export interface Trust {
  readonly trustUsernames: boolean;
  readonly trustAttribute: boolean;
}

/** Decides one user. Pure: depends on nothing but its arguments, and not on the order of a rule's findings. */
export function decide(user: MatchInput, policy: Trust): Decision {
  if (user.mapped !== null) return matched(user, 'mapping', user.mapped);

  const certain = user.findings.filter((one) => one.sub !== null && isFind(one));
  const ambiguous = severalOfOneRule(certain);
  if (ambiguous !== undefined) return undecided('ambiguous', user, ambiguous);

  const subs = new Set(certain.map((one) => one.sub));
  if (subs.size > 1) return undecided('contradiction', user, certain.map(found).join(', '));
  const differing = certain.find((one) => one.emailsDiffer === true);
  if (differing !== undefined) {
    return undecided('contradiction', user, `${found(differing)}, but the verified e-mails differ`);
  }

  const [sub] = subs;
  const proven = certain.some((one) => one.strength === 'proof');
  if (typeof sub === 'string' && (proven || policy.trustUsernames)) {
    return matched(user, certain.map((one) => one.rule).join('+'), sub);
  }
  return unmatched(user, policy);
}

function isFind({ strength }: Finding): boolean {
  return strength === 'proof' || strength === 'username';
}

function severalOfOneRule(certain: readonly Finding[]): string | undefined {
  for (const { rule } of certain) {
    const subs = new Set(certain.filter((one) => one.rule === rule).map((one) => one.sub));
    if (subs.size > 1) return `${rule} finds several legacy users: ${[...subs].sort().join(', ')}`;
  }
  return undefined;
}

/** Of a UUID, which verifiers read in lower case: a write would change nothing for them, and cost money. */
const IN_OTHER_CASE = 'the value is in another case';

function matched({ sub, held }: MatchInput, rule: string, legacySub: string): Decision {
  if (held === null) return { outcome: 'set', rule, value: legacySub, detail: '' };
  if (held.value === legacySub) return { outcome: 'ok', rule, value: legacySub, detail: '' };
  if (held.id === legacySub) return { outcome: 'ok', rule, value: legacySub, detail: IN_OTHER_CASE };
  return { outcome: 'conflict', rule, value: legacySub, detail: describeHeld(held, sub) };
}

function undecided(outcome: 'ambiguous' | 'contradiction', { sub, held }: MatchInput, detail: string): Decision {
  const holds = held === null ? '' : `; ${describeHeld(held, sub)}`;
  return { outcome, rule: '', value: null, detail: `${detail}${holds}` };
}

function unmatched({ sub, held, findings }: MatchInput, { trustAttribute }: Trust): Decision {
  const hints = [...new Set(findings.map(hinted))].sort();
  const nobody = { rule: '', value: null } as const;
  if (held === null)
    return { outcome: hints.length > 0 ? 'unverified' : 'new-born', ...nobody, detail: hints.join(', ') };
  if (held.id === sub && hints.length === 0) {
    return { outcome: 'new-born', ...nobody, detail: 'carries its own sub already' };
  }
  const trustable = isTrustable(
    held,
    sub,
    findings.map(({ rule }) => rule),
  );
  if (trustable && trustAttribute) {
    return { outcome: 'ok', rule: 'attribute', value: held.id, detail: held.value === held.id ? '' : IN_OTHER_CASE };
  }
  const backing = hints.length === 0 ? '' : `; ${hints.join(', ')}`;
  const detail = `${describeHeld(held, sub)}${backing}`;
  return { outcome: 'unexplained', ...nobody, detail, ...(trustable ? { trustable } : {}) };
}

function found({ rule, sub }: Finding): string {
  return `${rule} finds ${sub}`;
}

const UNVERIFIED_IN = { legacy: 'in the legacy pool', new: 'in the new pool', both: 'in both pools' };

function hinted(hint: Finding): string {
  const text = hint.sub === null ? `${hint.rule} finds a legacy user without a sub` : found(hint);
  if (hint.strength === 'username-case') return `${text}, but the usernames differ in upper and lower case`;
  if (hint.strength === 'username') return `${text}, and nothing verified backs it`;
  return hint.unverifiedIn === undefined ? text : `${text}, but is unverified ${UNVERIFIED_IN[hint.unverifiedIn]}`;
}
