import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createCutoverVerifier,
  createPhases,
  type PhasePlan,
  type PhasesOptions,
  type VerifierOptions,
} from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { verdict, verdictSync } from '../support/outcome.js';

const START = Date.UTC(2026, 0, 15, 12);
const SECONDS = START / 1_000;
const CLOSED = 'ERR_LEGACY_POOL_CLOSED';
const UNKNOWN = 'ERR_KEYS_UNAVAILABLE';
const after = (seconds: number) => new Date(START + seconds * 1_000);

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false, now: () => START });
});
afterAll(() => pools.close());
beforeEach(() => {
  // Nothing here waits for a timer: refresh() and tokens ask the source.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
});

/** A source with a plan, which fails while it has none. */
function start(
  plan: PhasePlan | undefined,
  { phases: phaseOptions, ...options }: Partial<VerifierOptions> & { phases?: Partial<PhasesOptions> } = {},
) {
  const clock = new FakeClock(START);
  const source = { plan, asked: 0 };
  const read = async () => {
    source.asked += 1;
    if (source.plan === undefined) throw new Error('the store is down');
    return source.plan;
  };
  const phases = createPhases({ source: read, clock, ...phaseOptions });
  onTestFinished(() => phases.close());
  const verifierWith = (legacyTokens: VerifierOptions['legacyTokens']) =>
    createCutoverVerifier({
      legacyPool: pools.legacyPool.options,
      newPool: pools.newPool.options,
      tokenUse: 'any',
      clock,
      ...(legacyTokens && { legacyTokens }),
      ...options,
    });
  const set = async (next: PhasePlan) => {
    source.plan = next;
    await phases.refresh();
  };
  return { clock, source, phases, verifier: verifierWith(phases), verifierWith, set };
}

describe.each([
  ['with a cache', {}],
  ['without a cache', { cache: false as const }],
])('the phases, followed by a verifier %s', (_, cache) => {
  it('open, announced, sign-ins refused, closed, and open again, without a restart', async () => {
    const { clock, verifier, set } = start({}, cache);
    const { legacyPool, newPool } = pools;
    const exp = SECONDS + 86_400;
    const before = legacyPool.accessToken({ auth_time: SECONDS - 600, exp });
    const since = legacyPool.accessToken({ auth_time: SECONDS + 60, exp });
    const machine = legacyPool.machineToken({ auth_time: SECONDS + 60, exp });
    const other = newPool.machineToken({ exp });
    const verdicts = async () => {
      const all: string[] = [];
      for (const token of [before, since, machine, other]) {
        const answer = await verdict(verifier, token);
        expect(verdictSync(verifier, token)).toBe(answer);
        all.push(answer);
      }
      return all;
    };
    await clock.advance(60_000);
    const accepted = ['accepted', 'accepted', 'accepted', 'accepted'];
    expect(await verdicts()).toEqual(accepted);
    await set({ announceFrom: after(0) });
    expect(await verdicts()).toEqual(accepted);
    await set({ announceFrom: after(0), acceptSignInsBefore: after(0) });
    expect(await verdicts()).toEqual(['accepted', CLOSED, 'accepted', 'accepted']);
    await set({ announceFrom: after(0), acceptSignInsBefore: after(0), acceptUntil: after(30) });
    expect(await verdicts()).toEqual([CLOSED, CLOSED, CLOSED, 'accepted']);
    await set({ acceptSignInsBefore: after(0) });
    expect(await verdicts()).toEqual(['accepted', CLOSED, 'accepted', 'accepted']);
    await set({});
    expect(await verdicts()).toEqual(accepted);
  });

  it('a date takes effect by itself, at its moment', async () => {
    const { clock, verifier, phases } = start({ acceptUntil: after(20) }, cache);
    const token = pools.legacyPool.machineToken();
    expect(await verdict(verifier, token)).toBe('accepted');
    await clock.advance(20_000);
    expect(verdictSync(verifier, token)).toBe('accepted');
    await clock.advance(1);
    expect(verdictSync(verifier, token)).toBe(CLOSED);
    expect(phases.status().phase).toBe('closed');
  });

  it('two verifiers follow the same, and close() of one leaves it to the other', async () => {
    const { verifier, verifierWith, phases, set } = start({}, cache);
    const second = verifierWith(phases);
    const token = pools.legacyPool.machineToken();
    for (const one of [verifier, second]) expect(await verdict(one, token)).toBe('accepted');
    verifier.close();
    await set({ acceptUntil: after(-1) });
    for (const one of [verifier, second]) expect(verdictSync(one, token)).toBe(CLOSED);
  });

  it('the last known plan stays in use while the source fails', async () => {
    const { clock, source, verifier } = start({ acceptUntil: after(3_600) }, cache);
    const token = pools.legacyPool.machineToken({ exp: SECONDS + 40 * 86_400 });
    expect(await verdict(verifier, token)).toBe('accepted');
    source.plan = undefined;
    for (let minute = 0; minute < 60; minute += 1) {
      await clock.advance(60_000);
      expect(await verdict(verifier, token)).toBe('accepted');
    }
    await clock.advance(30 * 86_400_000);
    expect(await verdict(verifier, token)).toBe(CLOSED);
    expect(source.asked).toBeGreaterThan(30);
  });
});

