import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { askedEvery, Gate, type Hold } from '../../../src/migrate/calls/gate.js';
import { FakeClock } from '../../support/fake-clock.js';

const never = new AbortController().signal;

function gate(...holds: Hold[]) {
  const clock = new FakeClock();
  const told: (string | undefined)[] = [];
  return { clock, told, gate: new Gate({ clock, holds, onWaiting: (reason) => told.push(reason) }) };
}

describe('the gate before each write', () => {
  it('is open where nothing holds it', async () => {
    const { gate: open, told, clock } = gate(() => undefined);
    expect(await open.pass(never)).toBe(false);
    expect([told, clock.sleeping]).toEqual([[], 0]);
  });

  it('holds all who come, tells the first reason, and opens for all within a second', async () => {
    const reasons: (string | undefined)[] = ['paused', 'outside 22:00-06:00'];
    const {
      gate: shut,
      told,
      clock,
    } = gate(
      () => reasons[0],
      async () => reasons[1],
    );
    const passed: number[] = [];
    const all = Promise.all(
      [1, 2, 3].map(async (one) => {
        expect(await shut.pass(never)).toBe(true);
        passed.push(one);
      }),
    );
    await clock.advance(2500);
    expect(new Set(told)).toEqual(new Set(['paused']));
    reasons[0] = undefined;
    await clock.advance(1000);
    expect(told.at(-1)).toBe('outside 22:00-06:00');
    expect(passed).toEqual([]);
    reasons[1] = undefined;
    await clock.advance(1000);
    await all;
    expect(passed.sort()).toEqual([1, 2, 3]);
    expect(told.at(-1)).toBeUndefined();
  });

  it.each(['at first', 'while it is shut'])('waits for nobody who is asked %s once the signal aborts', async (when) => {
    let asked = 0;
    const { gate: shut, clock } = gate(() => {
      asked += 1;
      return when === 'at first' || asked > 1 ? new Promise(() => {}) : 'busy';
    });
    const stop = new AbortController();
    const waiting = shut.pass(stop.signal);
    await clock.advance(1500);
    stop.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
  });

  it('holds again when it is closed again', async () => {
    let reason: string | undefined = 'paused';
    const { gate: one, told, clock } = gate(() => reason);
    for (const _ of ['first', 'second']) {
      reason = 'paused';
      const passing = one.pass(never);
      await clock.advance(500);
      reason = undefined;
      await clock.advance(500);
      expect(await passing).toBe(true);
    }
    expect(told).toEqual(['paused', undefined, 'paused', undefined]);
  });

  it('waits for no signal where the answer is there at once, and listens to none afterwards', async () => {
    const { gate: open } = gate(() => undefined);
    expect(await open.pass(AbortSignal.abort())).toBe(false);
    const { gate: asked } = gate(async () => undefined);
    const { signal } = new AbortController();
    await asked.pass(signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends waiting when the signal aborts', async () => {
    const { gate: shut } = gate(() => 'paused');
    const stop = new AbortController();
    const waiting = shut.pass(stop.signal);
    stop.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
  });
});

describe('a hold that is asked every ten seconds', () => {
  it('is asked once for all, and again when its answer is old', async () => {
    const clock = new FakeClock();
    let asked = 0;
    const hold = askedEvery(10_000, async () => `answer ${++asked}`, clock);
    expect(await Promise.all([hold(), hold()])).toEqual(['answer 1', 'answer 1']);
    await clock.advance(9_999);
    expect(await hold()).toBe('answer 1');
    await clock.advance(1);
    expect(await hold()).toBe('answer 2');
    await clock.advance(9_999);
    expect(await hold()).toBe('answer 2');
    await clock.advance(1);
    expect(await hold()).toBe('answer 3');
  });
});
