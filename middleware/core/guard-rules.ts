import { CutoverError, type CutoverErrorCode, nameToken, refusal } from '../../src/errors.js';
import { isQuotable, isScopeToken } from '../../src/http/challenge.js';
import { refuse } from '../../src/options.js';
import { isThenable } from '../../src/thenable.js';
import type { CutoverIdentity } from '../../src/verify/types.js';
import { type AnyHost, decidedAbout, type Observation, refusalOf, requestOf, whyNobody } from './decided.js';
import { CONTINUE, type Host, Refusal, type Verdict } from './host.js';
import { checkCalled } from './uncalled.js';

/** What a route asks of the identity that a `cutoverAuth` in front of it has accepted. */
export interface GuardRule {
  /** The name of the guard. */
  readonly name: string;
  /** Of the refusal. */
  readonly code: CutoverErrorCode;
  readonly message: string;
  /** The scopes that would do. */
  readonly scope?: string;
  fits(identity: CutoverIdentity): boolean;
}

/** How a route of the framework is given a guard, for example `app.get('/…', requireUser(), …)`. */
type Usage = (call: string) => string;

/** The guards of a framework. */
export interface Guards<Guard> {
  /**
   * Lets a request through when its token has every one of `scopes`; an ID token has none. Behind `cutoverAuth`.
   *
   * @throws {@link ConfigurationError} when no scope is given, or what is given is not a scope
   * @see RFC 6749 section 3.3
   */
  requireScope(...scopes: readonly string[]): Guard;
  /** As {@link Guards.requireScope}, for a token that has at least one of `scopes`. */
  requireAnyScope(...scopes: readonly string[]): Guard;
  /**
   * Lets a request through when its user is in every one of `groups` of the pool that signed the token. Behind `cutoverAuth`.
   *
   * @throws {@link ConfigurationError} when no group is given, or a name is empty
   */
  requireGroup(...groups: readonly string[]): Guard;
  /** As {@link Guards.requireGroup}, for a user who is in at least one of `groups`. */
  requireAnyGroup(...groups: readonly string[]): Guard;
  /**
   * Lets a request through when its token is a user's, not a machine's (client credentials): 403 `ERR_INSUFFICIENT_SCOPE`
   * otherwise. Behind `cutoverAuth`.
   */
  requireUser(): Guard;
}

/** The guards of a framework, each made by `guardOf` of its rule. */
export function guardsOf<Guard>(guardOf: (rule: GuardRule) => Guard, usage: Usage): Guards<Guard> {
  const scopeGuard = (name: string, scopes: readonly string[], holds: Holds): Guard => {
    checkNames(name, 'scope', scopes, usage);
    for (const scope of scopes) if (!isScopeToken(scope)) refuseScope(name, scope);
    return guardOf({
      ...{ name, code: 'ERR_INSUFFICIENT_SCOPE', scope: scopes.join(' ') },
      message: `The token does not meet ${name}(${scopes.join(', ')}).`,
      fits: (identity) => holds(identity.scopes),
    });
  };
  const groupGuard = (name: string, groups: readonly string[], holds: Holds): Guard => {
    checkNames(name, 'group', groups, usage);
    return guardOf({
      ...{ name, code: 'ERR_GROUP_REQUIRED' },
      message: `The user does not meet ${name}(${groups.join(', ')}).`,
      fits: (identity) => holds(identity.groups),
    });
  };
  return {
    requireScope: (...scopes) =>
      scopeGuard('requireScope', scopes, (held) => scopes.every((one) => held.includes(one))),
    requireAnyScope: (...scopes) =>
      scopeGuard('requireAnyScope', scopes, (held) => scopes.some((one) => held.includes(one))),
    requireGroup: (...groups) =>
      groupGuard('requireGroup', groups, (held) => groups.every((one) => held.includes(one))),
    requireAnyGroup: (...groups) =>
      groupGuard('requireAnyGroup', groups, (held) => groups.some((one) => held.includes(one))),
    requireUser(...none: readonly unknown[]) {
      checkCalled('requireUser', usage('requireUser()'), none);
      return guardOf({
        ...{ name: 'requireUser', code: 'ERR_INSUFFICIENT_SCOPE' },
        message: 'The token does not meet requireUser(): it belongs to a machine.',
        fits: ({ kind }) => kind === 'user',
      });
    },
  };
}

type Holds = (held: readonly string[]) => boolean;
type Judge = (identity: CutoverIdentity | undefined, missing: () => object) => object | undefined;

function checkNames(guard: string, what: 'scope' | 'group', given: readonly unknown[], usage: Usage): void {
  checkCalled(guard, usage(`${guard}('…')`), given);
  if (given.length === 0) refuse(guard, `at least one ${what}`, given);
  for (const one of given) {
    if (Array.isArray(one)) refuse(guard, `each ${what} as an argument of its own, ${guard}('a', 'b')`, one);
    if (typeof one !== 'string' || one === '') refuse(guard, `the name of a ${what}`, one);
  }
}

function refuseScope(guard: string, scope: string): never {
  const isSeveral = isQuotable(scope);
  const expected = isSeveral ? `one scope per argument, ${guard}('a', 'b')` : 'a scope (RFC 6749 section 3.3)';
  return refuse(guard, expected, scope);
}

/**
 * Checks the identity that was enforced; and, for each observing `cutoverAuth` in front, the one that it found, without
 * effect.
 */
export function judgeByRule<Req extends object, Res>(
  { name, code, message, scope, fits }: GuardRule,
  host: Host<Req, Res>,
  req: Req,
  res: Res,
): Verdict {
  const judge: Judge = (identity, missing) => {
    if (identity === undefined) return missing();
    return fits(identity) ? undefined : nameToken(new CutoverError(code, message, { pool: identity.pool }), identity);
  };
  const key = host.keyOf(req);
  const decided = decidedAbout(key);
  if (decided === undefined) return new Refusal(new Error(`${name}: no cutoverAuth ran before this route`));
  for (const observation of decided.observations) {
    void reportRefusal(observation, judge, requestOf(observation.by, host as AnyHost, req) ?? req);
  }
  const { enforcing, identity } = decided;
  if (enforcing === undefined) return CONTINUE;
  const error = judge(identity, () => whyNobody(decided, enforcing));
  if (error === undefined) return CONTINUE;
  enforcing.report({ outcome: 'refused', error }, requestOf(enforcing, host as AnyHost, req) ?? req);
  if (!(error instanceof CutoverError)) return new Refusal(error);
  const wanted = identity === undefined ? undefined : scope;
  return new Refusal(refusalOf(error, enforcing, key, host.headersOf(res), wanted));
}

async function reportRefusal({ found, by }: Observation, judge: Judge, req: object): Promise<void> {
  const identity = isThenable(found) ? await found : found;
  // The token was refused, which is reported already: an enforced request would not have come here.
  if (identity === undefined && found !== undefined) return;
  const error = judge(identity, () => refusal('ERR_TOKEN_MISSING'));
  if (error !== undefined) by.report({ outcome: 'refused', error }, req);
}
