import fc from 'fast-check';
import type { JsonWebKeySet, JwksResponse, VerifierOptions } from '../../../src/verify/types.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { FakeClock, settled } from '../../support/fake-clock.js';
import { type IssuerKey, issuerKey, signToken } from '../../support/issuer.js';
import { assertNoCanary } from '../canary.js';
import { fuzzTarget } from '../fuzz-target.js';
import { badAnswer } from './bad-key-sets.js';
import { eavesdrop, ensure, refusalCode, settledOf } from './refusals.js';

const MAX_STALE_MS = 86_400_000;
const SIDES = ['legacy', 'new'] as const;
type Side = (typeof SIDES)[number];
const POOL_IDS = { legacy: 'eu-west-1_Legacy000', new: 'eu-west-1_New000000' } as const;
const issuerOf = (side: Side) => `https://cognito-idp.eu-west-1.amazonaws.com/${POOL_IDS[side]}`;

/** Beside the keys that count, others that a set may hold and a verifier must not use. */
const JUNK: readonly Readonly<Record<string, unknown>>[] = [
  { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'k0', use: 'sig' },
  { kty: 'oct', k: 'AA', kid: 'k1', use: 'sig', alg: 'HS256' },
];
type Unfit = 'enc' | 'rs512' | 'wrap' | 'weak' | 'exponent';
const UNFIT: readonly Unfit[] = ['enc', 'rs512', 'wrap', 'weak', 'exponent'];

/** What an endpoint answers: a good set, by the numbers of its keys, or something else. */
type Answer =
  | { readonly keys: readonly number[]; readonly unfit: readonly (readonly [Unfit, number])[]; readonly junk: number }
  | { readonly bad: number }
  | { readonly text: string }
  | { readonly status: number };

const KEYS = 5;
const number = fc.nat({ max: KEYS - 1 });
const answer: fc.Arbitrary<Answer> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      keys: fc.uniqueArray(number, { minLength: 1, maxLength: 4 }),
      unfit: fc.array(fc.tuple(fc.constantFrom(...UNFIT), number), { maxLength: 2 }),
      junk: fc.nat({ max: JUNK.length }),
    }),
  },
  { weight: 3, arbitrary: fc.nat({ max: 40 }).map((bad) => ({ bad })) },
  { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string({ unit: 'binary' })).map((text) => ({ text })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 100, 204, 206, 301, 302, 304, 400, 404, 500, 503, 999).map((status) => ({ status })),
  },
);

type Event =
  | { readonly publish: Answer; readonly of: Side }
  /** A key signs a token that names another one as its `kid`, or itself. */
  | { readonly token: number; readonly kid: number; readonly of: Side; readonly signer: Side }
  | { readonly pass: number }
  | { readonly setClock: number }
  | { readonly call: 'hydrate' | 'refresh' };

const side = fc.constantFrom(...SIDES);
const token = fc
  .record({
    token: number,
    kid: fc.option(number, { nil: undefined, freq: 3 }),
    of: side,
    isForeign: fc.nat({ max: 7 }),
  })
  .map(({ token: key, kid, of, isForeign }): Event => {
    const other = of === 'legacy' ? 'new' : 'legacy';
    return { token: key, kid: kid ?? key, of, signer: isForeign === 0 ? other : of };
  });
