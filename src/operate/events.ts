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
  readonly type: 'accepted' | 'rejected' | 'anonymous' | 'mismatch';
  readonly outcome: 'accepted' | 'rejected' | 'anonymous' | 'mismatch';
  /** Of a refusal. */
  readonly code?: CutoverErrorCode;
  /** Once the issuer was recognised. */
  readonly pool?: PoolSide;
  // Once the signature was verified:
  readonly userPoolId?: string;
  readonly clientId?: string;
  readonly tokenUse?: 'access' | 'id';
  readonly kind?: 'user' | 'machine';
  readonly userIdSource?: 'sub' | 'claim' | 'resolver' | 'own-sub' | 'client';
  /** Whether the identity came from the token cache. */
  readonly cached?: boolean;
  readonly durationMs: number;
  /** When the token ends, seconds since the epoch. */
  readonly expiresAt?: number;
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
  readonly outcome: 'found' | 'missing' | 'failed';
  readonly durationMs: number;
}

export type CutoverEvent = DecisionEvent | KeysEvent | ResolverEvent;
