import { beforeEach, describe, expect, it, vi } from 'vitest';
import { remembered } from '../../../src/directory/lambda/remembered.js';
import { DirectoryError } from '../../../src/directory/user-types.js';
import { FakeClock, settled } from '../../support/fake-clock.js';

const throttled = new DirectoryError('throttled', 'DescribeUserPool', 'TooManyRequestsException', 'x');
const denied = new DirectoryError('credentials', 'DescribeUserPool', 'AccessDeniedException', 'x');
const MINUTE = 60_000;

let clock: FakeClock;
let signal: AbortSignal;
let ended: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  ended = new AbortController();
  signal = ended.signal;
});

/** Answers 1, 2, … unless told to fail or to hang. */
function source() {
  const state = { fails: undefined as Error | undefined, hangs: false, asked: 0 };
  const ask = (aborted: AbortSignal) => {
    state.asked++;
    if (state.hangs)
      return new Promise<number>((_, reject) => aborted.addEventListener('abort', () => reject(aborted.reason)));
    return state.fails === undefined ? Promise.resolve(state.asked) : Promise.reject(state.fails);
  };
  return { state, ask };
}

/** A middling random number: no interval is changed by it. */
const plain = { random: () => 0.5 };

describe('remembered', () => {
  it('asks again after five minutes', async () => {
    const question = remembered(source().ask, { clock, ...plain });
    expect([await question(signal), await question(signal)]).toEqual([1, 1]);
    await clock.advance(5 * MINUTE - 1);
    expect(await question(signal)).toBe(1);
    await clock.advance(1);
    expect(await question(signal)).toBe(2);
  });

  it.each([-1, 1])('measures passed time, not the time of day (%s year)', async (years) => {
    const question = remembered(source().ask, { clock, ...plain });
    await question(signal);
    clock.setWallClock(years * 365 * 24 * 60 * MINUTE);
    expect(await question(signal)).toBe(1);
    await clock.advance(5 * MINUTE);
    expect(await question(signal)).toBe(2);
  });

  it.each([
    [0, 3.75],
    [0.999_999, 6.25],
  ])('spreads the questions of functions that started together (%s: %s minutes)', async (random, minutes) => {
    const question = remembered(source().ask, { clock, random: () => random });
    await question(signal);
    await clock.advance((minutes - 0.1) * MINUTE);
    expect(await question(signal)).toBe(1);
    await clock.advance(0.1 * MINUTE);
    expect(await question(signal)).toBe(2);
  });

  it('asks once for all who ask at the same time', async () => {
    const { ask, state } = source();
    const question = remembered(ask, { clock, ...plain });
    expect(await Promise.all([question(signal), question(signal), question(signal)])).toEqual([1, 1, 1]);
    expect(state.asked).toBe(1);
  });
});

describe('a failure while nothing is known', () => {
  it('is tried again for as long as somebody waits', async () => {
    const { ask, state } = source();
    state.fails = throttled;
    const question = remembered(ask, { clock, ...plain });
    const answer = question(signal);
    await clock.advance(3000);
    state.fails = undefined;
    await clock.advance(500);
    await expect(answer).resolves.toBe(state.asked);
    expect(state.asked).toBeGreaterThan(2);
  });

  it('is thrown as it came to those who stop waiting, and not remembered', async () => {
    const { ask, state } = source();
    state.fails = throttled;
    const question = remembered(ask, { clock, ...plain });
    const answer = question(signal);
    answer.catch(() => {});
    await clock.advance(2500);
    ended.abort(new Error('too late'));
    await expect(answer).rejects.toBe(throttled);
    expect(clock.sleeping).toBe(0);
    state.fails = undefined;
    const { signal: later } = new AbortController();
    await expect(question(later)).resolves.toBe(state.asked);
  });

  it('that will not pass is thrown at once', async () => {
    const { ask, state } = source();
    state.fails = denied;
    await expect(remembered(ask, { clock })(signal)).rejects.toBe(denied);
    expect(state.asked).toBe(1);
  });
});

