import { CutoverError } from '../errors.js';
import type { LegacyIdQuery, LegacyIdResolver } from '../legacy-id/resolver.js';
import { isThenable } from '../thenable.js';
import { withTimeLimit } from '../time-limit.js';

/** The pause where an answer of the application, a resolver or `isRevoked`, is unavailable and names none. */
export const RETRY_AFTER_SECONDS = 5;

/** One error for everything that a resolver throws, with the pause that the resolver asks for. */
function unavailable(cause: unknown, what = 'failed (see cause)'): CutoverError {
  const wanted = (cause as { readonly retryAfterSeconds?: unknown } | undefined)?.retryAfterSeconds;
  const isSane = typeof wanted === 'number' && wanted >= 1 && wanted <= 3_600;
  const retryAfterSeconds = isSane ? Math.ceil(wanted) : RETRY_AFTER_SECONDS;
  const message = `The legacy id is currently unavailable: legacyId.resolve ${what}.`;
  return new CutoverError('ERR_LEGACY_ID_UNAVAILABLE', message, { pool: 'new', cause, retryAfterSeconds });
}

/**
 * Asks the resolver, and waits at most `timeoutMs`. An exception or a timeout becomes `ERR_LEGACY_ID_UNAVAILABLE`: "cannot
 * tell" never counts as "none".
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
    return await withTimeLimit({ timeoutMs, limit }, () => answer);
  } catch (error) {
    if (!limit.signal.aborted) throw unavailable(error);
    throw unavailable(error, `did not answer within ${timeoutMs} ms (legacyId.resolveTimeoutMs)`);
  }
}
