import type { Request, RequestHandler } from 'express';
import { asError } from '../src/http/challenge.js';
import { disregard, isThenable } from '../src/thenable.js';
import { withTimeLimit } from '../src/time-limit.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { type CutoverDecision, decidedAbout, type Observation, observe, type Report } from './decided.js';
import { checkIdentity, type Verify } from './verifier-source.js';

/** The largest number of decisions under way in one observing middleware. Further requests are skipped. */
export const MAX_UNDER_WAY = 1_000;

/** A decision that takes longer is given up: a verifier that never answers would use up all places. */
const TIMEOUT_MS = 30_000;

export interface ObserverParts {
  /** The token of a request, `undefined` for an anonymous one. Throws what refuses it. */
  readonly tokenOf: (req: Request) => string | undefined;
  readonly verify: Verify;
  readonly report: Report;
  readonly property: string;
  /** The user id that the authentication in use found. */
  readonly compare: ((req: Request) => unknown) | undefined;
}

/**
 * A `cutoverAuth` that refuses nothing: each request continues at once, and what has to be waited for is decided in parallel.
 * The number of such decisions is bounded, because no request waits for them.
 */
export function observer({ tokenOf, verify, report, property, compare }: ObserverParts): RequestHandler {
  let underWay = 0;

  const later = async (pending: PromiseLike<unknown>, decide: Decide, req: Request) => {
    underWay += 1;
    try {
      const identity = checkIdentity(await withTimeLimit({ timeoutMs: TIMEOUT_MS }, () => pending));
      report(decide(identity), req);
      return identity;
    } catch (error) {
      report({ outcome: 'refused', error: asError(error) }, req);
      return undefined;
    } finally {
      underWay -= 1;
    }
  };

  /** Who the token belongs to, at once or later. */
  const judge = (req: Request): Observation['found'] => {
    const token = tokenOf(req);
    if (token === undefined) {
      report({ outcome: 'anonymous' }, req);
      return undefined;
    }
    const decide = comparison(compare, req);
    const outcome = verify(token);
    if (isThenable(outcome)) return later(outcome, decide, req);
    const identity = checkIdentity(outcome);
    report(decide(identity), req);
    // Not where an enforcing cutoverAuth has decided or something else has set the property.
    const isFree = decidedAbout(req)?.enforcing === undefined && Reflect.get(req, property) === undefined;
    if (isFree) Reflect.set(req, property, identity);
    return identity;
  };

  return (req, _res, next) => {
    if (underWay >= MAX_UNDER_WAY) {
      observe(req);
      report({ outcome: 'skipped' }, req);
      return next();
    }
    try {
      observe(req, { found: judge(req), report, property });
    } catch (error) {
      observe(req);
      report({ outcome: 'refused', error: asError(error) }, req);
    }
    next();
  };
}

type Decide = (identity: CutoverIdentity) => CutoverDecision;

/**
 * Calls `compare` now, and returns how an identity compares with its answer. An exception of `compare` is reported once the
 * token is judged.
 */
function comparison(compare: ObserverParts['compare'], req: Request): Decide {
  let expected: string | undefined;
  try {
    expected = textOrNone('compare', compare?.(req));
  } catch (error) {
    return () => ({ outcome: 'refused', error: asError(error) });
  }
  return (identity) =>
    expected === undefined || expected === identity.userId
      ? { outcome: 'accepted', identity }
      : { outcome: 'mismatch', identity, expected };
}

/** What a function of the application returned: a string, or none. */
export function textOrNone(name: string, answer: unknown): string | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer === 'string') return answer;
  disregard(answer);
  throw new TypeError(`${name} must return a string or undefined, and no promise`);
}
