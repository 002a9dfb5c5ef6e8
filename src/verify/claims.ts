import { CutoverError, type PoolSide, refusal } from '../errors.js';
import type { Pool } from './pool-options.js';
import type { CutoverIdentity } from './types.js';

/** The checked claims that every later rule works with. */
export interface CheckedClaims {
  readonly kind: CutoverIdentity['kind'];
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
  return new CutoverError('ERR_CLAIM_INVALID', `The claim ${claim} is missing or has the wrong type.`, { pool });
}

// Each rule gets the value as well as its name, because the engine reads a property by a fixed name faster.

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

/** Checks `exp` with the tolerance, at every use of a token. RFC 7519 section 4.1.4: "on or after" is expired. */
export function checkNotExpired(expiresAt: number, now: number, toleranceSeconds: number, pool: PoolSide): void {
  if (expiresAt + toleranceSeconds <= now / 1_000) {
    throw refusal('ERR_TOKEN_EXPIRED', { pool });
  }
}

/**
 * How far in the future `iat` may lie. No rule relies on `iat`, so this refuses only what is plainly wrong: a host whose
 * clock is slow must not refuse every fresh token.
 */
const ISSUED_AT_TOLERANCE_SECONDS = 300;

function checkStarted(payload: Payload, issuedAt: number, now: number, toleranceSeconds: number, pool: PoolSide): void {
  const nbf = optionalDate(payload.nbf, 'nbf', pool);
  const seconds = Math.floor(now / 1_000);
  if ((nbf !== undefined && nbf > seconds + toleranceSeconds) || issuedAt > seconds + ISSUED_AT_TOLERANCE_SECONDS) {
    throw refusal('ERR_TOKEN_NOT_YET_VALID', { pool });
  }
}

const USES = { access: 'access tokens', id: 'ID tokens', any: 'access tokens and ID tokens' } as const;

function checkTokenUse(payload: Payload, allowed: 'access' | 'id' | 'any', pool: PoolSide): 'access' | 'id' {
  const tokenUse = textClaim(payload.token_use, 'token_use', pool);
  if ((tokenUse === 'access' || tokenUse === 'id') && (allowed === 'any' || allowed === tokenUse)) return tokenUse;
  throw new CutoverError('ERR_TOKEN_USE_NOT_ALLOWED', `Only ${USES[allowed]} are accepted (tokenUse).`, { pool });
}

/** An access token that was requested with a `resource` names it in `aud`. RFC 8707 section 2. */
function checkAudience(aud: string | readonly string[] | undefined, pool: Pool): void {
  if (pool.audience === null) return;
  const named = typeof aud === 'string' ? [aud] : (aud ?? NONE);
  for (const one of named) if (pool.audience.has(one)) return;
  const message = `The access token is for none of the APIs in ${pool.option}.audience.`;
  throw new CutoverError('ERR_AUDIENCE_NOT_ALLOWED', message, { pool: pool.side });
}

function checkClient(payload: Payload, tokenUse: 'access' | 'id', pool: Pool): string {
  const clientId =
    tokenUse === 'id' ? textClaim(payload.aud, 'aud', pool.side) : textClaim(payload.client_id, 'client_id', pool.side);
  if (pool.clientIds !== null && !pool.clientIds.has(clientId)) {
    const message = `The token was issued to an app client that is not in ${pool.option}.clientIds.`;
    throw new CutoverError('ERR_CLIENT_NOT_ALLOWED', message, { pool: pool.side });
  }
  return clientId;
}

/**
 * Checks the payload of a token whose signature was verified.
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
  const tokenUse = checkTokenUse(payload, pool.tokenUse ?? rules.tokenUse, side);
  const clientId = checkClient(payload, tokenUse, pool);
  const sub = textClaim(payload.sub, 'sub', side);
  const username = optionalText(tokenUse === 'id' ? payload['cognito:username'] : payload.username, 'username', side);
  const scope = optionalText(payload.scope, 'scope', side);
  const { aud } = payload;
  if (aud !== undefined && typeof aud !== 'string' && !isTextArray(aud)) throw invalid('aud', side);
  if (tokenUse === 'access') checkAudience(aud, pool);
  optionalText(payload.jti, 'jti', side);
  return {
    kind: isMachine(tokenUse, username, sub, clientId) ? 'machine' : 'user',
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
function isMachine(tokenUse: string, username: string | undefined, sub: string, clientId: string): boolean {
  return tokenUse === 'access' && username === undefined && sub === clientId;
}

/** Until when the legacy pools' tokens are accepted. */
export interface LegacyWindow {
  /** Milliseconds since the epoch; NaN when it is not known. */
  readonly acceptUntil: () => number;
  readonly acceptSignInsBefore: number | undefined;
}

/** Checks that the legacy pool is still open, at every use of a token. An unknown date refuses. */
export function checkLegacyPoolOpen(now: number, { acceptUntil }: LegacyWindow): void {
  if (!(now <= acceptUntil()))
    throw closed('Tokens of the legacy pool are no longer accepted (legacyTokens.acceptUntil).');
}

/**
 * Checks that the sign-in of a legacy token still counts. A user's token without `auth_time` is refused. Machines do not
 * sign in, and the `auth_time` of their tokens is the moment of issue: only `acceptUntil` ends those.
 */
export function checkLegacySignIn(
  kind: CutoverIdentity['kind'],
  authTime: number | undefined,
  { acceptSignInsBefore }: LegacyWindow,
): void {
  if (acceptSignInsBefore === undefined || kind === 'machine') return;
  if (authTime === undefined || authTime * 1_000 > acceptSignInsBefore) throw closed(SIGNED_IN_LATE);
}

const SIGNED_IN_LATE =
  'Tokens of the legacy pool are accepted only from users who signed in before legacyTokens.acceptSignInsBefore.';

function closed(message: string): CutoverError {
  return new CutoverError('ERR_LEGACY_POOL_CLOSED', message, { pool: 'legacy' });
}
