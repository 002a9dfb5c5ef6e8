import { createHmac } from 'node:crypto';
import type { UserPoolClientType } from '@aws-sdk/client-cognito-identity-provider';
import { notAuthorized, ServiceError, userNotFound } from '../errors.js';
import type { SimulatedPool } from '../pool.js';
import type { SimulatedUser } from '../users.js';

export function checkSecret(client: UserPoolClientType, username: string | undefined, given: string | undefined): void {
  if (client.ClientSecret === undefined) return;
  if (given === undefined) {
    throw notAuthorized(`Client ${client.ClientId} is configured with secret but SECRET_HASH was not received`);
  }
  const expected = createHmac('sha256', client.ClientSecret).update(`${username}${client.ClientId}`).digest('base64');
  if (given !== expected) throw notAuthorized(`Unable to verify secret hash for client ${client.ClientId}`);
}

export function authenticated(pool: SimulatedPool, client: UserPoolClientType, username: string, password: string) {
  const wrong = notAuthorized('Incorrect username or password.');
  const user = pool.user(username) ?? byAlias(pool, username);
  if (user === undefined || user.status === 'EXTERNAL_PROVIDER') {
    throw client.PreventUserExistenceErrors === 'ENABLED' ? wrong : userNotFound();
  }
  if (!user.enabled) throw notAuthorized('User is disabled.');
  if (user.status === 'RESET_REQUIRED') {
    throw new ServiceError('PasswordResetRequiredException', 'Password reset required for the user');
  }
  if (user.password === undefined || user.password !== password) throw wrong;
  if (user.status === 'UNCONFIRMED') throw new ServiceError('UserNotConfirmedException', 'User is not confirmed.');
  return user;
}

/** An address signs in where the pool says so; as an alias only once verified. */
export function byAlias(pool: SimulatedPool, value: string): SimulatedUser | undefined {
  const { UsernameAttributes = [], AliasAttributes = [] } = pool.settings;
  for (const attribute of ['email', 'phone_number', 'preferred_username'] as const) {
    const asUsername = attribute !== 'preferred_username' && UsernameAttributes.includes(attribute);
    if (!asUsername && !AliasAttributes.includes(attribute)) continue;
    const { users } = pool.users.page({ attribute, prefix: false, value }, 0, Number.POSITIVE_INFINITY);
    const verified = (user: SimulatedUser) =>
      attribute === 'preferred_username' || user.attributes[`${attribute}_verified`] === 'true';
    const user = users.find((one) => asUsername || verified(one));
    if (user !== undefined) return user;
  }
  return undefined;
}

/** The answer to a sign-in whose first factor was right. */
export async function signIn(pool: SimulatedPool, user: SimulatedUser, clientId: string): Promise<object> {
  const challenge = challengeOf(pool, user);
  if (challenge === undefined) return pool.grants.issue(user, clientId);
  const sub = user.attributes['sub'];
  return { ChallengeName: challenge, Session: `sim-session:${sub}`, ChallengeParameters: { USER_ID_FOR_SRP: sub } };
}

function challengeOf(pool: SimulatedPool, user: SimulatedUser): string | undefined {
  if (user.status === 'FORCE_CHANGE_PASSWORD') return 'NEW_PASSWORD_REQUIRED';
  if (pool.settings.MfaConfiguration === 'ON' && user.mfa.length === 0) return 'MFA_SETUP';
  return pool.settings.MfaConfiguration === 'OFF' ? undefined : user.mfa[0];
}
