import { refuse } from '../options.js';
import { isThenable } from '../thenable.js';
import { checkAnswer, type LegacyIdResolver } from './resolver.js';

/** The reading half of {@link LegacyIdStore}: all that a resolver needs. */
export interface LegacyIdReader {
  /**
   * The legacy id of the new-pool user with this `sub`; `undefined` or `null` when there is none. Throws or rejects when it
   * cannot tell: "cannot tell" must never look like "nothing there".
   */
  get(newSub: string): string | null | undefined | PromiseLike<string | null | undefined>;
}

/**
 * Where the legacy id of a new-pool user can be looked up: new `sub` -> legacy id. A `Map` meets this contract as it is, and
 * so does a Keyv built with `throwOnErrors: true` (without it, Keyv answers an outage with `undefined`).
 */
export interface LegacyIdStore extends LegacyIdReader {
  /** Replaces any earlier legacy id. Resolves once the new one is stored as durably as the store can. */
  set(newSub: string, legacyId: string): unknown;
}

/** A store that takes many users in one go: what `cognito-cutover publish` writes to. */
export interface BulkStore extends LegacyIdStore {
  /** The best number of users for one call. */
  readonly batchSize: number;
  /** As `set` for each; of a user named twice the last legacy id counts. After a rejection any part may be stored. */
  setMany(users: readonly (readonly [newSub: string, legacyId: string])[]): Promise<void>;
  /** Removes these users; users that are not stored are ignored. */
  deleteMany(newSubs: readonly string[]): Promise<void>;
}

/**
 * Looks legacy ids up in a store. Answers without a promise where the store does.
 *
 * For a store across the network: `cached(guarded(storeResolver(store)))`.
 *
 * @throws `ConfigurationError` when `store` has no `get`
 */
export function storeResolver(store: LegacyIdReader): LegacyIdResolver {
  if (typeof store?.get !== 'function') refuse('store', 'an object with a get method', store);
  return ({ sub }) => {
    const answer = store.get(sub);
    return isThenable(answer) ? Promise.resolve(answer).then(checkAnswer) : checkAnswer(answer);
  };
}
