import { counted } from '../../words.js';
import { sum } from '../forecast/movers.js';
import { movedAfter } from '../forecast/recency.js';
import { type NativeWay, nativeWay } from '../forecast/ways.js';
import type { UserStatistics } from '../snapshot/pool-snapshot.js';
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

/** One share of the legacy users, and the way that suits them. The shares add up to all users. */
export interface Share {
  readonly way: MoveWay;
  readonly title: string;
  readonly users: number;
  /** 0 to 1. */
  readonly share: number;
  readonly why: string;
}

const TITLES: Readonly<Record<MoveWay, string>> = {
  'already-moved': 'Already in the new pool',
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

/** Users who are not in the new pool, as weights: it is not known which users have moved, so all kinds count alike. */
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
      'These users have a legacy id, so nothing is left to do for them. The number is derived from totals; plan and verify check each user.',
    backfill: 'These users are in the new pool without a legacy id: plan matches them, and apply writes the id.',
    federation:
      'These users have no password in Cognito. With the same identity provider in the new pool, they move with their first sign-in. The post confirmation trigger finds their legacy id by the user id at the provider.',
    'migration-at-sign-in': [
      `These users are estimated to sign in within ${WINDOW_DAYS} days. The migration trigger moves them with their password and sets the legacy id when the user is created, which costs no write.`,
      ...(mfa('OPTIONAL')
        ? [
            'The trigger refuses users with a second factor, and it is not known how many have one. They need federation with the legacy pool, or a password reset (challenges: "reset-and-enrol").',
          ]
        : []),
      ...(mfa('ON')
        ? [
            'All of them have a second factor. With challenges: "reset-and-enrol" they reset their password with a code and set up the factor again.',
          ]
        : []),
      ...(choice
        ? [
            'Users who sign in with a passkey or a code may have no password to move. They need an import, and register their passkey again.',
          ]
        : []),
      ...(unknown ? ['The settings could not be read, so it is not known whether second factors prevent this.'] : []),
    ].join(' '),
    'federation-with-legacy-pool': `These users are estimated to sign in within ${WINDOW_DAYS} days. They have a second factor, which the migration trigger cannot check. The new pool sends them to the sign-in pages of the legacy pool, as an OIDC provider, where password and second factor work as before. The user id at this provider is the legacy sub. This works for as long as the legacy pool exists.`,
    'import-and-reset': [
      `These users are not expected to sign in within ${WINDOW_DAYS} days, or their password does not work. Import them after that time; they reset their password when they return.`,
      ...(legacy.some(({ settings }) => settings !== undefined && settings.mfa !== 'OFF')
        ? [
            'A second factor does not move. Require MFA in the new pool, so that users set one up at their first sign-in.',
          ]
        : []),
      ...(withoutContact > 0
        ? [
            `Up to ${counted(withoutContact, 'of them has', 'of them have')} no verified address or number and cannot be imported: keep the trigger for them, or leave them behind.`,
          ]
        : []),
    ].join(' '),
    'sign-up-again':
      'These users never confirmed their sign-up. Cognito does not import them, and no application has seen them.',
    'leave-behind': 'These users are disabled. Moving them enables them again unless every step prevents that.',
  };
}
