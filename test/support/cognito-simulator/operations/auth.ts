import type {
  AdminInitiateAuthRequest,
  GetUserRequest,
  InitiateAuthRequest,
  SignUpRequest,
  UpdateUserAttributesRequest,
  UserPoolClientType,
} from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter, invalidRequest, notAuthorized } from '../errors.js';
import type { Call, Operation } from '../operation.js';
import { wireAttributes } from '../users.js';
import { bearerOf, poolOfClient, poolOfToken } from './bearer.js';
import { namedClient } from './clients.js';
import { beginCustomAuth } from './custom-auth.js';
import { authenticated, checkSecret, signIn } from './sign-in.js';
import { attributesOf, createUser, mfaOf, updateAttributes } from './users.js';

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

const PASSWORD_FLOWS = ['ADMIN_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH', 'USER_PASSWORD_AUTH'];
const REFRESH_FLOWS = ['REFRESH_TOKEN_AUTH', 'REFRESH_TOKEN'];

async function initiateAuth({ input, pool }: Call<AdminInitiateAuthRequest | InitiateAuthRequest>): Promise<object> {
  const client = namedClient(pool, input.ClientId);
  const flow: string = input.AuthFlow ?? '';
  const { USERNAME: username, PASSWORD: password, SECRET_HASH: secretHash } = input.AuthParameters ?? {};
  if (![...PASSWORD_FLOWS, ...REFRESH_FLOWS, 'CUSTOM_AUTH'].includes(flow)) {
    throw invalidParameter('Initiate Auth method not supported.');
  }
  checkFlow(client, REFRESH_FLOWS.includes(flow) ? 'REFRESH_TOKEN_AUTH' : flow);
  if (REFRESH_FLOWS.includes(flow)) {
    return pool.grants.refresh(input.AuthParameters?.['REFRESH_TOKEN'] ?? '', input.ClientId ?? '');
  }
  if (username === undefined) throw invalidRequest('authParameters', 'not be null');
  if (flow === 'CUSTOM_AUTH') {
    checkSecret(client, username, secretHash);
    return beginCustomAuth(pool, client, username);
  }
  if (password === undefined) throw invalidRequest('authParameters', 'not be null');
  checkSecret(client, username, secretHash);
  return signIn(pool, authenticated(pool, client, username, password), input.ClientId ?? '');
}

/** A client with refresh token rotation refuses the older way to refresh; what it answers is not documented. */
function checkFlow({ ExplicitAuthFlows, RefreshTokenRotation }: UserPoolClientType, flow: string): void {
  const allowed: readonly string[] | undefined = ExplicitAuthFlows;
  const isListed = allowed === undefined || allowed.includes(`ALLOW_${flow}`) || allowed.includes(flow);
  if (!isListed || (flow === 'REFRESH_TOKEN_AUTH' && RefreshTokenRotation?.Feature === 'ENABLED')) {
    throw invalidParameter('Auth flow not enabled for this client');
  }
}

export const authOperations = {
  GetUser: { category: 'UserRead', locate: poolOfToken, run: getUser },
  UpdateUserAttributes: { category: 'UserUpdate', write: true, locate: poolOfToken, run: updateOwn },
  SignUp: { category: 'UserCreation', write: true, locate: poolOfClient, run: signUp },
  InitiateAuth: { category: 'UserAuthentication', locate: poolOfClient, run: initiateAuth },
  AdminInitiateAuth: { category: 'UserAuthentication', run: initiateAuth },
} satisfies Record<string, Operation>;
