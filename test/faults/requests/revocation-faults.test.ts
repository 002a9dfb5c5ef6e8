import { expect, vi } from 'vitest';
import { HOUR_MS } from '../../../src/clock.js';
import { settled } from '../../support/fake-clock.js';
import { startTimeline } from '../../support/key-timeline.js';
import { verdict } from '../../support/outcome.js';
import { fault } from '../fault.js';

const UNAVAILABLE = 'ERR_REVOCATION_UNAVAILABLE';

fault(
  'isRevoked hangs under load',
  'at most 1 000 requests wait, three seconds each; the others get 503 at once, and all is well with the first answers',
  async (context) => {
    const fakeTimers = vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    context.onTestFinished(() => void vi.useRealTimers());
    let isDown = true;
    let asked = 0;
    const isRevoked = () => {
      asked += 1;
      return isDown ? new Promise<boolean>(() => {}) : Promise.resolve(false);
    };
    const { token, verifier } = await startTimeline(context, {}, { isRevoked });
    await verifier.hydrate();
    const one = token();
    let done = 0;
    const ask = async () => {
      const code = await verdict(verifier, one);
      done += 1;
      return code;
    };
    const answers = Array.from({ length: 3_000 }, ask);
    await settled();
    // In one go: one by one a thousand timers take long.
    fakeTimers.advanceTimersByTime(2_900);
    await settled();
    expect([asked, done]).toEqual([1_000, 2_000]);
    fakeTimers.advanceTimersByTime(200);
    await settled();
    expect(done).toBe(3_000);
    expect(new Set(await Promise.all(answers))).toEqual(new Set([UNAVAILABLE]));
    isDown = false;
    expect(new Set(await Promise.all(Array.from({ length: 900 }, ask)))).toEqual(new Set(['accepted']));
  },
);

fault(
  'the wall clock is set back or forward an hour while isRevoked does not answer',
  'the request gets 503 after three seconds, and neither earlier nor an hour later',
  async (context) => {
    const fakeTimers = vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    context.onTestFinished(() => void vi.useRealTimers());
    const { clock, token, verifier } = await startTimeline(context, {}, { isRevoked: () => new Promise(() => {}) });
    await verifier.hydrate();
    for (const step of [-HOUR_MS, HOUR_MS]) {
      let answer: string | undefined;
      const asked = verdict(verifier, token()).then((code) => {
        answer = code;
      });
      await fakeTimers.advanceTimersByTimeAsync(1_000);
      clock.setWallClock(step);
      const wall = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + step);
      await fakeTimers.advanceTimersByTimeAsync(1_900);
      expect(answer).toBeUndefined();
      await fakeTimers.advanceTimersByTimeAsync(200);
      wall.mockRestore();
      await asked;
      expect(answer).toBe(UNAVAILABLE);
    }
  },
);
