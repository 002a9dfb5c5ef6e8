import type { MatchRule, Outcome } from './types.js';

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
  readonly value: string | null;
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
}

/** Decides one user. Pure: depends on nothing but its arguments, and not on the order of a rule's findings. */
export function decide(user: MatchInput, policy: { readonly trustUsernames: boolean }): Decision {
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
  return unmatched(user, user.findings);
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

function matched({ value }: MatchInput, rule: string, legacySub: string): Decision {
  if (value === null) return { outcome: 'set', rule, value: legacySub, detail: '' };
  if (value === legacySub) return { outcome: 'ok', rule, value: legacySub, detail: '' };
  return { outcome: 'conflict', rule, value: legacySub, detail: `the attribute holds ${value}` };
}

function undecided(outcome: 'ambiguous' | 'contradiction', { value }: MatchInput, detail: string): Decision {
  const holds = value === null ? '' : `; the attribute holds ${value}`;
  return { outcome, rule: '', value: null, detail: `${detail}${holds}` };
}

function unmatched({ sub, value }: MatchInput, hints: readonly Finding[]): Decision {
  const detail = [...new Set(hints.map(hinted))].sort().join(', ');
  if (value === null && hints.length > 0) return { outcome: 'unverified', rule: '', value: null, detail };
  if (value === null) return { outcome: 'new-born', rule: '', value: null, detail: '' };
  if (value === sub && hints.length === 0) {
    return { outcome: 'new-born', rule: '', value: null, detail: 'carries its own sub already' };
  }
  const backing = detail === '' ? '' : `; ${detail}`;
  return { outcome: 'unexplained', rule: '', value: null, detail: `the attribute holds ${value}${backing}` };
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