const SECOND = 1_000;
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: token },
  { weight: 3, arbitrary: fc.record({ publish: answer, of: side }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(0, 999, SECOND, 31 * SECOND, 60 * SECOND, 3_601 * SECOND, MAX_STALE_MS, MAX_STALE_MS + SECOND)
      .map((pass) => ({ pass })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(-3_600_000, -1, 1, 3_600_000, -40 * MAX_STALE_MS).map((setClock) => ({ setClock })),
  },
  { weight: 1, arbitrary: fc.constantFrom<Event>({ call: 'hydrate' }, { call: 'refresh' }) },
);

/** One pool: its keys, what its endpoint answers, and, as a model, which keys were in the last good answer. */
class Endpoint {
  answer: Answer = { status: 503 };
  good: ReadonlySet<number> | undefined;
  goodAt = Number.NEGATIVE_INFINITY;
  readonly askedAt: number[] = [];

  constructor(
    readonly side: Side,
    readonly keys: readonly IssuerKey[],
    readonly weak: IssuerKey,
    readonly clock: FakeClock,
  ) {}

  async fetch(): Promise<JwksResponse> {
    this.askedAt.push(this.clock.monotonic());
    const { answer } = this;
    if ('bad' in answer) return badAnswer(answer.bad, this.keys)() as JwksResponse;
    if ('text' in answer) return { status: 200, text: async () => answer.text };
    const all = JSON.stringify(this.#keySet('keys' in answer ? answer : { keys: [0], unfit: [], junk: 0 }));
    if ('status' in answer) return { status: answer.status, text: async () => all };
    this.good = new Set(answer.keys);
    this.goodAt = this.clock.monotonic();
    return { status: 200, text: async () => all };
  }

  #keySet({ keys, unfit, junk }: Extract<Answer, { keys: unknown }>): JsonWebKeySet {
    const spoilt = unfit.map(([how, which]): Readonly<Record<string, unknown>> => {
      const jwk = this.keys[which]?.jwk;
      if (how === 'enc') return { ...jwk, use: 'enc' };
      if (how === 'rs512') return { ...jwk, alg: 'RS512' };
      if (how === 'wrap') return { ...jwk, key_ops: ['wrapKey'] };
      if (how === 'weak') return { ...this.weak.jwk, kid: keys.includes(which) ? 'weak' : `k${which}` };
      return { ...jwk, e: 'AQ', kid: keys.includes(which) ? 'exponent' : `k${which}` };
    });
    // A kid that stands twice would spoil the set, which is another case.
    const weaks = new Map(
      spoilt.map((jwk) => [['kid', 'use', 'alg', 'key_ops'].map((name) => `${jwk[name]}`).join(), jwk]),
    );
    return {
      keys: [...keys.map((which) => this.keys[which]?.jwk), ...weaks.values(), ...JUNK.slice(0, junk)] as never,
    };
  }
}

export const jwksAnswersBy = (create: (options: VerifierOptions) => ReturnType<typeof createCutoverVerifier>) =>
  fuzzTarget<readonly Event[]>({
    name: 'jwks-answers',
    boundary: "a pool's key endpoint: what it answers, while time passes and clocks are set",
    start() {
      const made = SIDES.map((one) => [one, Array.from({ length: KEYS }, (_, n) => issuerKey(`k${n}`))] as const);
      const weak = issuerKey('weak', 1024);
      const ears = eavesdrop();
      return {
        input: fc.array(event, { minLength: 3, maxLength: 14 }),
        count: (events) => events.length,
        close: () => ears.close(),
        async check(events) {
          ears.forget();
          const clock = new FakeClock();
          const endpoints = made.map(([one, keys]) => new Endpoint(one, keys, weak, clock));
          const at = (one: Side) => endpoints.find((endpoint) => endpoint.side === one) as Endpoint;
          const pool = (one: Side) => ({ userPoolId: POOL_IDS[one], clientIds: [one] });
          const verifier = create({
            ...{ legacyPool: pool('legacy'), newPool: pool('new'), tokenUse: 'access', clock },
            legacyId: { onMissing: 'own-sub' },
            keys: { timeoutMs: 3, fetch: (uri) => at(uri.includes('Legacy') ? 'legacy' : 'new').fetch() },
          });
          for (const one of events) {
            if ('publish' in one) at(one.of).answer = one.publish;
            else if ('pass' in one) await clock.advance(one.pass);
            else if ('setClock' in one) clock.setWallClock(one.setClock);
            else if ('call' in one) await callIt(() => verifier[one.call]());
            else await askWith(one, at, clock, (token) => verifier.verify(token));
            // A refresh in the background has ended before the next event.
            await settled();
          }
          checkRestraint(endpoints, events);
          verifier.close();
          ears.check();
        },
      };
    },
  });

async function callIt(call: () => Promise<unknown>): Promise<void> {
  const outcome = await settledOf(call);
  if (!('error' in outcome)) return;
  ensure(outcome.error instanceof AggregateError, 'another error than that of all pools');
  assertNoCanary('hydrate or refresh', outcome.error.message);
}

async function askWith(
  { token: key, kid, of, signer }: Extract<Event, { token: number }>,
  at: (side: Side) => Endpoint,
  clock: FakeClock,
  verify: (token: string) => Promise<unknown>,
): Promise<void> {
  const endpoint = at(of);
  const claims = { iss: issuerOf(of), sub: 'somebody', client_id: of, token_use: 'access', username: 'a' };
  const times = { iat: clock.seconds, auth_time: clock.seconds, exp: clock.seconds + 3600 };
  const text = signToken({ alg: 'RS256', kid: `k${kid}` }, { ...claims, ...times }, at(signer).keys[key] as IssuerKey);
  const serves = () => clock.monotonic() - endpoint.goodAt <= MAX_STALE_MS && endpoint.good?.has(kid) === true;
  const before = serves();
  const outcome = await settledOf(() => verify(text));
  await settled();
  const after = serves();
  const isRight = signer === of && key === kid;
  if ('answer' in outcome) {
    ensure(isRight, 'accepted a token that another key has signed');
    ensure(before || after, 'accepted a token of a key that is in no good set');
    return;
  }
  const code = refusalCode('verify', outcome.error);
  const allowed = ['ERR_KEY_NOT_FOUND', 'ERR_KEYS_UNAVAILABLE', 'ERR_SIGNATURE_INVALID'];
  ensure(allowed.includes(code), `refused with ${code}`);
  ensure(!(before && after && isRight), `refused with ${code} what a good set has signed`);
  ensure(code !== 'ERR_SIGNATURE_INVALID' || !isRight, 'called a right signature invalid');
  ensure(code !== 'ERR_KEY_NOT_FOUND' || !(before && after), 'did not find a key that is there');
}

/** However tokens come, an endpoint is asked rarely: at most twice a second, but for refresh(). */
function checkRestraint(endpoints: readonly Endpoint[], events: readonly Event[]): void {
  if (events.some((one) => 'call' in one && one.call === 'refresh')) return;
  for (const { askedAt } of endpoints) {
    for (let at = 2; at < askedAt.length; at += 1) {
      ensure((askedAt[at] as number) - (askedAt[at - 2] as number) >= SECOND, 'asks an endpoint too often');
    }
  }
}

export const jwksAnswers = jwksAnswersBy(createCutoverVerifier);
