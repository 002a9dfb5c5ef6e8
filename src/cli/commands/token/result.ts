import type { CutoverError, CutoverErrorCode, PoolSide } from '../../../errors.js';
import { DEFAULT_ACCESS_TOKEN_CLAIM, DEFAULT_ATTRIBUTE } from '../../../users/legacy-id-names.js';
import type { Pool } from '../../../verify/pool-options.js';
import type { CutoverIdentity } from '../../../verify/types.js';
import type { DatedOptions } from '../../options/verifier-options.js';
import { formatAgo, formatTime, visible } from '../../terminal/format.js';
import type { TokenFacts } from './token-facts.js';
import { RULES, type Rule, type Trial } from './trial.js';

/** One rule, and what came of it. */
export interface Judged {
  readonly rule: Rule;
  readonly result: 'passed' | 'failed' | 'not-reached';
  readonly detail: string;
}

/** The document of `--json`. */
export interface Explanation {
  readonly verdict: 'accepted' | 'refused';
  /** Of the refusal that decides, like `message` and `help`. */
  readonly code: CutoverErrorCode | undefined;
  readonly message: string | undefined;
  readonly help: string | undefined;
  /** The moment for which the token was judged. */
  readonly at: string;
  readonly pool: PoolSide | undefined;
  readonly userPoolId: string | undefined;
  /** Only of a token that is accepted, like `userIdSource`. */
  readonly userId: string | undefined;
  readonly userIdSource: CutoverIdentity['userIdSource'] | undefined;
  readonly rules: readonly Judged[];
  /** What the token says. Nothing of it is verified unless the rule `signature` passed. */
  readonly token: TokenFacts;
}

