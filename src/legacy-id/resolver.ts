import { CutoverError, refusal } from '../errors.js';
import { refuse } from '../options.js';
import { disregard, isThenable } from '../thenable.js';

/** What a resolver is asked: a user of the new pool whose verified token carries no legacy id. */
export interface LegacyIdQuery {
  /** The user's `sub` in the new pool. Unique within `userPoolId` only. */
  readonly sub: string;
  /** The user's username in the new pool, where the token names it. */
  readonly username?: string;
  /** The pool that signed the token: always the new pool. */
  readonly userPoolId: string;
  /** The app client as the token names it. */
  readonly clientId: string;
  readonly tokenUse: 'access' | 'id';
  /** The token's scopes; empty for ID tokens. */
  readonly scopes: readonly string[];
  /** The verified token itself, for resolvers that act with the user's own rights. Never log or keep it. */
  readonly token: string;
  /** Aborts when the answer is no longer waited for; with a `TimeoutError` as its reason when the time for it is up. */
  readonly signal: AbortSignal;
}

/**
 * Finds the legacy id of a new-pool user.
 *
 * - Answers the legacy id. The answer may come at once or as a promise.
 * - Answers `undefined` when it is certain that there is none. The verifier then does what `legacyId.onMissing` says, so
 *   an outage reported as `undefined` would give people a second, empty account.
 * - Throws or rejects whenever it cannot tell. The verifier then answers `ERR_LEGACY_ID_UNAVAILABLE` (503) and never
 *   guesses. A {@link CutoverError} with that code may carry `retryAfterSeconds`.
 */
export interface LegacyIdResolver {
  (query: LegacyIdQuery): string | undefined | PromiseLike<string | undefined>;
  /**
   * Forgets what is remembered of one user, by their `sub` in either pool, or of all users. A resolver that remembers
   * nothing needs none. It must have forgotten when it returns.
   */
  readonly forget?: (sub?: string) => void;
}

/** A resolver in front of others, which passes {@link LegacyIdResolver.forget} on to them. */
export function inFrontOf(behind: readonly LegacyIdResolver[], resolver: LegacyIdResolver): LegacyIdResolver {
  const forget = (sub?: string) => {
    const faults: unknown[] = [];
    for (const one of behind) {
      try {
        disregard(one.forget?.(sub));
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw faults[0];
  };
  return Object.assign((query: LegacyIdQuery) => resolver(query), { forget });
}

/**
 * Checks what a resolver or store answered; `null` stands for `undefined`, as stores answer it.
 * @throws {@link TypeError} for anything but a non-empty string, `undefined` or `null`: a fault of the resolver, which says
 * nothing about the user
 */
export function checkAnswer(answer: unknown): string | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer === 'string' && answer !== '') return answer;
  const given = typeof answer === 'string' ? 'an empty one' : `a value of type ${typeof answer}`;
  throw new TypeError(`a legacy id must be a non-empty string, got ${given}`);
}

/** "Cannot tell now", in the one form that the verifier, the gateways and the triggers pass on. */
export function unavailable(cause: unknown, retryAfterSeconds?: number): CutoverError {
  return refusal('ERR_LEGACY_ID_UNAVAILABLE', { pool: 'new', cause, retryAfterSeconds });
}

/**
 * Asks several resolvers in their order; the first legacy id found is the answer.
 *
 * `undefined` passes the question on. So does a failure, because a later resolver may still know; but when one failed and
 * none of the others found anything, the chain rejects: it cannot tell. Hence every member must be an authority. One that
 * always answers something, such as `(query) => query.sub`, would turn an outage of those before it into wrong ids; that
 * choice belongs in `legacyId.onMissing`.
 *
 * @param resolvers at least one
 * @throws `ConfigurationError` when one of them is not a function, or there are none
 */
export function chain(...resolvers: readonly LegacyIdResolver[]): LegacyIdResolver {
  if (resolvers.length === 0) refuse('resolvers', 'at least one resolver', resolvers);
  resolvers.forEach((resolver, index) => {
    if (typeof resolver !== 'function') refuse(`resolvers[${index}]`, 'a function', resolver);
  });

  // Asks synchronously for as long as answers come at once, so that a hit in memory costs no promise.
  const askFrom = (first: number, query: LegacyIdQuery, failures: unknown[]): ReturnType<LegacyIdResolver> => {
    for (let index = first; index < resolvers.length; index++) {
      try {
        const answer = resolvers[index]?.(query);
        if (isThenable(answer)) {
          return Promise.resolve(answer)
            .then(checkAnswer)
            .then(
              (found) => found ?? askFrom(index + 1, query, failures),
              (error) => askFrom(index + 1, query, [...failures, error]),
            );
        }
        const found = checkAnswer(answer);
        if (found !== undefined) return found;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failureOf(failures);
    return undefined;
  };
  return inFrontOf(resolvers, (query) => askFrom(0, query, []));
}

/** One error for several, with the shortest pause that any of them named. */
function failureOf(failures: readonly unknown[]): CutoverError {
  const named = failures
    .map((error) => (error instanceof CutoverError ? error.retryAfterSeconds : undefined))
    .filter((seconds) => seconds !== undefined);
  return unavailable(
    failures.length === 1 ? failures[0] : new AggregateError(failures, `${failures.length} resolvers failed`),
    named.length === 0 ? undefined : Math.min(...named),
  );
}
