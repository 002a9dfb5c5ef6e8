import type { Ages, UserStatistics } from '../snapshot/pool-snapshot.js';

/** After how many days the curve is given. */
export const CURVE_DAYS = [1, 7, 14, 30, 60, 90, 180, 365, 730] as const;

export interface RecencyPoint {
  readonly days: number;
  /** Native users who would have moved by themselves. */
  readonly native: number;
  readonly nativeShare: number;
  readonly federated: number;
  readonly federatedShare: number;
}

export interface Recency {
  /** How the numbers came about: they are an estimate. */
  readonly method: string;
  readonly native: number;
  readonly federated: number;
  readonly curve: readonly RecencyPoint[];
}

const METHOD =
  'An estimate. Cognito does not say when a user last signed in. Taken instead: as many users will sign in within the next ' +
  'N days as were last changed within the past N days. A native user is changed by a new password or profile, not by a plain ' +
  'sign-in, so that more will move than this says; a user of an identity provider with mapped attributes is changed by every ' +
  'sign-in, so that this is close. A past mass change (import, backfill) makes the numbers too high. Users who have moved already are counted as well.';

/** How many users were last changed within the past `days` days. */
export const movedAfter = (ages: Ages, days: number): number =>
  ages.reduce((sum, age) => (age.days < days ? sum + age.users : sum), 0);

/** How many users of the legacy pools would move at their first sign-in, over time. */
export function estimateRecency(legacy: readonly UserStatistics[]): Recency {
  const total = (key: 'ableToSignIn' | 'ableToSignInFederated') => legacy.reduce((sum, users) => sum + users[key], 0);
  const native = total('ableToSignIn');
  const federated = total('ableToSignInFederated');
  const curve = CURVE_DAYS.map((days) => {
    const moved = (key: 'lastModifiedNative' | 'lastModifiedFederated') =>
      legacy.reduce((sum, users) => sum + movedAfter(users[key], days), 0);
    const movedNative = moved('lastModifiedNative');
    const movedFederated = moved('lastModifiedFederated');
    return {
      days,
      native: movedNative,
      nativeShare: share(movedNative, native),
      federated: movedFederated,
      federatedShare: share(movedFederated, federated),
    };
  });
  return { method: METHOD, native, federated, curve };
}

/** 0 to 1, to four digits. */
const share = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000);
