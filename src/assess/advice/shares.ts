import { sum } from '../forecast/movers.js';
import { movedAfter } from '../forecast/recency.js';
import { type NativeWay, nativeWay } from '../forecast/ways.js';
import type { UserStatistics } from '../snapshot/pool-snapshot.js';
import { counted } from '../words.js';
import { movers, type Situation } from './situation.js';

/** How long migration at sign-in runs before the rest is imported. */
export const WINDOW_DAYS = 90;

type MoveWay =
  | NativeWay
  | 'already-moved'
  | 'backfill'
  | 'federation'
  | 'import-and-reset'
  | 'sign-up-again'
  | 'leave-behind';

/** One share of the legacy users, and the way that fits it. The shares add up to all users. */
export interface Share {
  readonly way: MoveWay;
  readonly title: string;
  readonly users: number;
  /** 0 to 1. */
  readonly share: number;
  readonly why: string;
}

const TITLES: Readonly<Record<MoveWay, string>> = {
  'already-moved': 'In the new pool already',
  backfill: 'Backfill',
  federation: 'Federation',
  'migration-at-sign-in': 'Migration at first sign-in',
  'federation-with-legacy-pool': 'Federation with the legacy pool',
  'import-and-reset': 'Import and password reset',
  'sign-up-again': 'Sign up again',
  'leave-behind': 'Leave behind',
};

/** Every legacy user once, in the order of the table above. */
export function sharesOf(situation: Situation): Share[] {
  const { mapped, unmapped, native, federated } = movers(situation);
  const total = sum(
    situation.legacy.map(({ users }) => users),
    (users) => users.total,
  );
  const users: Record<MoveWay, number> = {
    'already-moved': mapped,
    backfill: unmapped,
    ...apportioned(leftBehind(situation, { native, federated }), native + federated),
  };
  const texts = textsOf(situation, users['import-and-reset']);
  return (Object.keys(TITLES) as MoveWay[])
    .filter((way) => users[way] > 0)
    .map((way) => ({
      way,
      title: TITLES[way],
      users: users[way],
      share: Math.round((users[way] / total) * 10_000) / 10_000,
      why: texts[way],
    }));
}

type WayLeft = Exclude<MoveWay, 'already-moved' | 'backfill'>;

