import { createPublicKey, randomUUID, verify } from 'node:crypto';
import type { TestPool } from '../../../src/testing/index.js';
import { notAuthorized, ServiceError } from './errors.js';
import type { SimulatedPool } from './pool.js';
import { attributesForTriggers, invoke } from './triggers.js';
import type { SimulatedUser } from './users.js';

export const SIGN_IN_SCOPE = 'aws.cognito.signin.user.admin';

/** What one sign-in gave: every token that was issued for it has its id in `origin_jti`. */
interface Grant {
  readonly id: string;
  readonly username: string;
  readonly clientId: string;
  readonly authTime: number;
  refreshToken: string;
  revoked: boolean;
}

/** A refresh token that rotation has replaced. */
interface Replaced {
  readonly grant: Grant;
  /** Milliseconds since the epoch until which it still works. */
  readonly graceUntil: number;
}

/** The sessions of a pool's users, and what has ended them. */
export class Grants {
  readonly #pool: SimulatedPool;
  readonly #byRefreshToken = new Map<string, Grant>();
  readonly #replaced = new Map<string, Replaced>();
  readonly #byId = new Map<string, Grant>();
  /** When each user was signed out everywhere, in seconds. */
  readonly #signedOutAt = new Map<string, number>();

  constructor(pool: SimulatedPool) {
    this.#pool = pool;
  }

