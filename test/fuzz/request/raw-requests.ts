import fc from 'fast-check';
import { CANARY } from '../canary.js';

export const GOOD = 'good.token.here';

const name = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('Authorization', 'authorization', 'AUTHORIZATION', 'aUTHORIZATION', 'Authorization '),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom('Proxy-Authorization', 'X-Authorization', 'Cookie', 'Expect', 'Upgrade', 'Connection'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('Content-Length', 'Transfer-Encoding', 'Content-Type', 'TE', 'Trailer', '__proto__'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
);
const value = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      `Bearer ${GOOD}`,
      `bearer   ${GOOD}`,
      `Bearer ${GOOD} `,
      `Bearer\t${GOOD}`,
      `Bearer ${GOOD},`,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      `Bearer ${CANARY.token}`,
      `Basic ${CANARY.password}`,
      `Bearer x, Bearer ${GOOD}`,
      'Bearer',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'chunked',
      '0',
      '5',
      '-1',
      '100-continue',
      'close',
      'keep-alive',
      'websocket',
      'chunked, gzip',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `a=${CANARY.email}`,
      'application/x-www-form-urlencoded',
      'application/json',
      '\u00fc\u0001',
    ),
  },
  { weight: 1, arbitrary: fc.nat({ max: 30_000 }).map((length) => `Bearer ${'A'.repeat(length)}`) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);
const TARGETS = ['/', '/a', '*', '//a', '/?access_token=x', '/?a&access_token=', '/%00', '/%', 'http://x/', 'x', ''];
const target = fc.constantFrom(...TARGETS, '/\u00fc');
const END = fc.oneof(
  { weight: 24, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\r\r\n') },
);

/** What a boundary has of its own, in the place of the names, values and addresses here. */
export interface Words {
  readonly name: fc.Arbitrary<string>;
  readonly value: fc.Arbitrary<string>;
  readonly target: fc.Arbitrary<string>;
}

/** What Node cannot read ends a connection, and with it the requests after it: most must be readable to come to anything. */
const COLON = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(': ', ': ', ':') },
  { weight: 1, arbitrary: fc.constantFrom(' : ', ':\r\n ') },
);

const headerOf = ({ name, value }: Words) => fc.tuple(name, COLON, value).map((parts) => parts.join(''));

const requestOf = (words: Words) =>
  fc
    .record({
      method: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS') },
        { weight: 1, arbitrary: fc.constantFrom('TRACE', 'CONNECT', 'PRI', 'get', 'DELETE', 'M-SEARCH', 'ABC', '') },
      ),
      target: words.target,
      version: fc.oneof(
        { weight: 16, arbitrary: fc.constant('HTTP/1.1') },
        { weight: 1, arbitrary: fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', '') },
      ),
      host: fc.oneof(
        { weight: 12, arbitrary: fc.constant(['Host: localhost']) },
        { weight: 1, arbitrary: fc.constantFrom([], ['Host: a', 'Host: b'], ['Host: \u00fc/@']) },
      ),
      headers: fc.array(headerOf(words), { maxLength: 4 }),
      many: fc.oneof(
        { weight: 18, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.nat({ max: 3_000 }) },
        // Of so many headers, Node by default reads the first 2000.
        { weight: 1, arbitrary: fc.constant(2_001) },
      ),
      late: fc.array(headerOf(words), { maxLength: 1 }),
      end: END,
      body: fc.oneof(
        { weight: 5, arbitrary: fc.constant('') },
        {
          weight: 1,
          arbitrary: fc.constantFrom('hello', '5\r\nhello\r\n0\r\n\r\n', 'access_token=x', '{"a":', 'fffffffff\r\n'),
        },
      ),
    })
    .map(({ method, target, version, host, headers, many, late, end, body }) => {
      const filling = Array.from({ length: many }, (_, at) => `X-${at}: y`);
      return [`${method} ${target} ${version}`, ...host, ...headers, ...filling, ...late, '', body].join(end);
    });

export interface Wire {
  /** One after the other on one connection, without waiting. */
  readonly requests: readonly string[];
  /** How much of it is sent before the client goes. */
  readonly share: number;
  readonly leaves: 'ends' | 'resets';
}
export const wireOf = (words: Words): fc.Arbitrary<Wire> =>
  fc.record({
    requests: fc.array(
      fc.oneof({ weight: 9, arbitrary: requestOf(words) }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
    share: fc.oneof(
      { weight: 4, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    ),
    leaves: fc.oneof(
      { weight: 5, arbitrary: fc.constant('ends' as const) },
      { weight: 1, arbitrary: fc.constant('resets' as const) },
    ),
  });

export const wire = wireOf({ name, value, target });
