import { afterEach, describe, expect, it } from 'vitest';
import { type CutoverEvent, createCutoverVerifier, type VerifierOptions } from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { FakeClock } from '../support/fake-clock.js';

const UUID = '0b6a3f0e-5c3e-4a8e-9d7e-111111111111';
let open: TestPools | undefined;
afterEach(() => open?.close());

async function setUp(more: Partial<VerifierOptions> = {}, serve = false) {
  const clock = new FakeClock();
  const pools = await createTestPools({ serve, now: clock.now });
  open = pools;
  const events: CutoverEvent[] = [];
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'any',
    clock,
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { clock, pools, verifier, events };
}

describe('verifyEagerly', () => {
  it('answers without a promise where nothing has to be waited for', async () => {
    const { pools, verifier } = await setUp();
    const token = pools.legacyPool.accessToken({ sub: 'me' });
    expect(verifier.verifyEagerly(token)).toMatchObject({ userId: 'me' });
    expect(verifier.verifyEagerly(token)).toBe(verifier.verifySync(token));
  });

  it('answers with a promise while the keys are fetched', async () => {
    const { pools, verifier } = await setUp({}, true);
    const answer = verifier.verifyEagerly(pools.legacyPool.accessToken({ sub: 'me' }));
    expect(answer).toBeInstanceOf(Promise);
    await expect(answer).resolves.toMatchObject({ userId: 'me' });
  });
});

