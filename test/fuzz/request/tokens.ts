import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { isPlainObject, parseJson } from '../../../src/options.js';
import type { CutoverIdentity, CutoverVerifier, VerifierOptions } from '../../../src/verify/types.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { type IssuerKey, issuerKey, signToken } from '../../support/issuer.js';
import {
  awsJudge,
  type JudgedPool,
  joseJudge,
  judgedPools,
  originalsOf,
  TOLERANCE_SECONDS,
} from '../../support/judges.js';
import { mutants, type Original } from '../../support/mutants.js';
import { assertNoCanary, CANARY } from '../canary.js';
import { fuzzTarget } from '../fuzz-target.js';
import { eavesdrop, ensure, refusalCode, type Settled, settledOf, settledSync } from './refusals.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const SECONDS = NOW / 1000;
const PERSONAL = { email: CANARY.email, phone_number: CANARY.phone, name: CANARY.name };

type Create = (options: VerifierOptions) => CutoverVerifier;

/** Forms of an issuer that are not the one of the pool, though a careless comparison may think so. */
const ISSUER_FORMS: readonly ((issuer: string) => unknown)[] = [
  (issuer) => `${issuer}/`,
  (issuer) => `${issuer}/.well-known/jwks.json`,
  (issuer) => issuer.toUpperCase(),
  (issuer) => issuer.replace('https:', 'http:'),
  (issuer) => issuer.replace('.com/', '.com:443/'),
  (issuer) => issuer.replace('.com/', '.com//'),
  (issuer) => issuer.replace('https://', 'https://a@'),
  (issuer) => issuer.replace('.amazonaws.com', '.amazonaws.com.evil.example'),
  (issuer) => issuer.replace('_', '%5F'),
  (issuer) => `${issuer}\u0000`,
  (issuer) => ` ${issuer}`,
  (issuer) => [issuer],
  (issuer) => ({ toString: issuer }),
  (issuer) => issuer.slice(0, -1),
];

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, '', ' ', '\u0000', 'a'.repeat(9_000), [], {}, [[]], [null]),
  fc.constantFrom<unknown>(CANARY.email, CANARY.token, CANARY.name, { name: CANARY.name }, [CANARY.email, 7]),
  fc.jsonValue({ maxDepth: 3 }),
);
const oddClient = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, '', [], {}, 'legacyweb', 'newapp', ['newweb']),
  fc.jsonValue(),
);
const CLAIMS = [
  ...['sub', 'iss', 'token_use', 'exp', 'iat', 'nbf', 'auth_time', 'jti', 'scope', 'username'],
  ...['cognito:username', 'cognito:groups', 'custom:legacy_sub', 'legacy_sub', 'email', 'origin_jti', 'version'],
];

/** Tokens with the right signature of one of the pools, and odd claims or headers. */
function signedOddly(originals: readonly Original[], keys: readonly IssuerKey[]): fc.Arbitrary<string> {
  const change = fc.oneof(
    fc.tuple(fc.constantFrom(...CLAIMS), odd).map(([name, value]) => () => ({ [name]: value })),
    fc.tuple(fc.constantFrom('aud', 'client_id'), oddClient).map(([name, value]) => () => ({ [name]: value })),
    fc.constantFrom(...ISSUER_FORMS).map((form) => ({ iss }: { iss?: unknown }) => ({
      iss: typeof iss === 'string' ? form(iss) : iss,
    })),
    fc.constantFrom(...originals).map(({ payload }) => () => ({ iss: payload['iss'] })),
    fc.integer({ min: -400, max: 400 }).map((by) => () => ({ exp: SECONDS + by })),
    fc.integer({ min: -400, max: 400 }).map((by) => () => ({ nbf: SECONDS + by, iat: SECONDS + by })),
  );
  const headers = fc.oneof(
    { weight: 5, arbitrary: fc.constant<Readonly<Record<string, unknown>>>({}) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('alg', 'kid', 'typ', 'cty', 'crit', 'b64', 'jku', 'jwk', 'x5c', 'zip'), odd)
        .map(([name, value]) => ({ [name]: value })),
    },
    { weight: 1, arbitrary: fc.constantFrom(...keys).map(({ kid }) => ({ kid })) },
  );
  return fc
    .record({
      original: fc.constantFrom(...originals),
      changes: fc.array(change, { maxLength: 3 }),
      more: headers,
      key: fc.option(fc.constantFrom(...keys), { nil: undefined, freq: 4 }),
    })
    .map(({ original, changes, more, key }) => {
      const payload: Record<string, unknown> = { ...original.payload };
      for (const change of changes) Object.assign(payload, change(payload));
      return signToken({ ...original.header, ...more }, payload, key ?? original.key);
    });
}

