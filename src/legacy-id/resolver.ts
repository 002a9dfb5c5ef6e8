/** What a resolver is asked: a user of the new pool whose verified token carries no legacy id. */
export interface LegacyIdQuery {
  /** The user's `sub` in the new pool. */
  readonly sub: string;
  /** The user's username in the new pool. */
  readonly username?: string;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly tokenUse: 'access' | 'id';
  readonly scopes: readonly string[];
  /** The verified token itself, for resolvers that act with the user's own rights. */
  readonly token: string;
  /** Aborts when the answer is no longer waited for. */
  readonly signal: AbortSignal;
}

/**
 * Finds the legacy id of a new-pool user.
 *
 * Answers the legacy id, or `undefined` when it is certain that none is known. Throws (or rejects) when it cannot tell:
 * the verifier then answers `ERR_LEGACY_ID_UNAVAILABLE` (503) and never guesses.
 */
export type LegacyIdResolver = (query: LegacyIdQuery) => string | undefined | Promise<string | undefined>;
