import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CutoverError } from '../../src/errors.js';
import { createCutoverVerifier } from '../../src/verify/verifier.js';
import { anna, type HostParts } from '../support/host-kit.js';
import { assertNoCanary, CANARY } from './canary.js';
import { fuzz } from './fuzz-run.js';
import { type FuzzTarget, fuzzTarget } from './fuzz-target.js';
import { compositionsOn, HOSTS } from './request/compositions.js';
import { httpRequestsOn } from './request/http-requests.js';
import { jwksAnswersBy } from './request/jwks-answers.js';
import { tokensBy } from './request/tokens.js';
import { verifierOptionsBy } from './request/verifier-options.js';
import { REQUEST_TARGETS } from './request-targets.js';

const planted = (check: (input: number) => void | Promise<void>, limitMs?: number) => {
  const target = fuzzTarget<number>({
    name: 'planted',
    boundary: 'none',
    start: () => ({ input: fc.nat({ max: 1_000 }), check: (input) => (input > 700 ? check(input) : undefined) }),
  });
  return (options: { seed: number; path?: string }) =>
    fuzz(target, { seconds: 20, ...options, ...(limitMs && { limitMs }) });
};

const faults: [string, (input: number) => void | Promise<void>, RegExp, number?][] = [
  [
    'an exception',
    () => {
      throw new Error('planted');
    },
    /planted/,
  ],
  ['a rejection', () => Promise.reject(new Error('planted')), /planted/],
  [
    'a rejection that nobody waits for',
    () => void Promise.reject(new Error('planted')),
    /left unhandled[\s\S]*planted/,
  ],
  [
    'an exception in a callback',
    () => {
      process.nextTick(() => {
        throw new Error('planted');
      });
    },
    /left unhandled[\s\S]*planted/,
  ],
  ['a hang', () => new Promise(() => {}), /timeout/i, 50],
  ['a private value', () => assertNoCanary('a message', `user ${CANARY.email}`), /shows a private value/],
];

it.each(faults)(
  '%s is reported, with the seed and the path that show it again',
  async (_what, check, report, limitMs) => {
    const run = planted(check, limitMs);
    const { failure } = await run({ seed: 7 });
    expect(failure?.report).toMatch(report);
    const again = await run({ seed: failure?.seed as number, path: failure?.path as string });
    expect(again.inputs).toBe(1);
    expect(again.failure?.report).toMatch(report);
  },
);

it('an input that the end of the time interrupts is over before its target is closed', async () => {
  const events: string[] = [];
  const slow = fuzzTarget<number>({
    name: 'slow',
    boundary: 'none',
    start: () => ({
      input: fc.nat(),
      check: async () => {
        events.push('begun');
        await new Promise((resolve) => setTimeout(resolve, 30));
        events.push('over');
      },
      close: async () => void events.push('closed'),
    }),
  });
  await fuzz(slow, { seed: 7, seconds: 0.05 });
  expect(events.pop()).toBe('closed');
  // One after the other, also where a round ends and the next one begins.
  expect(events).toEqual(events.map((_, index) => (index % 2 === 0 ? 'begun' : 'over')));
});

it('nothing is reported where nothing is wrong', async () => {
  const sound = fuzzTarget({ name: 'sound', boundary: 'none', start: () => ({ input: fc.nat(), check: () => {} }) });
  const { failure, inputs } = await fuzz(sound, { seed: 7, seconds: 0.05 });
  expect([failure, inputs > 0]).toEqual([undefined, true]);
});

type Create = Parameters<typeof tokensBy>[0];
/** A verifier that accepts everything that is signed or not, for somebody. */
const credulous = ((options) =>
  Object.assign(createCutoverVerifier(options), {
    verifySync: () => anna,
    verify: async () => anna,
    verifyEagerly: () => anna,
  })) as Create;
/** One that lets a refusal repeat what it was given. */
const talkative = ((options) => {
  const verifySync = (token: string) => {
    throw new CutoverError('ERR_TOKEN_MALFORMED', `${token} ${CANARY.email}`);
  };
  const verify = async (token: string) => verifySync(token);
  return Object.assign(createCutoverVerifier(options), { verifySync, verify, verifyEagerly: verify });
}) as Create;
/** One that takes every option as it comes. */
const careless = ((options) => {
  try {
    return createCutoverVerifier(options);
  } catch {
    return { verify: async () => anna, close() {} };
  }
}) as Create;

const lenientHost: HostParts = {
  ...(HOSTS.find(({ name }) => name === 'Express 5') as HostParts),
  name: 'a host that lets everybody through',
  serve: async () => ({
    ask: async () => ({
      status: 200,
      headers: {},
      text: JSON.stringify({ placed: 'anna', other: null, auth: 'anna' }),
    }),
    close() {},
  }),
};

it.each<[string, FuzzTarget, RegExp]>([
  ['tokens: a verifier that accepts everything', tokensBy(credulous), /accepted for a pool that is not the issuer/],
  ['tokens: a verifier that repeats what it refuses', tokensBy(talkative), /shows a private value/],
  ['key endpoints: a verifier that accepts everything', jwksAnswersBy(credulous), /accepted a token/],
  ['options: a verifier that swallows mistakes', verifierOptionsBy(careless), /accepted without a word/],
  ['compositions: a host that lets everybody through', compositionsOn([lenientHost]), /another (?:status|identity)/],
  [
    'raw requests: a handler that asks for no token',
    httpRequestsOn([
      (violate) => (req, res) => {
        if (req.headers.authorization !== 'Bearer good.token.here') violate('came through');
        res.end('through');
      },
    ]),
    /came through/,
  ],
  [
    'raw requests: a server that repeats a header',
    httpRequestsOn([() => (req, res) => res.end(JSON.stringify(req.headers))]),
    /shows a private value/,
  ],
])('%s: is found', async (_what, target, report) => {
  expect((await fuzz(target, { seed: 1, seconds: 10 })).failure?.report).toMatch(report);
});

it('a target whose time is over before its first input ends has tried one, and is not called broken', async () => {
  let ended = 0;
  const slow = fuzzTarget<number>({
    name: 'slow',
    boundary: 'none',
    start: () => ({
      input: fc.nat(),
      check: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        ended += 1;
      },
    }),
  });
  expect(await fuzz(slow, { seed: 1, seconds: 0.001 })).toMatchObject({ inputs: 1, failure: undefined });
  expect(ended).toBe(1);
  // The second round is interrupted within its first input.
  expect(await fuzz(slow, { seed: 1, seconds: 0.03 })).toMatchObject({ failure: undefined });
});

it('every target has a name of its own in kebab case', () => {
  const names = REQUEST_TARGETS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
});
