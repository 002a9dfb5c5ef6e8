import fc from 'fast-check';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { ConfigurationError } from '../../../src/errors.js';
import type { CutoverIdentity, CutoverVerifier, VerifierOptions } from '../../../src/verify/types.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { type IssuerKey, issuerKey, signToken } from '../../support/issuer.js';
import { CANARY } from '../canary.js';
import { fuzzTarget } from '../fuzz-target.js';
import { eavesdrop, ensure, overhear, refusalCode, type Settled, settledOf, settledSync } from './refusals.js';
import {
  type Claimed,
  clientsOf,
  dateAfter,
  flawsOf,
  issuersOf,
  NEW,
  ownerOf,
  POOLS,
  type Setup,
} from './several-pools-model.js';

const NOW = Date.UTC(2026, 0, 15, 12);
/** In all pools: only the issuer says whose key it is. */
const KID = 'k';

const SUBS = [0, 1, 2].map((user) => `${user}`.repeat(8).concat('-1111-4111-8111-', `${user}`.repeat(12)));
const sub = fc.constantFrom(...SUBS);
const pool = fc.nat({ max: NEW });
const uses = ['access', 'id', 'any'] as const;

const other = <T>(value: T, more: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: more });
const sometimes = (seconds: fc.Arbitrary<number>) =>
  fc.option(fc.oneof({ weight: 6, arbitrary: seconds }, { weight: 1, arbitrary: fc.constant(Number.NaN) }), {
    nil: undefined,
    freq: 2,
  });

const setup: fc.Arbitrary<Setup> = fc.record({
  legacyPools: other(3, fc.nat({ max: 3 })),
  pools: fc.array(
    fc.record({
      anyClient: fc.boolean(),
      tokenUse: fc.option(fc.constantFrom(...uses), { nil: undefined }),
      audience: fc.constantFrom(undefined, undefined, undefined, null, 'api', ['api', 'other']),
      hasAlias: fc.boolean(),
    }),
    { minLength: POOLS.length, maxLength: POOLS.length },
  ),
  tokenUse: fc.constantFrom('any', ...uses),
  acceptUntil: sometimes(fc.integer({ min: -5, max: 120 })),
  acceptSignInsBefore: sometimes(fc.integer({ min: -90, max: 0 })),
  moves: fc.option(fc.record({ after: fc.nat({ max: 40 }), by: fc.integer({ min: -90, max: 90 }) }), {
    nil: undefined,
  }),
  onMissing: fc.constantFrom('reject' as const, 'own-sub' as const),
  cache: fc.constantFrom(false as const, { maxTokens: 1 }, { maxTokens: 100 }),
});

const claimed: fc.Arbitrary<Claimed> = pool.chain((issuer) =>
  fc.record({
    issuer: fc.constant(issuer),
    form: fc.nat({ max: 1 }),
    /** One more than there are pools: a key of nobody. */
    signedBy: other(issuer, fc.nat({ max: POOLS.length })),
    hasKid: other(true, fc.constant(false)),
    client: other(
      clientsOf(issuer)[0],
      pool.chain((one) => fc.constantFrom(...clientsOf(one), 'stranger')),
    ),
    use: fc.constantFrom('access' as const, 'access' as const, 'id' as const),
    aud: fc.constantFrom(undefined, 'api', ['x', 'other'], ['x'], 'api '),
    isMachine: other(false, fc.constant(true)),
    sub,
    claim: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.oneof(
          sub,
          sub.map((one) => one.replace('-4111-', '-4aBc-')),
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, CANARY.email, '', null, 7, [SUBS[0]]) },
    ),
    signedIn: fc.option(fc.integer({ min: -90, max: 0 }), { nil: undefined, freq: 6 }),
    exp: other(600, fc.integer({ min: -8, max: 30 })),
  }),
);

interface Input {
  readonly setup: Setup;
  readonly tokens: readonly Claimed[];
  /** Which token is asked about, and how many seconds pass before. */
  readonly asks: readonly (readonly [number, number])[];
}
const input: fc.Arbitrary<Input> = fc.record({
  setup,
  tokens: fc.array(claimed, { minLength: 1, maxLength: 4 }),
  asks: fc.array(fc.tuple(fc.nat({ max: 3 }), fc.oneof(fc.constant(0), fc.nat({ max: 20 }))), {
    ...{ minLength: 1, maxLength: 8 },
  }),
});

function optionsOf(given: Setup, keys: readonly IssuerKey[], now: () => number): VerifierOptions {
  const pools = given.pools.map(({ anyClient, tokenUse, audience, hasAlias }, at) => ({
    userPoolId: POOLS[at] as string,
    clientIds: anyClient ? null : [...clientsOf(at)],
    jwks: { keys: [keys[at]?.jwk as never] },
    ...(tokenUse !== undefined && { tokenUse }),
    ...(audience !== undefined && { audience }),
    ...(hasAlias && { clientAliases: { [clientsOf(at)[0]]: 'alias' } }),
  }));
  const dateOf = (seconds: number | undefined) => {
    if (seconds === undefined) return undefined;
    const dateNow = () => new Date(NOW + (dateAfter((now() - NOW) / 1000, seconds, given) as number) * 1000);
    return given.moves !== undefined || Number.isNaN(seconds) ? dateNow : dateNow();
  };
  const dates = { acceptUntil: dateOf(given.acceptUntil), acceptSignInsBefore: dateOf(given.acceptSignInsBefore) };
  return {
    legacyPool: pools.slice(0, given.legacyPools),
    newPool: pools[NEW] as never,
    tokenUse: given.tokenUse,
    legacyTokens: Object.fromEntries(Object.entries(dates).filter(([, date]) => date !== undefined)),
    legacyId: { onMissing: given.onMissing },
    cache: given.cache,
    clock: { now, monotonic: now },
  };
}