/** Those who are not in the new pool, as weights: who of a pool has moved is not known, so all kinds count alike. */
function leftBehind(
  { legacy, new: newPool }: Situation,
  left: { readonly native: number; readonly federated: number },
): Record<WayLeft, number> {
  const weights: Record<WayLeft, number> = {
    federation: 0,
    'migration-at-sign-in': 0,
    'federation-with-legacy-pool': 0,
    'import-and-reset': 0,
    'sign-up-again': 0,
    'leave-behind': 0,
  };
  const all = legacy.map(({ users }) => users);
  const nativeLeft = ratio(
    left.native,
    sum(all, (users) => users.native),
  );
  const federatedLeft = ratio(
    left.federated,
    sum(all, (users) => users.total - users.native),
  );
  const anyLeft = ratio(
    left.native + left.federated,
    sum(all, (users) => users.total),
  );
  for (const pool of legacy) {
    const { users } = pool;
    const active = movedAfter(users.lastModifiedNative, WINDOW_DAYS);
    const enabledRest = users.total - users.disabled - users.ableToSignInFederated - users.ableToSignIn;
    // A disabled user may be unconfirmed too: counted once, as disabled.
    const unconfirmed = Math.min(users.byStatus['UNCONFIRMED'] ?? 0, enabledRest);
    weights.federation += users.ableToSignInFederated * federatedLeft;
    weights[nativeWay(pool, newPool)] += active * nativeLeft;
    weights['import-and-reset'] += (users.ableToSignIn - active + enabledRest - unconfirmed) * nativeLeft;
    weights['sign-up-again'] += unconfirmed * nativeLeft;
    weights['leave-behind'] += users.disabled * anyLeft;
  }
  return weights;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Whole numbers in proportion to the weights that add up to `total`. */
function apportioned<K extends string>(weights: Readonly<Record<K, number>>, total: number): Record<K, number> {
  const entries = Object.entries(weights) as [K, number][];
  const weight = entries.reduce((all, [, one]) => all + one, 0);
  const exact = entries.map(([key, one]) => ({ key, users: ratio(one * total, weight) }));
  const whole = exact.map(({ key, users }) => ({ key, users: Math.floor(users), rest: users - Math.floor(users) }));
  let missing = weight === 0 ? 0 : total - whole.reduce((all, { users }) => all + users, 0);
  for (const one of [...whole].sort((a, b) => b.rest - a.rest)) {
    if (missing <= 0) break;
    one.users++;
    missing--;
  }
  return Object.fromEntries(whole.map(({ key, users }) => [key, users])) as Record<K, number>;
}

function textsOf(situation: Situation, importing: number): Record<MoveWay, string> {
  const { legacy, new: newPool } = situation;
  const users: UserStatistics[] = legacy.map((pool) => pool.users);
  const withoutContact = Math.min(
    importing,
    sum(users, (one) => one.withoutVerifiedContact),
  );
  const byTrigger = legacy.filter(
    (pool) => pool.users.native > 0 && nativeWay(pool, newPool) === 'migration-at-sign-in',
  );
  const choice = byTrigger.some(({ settings }) => settings?.firstAuthFactors.some((factor) => factor !== 'PASSWORD'));
  const mfa = (mode: 'OPTIONAL' | 'ON') => byTrigger.some(({ settings }) => settings?.mfa === mode);
  const unknown = byTrigger.some(({ settings }) => settings === undefined);
  return {
    'already-moved':
      'They carry a legacy id: nothing is left to do for them. Counted from numbers alone; plan and verify tell by name.',
    backfill: 'In the new pool without a legacy id: plan recognises them, and apply writes it.',
    federation:
      'They have no password here. With the same identity provider in the new pool they are there after one sign-in; the post confirmation trigger gives them their legacy id by the id at the provider.',
    'migration-at-sign-in': [
      `Estimated to sign in within ${WINDOW_DAYS} days: the migration trigger takes them along with their password, and sets the legacy id while the user is created, which costs no write.`,
      ...(mfa('OPTIONAL')
        ? [
            'Those with a second factor are refused by the trigger, and how many have one is not known: they need federation with the legacy pool, or a reset (challenges: "reset-and-enrol").',
          ]
        : []),
      ...(mfa('ON')
        ? [
            'Everybody has a second factor: with challenges: "reset-and-enrol" they reset the password by a code and set the factor up again.',
          ]
        : []),
      ...(choice
        ? [
            'Those who use a passkey or a code may have no password to take along: they come by import, and register again.',
          ]
        : []),
      ...(unknown ? ['Whether second factors stand in the way is not known: the settings could not be read.'] : []),
    ].join(' '),
    'federation-with-legacy-pool': `Estimated to sign in within ${WINDOW_DAYS} days. They have a second factor, which the migration trigger cannot check: the new pool sends them to the sign-in pages of the legacy pool (an OIDC provider like any other), where password and second factor work as before. The user id at this provider is the legacy sub. It lasts as long as the legacy pool.`,
    'import-and-reset': [
      `Not expected to sign in within ${WINDOW_DAYS} days, or with a password that does not work. Import them when the window is over; they reset the password when they come back.`,
      ...(legacy.some(({ settings }) => settings !== undefined && settings.mfa !== 'OFF')
        ? [
            'A second factor does not come along: require MFA in the new pool, so that one is set up at the first sign-in.',
          ]
        : []),
      ...(withoutContact > 0
        ? [
            `Up to ${counted(withoutContact, 'of them has', 'of them have')} no verified address or number and cannot be imported: keep the trigger for them, or let them go.`,
          ]
        : []),
    ].join(' '),
    'sign-up-again': 'Never confirmed their sign-up: Cognito does not import them, and no application knows them.',
    'leave-behind': 'Disabled. Moving them revives them unless every step takes care.',
  };
}
