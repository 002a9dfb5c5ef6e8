import { MAX_CUSTOM_VALUE_LENGTH } from '../directory/user-types.js';
import { CutoverError } from '../errors.js';
import { refuse } from '../options.js';
import { readUuid } from '../users/fold.js';
import type { CheckedClaims } from './claims.js';
import { missingLegacyId } from './explain/refused-claims.js';
import { freezeJson } from './freeze-json.js';
import type { Pool } from './pool-options.js';
import type { CutoverIdentity } from './types.js';

/** {@link LegacyIdOptions} with its defaults filled in, as far as the policy needs them. */
export interface MappingPolicy {
  readonly idTokenClaim: string;
  readonly accessTokenClaim: string;
  /** The legacy id that a text is, or `undefined` where it cannot be one. */
  readonly readLegacyId: (value: string) => string | undefined;
  readonly onMissing: 'reject' | 'own-sub';
}

/** Who the token belongs to. */
export type TokenOwner = Pick<CutoverIdentity, 'kind' | 'userId' | 'userIdSource'>;

/**
 * Checks a `format` option, and answers how to read a value as a legacy id: `undefined` where it cannot be one. A RegExp has to
 * match the whole value, which has at most 2048 characters, and keeps no state between values.
 */
export function checkLegacyIdFormat(
  option: string,
  format: 'uuid' | RegExp | null = 'uuid',
): (value: string) => string | undefined {
  if (format === null) return (value) => (value === '' ? undefined : value);
  if (format === 'uuid') return readUuid;
  if (!(format instanceof RegExp)) refuse(option, "'uuid', a RegExp or null", format);
  const whole = new RegExp(`^(?:${format.source})$`, format.flags.replace(/[gmy]/g, ''));
  // More than Cognito can hold is not given to a RegExp, which an application may have written carelessly.
  return (value) => (value !== '' && value.length <= MAX_CUSTOM_VALUE_LENGTH && whole.test(value) ? value : undefined);
}

/** The client id that the application knows, where the client has moved too. */
function clientIdOf(claims: CheckedClaims, pool: Pool): string {
  if (pool.clientAliases.size === 0) return claims.clientId;
  return pool.clientAliases.get(claims.clientId) ?? claims.clientId;
}

/** The claim that carries the legacy id. */
export function claimFor(
  { tokenUse }: Pick<CheckedClaims, 'tokenUse'>,
  { idTokenClaim, accessTokenClaim }: Pick<MappingPolicy, 'idTokenClaim' | 'accessTokenClaim'>,
): string {
  return tokenUse === 'id' ? idTokenClaim : accessTokenClaim;
}

/** Checks a value that claims to be a legacy id, from a token or from a resolver. */
function checkLegacyId(value: unknown, policy: MappingPolicy): string {
  const legacyId = typeof value === 'string' ? policy.readLegacyId(value) : undefined;
  if (legacyId !== undefined) return legacyId;
  const message =
    'The value found for the legacy id does not match legacyId.format. If your ids have another form, set this option.';
  throw new CutoverError('ERR_LEGACY_ID_INVALID', message, { pool: 'new' });
}

/**
 * The mapping policy. A legacy-pool user is who their `sub` says, whatever else the token holds; a machine is its client; a
 * new-pool user is who the mapping claim says. Nothing else in a token is evidence: users can write their e-mail.
 *
 * @returns `undefined` for a new-pool user whose token has no mapping claim: the resolver has to be asked
 * @throws {@link CutoverError} `ERR_LEGACY_ID_INVALID`: a claim that is present but not a legacy id is never "missing"
 */
export function ownerOf(
  payload: Readonly<Record<string, unknown>>,
  claims: CheckedClaims,
  pool: Pool,
  policy: MappingPolicy,
): TokenOwner | undefined {
  const { kind } = claims;
  if (kind === 'machine') return { kind, userId: clientIdOf(claims, pool), userIdSource: 'client' };
  if (pool.side === 'legacy') return { kind, userId: claims.sub, userIdSource: 'sub' };
  const claim = claimFor(claims, policy);
  if (!Object.hasOwn(payload, claim)) return undefined;
  return { kind, userId: checkLegacyId(payload[claim], policy), userIdSource: 'claim' };
}

/** The owner of a token without a mapping claim, once the resolver, if there is one, has answered. */
export function ownerWithoutClaim(
  found: unknown,
  claims: CheckedClaims,
  policy: MappingPolicy,
  hasResolver: boolean,
): TokenOwner {
  if (found !== undefined && found !== null) {
    return { kind: 'user', userId: checkLegacyId(found, policy), userIdSource: 'resolver' };
  }
  if (policy.onMissing === 'own-sub') return { kind: 'user', userId: claims.sub, userIdSource: 'own-sub' };
  const message = missingLegacyId(claims.tokenUse, claimFor(claims, policy), hasResolver);
  throw new CutoverError('ERR_LEGACY_ID_MISSING', message, { pool: 'new' });
}

/** Frozen, because many callers share one identity. `claims` are those of `payload`: its groups are frozen with it. */
export function identityOf(
  payload: Record<string, unknown>,
  claims: CheckedClaims,
  pool: Pool,
  owner: TokenOwner,
): CutoverIdentity {
  const identity: { -readonly [K in keyof CutoverIdentity]: CutoverIdentity[K] } = {
    userId: owner.userId,
    userIdSource: owner.userIdSource,
    pool: pool.side,
    userPoolId: pool.userPoolId,
    kind: owner.kind,
    sub: claims.sub,
    clientId: clientIdOf(claims, pool),
    tokenUse: claims.tokenUse,
    groups: claims.groups,
    scopes: claims.scopes,
    issuedAt: claims.issuedAt,
    expiresAt: claims.expiresAt,
    claims: freezeJson(payload),
  };
  if (claims.username !== undefined) identity.username = claims.username;
  if (claims.authTime !== undefined) identity.authTime = claims.authTime;
  return Object.freeze(identity);
}
