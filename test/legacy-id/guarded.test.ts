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

  it('tries with one look-up after openSeconds, and serves everyone again when it succeeds', async () => {
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

  it('tries with one look-up, however many come at once', async () => {
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

  it('gives up a look-up after timeoutMs, tells the source, and counts it as a failure', async () => {
    const { source, resolve, clock } = setUp({ timeoutMs: 300, failuresToOpen: 1, maxConcurrent: 1 });
    source.mockReturnValueOnce(new Promise(() => {}));
    const refused = expect(ask(resolve)).rejects.toThrow('no answer within 300 ms');
    await clock.advance(300);
    await refused;
    expect(source.mock.calls[0]?.[0].signal.aborted).toBe(true);
    await expect(ask(resolve)).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE' });
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

  it('does not blame the source for failures that isOutage clears', async () => {
    const { source, resolve } = setUp({ failuresToOpen: 2, isOutage: (error) => error === outage });
    source.mockRejectedValueOnce(outage).mockRejectedValue(new Error('this token is revoked'));
    await failTimes(resolve, 10);
    expect(source).toHaveBeenCalledTimes(10);
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

  it('answers a flood of 10 000 requests of 1 000 unmapped users with one look-up per user at most', async () => {
    let under = 0;
    let most = 0;
    const source = vi.fn<LegacyIdResolver>(async () => {
      under += 1;
      most = Math.max(most, under);
      await settled();
      under -= 1;
      return undefined;
    });
    const resolve = cached(guarded(source, { maxConcurrent: 8, maxWaiting: 1_000 }));
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

  it('refuses what is no resolver', () => {
    expect(() => Reflect.apply(guarded, undefined, [{}])).toThrow(ConfigurationError);
  });
});