describe('a failure while an answer is known', () => {
  it.each([
    ['throttled', throttled],
    ['denied', denied],
  ])('costs nobody anything (%s), and is not repeated at every call', async (_name, fails) => {
    const { ask, state } = source();
    const question = remembered(ask, { clock, ...plain });
    await question(signal);
    await clock.advance(5 * MINUTE);
    state.fails = fails;
    expect([await question(signal), await question(signal)]).toEqual([1, 1]);
    expect(state.asked).toBe(2);
    await clock.advance(MINUTE);
    expect(await question(signal)).toBe(1);
    expect(state.asked).toBe(3);
    state.fails = undefined;
    await clock.advance(MINUTE);
    expect(await question(signal)).toBe(4);
  });

  it('that does not come is waited for a second, and leaves nothing running', async () => {
    const { ask, state } = source();
    const question = remembered(ask, { clock, ...plain });
    await question(signal);
    await clock.advance(5 * MINUTE);
    state.hangs = true;
    const answer = question(signal);
    await clock.advance(1000);
    await expect(answer).resolves.toBe(1);
    expect(clock.sleeping).toBe(0);
  });

  it('is none where the process was stopped, and the answer came meanwhile', async () => {
    const { state, ask } = source();
    let arrive = () => {};
    const late: typeof ask = (aborted) => {
      if (!state.hangs) return ask(aborted);
      return new Promise((resolve, reject) => {
        aborted.addEventListener('abort', () => reject(aborted.reason));
        arrive = () => resolve(2);
      });
    };
    const onFault = vi.fn();
    const question = remembered(late, { clock, ...plain, onFault });
    await question(signal);
    await clock.advance(5 * MINUTE);
    state.hangs = true;
    const asked = question(signal);
    clock.freeze(5_000);
    // Timers come first.
    await clock.advance(0);
    arrive();
    expect([await asked, onFault.mock.calls]).toEqual([2, []]);
  });

  it('counts after an hour: what decides about second factors is not for ever', async () => {
    const { ask, state } = source();
    const question = remembered(ask, { clock, ...plain });
    await question(signal);
    state.fails = denied;
    for (let minute = 0; minute < 59; minute++) {
      await clock.advance(MINUTE);
      expect(await question(signal)).toBe(1);
    }
    await clock.advance(MINUTE);
    await expect(question(signal)).rejects.toBe(denied);
  });
});

describe('onFault', () => {
  it('is told of each refresh that failed, and of nothing that is thrown', async () => {
    const { ask, state } = source();
    const onFault = vi.fn();
    const question = remembered(ask, { clock, ...plain, onFault });
    state.fails = denied;
    await expect(question(signal)).rejects.toBe(denied);
    expect(onFault).not.toHaveBeenCalled();
    state.fails = undefined;
    await question(signal);
    state.fails = denied;
    for (let minute = 0; minute < 7; minute++) {
      await clock.advance(MINUTE);
      await question(signal);
    }
    expect(onFault.mock.calls).toEqual([[denied], [denied], [denied]]);
  });
});

describe('those who wait', () => {
  it('do not lose the answer because another has stopped waiting', async () => {
    let answer: (value: string) => void = () => {};
    const ask = vi.fn(
      (asking: AbortSignal) =>
        new Promise<string>((resolve, reject) => {
          answer = resolve;
          asking.addEventListener('abort', () => reject(asking.reason));
        }),
    );
    const question = remembered(ask, { clock });
    const impatient = question(signal);
    const patient = question(new AbortController().signal);
    ended.abort(new Error('too late'));
    await expect(impatient).rejects.toThrow('too late');
    await settled();
    answer('x');
    await expect(patient).resolves.toBe('x');
    expect(ask).toHaveBeenCalledOnce();
  });

  it('abort the question when none is left, and the next asks again', async () => {
    const { ask, state } = source();
    state.hangs = true;
    const spied = vi.fn(ask);
    const question = remembered(spied, { clock });
    const waiting = question(signal);
    waiting.catch(() => {});
    await settled();
    ended.abort(new Error('too late'));
    await expect(waiting).rejects.toThrow('too late');
    expect(spied.mock.calls[0]?.[0].aborted).toBe(true);
    expect(clock.sleeping).toBe(0);
    state.hangs = false;
    await expect(question(new AbortController().signal)).resolves.toBe(2);
  });
});
