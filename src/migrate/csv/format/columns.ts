import type { DirectoryUser } from '../../../directory/user-types.js';

export const USERNAME_COLUMN = 'cognito:username';
export const MFA_COLUMN = 'cognito:mfa_enabled';

/** Whether the user has this contact and has verified it. */
export function isVerified({ attributes }: DirectoryUser, contact: string): boolean {
  return attributes[`${contact}_verified`]?.toLowerCase() === 'true' && Boolean(attributes[contact]);
}
