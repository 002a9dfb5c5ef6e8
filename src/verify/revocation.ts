import { CutoverError, nameToken, refusal } from '../errors.js';
import { isThenable } from '../thenable.js';
import { withTimeLimit } from '../time-limit.js';
import { RETRY_AFTER_SECONDS } from './resolve.js';
import type { CutoverIdentity, VerifierOptions } from './types.js';

const TIMEOUT_MS = 3_000;
/** How many requests of one verifier may wait for an answer. While a denylist hangs, each waits until its time is up. */
const MAX_WAITING = 1_000;

export type RevocationCheck = NonNullable<VerifierOptions['isRevoked']>;

const FAILED = 'failed (see cause)';

function unavailable(identity: CutoverIdentity, cause: unknown, what = FAILED): CutoverError {
  const details = { pool: identity.pool, retryAfterSeconds: RETRY_AFTER_SECONDS, cause };
  const message = `Whether the token is revoked is currently unknown: isRevoked ${what}.`;
  return nameToken(new CutoverError('ERR_REVOCATION_UNAVAILABLE', message, details), identity);
}

function judge(identity: CutoverIdentity, answer: unknown): CutoverIdentity {
  if (answer === false) return identity;
  if (answer === true) {
    const { pool } = identity;
    throw nameToken(refusal('ERR_TOKEN_REVOKED', { pool }), identity);
  }
  const what = `must answer true or false, got a value of type ${typeof answer}`;
  throw unavailable(identity, new TypeError(`isRevoked ${what}`), what);
}

/**
 * Asks `isRevoked`: the identity, where it answers `false`; without a promise where it needs none. An exception, a timeout, and any answer
 * other than `true` and `false` mean "cannot tell", which refuses. So does a question too many while others wait.
 */
export function revocationGate(
  isRevoked: RevocationCheck,
): (identity: CutoverIdentity) => CutoverIdentity | Promise<CutoverIdentity> {
  let waiting = 0;

  const waitFor = async (pending: PromiseLike<unknown>, identity: CutoverIdentity): Promise<CutoverIdentity> => {
    let answer: unknown;
    const limit = new AbortController();
    waiting += 1;
    try {
      answer = await withTimeLimit({ timeoutMs: TIMEOUT_MS, limit }, () => pending);
    } catch (error) {
      throw unavailable(identity, error, limit.signal.aborted ? `did not answer within ${TIMEOUT_MS} ms` : FAILED);
    } finally {
      waiting -= 1;
    }
    return judge(identity, answer);
  };

  return (identity) => {
    if (waiting >= MAX_WAITING) {
      const what = `is not asked while ${MAX_WAITING} wait for its answer`;
      throw unavailable(identity, new Error(`isRevoked ${what}`), what);
    }
    let answer: unknown;
    try {
      answer = isRevoked(identity);
      if (isThenable(answer)) return waitFor(answer, identity);
    } catch (error) {
      throw unavailable(identity, error);
    }
    return judge(identity, answer);
  };
}
