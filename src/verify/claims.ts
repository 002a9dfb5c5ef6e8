import { CutoverError, type PoolSide } from '../errors.js';
import type { LegacyWindow } from '../operate/phases/legacy-window.js';
import { expired, notYetValid, unknownClient, wrongTokenUse } from './explain/refused-claims.js';
import type { Pool } from './pool-options.js';
import type { CutoverIdentity, TokenUse } from './types.js';

/** The checked claims that every later rule works with. */
export interface CheckedClaims {
  readonly kind: CutoverIdentity['kind'];
  readonly tokenUse: 'access' | 'id';
  readonly sub: string;
  readonly username: string | undefined;
  /** The client as the token names it. */
  readonly clientId: string;
  readonly groups: readonly string[];
  /** Frozen. */
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

function scopesOf(scope: string | undefined): readonly string[] {
  if (scope === undefined || scope === '') return NONE;
  return Object.freeze(scope.split(' ').filter((one) => one !== ''));
}

function isTextArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** Checks `exp` with the tolerance, at every use of a token. RFC 7519 section 4.1.4: "on or after" is expired. */
export function checkNotExpired(expiresAt: number, now: number, toleranceSeconds: number, pool: PoolSide): void {
  const seconds = now / 1_000;
  if (expiresAt + toleranceSeconds <= seconds) {
    throw new CutoverError('ERR_TOKEN_EXPIRED', expired(seconds - expiresAt), { pool });
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
  if (issuedAt > seconds + ISSUED_AT_TOLERANCE_SECONDS) throw tooEarly('issued', issuedAt - seconds, pool);
  if (nbf !== undefined && nbf > seconds + toleranceSeconds) throw tooEarly('valid only', nbf - seconds, pool);
}

function tooEarly(what: 'issued' | 'valid only', seconds: number, pool: PoolSide): CutoverError {
  return new CutoverError('ERR_TOKEN_NOT_YET_VALID', notYetValid(what, seconds), { pool });
}

function checkTokenUse(payload: Payload, pool: Pool, verifiers: TokenUse): 'access' | 'id' {
  const tokenUse = textClaim(payload.token_use, 'token_use', pool.side);
  const allowed = pool.tokenUse ?? verifiers;
  const known = tokenUse === 'access' || tokenUse === 'id' ? tokenUse : undefined;
  if (known !== undefined && (allowed === 'any' || allowed === known)) return known;
  const option = pool.tokenUse === undefined ? 'tokenUse' : `${pool.option}.tokenUse`;
  throw new CutoverError('ERR_TOKEN_USE_NOT_ALLOWED', wrongTokenUse(known, allowed, option), { pool: pool.side });
}

/** An access token that was requested with a `resource` names it in `aud`. RFC 8707 section 2. */
function checkAudience(aud: string | readonly string[] | undefined, pool: Pool): void {
  if (pool.audience === null) return;
  const named = typeof aud === 'string' ? [aud] : (aud ?? NONE);
  for (const one of named) if (pool.audience.has(one)) return;
  const none = named.length === 0 ? ' It has no aud: the client did not ask for a resource.' : '';
  const message = `The access token is for none of the APIs in ${pool.option}.audience.${none}`;
  throw new CutoverError('ERR_AUDIENCE_NOT_ALLOWED', message, { pool: pool.side });
}

/** How many are compared in less time than a set needs for the hash of a new string. */
const FEW_CLIENTS = 4;

function hasClient(clientIds: ReadonlySet<string>, clientId: string): boolean {
  if (clientIds.size > FEW_CLIENTS) return clientIds.has(clientId);
  for (const one of clientIds) if (one === clientId) return true;
  return false;
}

function checkClient(payload: Payload, tokenUse: 'access' | 'id', pool: Pool, pools: readonly Pool[]): string {
  const clientId =
    tokenUse === 'id' ? textClaim(payload.aud, 'aud', pool.side) : textClaim(payload.client_id, 'client_id', pool.side);
  if (pool.clientIds !== null && !hasClient(pool.clientIds, clientId)) {
    throw new CutoverError('ERR_CLIENT_NOT_ALLOWED', unknownClient(clientId, pool, pools), { pool: pool.side });
  }
  return clientId;
}

/** What the verifier asks of the tokens of all its pools. */
export interface ClaimRules {
  readonly toleranceSeconds: number;
  readonly tokenUse: TokenUse;
  /** All of them, for the message about a client that another one has. */
  readonly pools: readonly Pool[];
}

/**
 * Checks the payload of a token whose signature was verified.
 * @throws {@link CutoverError} with the code of the first rule it breaks
 */
export function checkClaims(payload: Payload, pool: Pool, now: number, rules: ClaimRules): CheckedClaims {
  const { side } = pool;
  const expiresAt = dateClaim(payload.exp, 'exp', side);
  checkNotExpired(expiresAt, now, rules.toleranceSeconds, side);
  const issuedAt = dateClaim(payload.iat, 'iat', side);
  checkStarted(payload, issuedAt, now, rules.toleranceSeconds, side);
  const tokenUse = checkTokenUse(payload, pool, rules.tokenUse);
  const clientId = checkClient(payload, tokenUse, pool, rules.pools);
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
    scopes: tokenUse === 'id' ? NONE : scopesOf(scope),
    issuedAt,
    expiresAt,
    authTime: optionalDate(payload.auth_time, 'auth_time', side),
  };
}

/** A client-credentials token stands for the client itself, not for a user. */
function isMachine(tokenUse: string, username: string | undefined, sub: string, clientId: string): boolean {
  return tokenUse === 'access' && username === undefined && sub === clientId;
}

/** Checks that the legacy pool is still open, at every use of a token. An unknown date refuses. */
export function checkLegacyPoolOpen(now: number, window: LegacyWindow): void {
  const until = window.acceptUntil();
  if (!(now <= until)) throw Number.isNaN(until) ? window.unknown() : closed(ENDED);
}

/**
 * Checks that the sign-in of a legacy token still counts. A user's token without `auth_time` is refused. Machines do not
 * sign in, and the `auth_time` of their tokens is the moment of issue: only `acceptUntil` ends those.
 */
export function checkLegacySignIn(
  kind: CutoverIdentity['kind'],
  authTime: number | undefined,
  now: number,
  window: LegacyWindow,
): void {
  const before = window.acceptSignInsBefore(now);
  if (before === Number.POSITIVE_INFINITY) return;
  if (before === Number.NEGATIVE_INFINITY) throw closed(ENDED);
  if (kind === 'machine') return;
  if (Number.isNaN(before)) throw closed(UNKNOWN_SIGN_INS);
  if (authTime === undefined || authTime * 1_000 > before) throw closed(SIGNED_IN_LATE);
}

const ENDED = 'Tokens of the legacy pool are no longer accepted (legacyTokens.acceptUntil).';
const unknown = (option: string) =>
  `Tokens of the legacy pool are refused, because legacyTokens.${option} did not return a valid Date when it was called.`;
const UNKNOWN_END = unknown('acceptUntil');
const UNKNOWN_SIGN_INS = unknown('acceptSignInsBefore');
const SIGNED_IN_LATE =
  'Tokens of the legacy pool are accepted only from users who signed in before legacyTokens.acceptSignInsBefore.';

/** The refusal where a function of the application did not say when the pool closes. */
export const unknownEnd = (): CutoverError => closed(UNKNOWN_END);

function closed(message: string): CutoverError {
  return new CutoverError('ERR_LEGACY_POOL_CLOSED', message, { pool: 'legacy' });
}