describe('before the first answer', () => {
  it('a legacy token waits for it, and a token of the new pool does not', async () => {
    let answer: (plan: PhasePlan) => void = () => {};
    const source = () =>
      new Promise<PhasePlan>((resolve) => {
        answer = resolve;
      });
    const { verifier } = start({}, { phases: { source } });
    const token = pools.legacyPool.machineToken();
    const waiting = Promise.all([verdict(verifier, token), verdict(verifier, pools.legacyPool.idToken())]);
    expect(verdictSync(verifier, token)).toBe(UNKNOWN);
    expect(verdictSync(verifier, pools.newPool.machineToken())).toBe('accepted');
    await settled();
    answer({ acceptUntil: after(-1) });
    expect(await waiting).toEqual([CLOSED, CLOSED]);
  });

  it('it is refused with 503 where the answer does not come, and accepted once it does', async () => {
    const { clock, source, verifier } = start(undefined);
    const token = pools.legacyPool.machineToken();
    const refused = await verifier.verify(token).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: UNKNOWN, status: 503, pool: 'legacy', retryAfterSeconds: 1 });
    expect((refused as Error).message).toContain('the source of the phases has not answered yet');
    expect((refused as Error).cause).toMatchObject({ message: 'the store is down' });
    expect(await verdict(verifier, pools.newPool.machineToken())).toBe('accepted');

    source.plan = {};
    const { asked } = source;
    expect(await verdict(verifier, token)).toBe(UNKNOWN);
    expect(source.asked).toBe(asked);
    await clock.advance(1_001);
    expect(await verdict(verifier, token)).toBe('accepted');
  });

  it('it is judged by `initial`, where that is given', async () => {
    for (const [initial, expected] of [
      [{}, 'accepted'],
      [{ acceptUntil: after(-1) }, CLOSED],
    ] as const) {
      const { verifier } = start(undefined, { phases: { initial } });
      const token = pools.legacyPool.machineToken();
      expect([verdictSync(verifier, token), await verdict(verifier, token)]).toEqual([expected, expected]);
    }
  });

  it('a forged token waits and is refused like any other', async () => {
    const { verifier } = start({});
    const [head, body] = pools.legacyPool.machineToken().split('.');
    const forged = `${head}.${body}.${pools.newPool.machineToken().split('.')[2]}`;
    expect(await verdict(verifier, forged)).toBe('ERR_SIGNATURE_INVALID');
  });

  it('hydrate() waits for it, and does not fail by it', async () => {
    const slow = async () => {
      await settled();
      return { acceptUntil: after(-1) };
    };
    const { verifier, phases } = start({}, { phases: { initial: {}, source: slow } });
    await verifier.hydrate();
    expect(phases.status()).toMatchObject({ phase: 'closed', answeredAt: after(0) });

    const down = start(undefined);
    const results = await down.verifier.hydrate();
    expect(results.map(({ pool, ok }) => [pool, ok])).toEqual([
      ['legacy', true],
      ['new', true],
    ]);
  });
});

it('hydrate() loads no keys of a pool that its phases have closed, and all where that is not known', async () => {
  const asked: string[] = [];
  const fetch = async (uri: string) => {
    asked.push(uri);
    return { status: 200, text: async () => JSON.stringify(pools.newPool.jwks()) };
  };
  const pool = (name: string) => ({
    userPoolId: name,
    clientIds: null,
    issuers: [`https://${name}.example.com`],
    jwksUri: `https://${name}.example.com/jwks`,
  });
  const options = { legacyPool: pool('old'), newPool: pool('new'), keys: { fetch } };
  await start({ acceptUntil: after(-1) }, options).verifier.hydrate();
  expect(asked).toEqual(['https://new.example.com/jwks']);
  await start(undefined, options).verifier.hydrate();
  expect(asked).toContain('https://old.example.com/jwks');
});

it('in AWS Lambda a token waits for the poll that is due', async () => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'authorizer');
  const { clock, source, verifier } = start({});
  const token = pools.legacyPool.machineToken();
  expect(await verdict(verifier, token)).toBe('accepted');
  source.plan = { acceptUntil: after(-1) };
  clock.freeze(30_000);
  expect(verdictSync(verifier, token)).toBe('accepted');
  expect(await verdict(verifier, token)).toBe(CLOSED);
});

