import type { IncomingMessage, OutgoingMessage } from 'node:http';
import type { Request } from 'express';
import { isThenable } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { decidedAbout, refusalOf, whyNobody } from './decided.js';

/**
 * The identity that the `cutoverAuth` in front of this route has accepted. Unlike `req.auth`, it is never absent, and no other
 * middleware can have written it.
 *
 * In `observe` mode it is the identity that the first observing `cutoverAuth` found at once.
 *
 * @throws {@link CutoverHttpError} `ERR_TOKEN_MISSING` (401) for a request that was let through without credentials, or the refusal
 * that an error handler has let through, as a guard would answer; an `Error` where no `cutoverAuth` ran before, or an observing one found nobody at once
 */
export function getAuth(req: IncomingMessage): CutoverIdentity {
  return authOf(req as Request, (req as Request).res);
}

/** {@link getAuth}, for adapters to other frameworks as well. */
export function authOf(req: Request, res: OutgoingMessage | undefined): CutoverIdentity {
  const decided = decidedAbout(req);
  if (decided === undefined) {
    throw new Error('getAuth: no cutoverAuth ran before this route. Mount it first: app.use(cutoverAuth({…}))');
  }
  const { enforcing, identity, observations } = decided;
  if (enforcing === undefined) {
    for (const { found } of observations) if (found !== undefined && !isThenable(found)) return found;
    throw new Error(
      'getAuth: the cutoverAuth in front of this route only observes, and found no identity at once. Until it enforces, take the user from the authentication in use',
    );
  }
  if (identity !== undefined) return identity;
  const error = whyNobody(decided, enforcing, req);
  enforcing.report({ outcome: 'refused', error }, req);
  throw refusalOf(error, enforcing, req, res);
}
