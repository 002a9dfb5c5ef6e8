import fc from 'fast-check';
import type { CutoverErrorCode } from '../../../../src/errors.js';
import { CANARY } from '../../canary.js';

/** Names that end a label, a line or a text, or that somebody else has already. */
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('web', 'app', 'a', 'a b', 'b c', 'c', 'größe', '_OTHER', '(other clients)') },
  {
    weight: 4,
    arbitrary: fc.constantFrom('a"b', 'a\nb', 'a\\', '\\n', 'x"} 1\n# TYPE evil counter\nevil{a="', 'a",pool="legacy'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(' ', '\u0000', '\r\n', '\u2028', '\ud800', '\udfff', '\ufffd', '😀', '\u001b[2J'),
  },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'a'.repeat(600), '{}', '# HELP') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }) },
);
const secret = fc.constantFrom(CANARY.email, CANARY.name, CANARY.token, `${CANARY.phone}\n# TYPE a counter`);
const sub = fc.oneof(secret, name);

/** A token that comes in, or something else that is told. */
export type Op =
  | {
      readonly op: 'token';
      readonly pool: number;
      readonly client: string;
      readonly kid: string | undefined;
      readonly sub: string;
      readonly use: 'access' | 'id';
      readonly claim: unknown;
      /** What the resolver does, where it is asked. */
      readonly found: unknown;
      readonly isForged: boolean;
      readonly isObserved: boolean;
      readonly life: number;
    }
  /** That many clients of one pool, one after the other. */
  | { readonly op: 'many'; readonly pool: number; readonly count: number; readonly code: CutoverErrorCode | undefined }
  /** What an entry point refuses, or lets through as nobody. */
  | { readonly op: 'entry'; readonly code: CutoverErrorCode | undefined; readonly client: string }
  /** The keys of all pools are fetched. */
  | { readonly op: 'keys'; readonly answer: 'good' | number | string };

/** A resolver that fails. */
export const FAILS = 'fails';

const token: fc.Arbitrary<Op> = fc.record({
  op: fc.constant('token' as const),
  pool: fc.nat({ max: 2 }),
  client: name,
  kid: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.oneof(secret, name) }),
  sub,
  use: fc.constantFrom('access' as const, 'id' as const),
  claim: fc.oneof(fc.constant(undefined), secret, name, fc.constantFrom<unknown>(7, null, {})),
  found: fc.oneof(fc.constantFrom<unknown>(undefined, FAILS, FAILS, 7), secret, name),
  isForged: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  isObserved: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  life: fc.oneof(
    { weight: 6, arbitrary: fc.constant(600) },
    { weight: 1, arbitrary: fc.oneof(fc.integer({ min: -60, max: 0 }), fc.constantFrom(1e11, 1e300)) },
  ),
});
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 8, arbitrary: token },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('many' as const),
      pool: fc.nat({ max: 2 }),
      count: fc.integer({ min: 1, max: 130 }),
      code: fc.constantFrom(
        ...[undefined, undefined, 'ERR_CLIENT_NOT_ALLOWED' as const, 'ERR_TOKEN_EXPIRED' as const],
        ...['ERR_LEGACY_ID_MISSING' as const, 'ERR_AUDIENCE_NOT_ALLOWED' as const],
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('entry' as const),
      code: fc.constantFrom(
        ...[undefined, 'ERR_TOKEN_MISSING' as const, 'ERR_CREDENTIALS_AMBIGUOUS' as const],
        ...['ERR_GROUP_REQUIRED' as const, 'ERR_INSUFFICIENT_SCOPE' as const],
      ),
      client: name,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('keys' as const),
      answer: fc.oneof(fc.constantFrom('good' as const, 404, 500), name),
    }),
  },
);

export interface Input {
  /** Two legacy pools and the new one. */
  readonly poolIds: readonly string[];
  readonly alias: string;
  readonly ops: readonly Op[];
}
export const input: fc.Arbitrary<Input> = fc.record({
  // Longer ones are refused where counts are read.
  poolIds: fc.uniqueArray(
    name.filter((one) => one.length <= 512),
    { minLength: 3, maxLength: 3 },
  ),
  alias: name,
  ops: fc.array(op, { minLength: 1, maxLength: 8 }),
});
