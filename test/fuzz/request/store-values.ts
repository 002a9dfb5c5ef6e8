import fc from 'fast-check';
import type { LegacyIdResolver } from '../../../src/legacy-id/resolver.js';
import type { CutoverIdentity } from '../../../src/verify/types.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { signToken } from '../../support/issuer.js';
import { judgedPools } from '../../support/judges.js';
import { CANARY } from '../canary.js';
import { fuzzTarget } from '../fuzz-target.js';
import { AROUND, type Ask, answer, type How, idOf, SOURCES, type Stored, type Value } from './odd-sources.js';
import { eavesdrop, ensure, refusalCode, type Settled, settledOf } from './refusals.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const SUBS = ['a', 'b', 'c'] as const;

interface Input {
  readonly by: keyof typeof SOURCES;
  readonly around: readonly (keyof typeof AROUND)[];
  readonly users: readonly Stored[];
  /** Who asks, in this order; those of one group at the same time. */
  readonly asks: readonly (readonly number[])[];
  readonly onMissing: 'reject' | 'own-sub';
  readonly forgets: boolean;
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    ' ',
    'undefined',
    'null',
    '[object Object]',
    CANARY.email,
    CANARY.token,
    'a'.repeat(5_000),
  ),
  fc.constantFrom<unknown>(
    0,
    Number.NaN,
    true,
    [],
    [idOf(1)],
    {},
    { S: idOf(1) },
    { N: '1' },
    Buffer.from(idOf(1)),
    new Date(0),
  ),
  fc.jsonValue({ maxDepth: 1 }),
);
const value: fc.Arbitrary<Value> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom<Value>(
      { is: 'own' },
      { is: 'own in capitals' },
      { is: 'nothing' },
      { is: 'null' },
      { is: 'failure' },
    ),
  },
  { weight: 3, arbitrary: odd.map((one): Value => ({ is: 'odd', value: one })) },
  { weight: 1, arbitrary: fc.constantFrom<Value>({ is: 'hostile then' }, { is: 'never' }) },
);
const user = fc.nat({ max: SUBS.length - 1 });
const input: fc.Arbitrary<Input> = fc.record({
  by: fc.constantFrom(...(Object.keys(SOURCES) as (keyof typeof SOURCES)[])),
  around: fc.subarray(Object.keys(AROUND) as (keyof typeof AROUND)[], { maxLength: 3 }),
  users: fc.array(fc.record({ value, how: fc.constantFrom<How>('at once', 'later', 'thenable', 'much later') }), {
    minLength: SUBS.length,
    maxLength: SUBS.length,
  }),
  asks: fc.array(fc.array(user, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  onMissing: fc.constantFrom('reject' as const, 'own-sub' as const),
  forgets: fc.boolean(),
});

/** Whether one of the answers never comes. */
const hasSilent = ({ users }: Input): boolean => users.some(({ value: { is } }) => is === 'never');

/** What may become of a user: an identity with this id, or one of these refusals. */
function allowed(
  { value }: Stored,
  user: number,
  { onMissing, around }: Input,
): { id?: string; codes: readonly string[] } {
  const unavailable = ['ERR_LEGACY_ID_UNAVAILABLE'];
  if (value.is === 'own' || value.is === 'own in capitals') return { id: idOf(user), codes: [] };
  if (value.is === 'nothing' || value.is === 'null') {
    if (around.includes('chain behind a failure')) return { codes: unavailable };
    return onMissing === 'own-sub' ? { id: SUBS[user] as string, codes: [] } : { codes: ['ERR_LEGACY_ID_MISSING'] };
  }
  return { codes: [...unavailable, ...(value.is === 'odd' ? ['ERR_LEGACY_ID_INVALID'] : [])] };
}

export const storeValues = fuzzTarget<Input>({
  name: 'store-values',
  boundary: 'what stores and resolvers answer about users',
  start() {
    const [legacy, pool] = judgedPools();
    const seconds = NOW / 1000;
    const tokens = SUBS.map((sub) =>
      signToken(
        { alg: 'RS256', kid: pool.accessKey.kid },
        {
          ...{ sub, iss: pool.issuers[0], client_id: pool.clientIds[0], token_use: 'access', username: sub },
          ...{ iat: seconds, auth_time: seconds, exp: seconds + 60 },
        },
        pool.accessKey,
      ),
    );
    const ears = eavesdrop();
    return {
      input,
      count: ({ asks }) => asks.flat().length,
      close: () => ears.close(),
      async check(given) {
        ears.forget();
        const ask: Ask = (sub) => {
          const index = SUBS.indexOf(sub as never);
          return answer(given.users[index] as Stored, index);
        };
        const resolve = given.around.reduce<LegacyIdResolver>(
          (inner, name) => AROUND[name](inner),
          SOURCES[given.by](ask),
        );
        const verifier = createCutoverVerifier({
          ...{ legacyPool: legacy.options, newPool: pool.options, tokenUse: 'access' },
          legacyId: { resolve, resolveTimeoutMs: hasSilent(given) ? 5 : 60_000, onMissing: given.onMissing },
          clock: { now: () => NOW, monotonic: () => 0 },
        });
        for (const group of given.asks) {
          const outcomes = await Promise.all(
            group.map((one) => settledOf(() => verifier.verify(tokens[one] as string))),
          );
          for (const [at, one] of group.entries()) checkUser(given, one, outcomes[at] as Settled<CutoverIdentity>);
          if (given.forgets) verifier.forget(SUBS[0]);
        }
        ears.check();
      },
    };
  },
});

function checkUser(given: Input, user: number, outcome: Settled<CutoverIdentity>): void {
  const stored = given.users[user] as Stored;
  const { id, codes } = allowed(stored, user, given);
  const about = JSON.stringify(stored);
  if ('answer' in outcome) {
    // DynamoDB has no null: an item without a text is a fault.
    const { userId } = outcome.answer;
    ensure(userId === id || isOwnText(stored, userId), `the user id of nobody: ${about}`);
    return;
  }
  const code = refusalCode('verify', outcome.error);
  const isNullItem = given.by === 'dynamodb' && stored.value.is === 'null' && code === 'ERR_LEGACY_ID_UNAVAILABLE';
  const isNullish = stored.value.is === 'odd' && (stored.value.value === null || stored.value.value === undefined);
  // The limit is short then, and counts for everybody.
  const isLate = hasSilent(given) && code === 'ERR_LEGACY_ID_UNAVAILABLE';
  ensure(codes.includes(code) || isNullItem || isNullish || isLate, `refused with ${code}: ${about}`);
}

/** An odd value may be one that counts as nothing, or, for DynamoDB, the text of an attribute. */
function isOwnText({ value }: Stored, userId: string): boolean {
  if (value.is !== 'odd') return false;
  if (value.value === null) return SUBS.includes(userId as never);
  return (value.value as { S?: unknown }).S === userId;
}