  /** The answer to a sign-in that succeeded. */
  async issue(user: SimulatedUser, clientId: string, source = 'TokenGeneration_Authentication'): Promise<object> {
    const grant: Grant = {
      id: randomUUID(),
      username: user.username,
      clientId,
      authTime: Math.floor(this.#pool.nowSeconds),
      refreshToken: `sim-refresh:${randomUUID()}`,
      revoked: false,
    };
    this.#byId.set(grant.id, grant);
    this.#byRefreshToken.set(grant.refreshToken, grant);
    const tokens = await this.#tokens(grant, user, source);
    return { ChallengeParameters: {}, AuthenticationResult: { ...tokens, RefreshToken: grant.refreshToken } };
  }

  /** The answer to a refresh. */
  async refresh(refreshToken: string, clientId: string): Promise<object> {
    const grant = this.#live(refreshToken, clientId);
    const user = this.#pool.user(grant.username);
    if (user === undefined) throw notAuthorized('Invalid Refresh Token.');
    if (!user.enabled) throw notAuthorized('User is disabled.');
    const tokens = await this.#tokens(grant, user, 'TokenGeneration_RefreshTokens');
    const { Feature, RetryGracePeriodSeconds = 0 } = this.#pool.clients.get(clientId)?.RefreshTokenRotation ?? {};
    if (Feature !== 'ENABLED') return { ChallengeParameters: {}, AuthenticationResult: tokens };
    if (grant.refreshToken === refreshToken) {
      this.#replaced.set(refreshToken, { grant, graceUntil: this.#pool.now() + RetryGracePeriodSeconds * 1_000 });
      this.#byRefreshToken.delete(refreshToken);
      grant.refreshToken = `sim-refresh:${randomUUID()}`;
      this.#byRefreshToken.set(grant.refreshToken, grant);
    }
    return { ChallengeParameters: {}, AuthenticationResult: { ...tokens, RefreshToken: grant.refreshToken } };
  }

  revoke(refreshToken: string, clientId: string): void {
    // A token that rotation has replaced revokes nothing, so that whoever revokes has to know the present one.
    const grant = this.#byRefreshToken.get(refreshToken);
    if (grant === undefined) return;
    if (grant.clientId !== clientId) throw new ServiceError('UnauthorizedException', 'Not the client of this token.');
    grant.revoked = true;
  }

  /** Ends every session of a user, those included whose tokens came from elsewhere. */
  signOut(username: string): void {
    this.#signedOutAt.set(username, this.#pool.nowSeconds);
    for (const grant of this.#byId.values()) if (grant.username === username) grant.revoked = true;
  }

  /** @throws NotAuthorizedException for a token of a session that has ended, and for those of disabled users */
  checkLive(user: SimulatedUser, claims: { readonly origin_jti?: string; readonly auth_time?: number }): void {
    if (!user.enabled) throw notAuthorized('User is disabled.');
    const grant = claims.origin_jti === undefined ? undefined : this.#byId.get(claims.origin_jti);
    const signedOutAt = this.#signedOutAt.get(user.username) ?? Number.NEGATIVE_INFINITY;
    const isOver = grant === undefined ? (claims.auth_time ?? 0) <= signedOutAt : grant.revoked;
    if (isOver) throw notAuthorized('Access Token has been revoked');
  }

  #live(refreshToken: string, clientId: string): Grant {
    const replaced = this.#replaced.get(refreshToken);
    const grant = this.#byRefreshToken.get(refreshToken) ?? replaced?.grant;
    if (grant === undefined || grant.clientId !== clientId) throw notAuthorized('Invalid Refresh Token.');
    if (grant.revoked) throw notAuthorized('Refresh Token has been revoked');
    if (replaced !== undefined && replaced.graceUntil < this.#pool.now()) {
      throw new ServiceError('RefreshTokenReuseException', 'Refresh token has been invalidated by rotation.');
    }
    return grant;
  }

  async #tokens({ id, authTime, clientId }: Grant, user: SimulatedUser, source: string): Promise<object> {
    const { attributes, username } = user;
    const groups = [...this.#pool.groups.values()]
      .filter(({ members }) => members.has(username))
      .map(({ name }) => name);
    const { id: idClaims, access: accessClaims } = await this.#overrides(user, clientId, source, groups);
    const shared = {
      ...(attributes['sub'] === undefined ? {} : { sub: attributes['sub'] }),
      origin_jti: id,
      jti: randomUUID(),
      auth_time: authTime,
      ...(groups.length > 0 && { 'cognito:groups': groups }),
    };
    const { sub: _, ...readable } = attributes;
    const verified = Object.entries(readable).map(([name, value]) => [
      name,
      name.endsWith('_verified') ? value === 'true' : value,
    ]);
    const idToken = {
      ...shared,
      aud: clientId,
      ...Object.fromEntries(verified),
      'cognito:username': username,
      ...idClaims,
    };
    const accessToken = { ...shared, client_id: clientId, username, scope: SIGN_IN_SCOPE, ...accessClaims };
    const { signer } = this.#pool.options;
    return {
      AccessToken: signer?.accessToken(accessToken) ?? unsigned(accessToken),
      IdToken: signer?.idToken(idToken) ?? `sim-id:${attributes['sub']}`,
      ExpiresIn: 3600,
      TokenType: 'Bearer',
    };
  }

  /** The claims that the pre-token-generation trigger adds. */
  async #overrides(user: SimulatedUser, clientId: string, source: string, groups: readonly string[]) {
    const response = await invoke(this.#pool, {
      name: 'preTokenGeneration',
      source,
      version: '2',
      userName: user.username,
      clientId,
      request: {
        userAttributes: attributesForTriggers(user),
        groupConfiguration: { groupsToOverride: groups, iamRolesToOverride: [], preferredRole: null },
        scopes: [SIGN_IN_SCOPE],
      },
    });
    const details = response['claimsAndScopeOverrideDetails'] as Record<string, { claimsToAddOrOverride?: object }>;
    return {
      id: details?.['idTokenGeneration']?.claimsToAddOrOverride ?? {},
      access: details?.['accessTokenGeneration']?.claimsToAddOrOverride ?? {},
    };
  }
}

/** A JWT that nobody signed: whoever takes it apart finds whose it is. */
function unsigned(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.sim`;
}

/** Whether one of the pool's present keys signed this. */
export function isSignedBy(signer: TestPool, token: string): boolean {
  const [header = '', payload, signature = ''] = token.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const jwk = signer.jwks().keys.find((key) => key.kid === kid);
  if (jwk === undefined) return false;
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  return verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
}
