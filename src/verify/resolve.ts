import { CutoverError } from '../errors.js';
import type { LegacyIdQuery, LegacyIdResolver } from '../legacy-id/resolver.js';
import { isThenable } from '../thenable.js';
import { withTimeLimit } from './time-limit.js';

const RETRY_AFTER_SECONDS = 5;

function unavailable(cause: unknown): CutoverError {
  const wanted = (cause as { readonly retryAfterSeconds?: unknown } | undefined)?.retryAfterSeconds;
  const isSane = typeof wanted === 'number' && wanted >= 1 && wanted <= 3_600;
  return new CutoverError('ERR_LEGACY_ID_UNAVAILABLE', 'The legacy id currently cannot be looked up.', {
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
    if (!isThenable(answer)) return answer;
  } catch (error) {
    throw unavailable(error);
  }
  return waitFor(answer, limit, timeoutMs);
}

async function waitFor(answer: PromiseLike<unknown>, limit: AbortController, timeoutMs: number): Promise<unknown> {
  try {
    return await withTimeLimit(timeoutMs, 'the resolver', (signal) => {
      signal.addEventListener('abort', () => limit.abort(signal.reason));
      return answer;
    });
  } catch (error) {
    throw unavailable(error);
  }
}