/** Events tell the app client of a token with a good signature: nothing private may be put there. */
function hasPublicClient(token: string): boolean {
  const payload = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  if (!isPlainObject(payload)) return true;
  const isPrivate = (client: unknown) => Object.values(CANARY).some((value) => `${client}`.includes(value));
  return ![payload['aud'], payload['client_id']].some((client) => typeof client === 'string' && isPrivate(client));
}

/** Things in the place of a token. */
const noTokens: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('', '.', '..', '...', 'a.b.c', `Bearer ${CANARY.token}`, CANARY.token, `${CANARY.token}.x.y`),
  fc.integer({ min: 0, max: 20_000 }).map((length) => 'A'.repeat(length)),
);

/** `Date.now()` stands still while the other library looks at it. */
function atNow<T>(ask: () => T): T {
  const real = Date.now;
  Date.now = () => NOW;
  try {
    return ask();
  } finally {
    Date.now = real;
  }
}

/** Whose the token is, after the rules of docs/verifier.md in their shortest form. */
function checkOwner(pools: readonly JudgedPool[], identity: CutoverIdentity): void {
  const { claims, kind, pool, userId, sub, clientId } = identity;
  const named = pools[pool === 'legacy' ? 0 : 1];
  ensure(named !== undefined, 'accepted for a pool of neither side');
  ensure(named.issuers.includes(claims['iss'] as string), 'accepted for a pool that is not the issuer');
  ensure(named.clientIds.includes(clientId), 'accepted a client of another pool');
  const claim = claims[identity.tokenUse === 'id' ? 'custom:legacy_sub' : 'legacy_sub'];
  const wanted = kind === 'machine' ? clientId : pool === 'legacy' || claim === undefined ? sub : claim;
  ensure(userId === wanted && userId !== '', 'the user id is not that of the rules');
  ensure(sub === claims['sub'], 'the sub is not that of the token');
  ensure(Object.isFrozen(identity) && Object.isFrozen(claims), 'an identity is not frozen');
}

const sameOutcome = (a: Settled<CutoverIdentity>, b: Settled<CutoverIdentity>): boolean =>
  'answer' in a && 'answer' in b
    ? isDeepStrictEqual(a.answer, b.answer)
    : 'error' in a && 'error' in b && refusalCode('verify', a.error) === refusalCode('verify', b.error);

export const tokensBy = (create: Create) =>
  fuzzTarget<string>({
    name: 'tokens',
    boundary: 'a token: its text, header, claims and signature',
    start() {
      const pools = judgedPools();
      const originals = pools.flatMap((pool) => originalsOf(pool, SECONDS, PERSONAL));
      const foreign = issuerKey('foreign');
      const keys = [foreign, ...pools.flatMap(({ idKey, accessKey }) => [idKey, accessKey])];
      const events: unknown[] = [];
      const verifier = (cache: false | { maxTokens: number }) =>
        create({
          legacyPool: pools[0].options,
          newPool: pools[1].options,
          tokenUse: 'any',
          clockToleranceSeconds: TOLERANCE_SECONDS,
          legacyId: { onMissing: 'own-sub', format: null },
          clock: { now: () => NOW, monotonic: () => 0 },
          onEvent: (event) => void events.push(event),
          cache,
        });
      const [cached, small, uncached] = [verifier({ maxTokens: 1_000 }), verifier({ maxTokens: 1 }), verifier(false)];
      const [aws, jose] = [awsJudge(pools), joseJudge(pools, () => NOW)];
      const ears = eavesdrop();
      return {
        input: fc.oneof(
          { weight: 6, arbitrary: mutants(originals, foreign, SECONDS).filter(hasPublicClient) },
          { weight: 5, arbitrary: signedOddly(originals, keys) },
          { weight: 1, arbitrary: noTokens },
        ),
        async check(token) {
          events.length = 0;
          ears.forget();
          const first = settledSync(() => cached.verifySync(token));
          const others: readonly [string, Settled<CutoverIdentity>][] = [
            ['a second look', settledSync(() => cached.verifySync(token))],
            ['verify()', await settledOf(() => cached.verify(token))],
            ['verifyEagerly()', await settledOf(() => cached.verifyEagerly(token))],
            ['no cache', settledSync(() => uncached.verifySync(token))],
            ['a cache of one', settledSync(() => small.verifySync(token))],
            ['no cache, later', await settledOf(() => uncached.verify(token))],
          ];
          for (const [how, other] of others) ensure(sameOutcome(first, other), `${how} changes the outcome`);
          if ('error' in first) refusalCode('verifySync', first.error);
          else {
            checkOwner(pools, first.answer);
            atNow(() => aws(token));
            await jose(token);
          }
          assertNoCanary('onEvent', events.splice(0));
          ears.check();
        },
        close: () => ears.close(),
      };
    },
  });

export const tokens = tokensBy(createCutoverVerifier);
