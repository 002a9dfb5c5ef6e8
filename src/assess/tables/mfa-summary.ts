import { mfaKinds } from '../facts/sign-in.js';
import type { PoolParts } from '../snapshot/pool-snapshot.js';

/** What is known of the second factors of one legacy pool. */
export interface MfaSummary {
  readonly userPoolId: string;
  readonly mode: 'OFF' | 'OPTIONAL' | 'ON';
  readonly kinds: readonly string[];
  /** Users with a second factor: at least and at most. */
  readonly atLeast: number;
  readonly atMost: number;
  readonly how: string;
  /** What this means for each way of moving. */
  readonly ways: readonly { readonly way: string; readonly meaning: string }[];
}

export function summariseMfa(pool: Pick<PoolParts, 'settings' | 'mfa' | 'users'> & { userPoolId: string }): MfaSummary {
  const { mfa: mode } = pool.settings;
  const { native } = pool.users;
  const base = { userPoolId: pool.userPoolId, mode, kinds: mode === 'OFF' ? [] : mfaKinds(pool.mfa) };
  if (mode === 'OFF') {
    return { ...base, atLeast: 0, atMost: 0, how: 'MFA is off: users are not asked for a second factor.', ways: [] };
  }
  if (native === 0) {
    const how = 'No user of this pool has a password: the identity providers check second factors.';
    return { ...base, atLeast: 0, atMost: 0, how, ways: [] };
  }
  return {
    ...base,
    atLeast: mode === 'ON' ? native : 0,
    atMost: native,
    how:
      mode === 'ON'
        ? 'MFA is required: every native user who has signed in has a second factor.'
        : 'MFA is optional. Only AdminGetUser shows who has a second factor, and it makes every user monthly active, so it was not called.',
    ways: WAYS,
  };
}

const WAYS = [
  {
    way: 'federation',
    meaning:
      'Nothing changes: the identity provider checks the second factor. The legacy pool itself can be that provider. Users then keep their password and their second factor for as long as that pool exists.',
  },
  {
    way: 'migration at first sign-in',
    meaning:
      'The legacy pool answers a correct password with a challenge, not with a sign-in. The trigger refuses such users, or moves them with a password reset (challenges: "reset-and-enrol"). A trigger that ignores the challenge lets anyone who knows the password sign in without the second factor.',
  },
  {
    way: 'import and reset',
    meaning:
      'The second factor is lost: anyone who can read the e-mail or SMS of the password reset can sign in. Require MFA in the new pool, so that users set up a factor at their first sign-in.',
  },
];
