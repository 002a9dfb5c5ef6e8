import type { Outcome } from '../outcomes.js';
import { type Finding, found, hinted, isFind, settles, type Trust } from './evidence.js';
import { describeHeld, type HeldValue, isTrustable } from './held-value.js';
import { choose } from './preferred.js';

export type { Finding, Trust } from './evidence.js';

/** A new-pool user and everything that was found for them. */
export interface MatchInput {
  readonly sub: string | null;
  /** What the attribute holds now; `null` when empty. */
  readonly held: HeldValue | null;
  /** Legacy `sub` that the mapping file gives; `null` if it does not name this user. */
  readonly mapped: string | null;
  /** In the order of the rules. May leave out further findings of one rule beyond the second. */
  readonly findings: readonly Finding[];
}

/** The decision about one user alone. `duplicate` requires a comparison of all users. */
export interface Decision {
  readonly outcome: Exclude<Outcome, 'duplicate'>;
  /** Rules that found the legacy user, joined by `+`. */
  readonly rule: string;
  /** The legacy id: what the attribute should hold. `null` if none is certain. */
  readonly value: string | null;
  readonly detail: string;
  /** The user is `unexplained`, and would be `ok` with `trustAttribute`. */
  readonly trustable?: true;
}

/** Decides one user. Pure: depends on nothing but its arguments, and not on the order of a rule's findings. */
export function decide(user: MatchInput, trust: Trust): Decision {
  if (user.mapped !== null) return matched(user, 'mapping', user.mapped);
  const byRules = decideByRules(user, trust);
  return user.held?.isWritten === true ? written(user, user.held, byRules, trust) : byRules;
}

/**
 * A value that this state wrote to this user stays valid when the person changes their e-mail or the legacy account is deleted:
 * neither disproves what was proven at the time of the write. The detail lists the contradictions.
 */
function written(user: MatchInput, held: HeldValue, byRules: Decision, trust: Trust): Decision {
  // The user's own sub: a new-born user stays new-born as long as no legacy user is found for them.
  if (held.id === user.sub && (byRules.outcome === 'new-born' || held.isLegacySub)) return byRules;
  const parts = held.value === held.id ? [] : [IN_OTHER_CASE];
  if (byRules.value !== held.id) {
    const others = user.findings.map((one) => (isCertain(one) ? certainly(one) : hinted(one, trust)));
    const against = [...new Set(others)].sort().join(', ');
    const backing = held.isLegacySub ? 'no rule finds the legacy user' : 'no legacy user has this sub any more';
    parts.push(`this state wrote the value; ${against === '' ? backing : against}`);
  }
  if (held.isShared) parts.push('another new user has the same value');
  return { outcome: 'ok', rule: 'written', value: held.id, detail: parts.join('; ') };
}

function decideByRules(user: MatchInput, trust: Trust): Decision {
  const { certain, passedOver } = choose(user.findings.filter(isCertain), trust);
  const ambiguous = severalOfOneRule(certain);
  if (ambiguous !== undefined) return undecided('ambiguous', user, ambiguous);

  const subs = new Set(certain.map((one) => one.sub));
  if (subs.size > 1) return undecided('contradiction', user, certain.map(found).join(', '));
  const differing = certain.find((one) => one.emailsDiffer === true);
  if (differing !== undefined) return undecided('contradiction', user, certainly(differing));

  const [sub] = subs;
  if (typeof sub === 'string' && certain.some((one) => settles(one, trust))) {
    return matched(user, [...new Set(certain.map((one) => one.rule))].join('+'), sub, passedOver);
  }
  return unmatched(user, trust);
}

function isCertain(one: Finding): boolean {
  return one.sub !== null && isFind(one);
}

function certainly(one: Finding): string {
  return one.emailsDiffer === true ? `${found(one)}, but the verified e-mails differ` : found(one);
}

function severalOfOneRule(certain: readonly Finding[]): string | undefined {
  for (const { rule } of certain) {
    const subs = new Set(certain.filter((one) => one.rule === rule).map((one) => one.sub));
    if (subs.size > 1) return `${rule} finds several legacy users: ${[...subs].sort().join(', ')}`;
  }
  return undefined;
}

/** Only for UUIDs, which verifiers read in lower case: a write would change nothing for them, and would cost money. */
const IN_OTHER_CASE = 'the value differs in upper and lower case';

function matched({ sub, held }: MatchInput, rule: string, legacySub: string, passedOver = ''): Decision {
  const decided = { rule, value: legacySub } as const;
  const detail = (...parts: string[]) => parts.filter((part) => part !== '').join('; ');
  if (held === null) return { outcome: 'set', ...decided, detail: passedOver };
  if (held.value === legacySub) return { outcome: 'ok', ...decided, detail: passedOver };
  if (held.id === legacySub) return { outcome: 'ok', ...decided, detail: detail(IN_OTHER_CASE, passedOver) };
  return { outcome: 'conflict', ...decided, detail: detail(describeHeld(held, sub), passedOver) };
}

function undecided(outcome: 'ambiguous' | 'contradiction', { sub, held }: MatchInput, detail: string): Decision {
  const holds = held === null ? '' : `; ${describeHeld(held, sub)}`;
  return { outcome, rule: '', value: null, detail: `${detail}${holds}` };
}

function unmatched({ sub, held, findings }: MatchInput, trust: Trust): Decision {
  const hints = [...new Set(findings.map((one) => hinted(one, trust)))].sort();
  const nobody = { rule: '', value: null } as const;
  if (held === null)
    return { outcome: hints.length > 0 ? 'unverified' : 'new-born', ...nobody, detail: hints.join(', ') };
  if (held.id === sub && hints.length === 0) {
    return { outcome: 'new-born', ...nobody, detail: 'already has its own sub' };
  }
  const trustable = isTrustable(
    held,
    sub,
    findings.map(({ rule }) => rule),
  );
  if (trustable && trust.trustAttribute) {
    return { outcome: 'ok', rule: 'attribute', value: held.id, detail: held.value === held.id ? '' : IN_OTHER_CASE };
  }
  const backing = hints.length === 0 ? '' : `; ${hints.join(', ')}`;
  const detail = `${describeHeld(held, sub)}${backing}`;
  return { outcome: 'unexplained', ...nobody, detail, ...(trustable ? { trustable } : {}) };
}
