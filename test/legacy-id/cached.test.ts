import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { cached } from '../../src/legacy-id/cached.js';
import type { LegacyIdResolver } from '../../src/legacy-id/resolver.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { noteProcessFaults } from '../support/process-faults.js';
import { deferred, queryOf } from './support.js';

const faults = noteProcessFaults();

/** A cache over a resolver that answers from `users` and counts how often it is asked. */
function setUp(options: Parameters<typeof cached>[1] = {}) {
  const clock = new FakeClock();
  const users = new Map<string, string>();
  const source = vi.fn<LegacyIdResolver>(async ({ sub }) => users.get(sub));
  return { clock, users, source, resolve: cached(source, { clock, ...options }) };
}

describe('cached', () => {
  it('gives a remembered answer at once, without a promise', async () => {
    const { resolve, users, source } = setUp();
    users.set('a', 'legacy-a');
    expect(await resolve(queryOf({ sub: 'a' }))).toBe('legacy-a');
    expect(resolve(queryOf({ sub: 'a' }))).toBe('legacy-a');
    expect(source).toHaveBeenCalledOnce();
  });

  it.each([
    ['their sub', 'a'],
    ['their legacy id', 'legacy-a'],
    ['their legacy id in another case', 'LEGACY-A'],
  ])('forgets one user by %s, and everybody when nobody is named', async (_, name) => {
    const { resolve, users, source } = setUp();
    users.set('a', 'legacy-a').set('b', 'legacy-b');
    const both = async () => [await resolve(queryOf({ sub: 'a' })), await resolve(queryOf({ sub: 'b' }))];
    await both();
    users.set('a', 'corrected').set('b', 'corrected, too');
    resolve.forget?.(name);
    expect(await both()).toEqual(['corrected', 'legacy-b']);
    resolve.forget?.();
    expect(await both()).toEqual(['corrected', 'corrected, too']);
    expect(source).toHaveBeenCalledTimes(5);
  });

  it('survives a resolver that forgets later, and fails', async () => {
    const resolver = Object.assign(async () => 'legacy-a', { forget: () => Promise.reject(new Error('down')) });
    cached(resolver as unknown as LegacyIdResolver).forget?.('a');
    await settled();
    expect(faults).toEqual([]);
  });

  it('forgets users without a legacy id with everybody, not with anybody else', async () => {
    const { resolve, source } = setUp();
    for (const forgotten of ['b', undefined]) {
      source.mockClear();
      await resolve(queryOf({ sub: 'a' }));
      resolve.forget?.(forgotten);
      await resolve(queryOf({ sub: 'a' }));
    }
    expect(source).toHaveBeenCalledTimes(1);
  });

  it('still shares a later lookup after an earlier one, which was forgotten, has ended', async () => {
    const answers = [deferred<string>(), deferred<string>(), deferred<string>()];
    let asked = 0;
    const resolve = cached(() => answers[asked++]!.promise, { clock: new FakeClock() });
    const first = resolve(queryOf({ sub: 'a' }));
    resolve.forget?.('a');
    const second = resolve(queryOf({ sub: 'a' }));
    answers[0]!.resolve('old');
    await first;
    const third = resolve(queryOf({ sub: 'a' }));
    expect(asked).toBe(2);
    answers[1]!.resolve('new');
    expect(await Promise.all([second, third])).toEqual(['new', 'new']);
  });

  it('neither remembers nor shares an answer that was on its way when it was told to forget', async () => {
    const answers = [deferred<string>(), deferred<string>()];
    let asked = 0;
    const resolve = cached(() => answers[asked++]!.promise, { clock: new FakeClock() });
    const before = resolve(queryOf({ sub: 'a' }));
    resolve.forget?.('a');
    const after = resolve(queryOf({ sub: 'a' }));
    answers[1]!.resolve('corrected');
    expect(await after).toBe('corrected');
    answers[0]!.resolve('wrong');
    expect(await before).toBe('wrong');
    expect(resolve(queryOf({ sub: 'a' }))).toBe('corrected');
  });

  it('remembers a legacy id for ttlSeconds and no longer', async () => {
    const { resolve, users, source, clock } = setUp({ ttlSeconds: 100 });
    users.set('a', 'before');
    await resolve(queryOf({ sub: 'a' }));
    users.set('a', 'after');
    await clock.advance(99_999);
    expect(await resolve(queryOf({ sub: 'a' }))).toBe('before');
    await clock.advance(1);
    expect(await resolve(queryOf({ sub: 'a' }))).toBe('after');
    expect(source).toHaveBeenCalledTimes(2);
  });

  it('remembers that there is none for missingTtlSeconds, so that a user mapped meanwhile is found', async () => {
    const { resolve, users, source, clock } = setUp({ missingTtlSeconds: 10 });
    expect(await resolve(queryOf({ sub: 'a' }))).toBeUndefined();
    users.set('a', 'legacy-a');
    await clock.advance(9_999);
    expect(resolve(queryOf({ sub: 'a' }))).toBeUndefined();
    await clock.advance(1);
    expect(await resolve(queryOf({ sub: 'a' }))).toBe('legacy-a');
    expect(source).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['back', -86_400_000],
    ['forward', 86_400_000],
  ])('remembers as long as it should when the wall clock is set %s', async (_name, byMs) => {
    const { resolve, users, source, clock } = setUp({ ttlSeconds: 100, missingTtlSeconds: 10 });
    users.set('a', 'before');
    await resolve(queryOf({ sub: 'a' }));
    await resolve(queryOf({ sub: 'b' }));
    users.set('a', 'after').set('b', 'mapped');
    clock.setWallClock(byMs);
    await clock.advance(9_999);
    expect(resolve(queryOf({ sub: 'b' }))).toBeUndefined();
    expect(resolve(queryOf({ sub: 'a' }))).toBe('before');
    await clock.advance(1);
    expect(await resolve(queryOf({ sub: 'b' }))).toBe('mapped');
    await clock.advance(90_000);
    expect(await resolve(queryOf({ sub: 'a' }))).toBe('after');
    expect(source).toHaveBeenCalledTimes(4);
  });

  it('remembers nothing where the time is 0', async () => {
    const { resolve, users, source } = setUp({ ttlSeconds: 0, missingTtlSeconds: 0 });
    users.set('a', 'legacy-a');
    for (const sub of ['a', 'a', 'b', 'b']) await resolve(queryOf({ sub }));
    expect(source).toHaveBeenCalledTimes(4);
  });

  it('pushes nobody out for users who are not remembered', async () => {
    const { resolve, users, source } = setUp({ missingTtlSeconds: 0, maxEntries: 4 });
    users.set('a', 'legacy-a');
    for (const sub of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'a']) await resolve(queryOf({ sub }));
    expect(source.mock.calls.filter(([{ sub }]) => sub === 'a')).toHaveLength(1);
  });

  it('never remembers a failure, of whichever kind', async () => {
    const { resolve, users, source } = setUp();
    users.set('a', 'legacy-a');
    source.mockRejectedValueOnce(new Error('down'));
    await expect(resolve(queryOf({ sub: 'a' }))).rejects.toThrow('down');
    source.mockImplementationOnce(() => {
      throw new Error('down at once');
    });
    expect(() => resolve(queryOf({ sub: 'a' }))).toThrow('down at once');
    source.mockResolvedValueOnce('');
    await expect(resolve(queryOf({ sub: 'a' }))).rejects.toThrow(TypeError);
    expect(await resolve(queryOf({ sub: 'a' }))).toBe('legacy-a');
  });

  it('tells the same sub of two pools apart', async () => {
    const resolve = cached(async ({ userPoolId }) => `id-in-${userPoolId}`);
    expect(await resolve(queryOf({ userPoolId: 'one' }))).toBe('id-in-one');
    expect(await resolve(queryOf({ userPoolId: 'two' }))).toBe('id-in-two');
    expect(resolve(queryOf({ userPoolId: 'two' }))).toBe('id-in-two');
    expect(await resolve(queryOf({ userPoolId: 'one' }))).toBe('id-in-one');
    const both = ['one', 'two'].map(async (userPoolId) => resolve(queryOf({ userPoolId, sub: 'other' })));
    expect(await Promise.all(both)).toEqual(['id-in-one', 'id-in-two']);
  });

  it('asks once for all who ask at the same time, and gives all of them the failure too', async () => {
    const { resolve, source } = setUp();
    const answer = deferred<string>();
    source.mockReturnValueOnce(answer.promise);
    const waiting = [1, 2, 3].map(async () => resolve(queryOf({ sub: 'a' })));
    answer.resolve('legacy-a');
    expect(await Promise.all(waiting)).toEqual(['legacy-a', 'legacy-a', 'legacy-a']);

    const failure = deferred<string>();
    source.mockReturnValueOnce(failure.promise);
    const failing = [1, 2].map(async () => resolve(queryOf({ sub: 'b' })));
    failure.reject(new Error('down'));
    expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(source).toHaveBeenCalledTimes(2);
  });

  it('lets one caller leave without taking the answer from the others', async () => {
    const { resolve, source } = setUp();
    const answer = deferred<string>();
    source.mockReturnValueOnce(answer.promise);
    const leaving = new AbortController();
    const first = resolve(queryOf({ sub: 'a', signal: leaving.signal }));
    const second = resolve(queryOf({ sub: 'a' }));
    leaving.abort();
    expect(source.mock.calls[0]?.[0].signal.aborted).toBe(false);
    answer.resolve('legacy-a');
    expect(await second).toBe('legacy-a');
    expect(await first).toBe('legacy-a');
  });

  it('gives up a lookup that hangs, tells the resolver, and asks again for the next caller', async () => {
    const { resolve, users, source, clock } = setUp({ timeoutMs: 500 });
    users.set('a', 'legacy-a');
    source.mockReturnValueOnce(new Promise(() => {}));
    const refused = expect(resolve(queryOf({ sub: 'a' }))).rejects.toThrow('no answer within 500 ms');
    await clock.advance(500);
    await refused;
    expect(source.mock.calls[0]?.[0].signal.aborted).toBe(true);
    expect(await resolve(queryOf({ sub: 'a' }))).toBe('legacy-a');
    expect(clock.sleeping).toBe(0);
  });

  it('stays within maxEntries and keeps those in use', async () => {
    const { resolve, users, source } = setUp({ maxEntries: 100 });
    users.set('regular', 'legacy-regular');
    for (let n = 0; n < 1_000; n++) {
      await resolve(queryOf({ sub: 'regular' }));
      await resolve(queryOf({ sub: `passing-${n}` }));
    }
    expect(source.mock.calls.filter(([{ sub }]) => sub === 'regular')).toHaveLength(1);

    source.mockClear();
    for (let n = 0; n < 900; n++) await resolve(queryOf({ sub: `passing-${n}` }));
    expect(source).toHaveBeenCalledTimes(900);
  });

  it('takes answers that come without a promise as they are', () => {
    const source = vi.fn<LegacyIdResolver>(() => 'legacy-a');
    const resolve = cached(source);
    expect(resolve(queryOf())).toBe('legacy-a');
    expect(resolve(queryOf())).toBe('legacy-a');
    expect(source).toHaveBeenCalledOnce();
  });

  it.each([
    { maxEntries: 1 },
    { maxEntries: 10_000_001 },
    { maxEntries: 2.5 },
    { ttlSeconds: -1 },
    { missingTtlSeconds: 3601 },
    { timeoutMs: 0 },
    { timeoutMs: '5' },
    { maxSize: 5 },
  ])('refuses the options %j', (options) => {
    expect(() => Reflect.apply(cached, undefined, [() => 'a', options])).toThrow(ConfigurationError);
  });

  it('refuses what is not a resolver', () => {
    expect(() => Reflect.apply(cached, undefined, [new Map()])).toThrow(ConfigurationError);
  });
});
