import fc from 'fast-check';
import { CANARY } from '../../canary.js';
import { type Wire, type Words, wireOf } from '../raw-requests.js';
import type { Manner, Person } from './identity-headers.js';

export const MANNERS: readonly Manner[] = ['enforce', 'optional', 'observe'];

/** Ids and names that a proxy, a log or the next header may read as something else. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('anna', 'a/b', 'web', 'x%20y', 'größe', '~!#$', 'a,b', 'a;b="c"') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      'a b',
      'a\r\nX-Auth-User-Id: admin',
      'a\nb',
      '\u0000',
      '\u007f',
      '\u00a0',
      'a\tb',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(CANARY.email, CANARY.name, '\ud800', '\udc00a', '\u010d\u010a', '😀') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 8 }) },
);
/** Clients are named in metrics once the signature is verified, so nothing private is put there. */
const client = text.filter((one) => one !== CANARY.email && one !== CANARY.name);
const plain = fc.constantFrom('anna', 'bert', 'u-1');
const person: fc.Arbitrary<Person> = fc
  .record({
    side: fc.constantFrom('legacy' as const, 'new' as const),
    use: fc.constantFrom('access' as const, 'access' as const, 'id' as const),
    sub: fc.oneof({ weight: 2, arbitrary: plain }, { weight: 1, arbitrary: text }),
    legacyId: fc.option(fc.oneof({ weight: 2, arbitrary: plain }, { weight: 1, arbitrary: text }), {
      ...{ nil: undefined, freq: 5 },
    }),
    client: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('web', 'anna') }, { weight: 1, arbitrary: client }),
    scope: fc.option(fc.array(text, { maxLength: 3 }), { nil: undefined }),
    groups: fc.option(fc.array(text, { maxLength: 3 }), { nil: undefined }),
    hasName: fc.boolean(),
  })
  // Cognito puts scopes into access tokens alone.
  .map(({ scope, ...one }) => ({ ...one, scope: one.use === 'id' ? undefined : scope?.join(' ') }));

const ADDRESSES = ['X-Original-URI', 'X-Original-URL', 'X-Forwarded-Uri', 'x-forwarded-uri'];
/** Behind a good token: a second one in an address makes a difference only there. */
const BEHIND = [...ADDRESSES, 'X-Forwarded-For'].map(
  (name) => `Authorization: Bearer <0>\r\n${name}: /?access_token=<1>\r\nX-A`,
);
const IDENTITY = ['X-Auth-User-Id', 'X-Auth-Sub', 'X-Auth-Groups', 'x-auth-kind', 'X_Auth_User_Id'];
const words: Words = {
  name: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('Authorization', 'Authorization', 'authorization', 'aUTHORIZATION') },
    { weight: 4, arbitrary: fc.constantFrom(...BEHIND, ...ADDRESSES, 'Forwarded') },
    { weight: 2, arbitrary: fc.constantFrom(...IDENTITY, 'Cookie', 'Proxy-Authorization', 'X-Number') },
    { weight: 1, arbitrary: fc.constantFrom('Connection', 'Expect', 'Upgrade', 'Content-Length', 'Transfer-Encoding') },
    { weight: 1, arbitrary: fc.oneof(fc.string({ maxLength: 12 }), fc.constant('__proto__'), fc.constant('X-A')) },
  ),
  value: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('Bearer <0>', 'Bearer <1>', 'bearer  <0>', 'Bearer <0> ', 'Bearer\t<0>') },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'Bearer',
        'Bearer <0>,',
        'Bearer <0>, Bearer <1>',
        'Bearer <0> <1>',
        '<0>',
        'Basic <0>',
      ),
    },
    { weight: 3, arbitrary: fc.constantFrom('/?access_token=<1>', '/a?b&access_token=', '/?a=access_token=', '/') },
    { weight: 2, arbitrary: fc.constantFrom(`Bearer ${CANARY.token}`, `a=${CANARY.password}`, CANARY.email, 'admin') },
    { weight: 2, arbitrary: fc.constantFrom('close', 'keep-alive, X-Auth-User-Id', '100-continue', 'h2c', '0', '5') },
    { weight: 1, arbitrary: fc.nat({ max: 70_000 }).map((length) => `Bearer ${'A'.repeat(length)}`) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  ),
  target: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('/auth', '/', '/auth/orders?x=1', '/auth?a#b', '/?', '/auth/') },
    {
      weight: 3,
      arbitrary: fc.constantFrom('/auth?access_token=<0>', '/auth/x?a&access_token=', '/auth/../metrics', '/%61uth'),
    },
    { weight: 2, arbitrary: fc.constantFrom('/healthz', '/readyz?a', '/metrics', '/metrics/', '/auth/healthz') },
    {
      weight: 2,
      arbitrary: fc.constantFrom('*', '//auth', '/AUTH', 'http://x/auth', 'x', '', '/auth\u00fc', '/authx'),
    },
  ),
};

export interface Input {
  readonly manner: Manner;
  readonly people: readonly [Person, Person];
  readonly wire: Wire;
}
export const input: fc.Arbitrary<Input> = fc.record({
  manner: fc.constantFrom(...MANNERS, 'enforce' as const),
  people: fc.tuple(person, person),
  wire: wireOf(words),
});
