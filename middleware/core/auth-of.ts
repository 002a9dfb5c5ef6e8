import { CutoverError } from '../../src/errors.js';
import { isThenable } from '../../src/thenable.js';
import type { CutoverIdentity } from '../../src/verify/types.js';
import { decidedAbout, refusalOf, whyNobody } from './decided.js';

/**
 * The identity that the `cutoverAuth` in front of a route has accepted, by the key of the request.
 *
 * In `observe` mode it is the identity that the first observing `cutoverAuth` found at once.
 *
 * @throws {@link CutoverHttpError} `ERR_TOKEN_MISSING` (401) for a request that was let through without credentials, or the refusal
 * that an error handler has let through, as a guard would answer; what a verifier or `getToken` threw, where that was let through; an `Error` where no `cutoverAuth` ran before, or an observing one found nobody at once
 */
export function authOf(key: object): CutoverIdentity {
  const decided = decidedAbout(key);
  if (decided === undefined) {
    throw new Error('getAuth: no cutoverAuth ran before this route. Mount one in front of it: cutoverAuth({…})');
  }
  const { enforcing, identity, observations, req, res } = decided;
  if (enforcing === undefined) {
    for (const { found } of observations) if (found !== undefined && !isThenable(found)) return found;
    throw new Error(
      'getAuth: the cutoverAuth in front of this route only observes, and found no identity at once. Until it enforces, take the user from the authentication in use',
    );
  }
  if (identity !== undefined) return identity;
  const error = whyNobody(decided, enforcing);
  enforcing.report({ outcome: 'refused', error }, req ?? key);
  if (!(error instanceof CutoverError)) throw error;
  throw refusalOf(error, enforcing, key, enforcing.host.headersOf(res));
}
