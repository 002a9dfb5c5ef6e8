import { CutoverError } from '../errors.js';
import type { LegacyIdQuery, LegacyIdResolver } from '../legacy-id/resolver.js';

const RETRY_AFTER_SECONDS = 5;

function unavailable(cause: unknown): CutoverError {
  const wanted = (cause as { readonly retryAfterSeconds?: unknown } | undefined)?.retryAfterSeconds;
  const isSane = typeof wanted === 'number' && wanted >= 1 && wanted <= 3_600;
  return new CutoverError('ERR_LEGACY_ID_UNAVAILABLE', 'The legacy id cannot be looked up at the moment.', {
    pool: 'new',
    retryAfterSeconds: isSane ? Math.ceil(wanted) : RETRY_AFTER_SECONDS,
    cause,
  });
}

/**
 * Asks the resolver, for at most `timeoutMs`. What it throws, and silence, become `ERR_LEGACY_ID_UNAVAILABLE`: "cannot
 * tell" is never taken for "none".
 */
export function askResolver(
  resolve: LegacyIdResolver,
  query: Omit<LegacyIdQuery, 'signal'>,
  timeoutMs: number,
): unknown {
  const limit = new AbortController();
  let answer: unknown;
  try {
    answer = resolve({ ...query, signal: limit.signal });
  } catch (error) {
    throw unavailable(error);
  }
  if (typeof (answer as PromiseLike<unknown> | undefined)?.then !== 'function') return answer;
  return new Promise((keep, reject) => {
    const timer = setTimeout(() => {
      const reason = new Error(`the resolver did not answer within ${timeoutMs} ms`);
      reject(unavailable(reason));
      limit.abort(reason);
    }, timeoutMs);
    Promise.resolve(answer)
      .then(keep, (error: unknown) => reject(unavailable(error)))
      .finally(() => clearTimeout(timer));
  });
}
