import type { CheckOptions } from './check.js';
import { movedAfter } from './recency.js';
import type { PoolSettings, UserStatistics } from './snapshot.js';
import { counted } from './words.js';

/** Dollars per monthly active user by list price, before the free tier and discounts. https://aws.amazon.com/cognito/pricing */
const LIST_PRICES = { LITE: 0.0055, ESSENTIALS: 0.015, PLUS: 0.02 } as const;

const USERS_PER_IMPORT_FILE = 500_000;
const DAYS_PER_MONTH = 30;

export type Way = 'backfill' | 'migration-trigger' | 'csv-import';

/** What one way of giving users their legacy id costs. */
interface WayCost {
  readonly way: Way;
  /** Users it is about. */
  readonly users: number;
  /** Calls that change a user, made by a script. */
  readonly writes: number;
  /** Hours the script takes at the rate given; 0 where users do it by signing in, or Cognito by itself. */
  readonly hours: number;
  /** Users made monthly active who would not be otherwise. */
  readonly monthlyActiveUsers: number;
  readonly dollars: number;
  readonly note: string;
}

export interface Cost {
  /** Dollars per monthly active user the estimate is made with. */
  readonly mauPrice: number;
  /** Where the price is from. */
  readonly priceSource: 'given' | 'list price';
  /** Writes per second. */
  readonly rps: number;
  readonly ways: readonly WayCost[];
}

/**
 * How many users a backfill would write, as far as counts can tell: those of the new pool without a value, and no more than
 * there are legacy users to map them to. `plan` gives the exact number.
 */
export function backfillWrites(legacy: readonly UserStatistics[], newUsers: UserStatistics, attribute: string): number {
  const done = newUsers.customAttributes[attribute] ?? 0;
  return Math.max(0, Math.min(newUsers.total, sum(legacy, 'total')) - done);
}

/** `newUsers`: `undefined` before the new pool exists or where it could not be read. */
export function estimateCost(
  legacy: readonly UserStatistics[],
  newUsers: UserStatistics | undefined,
  plan: PoolSettings['plan'],
  options: CheckOptions,
): Cost {
  const mauPrice = options.mauPrice ?? LIST_PRICES[plan ?? 'ESSENTIALS'];
  const able = sum(legacy, 'ableToSignIn');
  const inFirstMonth = legacy.reduce(
    (all, { lastModifiedNative }) => all + movedAfter(lastModifiedNative, DAYS_PER_MONTH),
    0,
  );
  const backfill = newUsers === undefined ? [] : [costOfBackfill(backfillWrites(legacy, newUsers, options.attribute))];
  return {
    mauPrice,
    priceSource: options.mauPrice === undefined ? 'list price' : 'given',
    rps: options.rps,
    ways: [
      ...backfill,
      {
        way: 'migration-trigger',
        users: able,
        writes: 0,
        hours: 0,
        monthlyActiveUsers: inFirstMonth,
        dollars: inFirstMonth * mauPrice,
        note: `Users move as they sign in, and the attribute is set while they are created. Checking the password makes them active in the legacy pool too: counted are the ${DAYS_PER_MONTH} days after the switch.`,
      },
      {
        way: 'csv-import',
        users: able,
        writes: 0,
        hours: 0,
        monthlyActiveUsers: 0,
        dollars: 0,
        note: `${counted(Math.ceil(able / USERS_PER_IMPORT_FILE), 'import file')}. Importing makes nobody active. Everybody has to reset the password, which takes a message each.`,
      },
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
      note: 'For users who are in the new pool already. Those who sign in within the month anyway cost nothing more.',
    };
  }
}

const sum = (pools: readonly UserStatistics[], key: 'total' | 'ableToSignIn'): number =>
  pools.reduce((all, users) => all + users[key], 0);
