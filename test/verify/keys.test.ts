import { describe, expect, it } from 'vitest';
import { PoolKeys } from '../../src/verify/keys.js';
import { checkPools, type Pool } from '../../src/verify/pool-options.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { issuerKey } from '../support/issuer.js';
import { KeyEndpoint } from '../support/key-endpoint.js';

const [first, second] = [issuerKey('first'), issuerKey('second')];
const jwks = { keys: [first.jwk] };
const poolWith = (options: object = {}): Pool =>
  checkPools(undefined, { userPoolId: 'eu-west-1_New000000', clientIds: null, ...options })[0]!;

function start(pool = poolWith(), random = () => 0, awaitRefresh = false) {
  const clock = new FakeClock();
  const endpoint = new KeyEndpoint(clock, jwks);
  const settings = {
    fetch: endpoint.fetch,
    timeoutMs: 3_000,
    refreshSeconds: 3_600,
    maxStaleSeconds: 86_400,
    cooldownSeconds: 30,
    awaitRefresh,
    random,
  };
  const events: Parameters<ConstructorParameters<typeof PoolKeys>[3]>[0][] = [];
  const keys = new PoolKeys(pool, settings, { now: clock.now, passed: clock.monotonic }, (event) => events.push(event));
  const find = async (kid: string) => keys.find(kid, clock.monotonic(), true);
  return { clock, endpoint, keys, events, find };
}