describe('verifySync', () => {
  it('says that the keys are not loaded, fetches them, and works afterwards', async () => {
    const { pools, verifier } = await setUp({}, true);
    const token = pools.legacyPool.accessToken({ sub: 'me' });
    expect(() => verifier.verifySync(token)).toThrow(
      expect.objectContaining({ code: 'ERR_KEYS_UNAVAILABLE', retryAfterSeconds: 1 }),
    );
    await verifier.hydrate();
    expect(pools.legacyPool.fetches).toBe(1);
    expect(verifier.verifySync(token).userId).toBe('me');
  });

  it('says that the resolver has to be waited for, and takes an answer that is there', async () => {
    const slow = await setUp({ legacyId: { resolve: async () => UUID } });
    expect(() => slow.verifier.verifySync(slow.pools.newPool.accessToken())).toThrow(
      expect.objectContaining({ code: 'ERR_LEGACY_ID_UNAVAILABLE', status: 503 }),
    );
    const quick = await setUp({ legacyId: { resolve: () => UUID } });
    expect(quick.verifier.verifySync(quick.pools.newPool.accessToken()).userId).toBe(UUID);
  });

  it('leaves no rejection behind when what it did not wait for fails', async () => {
    const { pools, verifier } = await setUp({ legacyId: { resolve: () => Promise.reject(new Error('down')) } });
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    expect(() => verifier.verifySync(pools.newPool.accessToken())).toThrow();
    await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('the token cache', () => {
  it('hands out one identity for one token', async () => {
    const { pools, verifier, events } = await setUp();
    const token = pools.newPool.idToken({ 'custom:legacy_sub': UUID });
    expect(await verifier.verify(token)).toBe(await verifier.verify(token));
    expect(events.map((event) => event.type === 'accepted' && event.cached)).toEqual([false, true]);
  });

  it('can be switched off', async () => {
    const { pools, verifier } = await setUp({ cache: false });
    const token = pools.legacyPool.idToken();
    expect(verifier.verifySync(token)).not.toBe(verifier.verifySync(token));
  });

  it('asks the resolver once per token, and anew every minute for a user nobody knows', async () => {
    let asked = 0;
    let answer: string | undefined;
    const resolve = () => {
      asked += 1;
      return answer;
    };
    const { pools, verifier, clock } = await setUp({ legacyId: { resolve, onMissing: 'own-sub' } });
    const token = pools.newPool.accessToken({ sub: 'newcomer' });
    for (let second = 0; second <= 60; second += 10) {
      expect(verifier.verifySync(token)).toMatchObject({ userId: 'newcomer', userIdSource: 'own-sub' });
      await clock.advance(10_000);
    }
    expect(asked).toBe(1);
    answer = UUID;
    expect(verifier.verifySync(token)).toMatchObject({ userId: UUID, userIdSource: 'resolver' });
    await clock.advance(600_000);
    expect(verifier.verifySync(token).userId).toBe(UUID);
    expect(asked).toBe(2);
  });

  it('judges expiry and the end of the legacy pool at every use', async () => {
    let end = new Date(8.64e15);
    const { pools, verifier, clock } = await setUp({ legacyTokens: { acceptUntil: () => end } });
    const short = pools.newPool.idToken({ 'custom:legacy_sub': UUID, exp: clock.seconds + 60 });
    const legacy = pools.legacyPool.idToken();
    verifier.verifySync(short);
    verifier.verifySync(legacy);
    await clock.advance(64_000);
    expect(verifier.verifySync(short).userId).toBe(UUID);
    await clock.advance(1_000);
    expect(() => verifier.verifySync(short)).toThrow(
      expect.objectContaining({ code: 'ERR_TOKEN_EXPIRED', pool: 'new' }),
    );
    verifier.verifySync(legacy);
    end = new Date(clock.now() - 1);
    expect(() => verifier.verifySync(legacy)).toThrow(expect.objectContaining({ code: 'ERR_LEGACY_POOL_CLOSED' }));
  });
});

describe('the resolver', () => {
  it('is told who is asked for, and given the token', async () => {
    const queries: unknown[] = [];
    const resolve = (query: unknown) => {
      queries.push(query);
      return UUID;
    };
    const { pools, verifier } = await setUp({ legacyId: { resolve } });
    const token = pools.newPool.accessToken({ sub: 's', username: 'u', scope: 'a b' });
    verifier.verifySync(token);
    expect(queries).toEqual([
      {
        sub: 's',
        username: 'u',
        userPoolId: pools.newPool.userPoolId,
        clientId: pools.newPool.clientId,
        tokenUse: 'access',
        scopes: ['a', 'b'],
        token,
        signal: expect.any(AbortSignal),
      },
    ]);
  });

  it('is not asked for a legacy user, a machine, a mapped user or a token that is refused', async () => {
    const resolve = () => expect.unreachable();
    const { pools, verifier } = await setUp({ legacyId: { resolve } });
    verifier.verifySync(pools.legacyPool.accessToken());
    verifier.verifySync(pools.newPool.machineToken());
    verifier.verifySync(pools.newPool.idToken({ 'custom:legacy_sub': UUID }));
    expect(() => verifier.verifySync(`${pools.newPool.accessToken().slice(0, -4)}AAAA`)).toThrow('signature');
  });

  it('has a time limit, is told to stop, and its own wish for a pause is passed on', async () => {
    let signal: AbortSignal | undefined;
    const { pools, verifier } = await setUp({
      legacyId: {
        resolveTimeoutMs: 20,
        resolve: (query) => {
          signal = query.signal;
          return new Promise(() => {});
        },
      },
    });
    await expect(verifier.verify(pools.newPool.accessToken())).rejects.toMatchObject({
      code: 'ERR_LEGACY_ID_UNAVAILABLE',
      retryAfterSeconds: 5,
    });
    expect(signal?.aborted).toBe(true);

    const resting = Object.assign(new Error('breaker open'), { retryAfterSeconds: 17.2 });
    const other = await setUp({ legacyId: { resolve: () => Promise.reject(resting) } });
    await expect(other.verifier.verify(other.pools.newPool.accessToken())).rejects.toMatchObject({
      retryAfterSeconds: 18,
      cause: resting,
    });
  });
});

describe('onEvent', () => {
  it('is told each decision once, with nothing of the token in it', async () => {
    const { pools, verifier, events } = await setUp({}, true);
    const token = pools.newPool.idToken({ 'custom:legacy_sub': UUID, email: 'me@example.com' });
    await verifier.verify(token);
    await expect(verifier.verify(`${token}x`)).rejects.toThrow();
    await expect(verifier.verify(pools.newPool.idToken())).rejects.toThrow();
    const { userPoolId } = pools.newPool;
    expect(events).toEqual([
      { type: 'keys', userPoolId, outcome: 'refreshed' },
      { type: 'accepted', pool: 'new', userPoolId, kind: 'user', tokenUse: 'id', userIdSource: 'claim', cached: false },
      { type: 'rejected', code: 'ERR_TOKEN_MALFORMED' },
      { type: 'rejected', code: 'ERR_LEGACY_ID_MISSING', pool: 'new' },
    ]);
  });

  it('decides nothing by throwing', async () => {
    const { pools, verifier } = await setUp({
      onEvent: () => {
        throw new Error('full disk');
      },
    });
    expect(verifier.verifySync(pools.legacyPool.idToken({ sub: 'me' })).userId).toBe('me');
    expect(() => verifier.verifySync('x')).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MALFORMED' }));
  });
});

describe('hydrate, status and close', () => {
  it('loads the keys of every pool and reports each', async () => {
    const { pools, verifier } = await setUp({}, true);
    expect(verifier.status().map(({ keys }) => keys)).toEqual(['missing', 'missing']);
    expect(await verifier.hydrate()).toEqual([
      { pool: 'legacy', userPoolId: pools.legacyPool.userPoolId, ok: true },
      { pool: 'new', userPoolId: pools.newPool.userPoolId, ok: true },
    ]);
    expect(verifier.status().map(({ keys }) => keys)).toEqual(['fresh', 'fresh']);
    await verifier.hydrate();
    expect(pools.newPool.fetches).toBe(1);
  });

  it('rejects only when every pool fails', async () => {
    const { pools, verifier } = await setUp({}, true);
    pools.legacyPool.outage('error');
    expect(await verifier.hydrate()).toMatchObject([{ ok: false, error: expect.any(Error) }, { ok: true }]);
    const other = await setUp({}, true);
    other.pools.legacyPool.outage('error');
    other.pools.newPool.outage('garbage');
    const failure = await other.verifier.hydrate().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AggregateError);
    expect((failure as AggregateError).errors).toHaveLength(2);
  });

  it('fetches nothing once closed', async () => {
    const { pools, verifier } = await setUp({}, true);
    verifier.close();
    await expect(verifier.verify(pools.newPool.accessToken())).rejects.toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE' });
    expect(pools.newPool.fetches).toBe(0);
  });
});
