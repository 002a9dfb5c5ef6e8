import type { Request, RequestHandler } from 'express';
import { isThenable } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { type CutoverDecision, type Observation, observe, type Report } from './decided.js';
import { checkIdentity, type Verify } from './verifier-source.js';

/** Decisions under way in one observing middleware, beyond those whose answer comes at once. */
export const MAX_UNDER_WAY = 1_000;

export interface ObserverParts {
  /** The token of a request, `undefined` for an anonymous one. Throws what refuses it. */
  readonly tokenOf: (req: Request) => string | undefined;
  readonly verify: Verify;
  readonly report: Report;
  /** The user id that the authentication in use found. */
  readonly compare: ((req: Request) => unknown) | undefined;
}

/**
 * A `cutoverAuth` that changes nothing: each request goes on at once, and what has to be waited for is decided beside it. The
 * number of such decisions under way is bounded, since nobody waits for them; requests beyond are skipped.
 */
export function observer({ tokenOf, verify, report, compare }: ObserverParts): RequestHandler {
  let underWay = 0;

  const decisionOn = (identity: CutoverIdentity, expected: string | undefined): CutoverDecision =>
    expected === undefined || expected === identity.userId
      ? { outcome: 'accepted', identity }
      : { outcome: 'mismatch', identity, expected };

  const later = async (pending: PromiseLike<unknown>, expected: string | undefined, req: Request) => {
    underWay += 1;
    try {
      const identity = checkIdentity(await pending);
      report(decisionOn(identity, expected), req);
      return identity;
    } catch (error) {
      report({ outcome: 'refused', error }, req);
      return undefined;
    } finally {
      underWay -= 1;
    }
  };

  /** Whose token it is, at once or later. */
  const judge = (req: Request): Observation['found'] => {
    const token = tokenOf(req);
    if (token === undefined) {
      report({ outcome: 'anonymous' }, req);
      return undefined;
    }
    const expected = userIdInUse(compare, req);
    const outcome = verify(token);
    if (isThenable(outcome)) return later(outcome, expected, req);
    const identity = checkIdentity(outcome);
    report(decisionOn(identity, expected), req);
    req.auth ??= identity;
    return identity;
  };

  return (req, _res, next) => {
    if (underWay >= MAX_UNDER_WAY) {
      observe(req);
      report({ outcome: 'skipped' }, req);
      return next();
    }
    try {
      observe(req, { found: judge(req), report });
    } catch (error) {
      observe(req, { found: undefined, report });
      report({ outcome: 'refused', error }, req);
    }
    next();
  };
}

function userIdInUse(compare: ObserverParts['compare'], req: Request): string | undefined {
  const userId = compare?.(req);
  if (userId === undefined || typeof userId === 'string') return userId;
  throw new TypeError('compare has to return a string or undefined, without waiting');
}
