import { createHash } from 'node:crypto';
import type { LegacyUser } from '../../directory/lambda/trigger-pools.js';
import { readUuid } from '../../users/fold.js';
import type { CutoverIdentity } from '../../verify/types.js';
import type { HandoverRefusal, UserStatus } from './handover-refusal.js';

/** Without it, GetUser refuses the token, so that it cannot be known whether the session has ended. */
const OWN_USER_SCOPE = 'aws.cognito.signin.user.admin';

/** How far the clocks of the pools and of the function may differ. */
const CLOCK_DIFFERENCE_SECONDS = 300;

/** For how long a token is accepted after its `exp`. */
export const CLOCK_TOLERANCE_SECONDS = 5;

/**
 * For how long the use of a token is remembered after the last moment at which it is accepted. A store that counts by elapsed time forgets it
 * sooner by as much as the clock of the function was ahead that used the token.
 */
const REMEMBERED_SECONDS = 86_400;

const USER_STATUSES: readonly UserStatus[] = [
  'CONFIRMED',
  'EXTERNAL_PROVIDER',
  'RESET_REQUIRED',
  'FORCE_CHANGE_PASSWORD',
  'UNCONFIRMED',
  'ARCHIVED',
  'COMPROMISED',
  'UNKNOWN',
];

/** What is wrong with a verified token of the legacy pool, as far as the token itself tells. */
export function refusalOfToken(
  { kind, tokenUse, scopes, authTime, claims }: CutoverIdentity,
  now: number,
  maxSignInAgeSeconds: number,
): HandoverRefusal | undefined {
  if (kind !== 'user' || tokenUse !== 'access') return { code: 'ERR_TOKEN_WITHOUT_USER' };
  if (!scopes.includes(OWN_USER_SCOPE)) return { code: 'ERR_TOKEN_SCOPE_MISSING' };
  if (typeof claims['jti'] !== 'string' || claims['jti'] === '') return { code: 'ERR_TOKEN_ID_MISSING' };
  const age = authTime === undefined ? Number.NaN : now / 1000 - authTime;
  if (!(age >= -CLOCK_DIFFERENCE_SECONDS)) return { code: 'ERR_SIGN_IN_TIME_INVALID' };
  return age <= maxSignInAgeSeconds ? undefined : { code: 'ERR_SIGN_IN_TOO_OLD' };
}

/** The name under which the use of a token is remembered, and until when. The `jti` is hashed: it may hold any characters. */
export function useOf({ userPoolId, claims, expiresAt }: CutoverIdentity): { name: string; until: number } {
  const digest = createHash('sha256').update(JSON.stringify([userPoolId, claims['jti']]));
  return { name: `handover:${digest.digest('hex')}`, until: expiresAt + CLOCK_TOLERANCE_SECONDS + REMEMBERED_SECONDS };
}

/** The user who is to be signed in, as the new pool describes them in the event. */
export interface NewUser {
  readonly sub: string | undefined;
  /** `cognito:user_status` */
  readonly status: string | undefined;
  /** As AdminGetUser describes them; `null` where it was not asked. */
  readonly account: LegacyUser | undefined | null;
}

/** What stands against signing this user in, whoever asks for it. */
export function refusalOfUser(
  user: NewUser,
  { statuses, secondFactor }: { readonly statuses: readonly UserStatus[]; readonly secondFactor: 'refuse' | 'accept' },
): HandoverRefusal | undefined {
  const { sub, account } = user;
  if (sub === undefined) return { code: 'ERR_USER_UNKNOWN' };
  const ofEvent = refusalOfStatus(user.status, statuses);
  if (ofEvent !== undefined || account === null) return ofEvent;
  // Another sub: the name changed hands a moment ago.
  if (account?.sub !== sub) return { code: 'ERR_USER_UNKNOWN' };
  if (!account.enabled) return { code: 'ERR_USER_DISABLED' };
  // An administrator may have reset the password since the event was made.
  const ofAccount = refusalOfStatus(account.status, statuses);
  if (ofAccount !== undefined) return ofAccount;
  return secondFactor === 'refuse' && account.factors.length > 0 ? { code: 'ERR_SECOND_FACTOR' } : undefined;
}

function refusalOfStatus(given: string | undefined, statuses: readonly UserStatus[]): HandoverRefusal | undefined {
  const status = USER_STATUSES.find((one) => one === given);
  if (status !== undefined && statuses.includes(status)) return undefined;
  return { code: 'ERR_USER_STATUS', reason: status ?? 'unknown' };
}

/** Whether the legacy id of the new user is the `sub` of the token. UUIDs are the same in any case. */
export function isSameId(legacyId: string, sub: string): boolean {
  return (readUuid(legacyId) ?? legacyId) === (readUuid(sub) ?? sub);
}
