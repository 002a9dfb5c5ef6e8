import type { Request, RequestHandler } from 'express';
import { CutoverError, type CutoverErrorCode, nameToken, refusal } from '../src/errors.js';
import { isQuotable, isScopeToken } from '../src/http/challenge.js';
import { refuse } from '../src/options.js';
import { isThenable } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { decidedAbout, type Observation, refusalOf, whyNobody } from './decided.js';
import { checkCalled } from './uncalled.js';

/**
 * Lets a request through when its token has every one of `scopes`; an ID token has none. Mount it after `cutoverAuth`.
 *
 * @throws {@link ConfigurationError} when no scope is given, or what is given is not a scope
 * @see RFC 6749 section 3.3
 */
export function requireScope(...scopes: readonly string[]): RequestHandler {
  return scopeGuard('requireScope', scopes, (held) => scopes.every((one) => held.includes(one)));
}

/** As {@link requireScope}, for a token that has at least one of `scopes`. */
export function requireAnyScope(...scopes: readonly string[]): RequestHandler {
  return scopeGuard('requireAnyScope', scopes, (held) => scopes.some((one) => held.includes(one)));
}

/**
 * Lets a request through when its user is in every one of `groups` of the pool that signed the token. Mount it after
 * `cutoverAuth`.
 *
 * @throws {@link ConfigurationError} when no group is given, or a name is empty
 */
export function requireGroup(...groups: readonly string[]): RequestHandler {
  return groupGuard('requireGroup', groups, (held) => groups.every((one) => held.includes(one)));
}

/** As {@link requireGroup}, for a user who is in at least one of `groups`. */
export function requireAnyGroup(...groups: readonly string[]): RequestHandler {
  return groupGuard('requireAnyGroup', groups, (held) => groups.some((one) => held.includes(one)));
}

/**
 * Lets a request through when its token is a user's, not a machine's (client credentials): 403 `ERR_INSUFFICIENT_SCOPE`
 * otherwise. Mount it after `cutoverAuth`.
 */
export function requireUser(): RequestHandler;
export function requireUser(...none: readonly unknown[]): RequestHandler {
  checkCalled('requireUser', "app.get('/…', requireUser(), …)", none);
  return guard(
    'requireUser',
    ({ kind }) => kind === 'user',
    'ERR_INSUFFICIENT_SCOPE',
    'The token does not meet requireUser(): it belongs to a machine.',
  );
}

type Holds = (held: readonly string[]) => boolean;
type Judge = (identity: CutoverIdentity | undefined, missing: () => CutoverError) => CutoverError | undefined;

function scopeGuard(name: string, scopes: readonly string[], holds: Holds): RequestHandler {
  checkNames(name, 'scope', scopes);
  for (const scope of scopes) if (!isScopeToken(scope)) refuseScope(name, scope);
  const wanted = scopes.join(' ');
  const message = `The token does not meet ${name}(${scopes.join(', ')}).`;
  return guard(name, (identity) => holds(identity.scopes), 'ERR_INSUFFICIENT_SCOPE', message, wanted);
}

function groupGuard(name: string, groups: readonly string[], holds: Holds): RequestHandler {
  checkNames(name, 'group', groups);
  const message = `The user does not meet ${name}(${groups.join(', ')}).`;
  return guard(name, (identity) => holds(identity.groups), 'ERR_GROUP_REQUIRED', message);
}

function checkNames(guard: string, what: 'scope' | 'group', given: readonly unknown[]): void {
  checkCalled(guard, `app.get('/…', ${guard}('…'), …)`, given);
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
function guard(
  name: string,
  fits: (identity: CutoverIdentity) => boolean,
  code: CutoverErrorCode,
  message: string,
  scope?: string,
): RequestHandler {
  const judge: Judge = (identity, missing) => {
    if (identity === undefined) return missing();
    return fits(identity) ? undefined : nameToken(new CutoverError(code, message, { pool: identity.pool }), identity);
  };
  return (req, res, next) => {
    const decided = decidedAbout(req);
    if (decided === undefined) return next(new Error(`${name}: no cutoverAuth ran before this route`));
    for (const observation of decided.observations) void reportRefusal(observation, judge, req);
    const { enforcing, identity } = decided;
    const error = enforcing === undefined ? undefined : judge(identity, () => whyNobody(decided, enforcing, req));
    if (enforcing === undefined || error === undefined) return next();
    enforcing.report({ outcome: 'refused', error }, req);
    next(refusalOf(error, enforcing, req, res, identity === undefined ? undefined : scope));
  };
}

async function reportRefusal({ found, report }: Observation, judge: Judge, req: Request): Promise<void> {
  const identity = isThenable(found) ? await found : found;
  // The token was refused, which is reported already: an enforced request would not have come here.
  if (identity === undefined && found !== undefined) return;
  const error = judge(identity, () => refusal('ERR_TOKEN_MISSING'));
  if (error !== undefined) report({ outcome: 'refused', error }, req);
}
