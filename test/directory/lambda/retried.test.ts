import { describe, expect, it, vi } from 'vitest';
import { retried } from '../../../src/directory/lambda/retried.js';
import { DirectoryError, type DirectoryErrorKind, isThrottle } from '../../../src/directory/user-types.js';
import { FakeClock } from '../../support/fake-clock.js';

const fault = (kind: DirectoryErrorKind) => new DirectoryError(kind, 'DescribeUserPool', 'X', 'x');
const { signal } = new AbortController();
/** The longest pauses there can be. */
const random = () => 1;

/** Fails so many times and then answers. */
const failing = (times: number, kind: DirectoryErrorKind = 'throttled') => {
  let made = 0;
  return vi.fn(async () => {
    if (made++ < times) throw fault(kind);
    return 'answer';
  });
};

describe('retried', () => {
  it.each(['throttled', 'unavailable'] as const)('repeats what is %s after pauses that double', async (kind) => {
    const clock = new FakeClock();
    const attempt = failing(4, kind);
    const answer = retried(attempt, { clock, signal, random });
    const made = [];
    for (const ms of [0, 199, 1, 399, 1, 799, 1, 999, 1]) {
      await clock.advance(ms);
      made.push(attempt.mock.calls.length);
    }
    expect(made).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5]);
    await expect(answer).resolves.toBe('answer');
    expect(clock.sleeping).toBe(0);
  });

  it('draws each pause from its whole window, so that callers who failed together come back apart', async () => {
    const clock = new FakeClock();
    const sleep = vi.spyOn(clock, 'sleep');
    const answer = retried(failing(2), { clock, signal, random: () => 0 });
    await clock.advance(0);
    await answer;
    expect(sleep.mock.calls.map(([ms]) => ms)).toEqual([0, 0]);
  });

  it.each(['credentials', 'refused', 'invalid', 'user-not-found', 'answer'] as const)(
    'throws what is %s as it came',
    async (kind) => {
      const attempt = failing(1, kind);
      await expect(retried(attempt, { clock: new FakeClock(), signal })).rejects.toMatchObject({ kind });
      expect(attempt).toHaveBeenCalledOnce();
    },
  );

  it('gives up after the attempts it has', async () => {
    const clock = new FakeClock();
    const attempt = failing(9);
    const answer = retried(attempt, { clock, signal, random, attempts: 3 });
    answer.catch(() => {});
    await clock.advance(10_000);
    await expect(answer).rejects.toMatchObject({ kind: 'throttled' });
    expect(attempt).toHaveBeenCalledTimes(3);
  });

  it('repeats only what it is told to', async () => {
    const attempt = failing(1, 'unavailable');
    const answer = retried(attempt, { clock: new FakeClock(), signal, repeats: isThrottle });
    await expect(answer).rejects.toMatchObject({ kind: 'unavailable' });
    expect(attempt).toHaveBeenCalledOnce();
  });

  it('stops when nobody waits any longer', async () => {
    const clock = new FakeClock();
    const ended = new AbortController();
    const answer = retried(failing(9), { clock, signal: ended.signal, random });
    answer.catch(() => {});
    await clock.advance(100);
    ended.abort(new Error('too late'));
    await expect(answer).rejects.toThrow('too late');
    expect(clock.sleeping).toBe(0);
  });
});
