import { CutoverError, type PoolSide } from '../errors.js';
import type { Pool } from './pools.js';
import type { CutoverIdentity } from './types.js';

/** The claims every later rule works with, checked. */
export interface CheckedClaims {
  readonly tokenUse: 'access' | 'id';
  readonly sub: string;
  readonly username: string | undefined;
  /** The client as the token names it. */
  readonly clientId: string;
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly authTime: number | undefined;
}

type Payload = Readonly<Record<string, unknown>>;

const NONE: readonly string[] = Object.freeze([]);

function invalid(claim: string, pool: PoolSide): CutoverError {
  return new CutoverError('ERR_CLAIM_INVALID', `The claim ${claim} is missing or not of its type.`, { pool });
}

// The rules are handed the value beside its name: reading a claim by a fixed name is what the engine does fast.

function textClaim(value: unknown, claim: string, pool: PoolSide): string {
  if (typeof value !== 'string' || value === '') throw invalid(claim, pool);
  return value;
}

function optionalText(value: unknown, claim: string, pool: PoolSide): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw invalid(claim, pool);
  return value;
}

/** NumericDate, RFC 7519 section 2. */
function optionalDate(value: unknown, claim: string, pool: PoolSide): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(claim, pool);
  return value;
}

function dateClaim(value: unknown, claim: string, pool: PoolSide): number {
  const date = optionalDate(value, claim, pool);
  if (date === undefined) throw invalid(claim, pool);
  return date;
}

function groupsOf(value: unknown, pool: PoolSide): readonly string[] {
  if (value === undefined) return NONE;
  if (!isTextArray(value)) throw invalid('cognito:groups', pool);
  return value;
}

function isTextArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** `exp` with the tolerance, judged at every use of a token. RFC 7519 section 4.1.4: "on or after" is expired. */
export function checkNotExpired(expiresAt: number, now: number, toleranceSeconds: number, pool: PoolSide): void {
  if (expiresAt + toleranceSeconds <= now / 1_000) {
    throw new CutoverError('ERR_TOKEN_EXPIRED', 'The token has expired.', { pool });
  }
}

function checkStarted(payload: Payload, issuedAt: number, now: number, toleranceSeconds: number, pool: PoolSide): void {
  const nbf = optionalDate(payload.nbf, 'nbf', pool);
  const latest = Math.floor(now / 1_000) + toleranceSeconds;
  if ((nbf !== undefined && nbf > latest) || issuedAt > latest) {
    throw new CutoverError('ERR_TOKEN_NOT_YET_VALID', 'The token is not valid yet.', { pool });
  }
}

function checkTokenUse(payload: Payload, allowed: 'access' | 'id' | 'any', pool: PoolSide): 'access' | 'id' {
  const tokenUse = textClaim(payload.token_use, 'token_use', pool);
  if ((tokenUse === 'access' || tokenUse === 'id') && (allowed === 'any' || allowed === tokenUse)) return tokenUse;
  throw new CutoverError('ERR_TOKEN_USE_NOT_ALLOWED', 'The token is not of the accepted use.', { pool });
}

function checkClient(payload: Payload, tokenUse: 'access' | 'id', pool: Pool): string {
  const clientId =
    tokenUse === 'id' ? textClaim(payload.aud, 'aud', pool.side) : textClaim(payload.client_id, 'client_id', pool.side);
  if (pool.clientIds !== null && !pool.clientIds.has(clientId)) {
    throw new CutoverError('ERR_CLIENT_NOT_ALLOWED', 'The token was issued to an app client that is not accepted.', {
      pool: pool.side,
    });
  }
  return clientId;
}

/**
 * Judges the payload of a token whose signature is right.
 * @throws {@link CutoverError} with the code of the first rule it breaks
 */
export function checkClaims(
  payload: Payload,
  pool: Pool,
  now: number,
  rules: { readonly toleranceSeconds: number; readonly tokenUse: 'access' | 'id' | 'any' },
): CheckedClaims {
  const { side } = pool;
  const expiresAt = dateClaim(payload.exp, 'exp', side);
  checkNotExpired(expiresAt, now, rules.toleranceSeconds, side);
  const issuedAt = dateClaim(payload.iat, 'iat', side);
  checkStarted(payload, issuedAt, now, rules.toleranceSeconds, side);
  const tokenUse = checkTokenUse(payload, rules.tokenUse, side);
  const clientId = checkClient(payload, tokenUse, pool);
  const sub = textClaim(payload.sub, 'sub', side);
  const username = optionalText(tokenUse === 'id' ? payload['cognito:username'] : payload.username, 'username', side);
  const scope = optionalText(payload.scope, 'scope', side);
  const { aud } = payload;
  if (aud !== undefined && typeof aud !== 'string' && !isTextArray(aud)) throw invalid('aud', side);
  optionalText(payload.jti, 'jti', side);
  return {
    tokenUse,
    sub,
    username,
    clientId,
    groups: groupsOf(payload['cognito:groups'], side),
    scopes: scope === undefined || scope === '' ? NONE : scope.split(' ').filter((one) => one !== ''),
    issuedAt,
    expiresAt,
    authTime: optionalDate(payload.auth_time, 'auth_time', side),
  };
}

/** A client-credentials token stands for the client itself, not for a user. */
export function kindOf(claims: CheckedClaims): CutoverIdentity['kind'] {
  const isMachine = claims.tokenUse === 'access' && claims.username === undefined && claims.sub === claims.clientId;
  return isMachine ? 'machine' : 'user';
}

/**
 * Whether the legacy pool's tokens are still taken, judged at every use. A date that cannot be told refuses, as does a token
 * that does not say when its user signed in.
 */
export function checkLegacyWindow(
  authTime: number | undefined,
  now: number,
  rules: { readonly acceptUntil: () => number; readonly acceptSignInsBefore: number | undefined },
): void {
  const isOpen = now <= rules.acceptUntil();
  const before = rules.acceptSignInsBefore;
  if (isOpen && (before === undefined || (authTime !== undefined && authTime * 1_000 <= before))) return;
  throw new CutoverError('ERR_LEGACY_POOL_CLOSED', 'Tokens of the legacy pool are no longer accepted.', {
    pool: 'legacy',
  });
}
