import { setImmediate as nextTurn } from 'node:timers/promises';
import express from 'express';
import express4 from 'express4';
import fc from 'fast-check';
import type { CutoverDecision } from '../../../middleware/express.js';
import { CutoverError } from '../../../src/errors.js';
import { type HostParts, type Options, type Shown, type Step, stranger, verifierBy } from '../../support/host-kit.js';
import { expressHost } from '../../support/hosts/express.js';
import { fastifyHost } from '../../support/hosts/fastify.js';
import { honoOnFetch } from '../../support/hosts/hono.js';
import { koaHost } from '../../support/hosts/koa.js';
import { nestGuardsOnFastify, nestHost } from '../../support/hosts/nest.js';
import { fuzzTarget } from '../fuzz-target.js';
import { type AuthWord, expected, SECOND, type Sent, type Word } from './composition-model.js';
import { ensure } from './refusals.js';

const throws = () => {
  throw new TypeError('a fault of the application');
};

/** Verifiers of applications that answer what is no identity, or fail. */
const FAULTY: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  empty: () => ({}),
  nameless: () => ({ userId: '', groups: [], scopes: [] }),
  fault: throws,
  promised: () => Promise.resolve(undefined),
  // biome-ignore lint/suspicious/noThenProperty: a promise of another library that breaks its promise
  broken: () => ({ then: throws }),
  // biome-ignore lint/suspicious/noThenProperty: the same, as a function
  called: () => Object.assign(() => {}, { then: (_: unknown, reject: (reason: unknown) => void) => reject('no') }),
};
const first = verifierBy(FAULTY);
/** Knows the same tokens, and takes some of them for another. */
const second = {
  verify(token: string) {
    const [, how = '', name = ''] = /^(later:|thenable:)?(.*)$/.exec(token) ?? [];
    return first.verify(how + (SECOND[name] ?? name));
  },
};

const PEOPLE = ['anna', 'admin', 'machine'];
const CODES = ['ERR_TOKEN_EXPIRED', 'ERR_KEYS_UNAVAILABLE', 'ERR_LEGACY_ID_MISSING', 'ERR_TOKEN_MALFORMED'];
const token = fc
  .tuple(
    fc.constantFrom('', '', 'later:', 'thenable:'),
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...PEOPLE) },
      { weight: 3, arbitrary: fc.constantFrom(...CODES) },
      { weight: 1, arbitrary: fc.constantFrom(...Object.keys(FAULTY)) },
    ),
  )
  .map(([how, who]) => how + who);

const auth: fc.Arbitrary<AuthWord> = fc.record({
  kind: fc.constant('auth' as const),
  mode: fc.constantFrom('enforce' as const, 'enforce' as const, 'observe' as const),
  isOptional: fc.boolean(),
  property: fc.constantFrom('auth' as const, 'auth' as const, 'cutover' as const),
  from: fc.constantFrom('authorization' as const, 'authorization' as const, 'x-token' as const),
  compares: fc.constantFrom(
    'no' as const,
    'nothing' as const,
    'anna' as const,
    'admin' as const,
    'fails' as const,
    'promises' as const,
  ),
  verifier: fc.constantFrom('first' as const, 'first' as const, 'second' as const),
});
const guard = fc.constantFrom<Word>(
  { kind: 'guard', guard: 'requireScope', args: ['orders/read'] },
  { kind: 'guard', guard: 'requireScope', args: ['orders/read', 'orders/write'] },
  { kind: 'guard', guard: 'requireAnyScope', args: ['orders/write', 'orders/list'] },
  { kind: 'guard', guard: 'requireGroup', args: ['staff', 'admins'] },
  { kind: 'guard', guard: 'requireAnyGroup', args: ['admins', 'editors'] },
  { kind: 'guard', guard: 'requireUser', args: [] },
);
const single: fc.Arbitrary<Word> = fc.oneof(
  { weight: 5, arbitrary: auth },
  { weight: 3, arbitrary: guard },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Word>(
      { kind: 'write', property: 'auth' },
      { kind: 'write', property: 'cutover' },
      { kind: 'strip', header: 'authorization' },
      { kind: 'strip', header: 'x-token' },
    ),
  },
);
const word: fc.Arbitrary<Word> = fc.oneof(
  { weight: 4, arbitrary: single },
  { weight: 1, arbitrary: fc.oneof(auth, guard).map((inner): Word => ({ kind: 'forgiven', inner })) },
);

/** A stack; some of its words stand in it more than once as one and the same middleware. */
interface Stack {
  readonly words: readonly Word[];
  /** Taken off the request before the repetition: what accepted somebody finds nobody the second time. */
  readonly strips: AuthWord['from'] | undefined;
  readonly repeats: readonly number[];
}
const stack: fc.Arbitrary<Stack> = fc.record({
  words: fc.array(word, { minLength: 1, maxLength: 5 }),
  strips: fc.constantFrom(undefined, undefined, 'authorization' as const, 'x-token' as const),
  repeats: fc.array(fc.nat({ max: 4 }), { maxLength: 2 }),
});
const allOf = ({ words, strips, repeats }: Stack): readonly Word[] => [
  ...words,
  ...(strips === undefined ? [] : [{ kind: 'strip', header: strips } as const]),
  ...repeats.flatMap((at) => words[at % words.length] ?? []),
];

const sent: fc.Arbitrary<Sent> = fc.record({
  authorization: fc.option(token, { nil: undefined, freq: 5 }),
  'x-token': fc.option(token, { nil: undefined, freq: 3 }),
  isOwn: fc.boolean(),
});

