import { createHmac } from 'node:crypto';
import type {
  AdminInitiateAuthRequest,
  GetUserRequest,
  InitiateAuthRequest,
  SignUpRequest,
  UpdateUserAttributesRequest,
  UserPoolClientType,
} from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter, invalidRequest, notAuthorized, notFound, ServiceError, userNotFound } from '../errors.js';
import type { Call, Operation, Pools } from '../operation.js';
import type { SimulatedPool } from '../pool.js';
import type { SimulatedUser } from '../users.js';
import { wireAttributes } from '../users.js';
import { namedClient } from './clients.js';
import { attributesOf, createUser, mfaOf, updateAttributes } from './users.js';

const SIGN_IN_SCOPE = 'aws.cognito.signin.user.admin';
const OPAQUE = 'sim-access:';

interface Bearer {
  pool: SimulatedPool;
  user: SimulatedUser;
  clientId: string | undefined;
}

/** Whose access token it is: `sim-access:<sub>`, or a JWT, of which the claims are believed unverified. */
function bearerOf(pools: Pools, token: string | undefined, now: number): Bearer {
  const claims = token?.startsWith(OPAQUE)
    ? { sub: token.slice(OPAQUE.length), scope: SIGN_IN_SCOPE }
    : claimsOf(token);
  if (claims.exp !== undefined && claims.exp * 1000 < now) throw notAuthorized('Access Token has expired');
  if (!claims.scope?.split(' ').includes(SIGN_IN_SCOPE)) {
    throw notAuthorized('Access Token does not have required scopes');
  }
  for (const pool of pools.all()) {
    if (claims.iss !== undefined && !claims.iss.endsWith(`/${pool.id}`)) continue;
    const user = pool.users.findBySub(claims.sub ?? '');
    if (user !== undefined) return { pool, user, clientId: claims.client_id };
  }
  throw userNotFound();
}

interface AccessClaims {
  sub?: string;
  scope?: string;
  iss?: string;
  exp?: number;
  client_id?: string;
}

function claimsOf(token = ''): AccessClaims {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  } catch {
    throw notAuthorized('Invalid Access Token');
  }
}

const poolOfToken = (pools: Pools, { AccessToken }: GetUserRequest) =>
  bearerOf(pools, AccessToken, Number.NEGATIVE_INFINITY).pool;

function getUser({ input, pools, now }: Call<GetUserRequest>): object {
  const { user } = bearerOf(pools, input.AccessToken, now);
  return { Username: user.username, UserAttributes: wireAttributes(user), ...mfaOf(user) };
}

function updateOwn({ operation, input, pools, now }: Call<UpdateUserAttributesRequest>): object {
  const { pool, user, clientId } = bearerOf(pools, input.AccessToken, now);
  checkWritable(clientId === undefined ? undefined : pool.clients.get(clientId), input.UserAttributes);
  updateAttributes(pool, operation, user, input.UserAttributes);
  return { CodeDeliveryDetailsList: [] };
}

/** A client without an explicit list may write everything. */
function checkWritable(client: UserPoolClientType | undefined, list: SignUpRequest['UserAttributes']): void {
  const writable = client?.WriteAttributes;
  if (writable !== undefined && list?.some(({ Name = '' }) => !writable.includes(Name))) {
    throw notAuthorized('A client attempted to write unauthorized attribute');
  }
}

function poolOfClient(pools: Pools, { ClientId }: { ClientId?: string | undefined }): SimulatedPool {
  for (const pool of pools.all()) if (pool.clients.has(ClientId ?? '')) return pool;
  throw notFound(`User pool client ${ClientId} does not exist.`);
}

