import type { MfaSettings, PoolSettings } from '../snapshot/pool-snapshot.js';

/** What users can type as their name at sign-in. Sorted, so that two pools can be compared. */
export const signInNames = ({ usernameAttributes, aliasAttributes }: PoolSettings): string[] =>
  usernameAttributes.length > 0 ? [...usernameAttributes].sort() : ['username', ...[...aliasAttributes].sort()];

/** The second factors that a pool can offer, and their names for people. */
export const MFA_KINDS = [
  ['sms', 'SMS'],
  ['softwareToken', 'authenticator app (TOTP)'],
  ['email', 'e-mail'],
] as const;

export const mfaKinds = (mfa: MfaSettings): string[] => MFA_KINDS.filter(([kind]) => mfa[kind]).map(([, name]) => name);