describe('the keys of a pool', () => {
  it('are fetched by the first who asks, and found at once afterwards', async () => {
    const { clock, endpoint, keys } = start();
    const asked = keys.find('first', clock.monotonic(), true);
    expect(asked).toBeInstanceOf(Promise);
    expect((await asked).equals(first.publicKey)).toBe(true);
    expect(keys.find('first', clock.monotonic(), true)).toBe(await asked);
    expect(endpoint.askedAt).toEqual([0]);
  });

  it('that were given need no fetch', async () => {
    const { clock, endpoint, events, find } = start(poolWith({ jwks }));
    expect((await find('first')).equals(first.publicKey)).toBe(true);
    await expect(find('second')).rejects.toMatchObject({ code: 'ERR_KEY_NOT_FOUND', pool: 'new' });
    await clock.advance(90_000_000);
    expect((await find('first')).equals(first.publicKey)).toBe(true);
    expect([endpoint.askedAt, events]).toEqual([[], []]);
  });

  it('change their generation when they change, and only then', async () => {
    const { endpoint, keys, events } = start();
    await keys.load();
    const { generation } = keys;
    await keys.refresh();
    expect(keys.generation).toBe(generation);
    endpoint.publish({ keys: [second.jwk] });
    await keys.refresh();
    expect(keys.generation).toBe(generation + 1);
    expect(events.map(({ outcome }) => outcome)).toEqual(['refreshed', 'unchanged', 'refreshed']);
  });

  it('are fresh, then stale, then missing, while they cannot be fetched', async () => {
    const { clock, endpoint, keys } = start();
    expect(keys.status()).toMatchObject({ keys: 'missing', userPoolId: 'eu-west-1_New000000' });
    expect(keys.status()).not.toHaveProperty('fetchedAt');
    await keys.load();
    expect(keys.status()).toMatchObject({ keys: 'fresh', fetchedAt: new Date(clock.now()) });
    endpoint.status = 500;
    await clock.advance(3_600_000);
    expect(keys.status().keys).toBe('stale');
    await clock.advance(86_400_000);
    expect(keys.status().keys).toBe('missing');
    await expect(keys.load()).rejects.toThrow('answered 500');
  });

  it('that are unavailable say when to try again', async () => {
    const { clock, endpoint, find } = start();
    endpoint.status = 500;
    for (const retryAfterSeconds of [1, 2, 4]) {
      await expect(find('first')).rejects.toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE', retryAfterSeconds });
      await clock.advance(retryAfterSeconds * 1_000);
    }
    expect(endpoint.askedAt).toEqual([0, 1, 3]);
  });

  it('that are being fetched are waited for, though the last fetch failed a moment ago', async () => {
    const { endpoint, keys, find } = start();
    endpoint.status = 500;
    await expect(keys.load()).rejects.toThrow('answered 500');
    endpoint.hold = true;
    const refreshed = keys.refresh();
    await settled();
    const found = Promise.all([find('first'), keys.load(), refreshed]);
    endpoint.held[0]!.answer(endpoint.body);
    expect((await found)[0].equals(first.publicKey)).toBe(true);
    expect(endpoint.askedAt).toHaveLength(2);
  });

  it('are waited for where the process may be frozen, and stay in use if they cannot be fetched', async () => {
    const { clock, endpoint, keys } = start(poolWith(), () => 0, true);
    await keys.load();
    await clock.advance(3_600_000);
    await keys.load();
    expect(keys.status().keys).toBe('fresh');
    await clock.advance(3_600_000);
    endpoint.status = 500;
    await keys.load();
    expect(keys.status().keys).toBe('stale');
  });

  it('are not fetched again for unknown kids before the cooldown is over', async () => {
    const { clock, endpoint, keys, find } = start();
    await keys.load();
    for (const seconds of [0, 29, 1]) {
      await clock.advance(seconds * 1_000);
      await expect(find('second')).rejects.toMatchObject({ code: 'ERR_KEY_NOT_FOUND' });
    }
    expect(endpoint.askedAt).toEqual([0, 0, 30]);
  });

  it('are waited for by a bounded number, again and again', async () => {
    const { clock, endpoint, find } = start();
    endpoint.hold = true;
    for (const round of [0, 1]) {
      const waiting = Array.from({ length: 1_000 }, () => find('third').catch(({ code }) => code));
      await expect(find('first')).rejects.toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE' });
      endpoint.held[round]!.answer(endpoint.body);
      expect(new Set(await Promise.all(waiting))).toEqual(new Set(['ERR_KEY_NOT_FOUND']));
      await clock.advance(90_000_000);
    }
  });

  it('are not fetched, and no failure is told, after close', async () => {
    const { clock, endpoint, keys, events, find } = start();
    await keys.load();
    keys.close();
    await clock.advance(3_600_000);
    expect((await find('first')).equals(first.publicKey)).toBe(true);
    await expect(find('second')).rejects.toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE' });
    await settled();
    expect([endpoint.askedAt, events.map(({ outcome }) => outcome)]).toEqual([[0], ['refreshed']]);
    expect(keys.status()).not.toHaveProperty('nextTryAt');
  });

  it.each([
    [0, 3_600],
    [0.5, 3_420],
    [0.999, 3_241],
  ])('are refreshed before they are too old, each process at a time of its own: %d', async (random, seconds) => {
    const { clock, endpoint, keys, find } = start(poolWith(), () => random);
    await keys.load();
    for (const round of [1, 2]) {
      clock.freeze((seconds - 1) * 1_000);
      await find('first');
      await settled();
      expect(endpoint.askedAt).toHaveLength(round);
      expect(keys.status().keys).toBe('fresh');
      clock.freeze(1_000);
      await find('first');
      await settled();
      expect(endpoint.askedAt).toHaveLength(round + 1);
    }
  });

  it('are spread anew at every refresh, so that a fleet does not stay in step', async () => {
    const draws = [0, 0.5, 0];
    const { clock, endpoint, keys, find } = start(poolWith(), () => draws.shift() ?? 0);
    await keys.load();
    for (let minute = 0; minute < 120; minute += 1) {
      clock.freeze(60_000);
      await find('first');
      await settled();
    }
    expect(endpoint.askedAt).toEqual([0, 3_420, 7_020]);
  });

  it('tell of each fetch how long it took, and why it failed', async () => {
    const { clock, endpoint, keys, events } = start();
    endpoint.hold = true;
    const common = { pool: 'new', userPoolId: 'eu-west-1_New000000' } as const;
    await clock.advance(1_000);
    const loading = keys.load();
    clock.freeze(250);
    endpoint.held[0]?.answer(endpoint.body);
    await loading;
    expect(events).toStrictEqual([{ ...common, outcome: 'refreshed', durationMs: 250 }]);
    const again = keys.refresh();
    await settled();
    endpoint.held[1]!.answer('no JSON');
    await expect(again).rejects.toThrow();
    expect(events[1]).toStrictEqual({ ...common, outcome: 'failed', durationMs: 0, error: expect.any(Error) });
  });

  it('are not loaded again before the pause after a failure is over, and the failure is told again', async () => {
    const { clock, endpoint, keys } = start();
    endpoint.status = 500;
    await expect(keys.load()).rejects.toThrow('answered 500');
    await expect(keys.load()).rejects.toThrow('answered 500');
    expect(endpoint.askedAt).toEqual([0]);
    keys.close();
    await clock.advance(3_600_000);
    await expect(keys.load()).rejects.toThrow('answered 500');
    expect(endpoint.askedAt).toEqual([0]);
  });

  it('cannot be refreshed where they were given, and are always fresh', async () => {
    const { clock, endpoint, keys } = start(poolWith({ jwks }));
    await keys.refresh();
    await keys.load();
    await clock.advance(40 * 86_400_000);
    expect([keys.usable(clock.monotonic(), true), endpoint.askedAt]).toEqual([true, []]);
    expect(keys.status()).toStrictEqual({
      ...{ pool: 'new', userPoolId: 'eu-west-1_New000000', keys: 'fresh' },
      fetchedAt: expect.any(Date),
    });
  });
});
