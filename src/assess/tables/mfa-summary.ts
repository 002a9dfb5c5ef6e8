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
  /** What it means for each way of moving. */
  readonly ways: readonly { readonly way: string; readonly meaning: string }[];
}

export function summariseMfa(pool: Pick<PoolParts, 'settings' | 'mfa' | 'users'> & { userPoolId: string }): MfaSummary {
  const { mfa: mode } = pool.settings;
  const { native } = pool.users;
  const base = { userPoolId: pool.userPoolId, mode, kinds: mode === 'OFF' ? [] : mfaKinds(pool.mfa) };
  if (mode === 'OFF') {
    return { ...base, atLeast: 0, atMost: 0, how: 'MFA is off: nobody is asked for a second factor.', ways: [] };
  }
  if (native === 0) {
    const how = 'Nobody has a password here: second factors are checked by the identity providers.';
    return { ...base, atLeast: 0, atMost: 0, how, ways: [] };
  }
  return {
    ...base,
    atLeast: mode === 'ON' ? native : 0,
    atMost: native,
    how:
      mode === 'ON'
        ? 'MFA is required: every native user who has signed in has a second factor.'
        : 'MFA is optional. Only AdminGetUser tells who has it, and makes every user it is asked about monthly active: it was not asked.',
    ways: WAYS,
  };
}

const WAYS = [
  {
    way: 'federation',
    meaning:
      'Nothing changes: the second factor is checked by the identity provider. The legacy pool itself can be that provider: users then keep their password and their second factor for as long as it exists.',
  },
  {
    way: 'migration at first sign-in',
    meaning:
      'The legacy pool answers a right password with a challenge, not with a sign-in. The trigger refuses such users, or moves them with a password to be reset (challenges: "reset-and-enrol"). A trigger that ignores the challenge lets whoever knows the password in without the second factor.',
  },
  {
    way: 'import and reset',
    meaning:
      'The factor is gone: whoever can read the e-mail or SMS of the reset is in. Require MFA in the new pool, so that a factor is set up at the first sign-in.',
  },
];