function signed({ issuer, form, signedBy, hasKid, client, use, aud, ...one }: Claimed, keys: readonly IssuerKey[]) {
  const seconds = NOW / 1000;
  const payload = {
    ...{ iss: issuersOf(issuer)[form], sub: one.isMachine ? client : one.sub, token_use: use },
    ...{ iat: seconds - 100, exp: seconds + one.exp },
    ...(one.signedIn !== undefined && { auth_time: seconds + one.signedIn }),
    ...(use === 'id' ? { aud: client } : { client_id: client, aud }),
    ...(!one.isMachine && { [use === 'id' ? 'cognito:username' : 'username']: 'a' }),
    // That of the other kind of token must mean nothing.
    'custom:legacy_sub': use === 'id' ? one.claim : SUBS[2],
    legacy_sub: use === 'access' ? one.claim : SUBS[2],
  };
  return signToken({ alg: 'RS256', kid: hasKid ? KID : 'another' }, payload, keys[signedBy] as IssuerKey);
}

/** jose, with the key of the one pool that the token names. */
async function checkWithJose(token: string, { issuer, use }: Claimed, keys: readonly IssuerKey[], now: number) {
  await jwtVerify(token, createLocalJWKSet({ keys: [keys[issuer]?.jwk as never] }), {
    ...{ algorithms: ['RS256'], issuer: [...issuersOf(issuer)], clockTolerance: 5, currentDate: new Date(now) },
    ...{ requiredClaims: ['exp', 'iat', 'sub'] },
    ...(use === 'id' && { audience: [...clientsOf(issuer), 'stranger', ...POOLS.flatMap((_, at) => clientsOf(at))] }),
  });
}

type Create = (options: VerifierOptions) => CutoverVerifier;

export const severalPoolsBy = (create: Create) =>
  fuzzTarget<Input>({
    name: 'several-pools',
    boundary: 'tokens of several legacy pools, for each other and at each date',
    start() {
      // The last one belongs to no pool.
      const keys = [...POOLS, 'nobody'].map(() => issuerKey(KID));
      const ears = eavesdrop();
      const log = overhear();
      return {
        input,
        count: ({ asks }) => asks.length,
        close() {
          log.close();
          ears.close();
        },
        async check({ setup: given, tokens, asks }) {
          ears.forget();
          let now = NOW;
          const made = settledSync(() => create(optionsOf(given, keys, () => now)));
          const used = given.pools.filter((_, at) => at < given.legacyPools || at === NEW);
          const isUseless = used.some(
            ({ audience, tokenUse = given.tokenUse }) => (audience ?? null) !== null && tokenUse === 'id',
          );
          if ('error' in made) {
            ensure(isUseless && made.error instanceof ConfigurationError, `refused to start: ${made.error}`);
            return;
          }
          ensure(!isUseless, 'started with an audience that means nothing');
          const verifier = made.answer;
          const texts = tokens.map((one) => signed(one, keys));
          for (const [which, pause] of asks) {
            now += pause * 1000;
            const at = which % tokens.length;
            const one = tokens[at] as Claimed;
            const token = texts[at] as string;
            const [sync, later] = [
              settledSync(() => verifier.verifySync(token)),
              await settledOf(() => verifier.verify(token)),
            ];
            for (const outcome of [sync, later]) checkOutcome(outcome, one, given, (now - NOW) / 1000);
            if ('answer' in sync) await checkWithJose(token, one, keys, now);
          }
          for (const { userPoolId, tokens: state } of verifier.status()) {
            const until = dateAfter((now - NOW) / 1000, given.acceptUntil, given) ?? Number.POSITIVE_INFINITY;
            const legacy = Number.isNaN(until) ? 'unknown' : (now - NOW) / 1000 <= until ? 'accepted' : 'refused';
            ensure(state === (userPoolId === POOLS[NEW] ? 'accepted' : legacy), `status() says ${state}`);
          }
          ears.check();
          log.check();
        },
      };
    },
  });

function checkOutcome(outcome: Settled<CutoverIdentity>, one: Claimed, given: Setup, passed: number): void {
  const flaws = flawsOf(one, given, passed);
  const about = JSON.stringify({ one, given, passed, flaws });
  if ('error' in outcome) {
    const code = refusalCode('verify', outcome.error);
    ensure(flaws.includes(code), `refused with ${code}, and should not be. ${about}`);
    return;
  }
  ensure(flaws.length === 0, `accepted, and should be refused. ${about}`);
  const { userId, pool: side, userPoolId, clientId } = outcome.answer;
  ensure(userPoolId === POOLS[one.issuer] && (side === 'new') === (one.issuer === NEW), `another pool. ${about}`);
  const owner = ownerOf(one, given);
  ensure(userId === owner.userId, `another user: ${userId}. ${about}`);
  ensure(clientId === owner.clientId, `another client: ${clientId}. ${about}`);
}

export const severalPools = severalPoolsBy(createCutoverVerifier);