/** What a token was judged by. */
export interface Basis {
  readonly facts: TokenFacts;
  readonly options: DatedOptions;
  readonly pools: readonly Pool[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Otherwise one stands in its place that issues nothing. */
  readonly hasNewPool: boolean;
}

export function explain(trial: Trial, basis: Basis): Explanation {
  const { facts, pools, now } = basis;
  const [first] = trial.refusals;
  const accepted = first === undefined ? trial.identity : undefined;
  const pool = pools.find(({ issuers }) => facts.issuer !== undefined && issuers.includes(facts.issuer));
  const rules = RULES.flatMap((rule) => judgedBy(rule, trial, basis, pool));
  return {
    verdict: first === undefined ? 'accepted' : 'refused',
    code: first?.error.code,
    message: rules.find(({ rule }) => rule === first?.rule)?.detail,
    help: first?.error.help,
    at: new Date(now).toISOString(),
    pool: pool?.side,
    userPoolId: pool?.userPoolId ?? facts.userPoolId,
    userId: accepted?.userId,
    userIdSource: accepted?.userIdSource,
    rules,
    token: facts,
  };
}

function judgedBy(rule: Rule, { refusals, identity }: Trial, basis: Basis, pool: Pool | undefined): Judged[] {
  const refusal = refusals.find((one) => one.rule === rule);
  if (refusal !== undefined) return [{ rule, result: 'failed', detail: failure(refusal.error, basis) }];
  const last = refusals.at(-1);
  const isReached = identity !== undefined || RULES.indexOf(rule) < RULES.indexOf(last?.rule ?? 'form');
  const detail = DETAILS[rule](basis, pool, identity);
  if (detail === undefined) return [];
  return [isReached ? { rule, result: 'passed', detail } : { rule, result: 'not-reached', detail: 'not reached' }];
}

/** Letters, digits, `_` and `+`, as Cognito defines them. */
const CLIENT_ID = /^[\w+]{1,128}$/;

/** Why a rule refuses. What only this command knows is added to what the verifier says. */
function failure({ code, message }: CutoverError, { facts, hasNewPool }: Basis): string {
  if (code === 'ERR_LEGACY_ID_MISSING') return `${message} A resolver of your application would be asked before that.`;
  if (code !== 'ERR_ISSUER_NOT_TRUSTED' || facts.userPoolId === undefined) return message;
  const named = hasNewPool ? message : 'The token is of none of the pools that are named.';
  const { userPoolId: id, region, clientId = '' } = facts;
  // The options are there to be pasted into a shell, and anybody can have written the token.
  const isClientId = CLIENT_ID.test(clientId);
  const [legacyPool, newPool] = ['legacy', 'new'].map(
    (side) => `--${side}-pool ${id}${isClientId ? ` --${side}-clients ${clientId}` : ''}`,
  );
  const issued = `the user pool ${id} of Region ${region} issued it for ${isClientId ? `the app client ${clientId}` : 'no app client of Cognito'}`;
  return `${named} It says that ${issued}. If they are yours, name them: ${legacyPool}, or ${newPool}.`;
}

/** What there is to say of a rule that does not refuse; `undefined` where it was not asked. */
type Detail = (basis: Basis, pool: Pool | undefined, identity: CutoverIdentity | undefined) => string | undefined;

const DETAILS: Readonly<Record<Rule, Detail>> = {
  form: () => 'a signed JWT',
  algorithm: () => 'RS256',
  issuer: (_, pool) => `${pool?.option} ${pool?.userPoolId}`,
  acceptUntil: ({ options }, pool) => {
    const until = options.legacyTokens?.acceptUntil;
    return pool?.side === 'legacy' && until instanceof Date ? `until ${formatTime(until)}` : undefined;
  },
  key: (_, pool) => (pool?.jwksUri === undefined ? 'known: it is in --jwks' : `known: it is at ${pool.jwksUri}`),
  signature: () => 'valid',
  claims: () => 'what a verifier needs is there',
  time: ({ facts, now }) => `issued ${at(facts.issuedAt, now)}, expires ${at(facts.expiresAt, now)}`,
  tokenUse: ({ facts, options }, pool) => {
    const allowed = pool?.tokenUse ?? options.tokenUse;
    return `${facts.tokenUse === 'id' ? 'an ID token' : 'an access token'}, and tokenUse is '${allowed}'`;
  },
  client: ({ facts }, pool) => {
    const list = `${pool?.option}.clientIds`;
    const id = visible(facts.clientId ?? '');
    return pool?.clientIds === null ? `${id}; any passes here: ${list} is not given` : `${id} is in ${list}`;
  },
  audience: ({ facts }, pool) => {
    if (facts.tokenUse === 'id') return undefined;
    if (pool?.audience != null) return `one of ${pool.option}.audience`;
    return facts.audience.length === 0 ? undefined : `${facts.audience.map(visible).join(', ')}; not checked here`;
  },
  acceptSignInsBefore: ({ facts, options, now }, pool) => {
    if (pool?.side !== 'legacy' || options.legacyTokens?.acceptSignInsBefore === undefined) return undefined;
    return `signed in ${at(facts.signedInAt, now)}`;
  },
  legacyId: ({ facts, options }, _, identity) => {
    const { idTokenClaim = DEFAULT_ATTRIBUTE, accessTokenClaim = DEFAULT_ACCESS_TOKEN_CLAIM } = options.legacyId ?? {};
    const claim = facts.tokenUse === 'id' ? idTokenClaim : accessTokenClaim;
    return identity === undefined ? '' : SOURCES[identity.userIdSource](visible(identity.userId), claim);
  },
};

const SOURCES: Readonly<Record<CutoverIdentity['userIdSource'], (userId: string, claim: string) => string>> = {
  sub: (userId) => `userId is ${userId}, the sub: it is a user of the legacy pool`,
  claim: (userId, claim) => `userId is ${userId}, from the claim ${claim}`,
  client: (userId) => `userId is ${userId}, the app client: it is a machine`,
  'own-sub': (userId, claim) => `userId is ${userId}, the sub: there is no claim ${claim}, and onMissing is 'own-sub'`,
  resolver: (userId) => `userId is ${userId}, from a resolver`,
};

/** A moment of a token, in the words of a person. */
export function at(seconds: number | undefined, now: number): string {
  if (seconds === undefined) return 'at an unknown time';
  return `${formatTime(new Date(seconds * 1_000))} (${formatAgo(now / 1_000 - seconds)})`;
}
