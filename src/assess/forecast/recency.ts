import type { Ages, UserStatistics } from '../snapshot/pool-snapshot.js';
import { whyFlat } from './flat.js';

/** The days for which the curve has a point. */
export const CURVE_DAYS = [1, 7, 14, 30, 60, 90, 180, 365, 730] as const;

export interface RecencyPoint {
  readonly days: number;
  /** Native users who would have moved by signing in. */
  readonly native: number;
  readonly nativeShare: number;
  readonly federated: number;
  readonly federatedShare: number;
}

export interface Recency {
  /** How the numbers are estimated. */
  readonly method: string;
  readonly native: number;
  readonly federated: number;
  readonly curve: readonly RecencyPoint[];
  /** Why a curve is flat, for each curve that is. */
  readonly flat: readonly string[];
}

const METHOD =
  'This is an estimate, because Cognito does not say when a user last signed in. It assumes that as many users sign in within ' +
  'the next N days as were last changed within the past N days. A new password or profile changes a native user, and a sign-in ' +
  'does not, so more of them will move than estimated. Every sign-in changes a user of an identity provider with mapped ' +
  'attributes, so the estimate for them is close. A mass change in the past (import, backfill) makes the numbers too high. ' +
  'Users who have already moved are counted too.';

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
  const flat = [
    whyFlat({
      whose: 'Users with a password',
      users: native,
      points: curve.map((point) => ({ days: point.days, moved: point.native })),
    }),
    whyFlat({
      whose: 'Users of identity providers',
      users: federated,
      points: curve.map((point) => ({ days: point.days, moved: point.federated })),
    }),
  ].filter((sentence) => sentence !== undefined);
  return { method: METHOD, native, federated, curve, flat };
}

/** 0 to 1, to four digits. */
const share = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000);