function signUp({ operation, input, pool }: Call<SignUpRequest>): object {
  const client = namedClient(pool, input.ClientId);
  if (pool.settings.AdminCreateUserConfig?.AllowAdminCreateUserOnly === true) {
    throw notAuthorized('SignUp is not permitted for this user pool');
  }
  checkSecret(client, input.Username, input.SecretHash);
  checkWritable(client, input.UserAttributes);
  const user = createUser(pool, operation, {
    username: input.Username ?? '',
    attributes: attributesOf(input.UserAttributes),
    status: 'UNCONFIRMED',
    password: input.Password ?? '',
  });
  return { UserConfirmed: false, UserSub: user.attributes['sub'] };
}

function checkSecret(client: UserPoolClientType, username: string | undefined, given: string | undefined): void {
  if (client.ClientSecret === undefined) return;
  if (given === undefined) {
    throw notAuthorized(`Client ${client.ClientId} is configured with secret but SECRET_HASH was not received`);
  }
  const expected = createHmac('sha256', client.ClientSecret).update(`${username}${client.ClientId}`).digest('base64');
  if (given !== expected) throw notAuthorized(`Unable to verify secret hash for client ${client.ClientId}`);
}

const PASSWORD_FLOWS = ['ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH'];

function initiateAuth({ input, pool }: Call<AdminInitiateAuthRequest | InitiateAuthRequest>): object {
  const client = namedClient(pool, input.ClientId);
  const { USERNAME: username, PASSWORD: password, SECRET_HASH: secretHash } = input.AuthParameters ?? {};
  if (!PASSWORD_FLOWS.includes(input.AuthFlow ?? '')) throw invalidParameter('Initiate Auth method not supported.');
  const allowed: readonly string[] | undefined = client.ExplicitAuthFlows;
  if (allowed !== undefined && !allowed.includes(`ALLOW_${input.AuthFlow}`) && !allowed.includes(`${input.AuthFlow}`)) {
    throw invalidParameter('Auth flow not enabled for this client');
  }
  if (username === undefined || password === undefined) throw invalidRequest('authParameters', 'not be null');
  checkSecret(client, username, secretHash);
  return signIn(pool, authenticated(pool, client, username, password));
}

function authenticated(pool: SimulatedPool, client: UserPoolClientType, username: string, password: string) {
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
function byAlias(pool: SimulatedPool, value: string): SimulatedUser | undefined {
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

function signIn(pool: SimulatedPool, user: SimulatedUser): object {
  const challenge = challengeOf(pool, user);
  const sub = user.attributes['sub'];
  if (challenge !== undefined) {
    return { ChallengeName: challenge, Session: `sim-session:${sub}`, ChallengeParameters: { USER_ID_FOR_SRP: sub } };
  }
  return {
    ChallengeParameters: {},
    AuthenticationResult: {
      AccessToken: accessTokenOf(sub),
      IdToken: `sim-id:${sub}`,
      RefreshToken: `sim-refresh:${sub}`,
      ExpiresIn: 3600,
      TokenType: 'Bearer',
    },
  };
}

/** A JWT that nobody signed: whoever takes it apart finds whose it is. */
function accessTokenOf(sub: string | undefined): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub, scope: SIGN_IN_SCOPE })}.sim`;
}

function challengeOf(pool: SimulatedPool, user: SimulatedUser): string | undefined {
  if (user.status === 'FORCE_CHANGE_PASSWORD') return 'NEW_PASSWORD_REQUIRED';
  if (pool.settings.MfaConfiguration === 'ON' && user.mfa.length === 0) return 'MFA_SETUP';
  return pool.settings.MfaConfiguration === 'OFF' ? undefined : user.mfa[0];
}

export const authOperations = {
  GetUser: { category: 'UserRead', locate: poolOfToken, run: getUser },
  UpdateUserAttributes: { category: 'UserUpdate', write: true, locate: poolOfToken, run: updateOwn },
  SignUp: { category: 'UserCreation', write: true, locate: poolOfClient, run: signUp },
  InitiateAuth: { category: 'UserAuthentication', locate: poolOfClient, run: initiateAuth },
  AdminInitiateAuth: { category: 'UserAuthentication', run: initiateAuth },
} satisfies Record<string, Operation>;
