import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { cached } from '../../src/legacy-id/cached.js';
import { type GuardOptions, guarded } from '../../src/legacy-id/guarded.js';
import type { LegacyIdResolver } from '../../src/legacy-id/resolver.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { deferred, queryOf } from './support.js';

const outage = new Error('down');

function setUp(options: GuardOptions = {}) {
  const clock = new FakeClock();
  const source = vi.fn<LegacyIdResolver>(async ({ sub }) => `legacy-${sub}`);
  return { clock, source, resolve: guarded(source, { clock, ...options }) };
}

const ask = async (resolve: LegacyIdResolver, sub = 'a') => resolve(queryOf({ sub }));

async function failTimes(resolve: LegacyIdResolver, times: number) {
  for (let n = 0; n < times; n++) await expect(ask(resolve)).rejects.toThrow();
}

describe('guarded', () => {
  it('passes answers and failures on', async () => {
    const { source, resolve } = setUp();
    expect(await ask(resolve)).toBe('legacy-a');
    source.mockReturnValueOnce(undefined);
    expect(await ask(resolve)).toBeUndefined();
    source.mockRejectedValueOnce(outage);
    await expect(ask(resolve)).rejects.toBe(outage);
    source.mockResolvedValueOnce('');
    await expect(ask(resolve)).rejects.toThrow(TypeError);
  });

  it('asks at most maxConcurrent at once', async () => {
    const { source, resolve } = setUp({ maxConcurrent: 3 });
    let under = 0;
    let most = 0;
    source.mockImplementation(async ({ sub }) => {
      under += 1;
      most = Math.max(most, under);
      await settled();
      under -= 1;
      return sub;
    });
    await Promise.all(Array.from({ length: 40 }, (_, n) => ask(resolve, `${n}`)));
    expect(most).toBe(3);
    expect(source).toHaveBeenCalledTimes(40);
  });

  it('sets no pace where maxPerSecond is null, and passes forget on', async () => {
    const { source, resolve } = setUp({ maxPerSecond: null, maxConcurrent: 1 });
    await Promise.all(Array.from({ length: 20 }, (_, n) => ask(resolve, `${n}`)));
    expect(source).toHaveBeenCalledTimes(20);
    const forget = vi.fn();
    guarded(Object.assign(() => 'a', { forget })).forget?.('a');
    expect(forget).toHaveBeenCalledExactlyOnceWith('a');
  });

  it('asks for those who wait after a failure that opens nothing yet', async () => {
    const { source, resolve } = setUp({ maxConcurrent: 1, failuresToOpen: 2 });
    source.mockRejectedValueOnce(outage);
    const [first, second] = await Promise.allSettled([ask(resolve, 'a'), ask(resolve, 'b')]);
    expect(first).toMatchObject({ status: 'rejected', reason: outage });
    expect(second).toEqual({ status: 'fulfilled', value: 'legacy-b' });
  });

  it('counts a failure that isOutage cannot judge, and starts anew after one that is no outage', async () => {
    const judged = setUp({
      failuresToOpen: 2,
      isOutage: (error) => {
        if (error === outage) throw new Error('cannot judge');
        return false;
      },
    });
    judged.source.mockRejectedValueOnce(outage).mockRejectedValueOnce(new Error('no outage'));
    judged.source.mockRejectedValueOnce(outage);
    await failTimes(judged.resolve, 3);
    expect(await ask(judged.resolve)).toBe('legacy-a');
    judged.source.mockRejectedValueOnce(outage).mockRejectedValueOnce(outage);
    await failTimes(judged.resolve, 2);
    await expect(ask(judged.resolve)).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE', cause: outage });
  });

  it('refuses at once when the source failed often enough in a row, without asking it', async () => {
    const { source, resolve, clock } = setUp({ failuresToOpen: 3, openSeconds: 10 });
    source.mockRejectedValue(outage);
    await failTimes(resolve, 3);
    await clock.advance(2_500);
    await expect(ask(resolve)).rejects.toMatchObject({
      code: 'ERR_LEGACY_ID_UNAVAILABLE',
      status: 503,
      retryAfterSeconds: 8,
      cause: outage,
    });
    expect(source).toHaveBeenCalledTimes(3);
  });

  it.each([
    ['back', -86_400_000],
    ['forward', 86_400_000],
  ])('asks again after openSeconds when the wall clock is set %s', async (_name, byMs) => {
    const { source, resolve, clock } = setUp({ failuresToOpen: 1, openSeconds: 30, maxPerSecond: 1, maxConcurrent: 1 });
    source.mockRejectedValueOnce(outage);
    await failTimes(resolve, 1);
    clock.setWallClock(byMs);
    await expect(ask(resolve)).rejects.toMatchObject({ retryAfterSeconds: 30 });
    await clock.advance(30_000);
    expect(await ask(resolve)).toBe('legacy-a');
  });

  it('tries with one lookup after openSeconds, and serves everyone again when it succeeds', async () => {
    const { source, resolve, clock } = setUp({ failuresToOpen: 2, openSeconds: 10 });
    source.mockRejectedValueOnce(outage).mockRejectedValueOnce(outage);
    await failTimes(resolve, 2);
    await clock.advance(10_000);
    const probe = deferred<string>();
    source.mockReturnValueOnce(probe.promise);
    const probing = ask(resolve);
    await settled();
    await expect(ask(resolve)).rejects.toMatchObject({ retryAfterSeconds: 1 });
    probe.resolve('legacy-a');
    expect(await probing).toBe('legacy-a');
    expect(await ask(resolve, 'b')).toBe('legacy-b');
    expect(source).toHaveBeenCalledTimes(4);
  });

  it('tries with one lookup, however many come at once', async () => {
    const { source, resolve, clock } = setUp({ failuresToOpen: 1, openSeconds: 10 });
    source.mockRejectedValueOnce(outage);
    await failTimes(resolve, 1);
    await clock.advance(10_000);
    const results = await Promise.allSettled([ask(resolve, 'a'), ask(resolve, 'b'), ask(resolve, 'c')]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(source).toHaveBeenCalledTimes(2);
  });

  it('refuses those who wait as soon as the source counts as down, and not at their turn', async () => {
    const { source, resolve } = setUp({ maxConcurrent: 1, maxPerSecond: 1, failuresToOpen: 1 });
    const first = deferred<string>();
    source.mockReturnValueOnce(first.promise);
    const failures = Promise.allSettled([ask(resolve, 'a'), ask(resolve, 'b'), ask(resolve, 'c')]);
    await settled();
    first.reject(outage);
    expect(await failures).toMatchObject([
      { reason: outage },
      { reason: { retryAfterSeconds: 10 } },
      { reason: { retryAfterSeconds: 10 } },
    ]);
    expect(source).toHaveBeenCalledOnce();
  });

  it('gives up a lookup after timeoutMs, tells the source, and counts it as a failure', async () => {
    const { source, resolve, clock } = setUp({ timeoutMs: 300, failuresToOpen: 1, maxConcurrent: 1 });
    source.mockReturnValueOnce(new Promise(() => {}));
    const refused = expect(ask(resolve)).rejects.toThrow('no answer within 300 ms');
    await clock.advance(300);
    await refused;
    expect(source.mock.calls[0]?.[0].signal.aborted).toBe(true);
    await expect(ask(resolve)).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE' });
  });

  describe('a time limit from outside that is shorter than timeoutMs', () => {
    const late = (ms: number) => new DOMException(`not answered within ${ms} ms`, 'TimeoutError');

    /** Asks as a caller does who gives up after `ms`; answers how it ended. */
    function askWithin(resolve: LegacyIdResolver, clock: FakeClock, ms: number, reason: unknown = late(ms)) {
      const limit = new AbortController();
      const answer = (async () => resolve(queryOf({ signal: limit.signal })))();
      void clock.sleep(ms).then(() => limit.abort(reason));
      return answer.catch((error: unknown) => error);
    }

    const silent: readonly (readonly [string, LegacyIdResolver])[] = [
      ['is silent whatever its signal says', () => new Promise(() => {})],
      [
        'honours its signal',
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('aborted')));
          }),
      ],
      [
        'rejects with the reason of its signal',
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      ],
    ];

    it.each(silent)('opens the breaker for a source that %s', async (_name, answer) => {
      const { source, resolve, clock } = setUp({ failuresToOpen: 3, timeoutMs: 2_000 });
      source.mockImplementation(answer);
      for (let n = 0; n < 3; n++) {
        const failure = askWithin(resolve, clock, 1_000);
        await clock.advance(1_000);
        expect(await failure).toMatchObject({ name: 'TimeoutError' });
        expect(source.mock.lastCall?.[0].signal.aborted).toBe(true);
      }
      await expect(ask(resolve)).rejects.toMatchObject({
        code: 'ERR_LEGACY_ID_UNAVAILABLE',
        retryAfterSeconds: 10,
        cause: { name: 'TimeoutError' },
      });
      expect(source).toHaveBeenCalledTimes(3);
    });

    it('counts for a source that answers only after it', async () => {
      const { source, resolve, clock } = setUp({ failuresToOpen: 1 });
      source.mockImplementation(async ({ sub }) => clock.sleep(1_500).then(() => sub));
      const failure = askWithin(resolve, clock, 1_000);
      await clock.advance(1_500);
      expect(await failure).toMatchObject({ name: 'TimeoutError' });
      await expect(ask(resolve)).rejects.toMatchObject({ status: 503 });
    });

    it('gives the place back, as timeoutMs does', async () => {
      const { source, resolve, clock } = setUp({ maxConcurrent: 1, failuresToOpen: 2 });
      source.mockReturnValueOnce(new Promise(() => {}));
      const failure = askWithin(resolve, clock, 1_000);
      await clock.advance(1_000);
      await failure;
      expect(await ask(resolve)).toBe('legacy-a');
    });

    it.each([
      ['an Error', new Error('the client hung up')],
      ['an AbortError', new DOMException('gone', 'AbortError')],
      ['a string', 'gone'],
      ['null', null],
    ])('tells nothing when the caller left instead, with %s', async (_name, reason) => {
      const { source, resolve, clock } = setUp({ failuresToOpen: 1 });
      source.mockReturnValueOnce(new Promise(() => {}));
      const failure = askWithin(resolve, clock, 1_000, reason);
      await clock.advance(1_000);
      expect(await failure).toBe(reason);
      expect(await ask(resolve)).toBe('legacy-a');
    });

    it('tells nothing about the source when it ends while waiting for a turn, and leaves the queue', async () => {
      const { source, resolve, clock } = setUp({ maxConcurrent: 1, maxWaiting: 1, failuresToOpen: 1 });
      const first = deferred<string>();
      source.mockReturnValueOnce(first.promise);
      const slow = ask(resolve, 'slow');
      const failure = askWithin(resolve, clock, 1_000);
      await clock.advance(1_000);
      expect(await failure).toMatchObject({ name: 'TimeoutError' });
      // There is room for another one to wait, and nobody in front of it.
      const next = ask(resolve, 'next');
      first.resolve('legacy-slow');
      expect(await Promise.all([slow, next])).toEqual(['legacy-slow', 'legacy-next']);
      expect(source).toHaveBeenCalledTimes(2);
    });

    it('tells nothing about the source when most of it went by waiting for a turn', async () => {
      const { source, resolve, clock } = setUp({ maxConcurrent: 1, failuresToOpen: 1 });
      source.mockImplementation(async ({ sub }) => clock.sleep(600).then(() => sub));
      const first = ask(resolve, 'first');
      const failure = askWithin(resolve, clock, 1_000);
      await clock.advance(1_200);
      expect(await failure).toMatchObject({ name: 'TimeoutError' });
      expect(await first).toBe('first');
      const third = ask(resolve, 'third');
      await clock.advance(600);
      expect(await third).toBe('third');
    });

    it('counts when the source had half of it', async () => {
      const { source, resolve, clock } = setUp({ maxConcurrent: 1, failuresToOpen: 1 });
      source.mockImplementationOnce(async ({ sub }) => clock.sleep(500).then(() => sub));
      source.mockReturnValueOnce(new Promise(() => {}));
      const first = ask(resolve, 'first');
      const failure = askWithin(resolve, clock, 1_000);
      await clock.advance(500);
      expect(await first).toBe('first');
      await clock.advance(500);
      expect(await failure).toMatchObject({ name: 'TimeoutError' });
      await expect(ask(resolve)).rejects.toMatchObject({ status: 503 });
    });

    it('does not ask for a caller whose time is up at the moment of their turn', async () => {
      const { source, resolve } = setUp({ maxConcurrent: 1 });
      const first = deferred<string>();
      source.mockReturnValueOnce(first.promise);
      const slow = ask(resolve, 'slow');
      const limit = new AbortController();
      // The gate stops listening to the signal when it lets the caller in.
      const remove = limit.signal.removeEventListener.bind(limit.signal);
      limit.signal.removeEventListener = (...args: Parameters<AbortSignal['removeEventListener']>) => {
        remove(...args);
        limit.abort(late(500));
      };
      const failure = expect(async () => resolve(queryOf({ signal: limit.signal }))).rejects.toThrow('within 500 ms');
      first.resolve('legacy-slow');
      await Promise.all([slow, failure]);
      expect(await ask(resolve, 'next')).toBe('legacy-next');
      expect(source.mock.calls.map(([{ sub }]) => sub)).toEqual(['slow', 'next']);
    });

    it('counts when the limit is that of the cache around it', async () => {
      const { source, resolve, clock } = setUp({ failuresToOpen: 1, timeoutMs: 2_000 });
      const both = cached(resolve, { clock, timeoutMs: 500 });
      source.mockReturnValueOnce(new Promise(() => {}));
      const failure = expect(ask(both)).rejects.toThrow('no answer within 500 ms');
      await clock.advance(500);
      await failure;
      await expect(ask(both)).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE' });
    });
  });

  it('keeps the place of a caller who left until the source is done, or had its time', async () => {
    const { source, resolve, clock } = setUp({ maxConcurrent: 1, timeoutMs: 2_000 });
    source.mockReturnValueOnce(new Promise(() => {}));
    const leaving = new AbortController();
    const left = expect(async () => resolve(queryOf({ signal: leaving.signal }))).rejects.toThrow('gone');
    await settled();
    leaving.abort(new Error('gone'));
    await left;
    const next = ask(resolve, 'next');
    await clock.advance(1_999);
    expect(source).toHaveBeenCalledOnce();
    await clock.advance(1);
    expect(await next).toBe('legacy-next');
  });

  it('does not blame the source for callers who leave', async () => {
    const { source, resolve } = setUp({ failuresToOpen: 1 });
    source.mockImplementationOnce(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    const leaving = new AbortController();
    const left = expect(async () => resolve(queryOf({ signal: leaving.signal }))).rejects.toThrow('gone');
    await settled();
    leaving.abort(new Error('gone'));
    await left;
    expect(await ask(resolve)).toBe('legacy-a');
  });

  it('blames the source for a failure of its own, though the caller leaves at the same time', async () => {
    for (let turns = 0; turns < 20; turns++) {
      const { source, resolve } = setUp({ failuresToOpen: 1 });
      const failing = deferred<string>();
      source.mockReturnValueOnce(failing.promise);
      const leaving = new AbortController();
      const gone = new Error('gone');
      const failure = (async () => resolve(queryOf({ signal: leaving.signal })))().catch((error: unknown) => error);
      await settled();
      failing.reject(outage);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      leaving.abort(gone);
      const after = (await failure) === gone ? 'legacy-a' : expect.objectContaining({ status: 503 });
      expect(await ask(resolve).catch((error: unknown) => error)).toEqual(after);
    }
  });

  it('blames the source for a failure without a reason', async () => {
    const { source, resolve } = setUp({ failuresToOpen: 1 });
    source.mockRejectedValueOnce(undefined);
    await expect(ask(resolve)).rejects.toBeUndefined();
    await expect(ask(resolve)).rejects.toMatchObject({ status: 503 });
  });

  it('does not blame the source for failures that isOutage clears', async () => {
    const { source, resolve } = setUp({ failuresToOpen: 2, isOutage: (error) => error === outage });
    source.mockRejectedValueOnce(outage).mockRejectedValue(new Error('this token is revoked'));
    await failTimes(resolve, 10);
    expect(source).toHaveBeenCalledTimes(10);
  });

  it('counts a failure that isOutage itself fails to judge, and does not get stuck on it', async () => {
    const isOutage = () => {
      throw new RangeError('mine');
    };
    const { source, resolve, clock } = setUp({ failuresToOpen: 1, isOutage });
    source.mockRejectedValueOnce(outage).mockRejectedValueOnce(outage);
    await expect(ask(resolve)).rejects.toBe(outage);
    await clock.advance(10_000);
    await expect(ask(resolve)).rejects.toBe(outage);
    await clock.advance(10_000);
    expect(await ask(resolve)).toBe('legacy-a');
  });

  it('takes sources that answer or throw at once', async () => {
    const resolve = guarded(({ sub }) => {
      if (sub === 'bad') throw outage;
      return sub;
    });
    expect(await ask(resolve, 'good')).toBe('good');
    await expect(ask(resolve, 'bad')).rejects.toBe(outage);
  });

  it('under a cache, lets remembered users pass while the source is down', async () => {
    const { source, resolve, clock } = setUp({ failuresToOpen: 1 });
    const both = cached(resolve, { clock });
    await ask(both, 'known');
    source.mockRejectedValue(outage);
    await expect(ask(both, 'unknown')).rejects.toThrow();
    expect(both(queryOf({ sub: 'known' }))).toBe('legacy-known');
    await expect(ask(both, 'unknown')).rejects.toMatchObject({ status: 503, retryAfterSeconds: 10 });
  });

  it('answers a flood of 10 000 requests of 1 000 unmapped users with one lookup per user at most', async () => {
    let under = 0;
    let most = 0;
    const source = vi.fn<LegacyIdResolver>(async () => {
      under += 1;
      most = Math.max(most, under);
      await settled();
      under -= 1;
      return undefined;
    });
    // Its time limits must not end the flood on a busy machine.
    const clock = new FakeClock();
    const resolve = cached(guarded(source, { maxConcurrent: 8, maxWaiting: 1_000, clock }), { clock });
    const answers = await Promise.all(Array.from({ length: 10_000 }, (_, n) => ask(resolve, `user-${n % 1_000}`)));
    expect(new Set(answers)).toEqual(new Set([undefined]));
    expect(source).toHaveBeenCalledTimes(1_000);
    expect(most).toBe(8);
  });

  it.each([
    { maxConcurrent: 0 },
    { maxConcurrent: 1.5 },
    { maxPerSecond: 0 },
    { maxWaiting: -1 },
    { timeoutMs: 0 },
    { failuresToOpen: 0 },
    { openSeconds: 0 },
    { isOutage: true },
    { retries: 1 },
  ])('refuses the options %j', (options) => {
    expect(() => Reflect.apply(guarded, undefined, [() => 'a', options])).toThrow(ConfigurationError);
  });

  it('refuses what is not a resolver', () => {
    expect(() => Reflect.apply(guarded, undefined, [{}])).toThrow(ConfigurationError);
  });
});