interface Composition {
  readonly stacks: readonly Stack[];
  readonly requests: readonly Sent[];
}

/** What each word was told, by `onDecision`. */
type Told = Map<AuthWord, string[]>;

const COMPARISONS: Readonly<Record<AuthWord['compares'], object>> = {
  no: {},
  nothing: { compare: () => undefined },
  anna: { compare: () => 'anna' },
  admin: { compare: () => 'admin' },
  fails: { compare: throws },
  promises: { compare: () => Promise.reject(new Error('too late')) },
};

function entryOf(decision: CutoverDecision): string {
  if (decision.outcome === 'accepted') return `accepted ${decision.identity.userId}`;
  if (decision.outcome === 'mismatch') return `mismatch ${decision.identity.userId} ${decision.expected}`;
  if (decision.outcome !== 'refused') return decision.outcome;
  return decision.error instanceof CutoverError ? decision.error.code : 'fault';
}

/** Steps are made once for each word: a host makes one middleware of it, and mounts that twice where the word stands twice. */
function stepsOf(words: readonly Word[], told: Told): Step[] {
  const made = new Map<Word, Step>();
  const stepOf = (one: Word): Step => {
    if (one.kind === 'guard') return { guard: one.guard, args: one.args };
    if (one.kind === 'write') return { write: stranger, property: one.property };
    if (one.kind === 'strip') return { strip: one.header };
    if (one.kind === 'forgiven') return { forgiven: stepOf(one.inner) };
    const entries: string[] = [];
    told.set(one, entries);
    const options: Options = {
      verifier: one.verifier === 'first' ? first : second,
      property: one.property,
      credentialsRequired: !one.isOptional,
      onDecision: (decision) => void entries.push(entryOf(decision)),
      ...(one.mode === 'observe' && { mode: 'observe', ...COMPARISONS[one.compares] }),
      ...(one.from === 'x-token' && { getToken: (header) => header('x-token') }),
    };
    return { auth: options };
  };
  return words.map((one) => {
    const step = made.get(one) ?? stepOf(one);
    made.set(one, step);
    return step;
  });
}

export const HOSTS: readonly HostParts[] = [
  expressHost('Express 5', express),
  expressHost('Express 4', express4 as never),
  fastifyHost,
  koaHost,
  honoOnFetch,
  nestHost,
  nestGuardsOnFastify,
];

export const compositionsOn = (hosts: readonly HostParts[]) =>
  fuzzTarget<Composition>({
    name: 'compositions',
    boundary: 'stacks of middlewares, guards and what else writes to a request',
    start: () => ({
      input: fc.record({
        stacks: fc.array(stack, { minLength: 6, maxLength: 6 }),
        requests: fc.array(sent, { minLength: 3, maxLength: 3 }),
      }),
      count: ({ stacks, requests }) => stacks.length * requests.length * hosts.length,
      async check({ stacks, requests }) {
        const log = console.error;
        console.error = () => {};
        try {
          for (const host of hosts) await compare(host, stacks, requests);
        } finally {
          console.error = log;
        }
      },
    }),
  });

async function compare(host: HostParts, stacks: readonly Stack[], requests: readonly Sent[]): Promise<void> {
  const told: Told = new Map();
  const routes = new Map(stacks.map((one, index) => [`/r${index}`, stepsOf(allOf(one), told)]));
  const served = await host.serve(routes);
  try {
    for (const [index, one] of stacks.entries()) {
      for (const request of requests) {
        const { authorization, 'x-token': other, isOwn } = request;
        for (const entries of told.values()) entries.length = 0;
        const answer = await served.ask(`/r${index}`, {
          isOwn,
          ...(authorization !== undefined && { token: authorization }),
          ...(other !== undefined && { headers: [['x-token', other]] }),
        });
        const wanted = expected(allOf(one), request);
        const about = `${host.name}: ${JSON.stringify({ stack: allOf(one), request, wanted, answer })}`;
        ensure(answer.status === wanted.status, `another status. ${about}`);
        // What is observed may be decided after the answer.
        await nextTurn();
        for (const [word, entries] of told) {
          const all = [entries, wanted.told.get(word) ?? []].map((some) => [...some].sort().join(', '));
          ensure(all[0] === all[1], `told ${all[0]}, and not ${all[1]}: ${JSON.stringify(word)}. ${about}`);
        }
        if (wanted.status === 200) {
          const { placed, other: placedElsewhere, auth: found } = JSON.parse(answer.text) as Shown;
          ensure(
            placed === wanted.auth && placedElsewhere === wanted.cutover,
            `another identity in its place. ${about}`,
          );
          const isFound =
            wanted.getAuth === null ? /^Error: getAuth/ : wanted.getAuth === 'fault' ? /^TypeError: / : undefined;
          ensure(isFound?.test(found) ?? found === wanted.getAuth, `getAuth differs. ${about}`);
          // getAuth puts the challenge of what it throws on the response.
          const mayChallenge = wanted.isForgiven || wanted.getAuth?.startsWith('ERR_');
          ensure(mayChallenge || answer.headers['www-authenticate'] === undefined, `a challenge with 200. ${about}`);
        } else if (wanted.code !== undefined) {
          if (isOwn)
            ensure((JSON.parse(answer.text) as { code: unknown }).code === wanted.code, `another code. ${about}`);
          const header = wanted.status === 503 ? 'retry-after' : 'www-authenticate';
          ensure(answer.headers[header] !== undefined, `no ${header}. ${about}`);
        }
      }
    }
  } finally {
    await served.close();
  }
}

export const compositions = compositionsOn(HOSTS);