it('anywhere, a token that comes after the process stood still waits for the plan', async () => {
  const { clock, source, verifier } = start({});
  const token = pools.legacyPool.machineToken();
  expect(await verdict(verifier, token)).toBe('accepted');
  source.plan = { acceptUntil: after(-1) };
  clock.freeze(600_000);
  expect(await verdict(verifier, token)).toBe(CLOSED);
});

it('a wall clock that is set back opens what was closed, and nothing else changes', async () => {
  const { clock, verifier, phases } = start({ acceptUntil: after(-1) });
  const token = pools.legacyPool.machineToken();
  expect(await verdict(verifier, token)).toBe(CLOSED);
  clock.setWallClock(-60_000);
  expect([await verdict(verifier, token), phases.status().phase]).toEqual(['accepted', 'open']);
});

it('is found on the verifier, though not among its enumerable properties', () => {
  const { verifier, verifierWith, phases } = start({});
  expect(verifier.phases).toBe(phases);
  expect(Object.keys(verifier)).toEqual([]);
  expect(verifierWith(undefined).phases).toBeUndefined();
  expect(Object.create(verifier).phases).toBe(phases);
});

it.each([
  ['legacyTokens.source', { source: async () => undefined }],
  ['legacyTokens.read', { read: async () => undefined, write: async () => {} }],
  ['legacyTokens.status', { status: () => ({ phase: 'open' }) }],
])('what createPhases did not make is refused: %s', (option, legacyTokens) => {
  const { verifierWith } = start({});
  expect(() => verifierWith(legacyTokens as never)).toThrow(expect.objectContaining({ option }));
});

describe('a function as acceptSignInsBefore', () => {
  it('is asked at every use, and what it cannot tell is refused, for users', async () => {
    let answer: unknown = after(0);
    const { verifierWith } = start({});
    const verifier = verifierWith({ acceptSignInsBefore: () => answer as Date });
    const token = pools.legacyPool.accessToken({ auth_time: SECONDS - 60 });
    const machine = pools.legacyPool.machineToken();
    expect(await verdict(verifier, token)).toBe('accepted');
    for (const odd of [after(-61), 'soon', undefined, new Date(Number.NaN)]) {
      answer = odd;
      expect([verdictSync(verifier, token), await verdict(verifier, machine)]).toEqual([CLOSED, 'accepted']);
    }
    await expect(verifier.verify(token)).rejects.toThrow(
      'legacyTokens.acceptSignInsBefore did not return a valid Date',
    );
    answer = after(0);
    expect(verdictSync(verifier, token)).toBe('accepted');
  });
});

describe('phases.next', () => {
  it('refuses whom the next phase would refuse, and says who that is', async () => {
    const plan = { announceFrom: after(-3_600), acceptSignInsBefore: after(3_600), acceptUntil: after(7_200) };
    const { clock, phases, verifier, verifierWith, set } = start(plan);
    const dry = verifierWith(phases.next);
    const exp = SECONDS + 86_400;
    const old = pools.legacyPool.accessToken({ auth_time: SECONDS - 7_200, exp });
    const recent = pools.legacyPool.accessToken({ auth_time: SECONDS - 60, exp });
    const machine = pools.legacyPool.machineToken({ exp });
    const verdicts = async () => [
      await verdict(dry, old),
      await verdict(dry, recent),
      await verdict(dry, machine),
      await verdict(dry, pools.newPool.machineToken()),
    ];
    for (const token of [old, recent, machine]) expect(await verdict(verifier, token)).toBe('accepted');
    // They signed in at the legacy pool although its end was announced.
    expect(await verdicts()).toEqual(['accepted', CLOSED, 'accepted', 'accepted']);
    const { clientId } = pools.legacyPool;
    await expect(dry.verify(recent)).rejects.toMatchObject({ clientId, tokenUse: 'access', pool: 'legacy' });

    // New sign-ins are refused by now: next is the end.
    await clock.advance(3_601_000);
    expect(await verdicts()).toEqual([CLOSED, CLOSED, CLOSED, 'accepted']);
    for (const token of [old, machine]) {
      await expect(dry.verify(token)).rejects.toMatchObject({ clientId: expect.any(String) });
      expect(await verdict(verifier, token)).toBe('accepted');
    }
    // Nothing more is planned: as it is.
    await set({ acceptSignInsBefore: after(-3_600) });
    expect(await verdicts()).toEqual(['accepted', CLOSED, 'accepted', 'accepted']);
    await set({});
    expect(await verdicts()).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
  });

  it('has the status of its phases', () => {
    const { phases } = start({});
    expect(phases.next.status()).toEqual(phases.status());
  });
});
