import { CutoverError } from '../errors.js';
import { type CheckedClaims, kindOf } from './claims.js';
import type { Pool } from './pools.js';
import type { CutoverIdentity } from './types.js';

/** {@link LegacyIdOptions} with its defaults filled in, as far as the policy needs them. */
export interface MappingPolicy {
  readonly idTokenClaim: string;
  readonly accessTokenClaim: string;
  /** Whether a text can be a legacy id. */
  readonly isLegacyId: (value: string) => boolean;
  readonly onMissing: 'reject' | 'own-sub';
}

/** Whose token it is, as far as the token itself tells. `userId` is missing where somebody else has to be asked. */
export interface TokenOwner {
  readonly kind: 'user' | 'machine';
  readonly userId: string | undefined;
  readonly userIdSource: CutoverIdentity['userIdSource'];
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The test behind `legacyId.format`. A RegExp has to match the whole value, and keeps no state between values. */
export function legacyIdTest(format: 'uuid' | RegExp | null): (value: string) => boolean {
  if (format === null) return (value) => value !== '';
  if (format === 'uuid') return (value) => UUID.test(value);
  const whole = new RegExp(`^(?:${format.source})$`, format.flags.replace(/[gmy]/g, ''));
  return (value) => value !== '' && whole.test(value);
}

/** The client the application knows, for clients that moved too. */
export function clientIdOf(claims: CheckedClaims, pool: Pool): string {
  return pool.clientAliases.get(claims.clientId) ?? claims.clientId;
}

/** Checks a value that claims to be a legacy id, from a token or from a resolver. */
export function checkLegacyId(value: unknown, policy: MappingPolicy): string {
  if (typeof value === 'string' && policy.isLegacyId(value)) return value;
  throw new CutoverError('ERR_LEGACY_ID_INVALID', 'The value found for the legacy id cannot be one.', { pool: 'new' });
}

/**
 * The mapping policy. A legacy-pool user is who their `sub` says, whatever else the token holds; a machine is its client; a
 * new-pool user is who the mapping claim says. Nothing else in a token is evidence: users can write their e-mail.
 *
 * @throws {@link CutoverError} `ERR_LEGACY_ID_INVALID`: a claim that is there but cannot be a legacy id is never "missing"
 */
export function ownerOf(
  payload: Readonly<Record<string, unknown>>,
  claims: CheckedClaims,
  pool: Pool,
  policy: MappingPolicy,
): TokenOwner {
  const kind = kindOf(claims);
  if (kind === 'machine') return { kind, userId: clientIdOf(claims, pool), userIdSource: 'client' };
  if (pool.side === 'legacy') return { kind, userId: claims.sub, userIdSource: 'sub' };
  const claim = claims.tokenUse === 'id' ? policy.idTokenClaim : policy.accessTokenClaim;
  if (!Object.hasOwn(payload, claim)) return { kind, userId: undefined, userIdSource: 'claim' };
  return { kind, userId: checkLegacyId(payload[claim], policy), userIdSource: 'claim' };
}

/** The owner of a token that carries no legacy id, once the resolver, if there is one, has answered. */
export function ownerWithoutClaim(
  found: unknown,
  claims: CheckedClaims,
  policy: MappingPolicy,
): { readonly userId: string; readonly userIdSource: 'resolver' | 'own-sub' } {
  if (found !== undefined && found !== null) {
    return { userId: checkLegacyId(found, policy), userIdSource: 'resolver' };
  }
  if (policy.onMissing === 'own-sub') return { userId: claims.sub, userIdSource: 'own-sub' };
  throw new CutoverError('ERR_LEGACY_ID_MISSING', 'The user has no legacy id yet.', { pool: 'new' });
}

/**
 * Freezes a payload with all it holds, as one identity serves many callers. Without recursion: a token can nest deep.
 * A `__proto__` key goes: it is harmless here, and becomes a prototype in the first careless copy.
 */
function freezeClaims(payload: Record<string, unknown>): Readonly<Record<string, unknown>> {
  const open: Record<string, unknown>[] = [payload];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Object.hasOwn(next, '__proto__')) Reflect.deleteProperty(next, '__proto__');
    for (const key in next) {
      const value = next[key];
      if (typeof value === 'object' && value !== null) open.push(value as Record<string, unknown>);
    }
    Object.freeze(next);
  }
  return payload;
}

export function identityOf(
  payload: Record<string, unknown>,
  claims: CheckedClaims,
  pool: Pool,
  owner: {
    readonly kind: 'user' | 'machine';
    readonly userId: string;
    readonly userIdSource: CutoverIdentity['userIdSource'];
  },
): CutoverIdentity {
  return Object.freeze({
    userId: owner.userId,
    userIdSource: owner.userIdSource,
    pool: pool.side,
    userPoolId: pool.userPoolId,
    kind: owner.kind,
    sub: claims.sub,
    ...(claims.username !== undefined && { username: claims.username }),
    clientId: clientIdOf(claims, pool),
    tokenUse: claims.tokenUse,
    groups: Object.freeze(claims.groups),
    scopes: Object.freeze(claims.scopes),
    issuedAt: claims.issuedAt,
    expiresAt: claims.expiresAt,
    ...(claims.authTime !== undefined && { authTime: claims.authTime }),
    claims: freezeClaims(payload),
  });
}
