import { asError } from '../../src/http/challenge.js';
import { disregard, isThenable, tell } from '../../src/thenable.js';
import { withTimeLimit } from '../../src/time-limit.js';
import type { CutoverIdentity } from '../../src/verify/types.js';
import { type CutoverDecision, decidedAbout, type Observation, observe, type Supervision } from './decided.js';
import { checkIdentity, type Verify } from './verifier-source.js';

/** The largest number of decisions under way in one observing middleware. Further requests are skipped. */
export const MAX_UNDER_WAY = 1_000;

/** A decision that takes longer is given up: a verifier that never answers would use up all places. */
const TIMEOUT_MS = 30_000;

export interface ObserverParts<Req> {
  /** The token of a request, `undefined` for an anonymous one. Throws what refuses it. */
  readonly tokenOf: (req: Req) => string | undefined;
  readonly verify: Verify;
  readonly supervision: Supervision;
  /** The user id that the authentication in use found. */
  readonly compare: ((req: Req) => unknown) | undefined;
}

/**
 * A `cutoverAuth` that refuses nothing: each request continues at once, and what has to be waited for is decided in parallel.
 * The number of such decisions is bounded, because no request waits for them.
 */
export function observer<Req extends object>({ tokenOf, verify, supervision, compare }: ObserverParts<Req>) {
  const { host, property } = supervision;
  let underWay = 0;

  const later = async (pending: PromiseLike<unknown>, decide: Judgement, req: Req) => {
    underWay += 1;
    try {
      const identity = checkIdentity(await withTimeLimit({ timeoutMs: TIMEOUT_MS }, () => pending));
      supervision.report(decide(identity), req);
      return identity;
    } catch (error) {
      supervision.report({ outcome: 'refused', error: asError(error) }, req);
      return undefined;
    } finally {
      underWay -= 1;
    }
  };

  /** Who the token belongs to, at once or later. */
  const judge = (req: Req): Observation['found'] => {
    const token = tokenOf(req);
    if (token === undefined) {
      supervision.report({ outcome: 'anonymous' }, req);
      return undefined;
    }
    const decide = comparison(compare, req);
    const outcome = verify(token);
    if (isThenable(outcome)) return later(outcome, decide, req);
    const identity = checkIdentity(outcome);
    supervision.report(decide(identity), req);
    tell(placed(req), identity);
    return identity;
  };

  /** Not where an enforcing cutoverAuth has decided, or something else has set the property or lets nobody read or set it. */
  const placed = (req: Req) => (identity: CutoverIdentity) => {
    const isFree = decidedAbout(host.keyOf(req))?.enforcing === undefined && isNothing(host.get(req, property));
    if (isFree) host.set(req, property, identity);
  };

  return (req: Req): void => {
    const key = host.keyOf(req);
    if (underWay >= MAX_UNDER_WAY) {
      observe(key);
      supervision.report({ outcome: 'skipped' }, req);
      return;
    }
    try {
      observe(key, { by: supervision, found: judge(req) });
    } catch (error) {
      observe(key);
      supervision.report({ outcome: 'refused', error: asError(error) }, req);
    }
  };
}

const isNothing = (value: unknown) => value === undefined || value === null;

type Judgement = (identity: CutoverIdentity) => CutoverDecision;

/**
 * Calls `compare` now, and returns how an identity compares with its answer. An exception of `compare` is reported once the
 * token is judged.
 */
function comparison<Req>(compare: ObserverParts<Req>['compare'], req: Req): Judgement {
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
