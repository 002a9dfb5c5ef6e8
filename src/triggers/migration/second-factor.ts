import type { LegacyUser, MfaConfiguration } from '../../directory/lambda/trigger-pools.js';

export const NEW_PASSWORD = 'NEW_PASSWORD_REQUIRED';
/** Challenges that stand for a second factor. Others, such as those of custom authentication, are always refused. */
const SECOND_FACTORS = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP', 'SELECT_MFA_TYPE', 'MFA_SETUP'];
/** Second factors for which the legacy pool sends a message as soon as the password is right. */
const SENT_FACTORS = ['SMS_MFA', 'EMAIL_OTP'];

/** What the legacy pool requires of a user beside the password. */
export interface SecondFactor {
  readonly any: boolean;
  /** Whether it can be a message to the phone. */
  readonly sms: boolean;
}

export function isSecondFactor(challenge: string): boolean {
  return SECOND_FACTORS.includes(challenge);
}

/** What the legacy pool's challenge after the right password shows, without another lookup. */
export function challengedFactor({ factors }: LegacyUser, challenge: string): SecondFactor {
  return { any: true, sms: challenge === 'SMS_MFA' || factors.includes('SMS_MFA') };
}

/**
 * What the legacy pool's setting requires of a user: nothing with `OFF`, whatever was set up before; a second factor of everybody
 * with `ON`. Users who have set up nothing then get a message, if they have a phone number.
 */
export function expectedFactor(user: LegacyUser, mfa: MfaConfiguration): SecondFactor {
  if (mfa === 'OFF') return { any: false, sms: false };
  const isDemanded = mfa === 'ON' && user.factors.length === 0;
  return {
    any: isDemanded || user.factors.length > 0,
    sms: user.factors.includes('SMS_MFA') || (isDemanded && hasPhone(user)),
  };
}

/** Settings of the legacy pool with which it sends this user a message as soon as the password is right. */
export function settingsThatSend(user: LegacyUser): readonly MfaConfiguration[] {
  if (user.factors.some((factor) => SENT_FACTORS.includes(factor))) return ['OPTIONAL', 'ON'];
  return user.factors.length === 0 && hasPhone(user) ? ['ON'] : [];
}

function hasPhone({ attributes }: LegacyUser): boolean {
  return (attributes['phone_number'] ?? '') !== '';
}
