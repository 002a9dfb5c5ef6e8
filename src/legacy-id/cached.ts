import { type Clock, stopwatch, systemClock } from '../clock.js';
import { checkKeys, checkNumber, refuse } from '../options.js';
import { disregard, isThenable } from '../thenable.js';
import { withTimeLimit } from '../time-limit.js';
import { fold } from '../users/fold.js';
import { RecentMap } from './recent-map.js';
import { checkAnswer, type LegacyIdQuery, type LegacyIdResolver } from './resolver.js';

/** Options of {@link cached}. */
export interface CachedOptions {
  /** Users remembered, mapped and unmapped together, 2 to 10 000 000. About 200 bytes each. @defaultValue 100_000 */
  readonly maxEntries?: number;
  /** How long a legacy id is remembered, in seconds, 0 (not at all) to 604 800. @defaultValue 3600 */
  readonly ttlSeconds?: number;
  /**
   * How long it is remembered that a user has none, in seconds, 0 (not at all) to 3600. Short, because a user may be mapped
   * at any moment, but long enough to keep a flood of unmapped users away from the source.
   * @defaultValue 30
   */
  readonly missingTtlSeconds?: number;
  /**
   * Time limit of one lookup in milliseconds, 1 to 60 000. It is the lookup's own: callers that stop waiting earlier do
   * not end it, since others may be waiting for the same answer.
   * @defaultValue 5000
   */
  readonly timeoutMs?: number;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
}

interface Entry {
  readonly userPoolId: string;
  readonly legacyId: string | undefined;
  readonly until: number;
}

/**
 * Caches the answers of a resolver, and shares one lookup between all who ask for the same user at the same time. A cached
 * answer is given without a promise. Failures are never cached.
 *
 * Has `forget(sub?)`, which a verifier's `forget()` calls after a mapping was corrected.
 *
 * A lookup uses the query of the first caller, so the resolver must give the same answer for every token of one user.
 *
 * @throws `ConfigurationError` when `resolver` is not a function or an option is wrong
 */
export function cached(resolver: LegacyIdResolver, options: CachedOptions = {}): LegacyIdResolver {
  if (typeof resolver !== 'function') refuse('resolver', 'a function', resolver);
  checkKeys('', options, ['maxEntries', 'ttlSeconds', 'missingTtlSeconds', 'timeoutMs', 'clock']);
  const entryLimits = { integer: true, min: 2, max: 10_000_000, fallback: 100_000 };
  const maxEntries = checkNumber('maxEntries', options.maxEntries, entryLimits);
  const ttlMs = 1000 * checkNumber('ttlSeconds', options.ttlSeconds, { min: 0, max: 604_800, fallback: 3600 });
  const missingTtlLimits = { min: 0, max: 3600, fallback: 30 };
  const missingTtlMs = 1000 * checkNumber('missingTtlSeconds', options.missingTtlSeconds, missingTtlLimits);
  const timeoutMs = checkNumber('timeoutMs', options.timeoutMs, { min: 1, max: 60_000, fallback: 5000 });
  const clock = options.clock ?? systemClock;
  const passedMs = stopwatch(clock);

  const entries = new RecentMap<Entry>(maxEntries);
  const lookups = new Map<string, Promise<string | undefined>>();

  let forgotten = 0;

  /**
   * `since`: the number of `forget` calls when the lookup began. After another call, its answer may be outdated and is not
   * cached.
   */
  const remember = ({ sub, userPoolId }: LegacyIdQuery, answer: unknown, since: number): string | undefined => {
    const legacyId = checkAnswer(answer);
    const ttl = legacyId === undefined ? missingTtlMs : ttlMs;
    if (ttl > 0 && since === forgotten) entries.set(sub, { userPoolId, legacyId, until: passedMs() + ttl });
    return legacyId;
  };

  const lookUp = (key: string, query: LegacyIdQuery): ReturnType<LegacyIdResolver> => {
    const since = forgotten;
    const ended = new AbortController();
    const answer = resolver({ ...query, signal: ended.signal });
    if (!isThenable(answer)) return remember(query, answer, since);
    const lookup = withTimeLimit({ timeoutMs, clock, limit: ended }, () => answer)
      .then((found) => remember(query, found, since))
      .finally(() => {
        if (lookups.get(key) === lookup) lookups.delete(key);
      });
    lookups.set(key, lookup);
    return lookup;
  };

  const forget = (sub?: string) => {
    forgotten += 1;
    const isNamed = (id: string) => sub === undefined || fold(id) === fold(sub);
    entries.forget((newSub, { legacyId }) => isNamed(newSub) || (legacyId !== undefined && isNamed(legacyId)));
    // A later question must not join a lookup that began before.
    lookups.clear();
    disregard(resolver.forget?.(sub));
  };

  const resolve: LegacyIdResolver = (query) => {
    // Only sub and pool together name a user. By sub alone the entry is found twice as fast.
    const entry = entries.get(query.sub);
    if (entry?.userPoolId === query.userPoolId && entry.until > passedMs()) return entry.legacyId;
    const key = `${query.userPoolId}\n${query.sub}`;
    return lookups.get(key) ?? lookUp(key, query);
  };
  return Object.assign(resolve, { forget });
}
