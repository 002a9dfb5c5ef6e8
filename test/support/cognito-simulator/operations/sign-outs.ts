import type {
  AdminUserGlobalSignOutRequest,
  GetTokensFromRefreshTokenRequest,
  GlobalSignOutRequest,
  RevokeTokenRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { invalidRequest, ServiceError } from '../errors.js';
import type { Call, Operation } from '../operation.js';
import { bearerOf, poolOfClient, poolOfToken } from './bearer.js';
import { namedClient } from './clients.js';
import { namedUser } from './users.js';

function renew({ input, pool }: Call<GetTokensFromRefreshTokenRequest>): Promise<object> {
  namedClient(pool, input.ClientId);
  return pool.grants.refresh(input.RefreshToken ?? '', input.ClientId ?? '');
}

function revoke({ input, pool }: Call<RevokeTokenRequest>): object {
  const { EnableTokenRevocation } = namedClient(pool, input.ClientId);
  if (EnableTokenRevocation === false) {
    throw new ServiceError('UnsupportedOperationException', 'Token revocation is not enabled for this client.');
  }
  if (input.Token === undefined) throw invalidRequest('token', 'not be null');
  if (input.Token.includes('.')) throw new ServiceError('UnsupportedTokenTypeException', 'Unsupported token type');
  pool.grants.revoke(input.Token, input.ClientId ?? '');
  return {};
}

function signOut({ input, pools, now }: Call<GlobalSignOutRequest>): object {
  const { pool, user } = bearerOf(pools, input.AccessToken, now);
  pool.grants.signOut(user.username);
  return {};
}

function signOutUser({ input, pool }: Call<AdminUserGlobalSignOutRequest>): object {
  pool.grants.signOut(namedUser(pool, input.Username).username);
  return {};
}

export const signOutOperations = {
  GetTokensFromRefreshToken: { category: 'UserAuthentication', locate: poolOfClient, run: renew },
  RevokeToken: { category: 'UserAuthentication', locate: poolOfClient, run: revoke },
  GlobalSignOut: { category: 'UserAuthentication', locate: poolOfToken, run: signOut },
  AdminUserGlobalSignOut: { category: 'UserAuthentication', run: signOutUser },
} satisfies Record<string, Operation>;
