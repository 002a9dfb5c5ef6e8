import type { Finding } from './check.js';
import { movedAfter } from './recency.js';
import type { PoolSettings, UserStatistics } from './snapshot.js';

/** How long migration at sign-in runs before the rest is imported. */
const WINDOW_DAYS = 90;

type MoveWay = 'federation' | 'migration-at-sign-in' | 'import-and-reset' | 'sign-up-again' | 'leave-behind';

/** One share of the legacy users, and the way that fits it. The shares add up to all users. */
interface Share {
  readonly way: MoveWay;
  readonly title: string;
  readonly users: number;
  /** 0 to 1. */
  readonly share: number;
  readonly why: string;
}

export interface Recommendation {
  readonly shares: readonly Share[];
  /** When not to move users at all. `undefined` where replication cannot serve. */
  readonly replication: string | undefined;
  /** What to do, in order. */
  readonly steps: readonly string[];
}

interface Pools {
  readonly legacy: readonly {
    readonly region: string;
    readonly settings: PoolSettings | undefined;
    readonly users: UserStatistics;
  }[];
  readonly new: { readonly region: string; readonly settings: PoolSettings | undefined } | undefined;
}

export function recommend(pools: Pools, findings: readonly Finding[]): Recommendation {
  return {
    shares: sharesOf(pools.legacy.map(({ users }) => users)),
    replication: replicationInstead(pools),
    steps: stepsFor(findings),
  };
}

function sharesOf(legacy: readonly UserStatistics[]): Share[] {
  const add = (count: (users: UserStatistics) => number) => legacy.reduce((sum, users) => sum + count(users), 0);
  const total = add((users) => users.total);
  const active = add((users) => movedAfter(users.lastModifiedNative, WINDOW_DAYS));
  const dormant = add((users) => users.ableToSignIn) - active;
  const withoutContact = add((users) => users.withoutVerifiedContact);
  const unconfirmed = add((users) => users.byStatus['UNCONFIRMED'] ?? 0);
  const disabled = add((users) => users.disabled);
  const federated = add((users) => users.ableToSignInFederated);
  // A disabled user may be unconfirmed too: counted once, as disabled.
  const signUpAgain = Math.min(unconfirmed, total - disabled - federated - active - dormant);
  const unfinished = total - disabled - federated - active - dormant - signUpAgain;
  const share = (way: MoveWay, title: string, users: number, why: string): Share => ({
    way,
    title,
    users,
    share: total === 0 ? 0 : Math.round((users / total) * 10_000) / 10_000,
    why,
  });
  return [
    share(
      'federation',
      'Federation',
      federated,
      'They have no password here. With the same identity provider in the new pool they are there after one sign-in; a trigger or a backfill gives them their legacy id by the id at the provider.',
    ),
    share(
      'migration-at-sign-in',
      'Migration at first sign-in',
      active,
      `Estimated to sign in within ${WINDOW_DAYS} days: the migration trigger takes them along with their password, and nobody notices. The legacy id is set while the user is created, which costs no write.`,
    ),
    share(
      'import-and-reset',
      'Import and password reset',
      dormant + unfinished,
      `Not expected to sign in within ${WINDOW_DAYS} days, or with a password that does not work. Import them when the window is over; they reset the password when they come back.${
        withoutContact > 0
          ? ` Up to ${withoutContact} of them have no verified address or number and cannot be imported: keep the trigger for them, or let them go.`
          : ''
      }`,
    ),
    share(
      'sign-up-again',
      'Sign up again',
      signUpAgain,
      'Never confirmed their sign-up: Cognito does not import them, and no application knows them.',
    ),
    share('leave-behind', 'Leave behind', disabled, 'Disabled. Moving them revives them unless every step takes care.'),
  ].filter(({ users }) => users > 0);
}

/** Replication keeps users, subs and passwords: where it serves, nothing has to be moved. */
function replicationInstead({ legacy, new: newPool }: Pools): string | undefined {
  const [only, ...more] = legacy;
  if (only === undefined || more.length > 0) return undefined;
  const sameAccount =
    newPool?.settings === undefined ||
    only.settings === undefined ||
    only.settings.account === newPool.settings.account;
  if (newPool !== undefined && (newPool.region === only.region || !sameAccount)) return undefined;
  const needs = [
    ...(only.settings?.plan === 'LITE' ? ['the Essentials or Plus plan (the pool is on Lite)'] : []),
    ...(only.settings?.issuerForm === 'ORIGINAL'
      ? ['the UPDATED issuer form, which changes the iss of every token']
      : []),
    'a multi-Region customer managed key',
  ];
  return `If the only motive is to survive the loss of a Region, do not move anybody: a replica of the legacy pool in ${
    newPool?.region ?? 'the other Region'
  } (create-user-pool-replica) keeps users, passwords and subs. It needs ${needs.join(', ')}.`;
}

function stepsFor(findings: readonly Finding[]): string[] {
  const blockers = findings.filter(({ severity }) => severity === 'blocker').map(({ id }) => id);
  return [
    ...(blockers.length > 0 ? [`Remove the blockers: ${[...new Set(blockers)].join(', ')}.`] : []),
    'Mount the middleware in every API, so that tokens of both pools are accepted before the first token of the new pool is signed.',
    'Set up the new pool: attribute, lists of the app clients, pre token generation trigger, identity providers, groups.',
    'Set the user migration trigger and the triggers of first federated sign-in, and try them with a handful of accounts.',
    'cognito-cutover plan, then publish: users who are in the new pool already are known to the APIs within minutes.',
    'cognito-cutover apply at the start of a month, then verify.',
    'Switch applications over one at a time: sign-ins go to the new pool, and users move.',
    `After ${WINDOW_DAYS} days export-csv and import the rest, then plan, apply and verify again.`,
    'Set legacyTokens.acceptUntil to the longest token lifetime from now, and watch that nobody is refused.',
    'Keep the legacy pool, protected against deletion, for as long as a mapping may be questioned.',
  ];
}
