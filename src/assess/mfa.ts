import { awsCall } from './fix.js';
import type { MfaSettings, PoolParts } from './snapshot.js';

/** The second factors a pool can offer, and what people call them. */
export const MFA_KINDS = [
  ['sms', 'SMS'],
  ['softwareToken', 'authenticator app (TOTP)'],
  ['email', 'e-mail'],
] as const;

export const mfaKinds = (mfa: MfaSettings): string[] => MFA_KINDS.filter(([kind]) => mfa[kind]).map(([, name]) => name);

/** SetUserPoolMfaConfig with everything it takes. */
export function mfaCall(
  pool: { readonly userPoolId: string; readonly region: string },
  mode: 'OFF' | 'OPTIONAL' | 'ON',
  kinds: Pick<MfaSettings, 'sms' | 'softwareToken' | 'email'>,
): string {
  const call = awsCall(pool, 'set-user-pool-mfa-config', {
    'mfa-configuration': mode,
    ...(kinds.sms
      ? { 'sms-mfa-configuration': 'SmsConfiguration={SnsCallerArn=ARN_OF_THE_ROLE,ExternalId=EXTERNAL_ID}' }
      : {}),
    ...(kinds.softwareToken ? { 'software-token-mfa-configuration': 'Enabled=true' } : {}),
    ...(kinds.email
      ? { 'email-mfa-configuration': '{"Message": "Your code is {####}", "Subject": "Your sign-in code"}' }
      : {}),
  });
  return `${call}\n# This sets all of the MFA configuration: where passkeys are in use, add --web-authn-configuration.`;
}

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
    meaning: 'Nothing changes: the second factor is the business of the identity provider.',
  },
  {
    way: 'migration at first sign-in',
    meaning:
      'The legacy pool answers a right password with a challenge, not with a sign-in. A trigger that ignores the challenge lets whoever knows the password in without the second factor.',
  },
  {
    way: 'import and reset',
    meaning:
      'The factor is gone: whoever can read the e-mail or SMS of the reset is in. Require MFA in the new pool, so that a factor is set up at the first sign-in.',
  },
];
