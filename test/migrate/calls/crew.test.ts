import { describe, expect, it } from 'vitest';
import { Crew } from '../../../src/migrate/calls/crew.js';

/** Rejects when the signal aborts, as a call that waits for its moment does. */
const waitFor = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

describe('a crew', () => {
  it('does every item once, so many at a time as it has workers', async () => {
    const done: number[] = [];
    let atOnce = 0;
    let most = 0;
    await new Crew(undefined).each(3, [1, 2, 3, 4, 5, 6, 7], async (item) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise(setImmediate);
      atOnce -= 1;
      done.push(item);
    });
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('ends when the turns answer that nothing is left', async () => {
    let left = 5;
    await new Crew(undefined).work(2, async () => {
      if (left === 0) return false;
      left -= 1;
      return true;
    });
    expect(left).toBe(0);
  });

  it('stops the others at the first failure, waits for them, and throws it', async () => {
    const crew = new Crew(undefined);
    const begun: number[] = [];
    const ended: number[] = [];
    const work = crew.each(2, [1, 2, 3, 4], async (item) => {
      begun.push(item);
      try {
        if (item === 1) await waitFor(crew.signal);
        throw new Error('the first failure');
      } finally {
        await new Promise(setImmediate);
        ended.push(item);
      }
    });
    await expect(work).rejects.toThrow('the first failure');
    expect(begun).toEqual([1, 2]);
    expect(ended.toSorted()).toEqual([1, 2]);
  });

  it('throws the first failure as it is, also one without a reason', async () => {
    await expect(new Crew(undefined).work(2, () => Promise.reject(undefined))).rejects.toBeUndefined();
  });

  it('ends with the reason of a signal that aborts, whatever fails afterwards', async () => {
    const stop = new AbortController();
    const crew = new Crew(stop.signal);
    const work = crew.each(1, [1, 2], async () => {
      stop.abort(new Error('interrupted'));
      throw new Error('a later failure');
    });
    await expect(work).rejects.toThrow('interrupted');
  });

  it('begins nothing where the signal has aborted already', async () => {
    const crew = new Crew(AbortSignal.abort(new Error('interrupted')));
    const begun: number[] = [];
    await expect(crew.each(1, [1], async (item) => void begun.push(item))).rejects.toThrow('interrupted');
    expect(begun).toEqual([]);
  });
});
