import { featurePlanOf, listPriceOf } from '../../users/mau-prices.js';
import { counted } from '../../words.js';
import type { CheckOptions } from '../define-check.js';
import type { UserStatistics } from '../snapshot/pool-snapshot.js';
import { moversOf, sum } from './movers.js';
import { movedAfter } from './recency.js';
import { type KnownParts, nativeWay } from './ways.js';

const USERS_PER_IMPORT_FILE = 500_000;
const DAYS_PER_MONTH = 30;

export type Way = 'backfill' | NativeCostWay | 'csv-import';
type NativeCostWay = 'migration-trigger' | 'federation-with-legacy-pool';

/** What one way of giving users their legacy id costs. */
interface WayCost {
  readonly way: Way;
  /** How many users it covers. */
  readonly users: number;
  /** Calls that change a user, made by a script. */
  readonly writes: number;
  /** Hours that the script takes at the given rate; 0 where users move by signing in or Cognito imports them. */
  readonly hours: number;
  /** Users whom this makes monthly active and who would not be otherwise. */
  readonly monthlyActiveUsers: number;
  readonly dollars: number;
  readonly note: string;
}

/** Dollars per monthly active user of one legacy pool. */
interface LegacyPrice {
  readonly userPoolId: string;
  readonly mauPrice: number;
  readonly priceSource: PriceSource;
}

type PriceSource = 'given' | 'list price';

export interface Cost {
  /** Dollars per monthly active user of the new pool that the estimate uses. */
  readonly mauPrice: number;
  /** Where the price comes from. */
  readonly priceSource: PriceSource;
  readonly legacyPrices: readonly LegacyPrice[];
  /** Writes per second. */
  readonly rps: number;
  /** The ways that these pools can use. */
  readonly ways: readonly WayCost[];
}

/**
 * How many users a backfill writes, judging by counts: the users of the new pool without a value, and no more than there are
 * legacy users. `plan` gives the exact number.
 */
export function backfillWrites(legacy: readonly UserStatistics[], newUsers: UserStatistics, attribute: string): number {
  const done = newUsers.customAttributes[attribute] ?? 0;
  return Math.max(
    0,
    Math.min(
      newUsers.total,
      sum(legacy, ({ total }) => total),
    ) - done,
  );
}

type LegacyPool = KnownParts & { readonly users: UserStatistics };

/** `newPool`: `undefined` before the new pool exists. */
export function estimateCost(
  legacy: readonly LegacyPool[],
  newPool: KnownParts | undefined,
  options: Pick<CheckOptions, 'attribute' | 'rps' | 'mauPrice' | 'legacyMauPrice'>,
): Cost {
  const users = legacy.map((pool) => pool.users);
  const mauPrice = options.mauPrice ?? listPrice(newPool);
  const legacyPriceOf = (pool: KnownParts) => options.legacyMauPrice ?? listPrice(pool);
  const { native } = moversOf(users, newPool?.users, options.attribute);
  const left =
    native /
    Math.max(
      1,
      sum(users, (one) => one.native),
    );
  const leftOf = (pools: readonly LegacyPool[]) =>
    Math.round(left * pools.reduce((all, pool) => all + pool.users.ableToSignIn, 0));
  const signingIn = (way: NativeCostWay, note: string): WayCost[] => {
    const pools = legacy.filter((pool) => COSTS_OF[nativeWay(pool, newPool)] === way);
    const count = leftOf(pools);
    if (count === 0) return [];
    const active = pools.map((pool) => ({
      users: left * movedAfter(pool.users.lastModifiedNative, DAYS_PER_MONTH),
      price: legacyPriceOf(pool),
    }));
    const monthlyActiveUsers = Math.round(active.reduce((all, one) => all + one.users, 0));
    const dollars = active.reduce((all, one) => all + one.users * one.price, 0);
    return [{ way, users: count, writes: 0, hours: 0, monthlyActiveUsers, dollars, note }];
  };
  const importing = leftOf(legacy);
  return {
    mauPrice,
    priceSource: sourceOf(options.mauPrice),
    legacyPrices: legacy.map((pool) => ({
      userPoolId: pool.userPoolId,
      mauPrice: legacyPriceOf(pool),
      priceSource: sourceOf(options.legacyMauPrice),
    })),
    rps: options.rps,
    ways: [
      ...(newPool?.users === undefined || newPool.users.total === 0
        ? []
        : [costOfBackfill(backfillWrites(users, newPool.users, options.attribute))]),
      ...signingIn(
        'migration-trigger',
        `Users move when they sign in, and the attribute is set when they are created. The password check also makes them active in the legacy pool, at its price. The estimate covers the ${DAYS_PER_MONTH} days after the switch.`,
      ),
      ...signingIn(
        'federation-with-legacy-pool',
        `Each sign-in also makes the user active in the legacy pool, at its price, for as long as that pool is the identity provider. The estimate covers the first ${DAYS_PER_MONTH} days.`,
      ),
      ...(importing === 0
        ? []
        : [
            {
              way: 'csv-import' as const,
              users: importing,
              writes: 0,
              hours: 0,
              monthlyActiveUsers: 0,
              dollars: 0,
              note: `${counted(Math.ceil(importing / USERS_PER_IMPORT_FILE), 'import file')}. An import makes no user active. Every user has to reset their password, which takes one message each.`,
            },
          ]),
    ],
  };

  function costOfBackfill(writes: number): WayCost {
    return {
      way: 'backfill',
      users: writes,
      writes,
      hours: writes / options.rps / 3600,
      monthlyActiveUsers: writes,
      dollars: writes * mauPrice,
      note: 'For users who are already in the new pool. Users who also sign in within the month cost nothing extra.',
    };
  }
}

const COSTS_OF = {
  'migration-at-sign-in': 'migration-trigger',
  'federation-with-legacy-pool': 'federation-with-legacy-pool',
} as const;

/** A plan whose price is not known, perhaps a new one, counts as the default plan. */
const listPrice = (pool: KnownParts | undefined): number =>
  listPriceOf(featurePlanOf(pool?.settings?.plan ?? undefined));

const sourceOf = (given: number | undefined): PriceSource => (given === undefined ? 'list price' : 'given');
