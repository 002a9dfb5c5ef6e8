import { invalidRequest, notAuthorized, notFound, userNotFound } from '../errors.js';
import { isSignedBy, SIGN_IN_SCOPE } from '../grants.js';
import type { Pools } from '../operation.js';
import type { SimulatedPool } from '../pool.js';
import type { SimulatedUser } from '../users.js';

const OPAQUE = 'sim-access:';

interface Bearer {
  pool: SimulatedPool;
  user: SimulatedUser;
  clientId: string | undefined;
}

interface AccessClaims {
  sub?: string;
  scope?: string;
  iss?: string;
  exp?: number;
  client_id?: string;
  token_use?: string;
  origin_jti?: string;
  auth_time?: number;
}

/**
 * Whose access token it is: `sim-access:<sub>`, or a JWT. Of a pool without a signer the claims are believed unverified.
 *
 * @throws NotAuthorizedException for the tokens of ended sessions and disabled users too, unless only its pool is asked for
 */
export function bearerOf(pools: Pools, token: string | undefined, now: number): Bearer {
  const claims = token?.startsWith(OPAQUE)
    ? { sub: token.slice(OPAQUE.length), scope: SIGN_IN_SCOPE }
    : claimsOf(token);
  if (claims.exp !== undefined && claims.exp * 1000 < now) throw notAuthorized('Access Token has expired');
  if (!claims.scope?.split(' ').includes(SIGN_IN_SCOPE)) {
    throw notAuthorized('Access Token does not have required scopes');
  }
  for (const pool of pools.all()) {
    const { signer } = pool.options;
    if (claims.iss === undefined ? signer !== undefined : !claims.iss.endsWith(`/${pool.id}`)) continue;
    if (signer !== undefined && (claims.token_use !== 'access' || !isSignedBy(signer, token ?? ''))) {
      throw notAuthorized('Invalid Access Token');
    }
    const user = pool.users.findBySub(claims.sub ?? '');
    if (user === undefined) continue;
    if (now !== ANY_TIME) pool.grants.checkLive(user, claims);
    return { pool, user, clientId: claims.client_id };
  }
  throw userNotFound();
}

const ANY_TIME = Number.NEGATIVE_INFINITY;

function claimsOf(token = ''): AccessClaims {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  } catch {
    throw notAuthorized('Invalid Access Token');
  }
}

/** The pool of a request that brings an access token. */
export const poolOfToken = (pools: Pools, { AccessToken }: { AccessToken: string | undefined }) =>
  bearerOf(pools, AccessToken, ANY_TIME).pool;

/** The pool of a request that names an app client. */
export function poolOfClient(pools: Pools, { ClientId }: { ClientId?: string | undefined }): SimulatedPool {
  if (ClientId === undefined) throw invalidRequest('clientId', 'not be null');
  for (const pool of pools.all()) if (pool.clients.has(ClientId)) return pool;
  throw notFound(`User pool client ${ClientId} does not exist.`);
}
