import type { CutoverErrorCode, PoolSide } from '../errors.js';

/** Channels of `node:diagnostics_channel`. */
export const CHANNELS = {
  decision: 'cognito-cutover:decision',
  keys: 'cognito-cutover:keys',
  resolver: 'cognito-cutover:resolver',
} as const;

/**
 * The key of the token's `sub` in a {@link DecisionEvent}, for counting users. A symbol, so that no log or JSON holds it by accident. Both
 * builds of this package share it.
 */
export const SUB: unique symbol = Symbol.for('cognito-cutover.sub') as never;

/** What was decided about a token, or about a request without one. It holds no token and no personal value. */
export interface DecisionEvent {
  /** The same as `outcome`. */
  readonly type: DecisionEvent['outcome'];
  /**
   * - `accepted`: a verifier accepted a token
   * - `rejected`: a verifier refused a token; or an entry point refused a request, because it has no token, several credentials, or a token
   *   that lacks a scope or a group. The latter follows the `accepted` of the token
   * - `anonymous`: no credentials, and none required
   * - `mismatch`: in observe mode, `compare` named another user. Follows the `accepted` of the token
   */
  readonly outcome: 'accepted' | 'rejected' | 'anonymous' | 'mismatch';
  /** Where nobody was refused, whatever was decided: `cutoverAuth` in observe mode. Absent otherwise. */
  readonly mode?: 'observe';
  /** Of a refusal. */
  readonly code?: CutoverErrorCode;
  /** Once the issuer was recognised. Before the signature is verified, anybody can name an issuer. */
  readonly pool?: PoolSide;
  // Once the signature was verified:
  readonly userPoolId?: string;
  /** The app client, after `clientAliases`, as in the identity. */
  readonly clientId?: string;
  readonly tokenUse?: 'access' | 'id';
  // Of an accepted token:
  readonly kind?: 'user' | 'machine';
  readonly userIdSource?: 'sub' | 'claim' | 'resolver' | 'own-sub' | 'client';
  /** Whether the identity came from the token cache. Only with `accepted`. */
  readonly cached?: boolean;
  /** How long the verifier took, in milliseconds, lookups included. 0 where no verifier was asked. */
  readonly durationMs: number;
  /** When the token was issued, seconds since the epoch. Only with `accepted` and `mismatch`. Not enumerable. */
  readonly issuedAt?: number;
  /** When the token ends, seconds since the epoch. */
  readonly expiresAt?: number;
  /** Once the signature was verified. Not enumerable: neither a log, JSON nor a copy contains it. */
  readonly [SUB]?: string;
}

/** A fetch of a pool's keys. */
export interface KeysEvent {
  readonly type: 'keys';
  readonly pool: PoolSide;
  readonly userPoolId: string;
  readonly outcome: 'refreshed' | 'unchanged' | 'failed';
  readonly durationMs: number;
  /** For `failed`: what went wrong. */
  readonly error?: Error;
}

/** A question to `legacyId.resolve`. */
export interface ResolverEvent {
  readonly type: 'resolver';
  readonly userPoolId: string;
  /** `missing`: there is no legacy id. `failed`: the resolver threw, rejected, or did not answer in time. */
  readonly outcome: 'found' | 'missing' | 'failed';
  readonly durationMs: number;
}

/** What verifiers and entry points publish. */
export type CutoverEvent = DecisionEvent | KeysEvent | ResolverEvent;

export type EventListener = (event: CutoverEvent) => unknown;
