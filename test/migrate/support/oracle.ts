import type { Outcome } from '../../../src/migrate/outcomes.js';

export interface Person {
  readonly username: string;
  readonly sub: string;
  readonly email?: string | undefined;
  readonly emailVerified: boolean;
  readonly phone?: string | undefined;
  readonly phoneVerified: boolean;
  readonly identity?: string | undefined;
  /** What the attribute holds; for new users. */
  readonly value?: string | undefined;
  readonly unconfirmed?: boolean;
}

export interface Question {
  readonly legacy: readonly Person[];
  readonly fresh: readonly Person[];
  readonly mapping: ReadonlyMap<string, string>;
  readonly trustUsernames: boolean;
  /** E-mail and phone of users of the identity provider count. */
  readonly trustProvider: boolean;
  readonly stampNewBorn: boolean;
  readonly trustAttribute: boolean;
}

export interface Verdict {
  outcome: Outcome;
  value: string | undefined;
}

/**
 * The table of outcomes, written down a second time and as plainly as possible: every user against every user. It shares no
 * code with the rules it is held against.
 */
export function outcomesByTheTable(question: Question): Verdict[] {
  const { legacy, fresh, mapping, stampNewBorn, trustAttribute } = question;
  const verdicts = fresh.map((user): Verdict => {
    const target = mapping.get(user.username) ?? findTarget(user, question);
    if (target === 'ambiguous' || target === 'contradiction') return { outcome: target, value: undefined };
    if (target !== undefined) {
      if (user.value === undefined) return { outcome: 'set', value: target };
      return { outcome: asRead(user.value) === target ? 'ok' : 'conflict', value: target };
    }
    const hinted = legacy.some((old) => isHint(user, old));
    const passesForAnother = legacy.some((old) => old.sub === user.sub);
    if (asRead(user.value) === user.sub && !hinted && !passesForAnother)
      return { outcome: 'new-born', value: undefined };
    if (user.value !== undefined) {
      if (trustAttribute && isBelievable(user, question)) return { outcome: 'ok', value: asRead(user.value) };
      return { outcome: 'unexplained', value: undefined };
    }
    return { outcome: hinted ? 'unverified' : 'new-born', value: undefined };
  });

  const claims = (verdict: Verdict) => ['set', 'ok', 'conflict'].includes(verdict.outcome);
  const contested = fresh.filter((user, i) => {
    const mine = verdicts[i]!;
    const rivals = fresh.filter((_, k) => k !== i && claims(verdicts[k]!) && verdicts[k]!.value === mine.value);
    return claims(mine) && rivals.length > 0 && !mapping.has(user.username);
  });
  for (const user of contested) verdicts[fresh.indexOf(user)]!.outcome = 'duplicate';

  fresh.forEach((user, i) => {
    const verdict = verdicts[i]!;
    if (!stampNewBorn || verdict.outcome !== 'new-born' || user.value !== undefined) return;
    if (legacy.some((old) => old.sub === user.sub)) verdict.outcome = 'unverified';
    else verdict.value = user.sub;
  });

  for (let changed = true; changed; ) {
    changed = false;
    fresh.forEach((user, i) => {
      const verdict = verdicts[i]!;
      const wants = ['set', 'conflict', 'new-born'].includes(verdict.outcome) && verdict.value !== undefined;
      const holder = fresh.some((other, k) => {
        const bothOverwritten = verdict.outcome === 'conflict' && verdicts[k]!.outcome === 'conflict';
        return other !== user && other.value?.toLowerCase() === verdict.value?.toLowerCase() && !bothOverwritten;
      });
      if (!wants || !holder) return;
      verdict.outcome = 'duplicate';
      changed = true;
    });
  }
  return verdicts;
}

function findTarget(user: Person, { legacy, trustUsernames: trust, trustProvider }: Question): string | undefined {
  // An identity provider may let people choose what it vouches for.
  const vouched = (one: Person) => trustProvider || one.identity === undefined;
  const byIdentity = legacy.filter((old) => user.identity !== undefined && old.identity === user.identity);
  const believable = legacy.filter((old) => vouched(user) && vouched(old));
  const byEmail = believable.filter((old) => sameEmail(user, old) && user.emailVerified && old.emailVerified);
  const byPhone = believable.filter(
    (old) => user.phone !== undefined && old.phone === user.phone && user.phoneVerified && old.phoneVerified,
  );
  const byName = legacy.filter((old) => old.username === user.username);
  const sets = [byIdentity, byEmail, byPhone, byName].map((found) => new Set(found.map(({ sub }) => sub)));
  if (sets.some(({ size }) => size > 1)) return 'ambiguous';
  const all = new Set(sets.flatMap((set) => [...set]));
  if (all.size > 1) return 'contradiction';
  const namesake = byName[0];
  const verifiedEmails =
    namesake?.email !== undefined && user.email !== undefined && namesake.emailVerified && user.emailVerified;
  if (namesake !== undefined && verifiedEmails && !sameEmail(user, namesake)) return 'contradiction';
  const proven = byIdentity.length + byEmail.length + byPhone.length > 0;
  return proven || trust ? [...all][0] : undefined;
}

/** Whether an attribute that only administrators write settles who this is. */
function isBelievable(user: Person, { legacy, fresh }: Question): boolean {
  const owner = legacy.filter(({ sub }) => sub === asRead(user.value));
  if (owner.length === 0 || asRead(user.value) === user.sub || user.unconfirmed === true) return false;
  if (fresh.some((other) => other !== user && other.value?.toLowerCase() === user.value?.toLowerCase())) return false;
  const rules = [
    sameEmail,
    (one: Person, old: Person) => one.phone !== undefined && one.phone === old.phone,
    (one: Person, old: Person) => one.username.toLowerCase() === old.username.toLowerCase(),
  ];
  return rules.every((rule) => legacy.every((old) => !rule(user, old)) || owner.some((old) => rule(user, old)));
}

/** A UUID is the same in upper and in lower case; of other ids, nobody knows. */
function asRead(value: string | undefined): string | undefined {
  return value?.length === 36 ? value.toLowerCase() : value;
}

function isHint(user: Person, old: Person): boolean {
  return (
    sameEmail(user, old) ||
    (user.phone !== undefined && user.phone === old.phone) ||
    user.username.toLowerCase() === old.username.toLowerCase()
  );
}

function sameEmail(one: Person, other: Person): boolean {
  return one.email !== undefined && one.email.toLowerCase() === other.email?.toLowerCase();
}
