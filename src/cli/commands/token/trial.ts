import { CutoverError, type CutoverErrorCode } from '../../../errors.js';
import { fetchJwks } from '../../../verify/jwks-fetch.js';
import type { CutoverIdentity, JwksFetch, PoolOptions } from '../../../verify/types.js';
import { createCutoverVerifier } from '../../../verify/verifier.js';
import type { DatedOptions } from '../../options/verifier-options.js';
import type { TokenFacts } from './token-facts.js';

/** What the verifier asks of a token, in its order. */
export const RULES = [
  'form',
  'algorithm',
  'issuer',
  'acceptUntil',
  'key',
  'signature',
  'claims',
  'time',
  'tokenUse',
  'client',
  'audience',
  'acceptSignInsBefore',
  'legacyId',
] as const;
export type Rule = (typeof RULES)[number];

const RULE_OF: Partial<Readonly<Record<CutoverErrorCode, Rule>>> = {
  ERR_TOKEN_MISSING: 'form',
  ERR_TOKEN_MALFORMED: 'form',
  ERR_ALGORITHM_NOT_ALLOWED: 'algorithm',
  ERR_ISSUER_NOT_TRUSTED: 'issuer',
  ERR_KEY_NOT_FOUND: 'key',
  ERR_KEYS_UNAVAILABLE: 'key',
  ERR_SIGNATURE_INVALID: 'signature',
  ERR_CLAIM_INVALID: 'claims',
  ERR_TOKEN_EXPIRED: 'time',
  ERR_TOKEN_NOT_YET_VALID: 'time',
  ERR_TOKEN_USE_NOT_ALLOWED: 'tokenUse',
  ERR_CLIENT_NOT_ALLOWED: 'client',
  ERR_AUDIENCE_NOT_ALLOWED: 'audience',
  ERR_LEGACY_ID_MISSING: 'legacyId',
  ERR_LEGACY_ID_INVALID: 'legacyId',
};

function ruleOf(error: CutoverError): Rule {
  // The day of the sign-in is asked only once the signature is verified, which the error shows.
  if (error.code === 'ERR_LEGACY_POOL_CLOSED') return error.sub === undefined ? 'acceptUntil' : 'acceptSignInsBefore';
  const rule = RULE_OF[error.code];
  if (rule === undefined) throw error;
  return rule;
}

/** The options without one rule; `undefined` for a rule after which there is nothing left to ask. */
type Relaxed = (options: DatedOptions, facts: TokenFacts) => DatedOptions;
const RELAXED: Partial<Readonly<Record<Rule, Relaxed>>> = {
  acceptUntil: withoutEnd,
  // The legacy pool was open at the time in question, which is all that was asked of its end.
  time: (options, facts) => ({ ...withoutEnd(options), clock: { now: () => withinLifetime(facts) } }),
  tokenUse: (options) => ({ ...eachPool(options, { tokenUse: 'any' }), tokenUse: 'any' }),
  client: (options) => eachPool(options, { clientIds: null }),
  audience: (options) => eachPool(options, { audience: null }),
  acceptSignInsBefore: ({ legacyTokens: _, ...options }) => options,
};

function withoutEnd({ legacyTokens = {}, ...options }: DatedOptions): DatedOptions {
  const { acceptUntil: _, ...rest } = legacyTokens;
  return { ...options, legacyTokens: rest };
}

const withinLifetime = ({ issuedAt = 0, notBefore = 0 }: TokenFacts): number => Math.max(issuedAt, notBefore) * 1_000;

function eachPool(options: DatedOptions, change: Partial<PoolOptions>): DatedOptions {
  const legacyPools = [options.legacyPool ?? []].flat() as readonly PoolOptions[];
  const changed = legacyPools.map((pool) => ({ ...pool, ...change }));
  const [only] = changed;
  return {
    ...options,
    ...(only === undefined ? {} : { legacyPool: Array.isArray(options.legacyPool) ? changed : only }),
    newPool: { ...options.newPool, ...change },
  };
}

/** How a token fares. */
export interface Trial {
  /** Each rule that refuses it, the one that decides first. */
  readonly refusals: readonly { readonly rule: Rule; readonly error: CutoverError }[];
  /** Who it belongs to; where it is refused, who it would belong to without those rules. `undefined`: that cannot be told. */
  readonly identity: CutoverIdentity | undefined;
}

/**
 * Has the verifier judge a token. After a refusal it judges once more without that rule, so that somebody who mends one fault learns
 * of the next one too.
 *
 * @throws ConfigurationError when an option is wrong
 */
export async function tryToken(token: string, options: DatedOptions, facts: TokenFacts): Promise<Trial> {
  const refusals: { rule: Rule; error: CutoverError }[] = [];
  const fetch = fetchOnce();
  for (let trial = options; ; ) {
    const verifier = createCutoverVerifier({ ...trial, cache: false, keys: { fetch } });
    try {
      return { refusals, identity: await verifier.verify(token) };
    } catch (error) {
      if (!(error instanceof CutoverError)) throw error;
      const rule = ruleOf(error);
      const relaxed = RELAXED[rule];
      const isNew = refusals.every((one) => one.rule !== rule);
      if (isNew) refusals.push({ rule, error });
      if (relaxed === undefined || !isNew) return { refusals, identity: undefined };
      trial = relaxed(trial, facts);
    }
  }
}

/** Fetches each key set once, however many verifiers ask for it. */
function fetchOnce(): JwksFetch {
  const answers = new Map<string, ReturnType<JwksFetch>>();
  const ask: JwksFetch = async (uri, init) => {
    const { status, text } = await fetchJwks(uri, init);
    if (status !== 200) return { status, text };
    const body = await text();
    return { status, text: async () => body };
  };
  return (uri, init) => {
    const answer = answers.get(uri) ?? ask(uri, init);
    answers.set(uri, answer);
    return answer;
  };
}
