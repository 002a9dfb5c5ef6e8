import { describe, expect, it } from 'vitest';
import { Gate, type GateLimits } from '../../src/legacy-id/lookup-gate.js';
import { FakeClock, settled } from '../support/fake-clock.js';

const never = () => new AbortController().signal;

function setUp(limits: Partial<GateLimits>) {
  const clock = new FakeClock();
  const gate = new Gate({ maxConcurrent: 2, maxPerSecond: null, maxWaiting: 100, ...limits }, clock);
  const entered: string[] = [];
  const refused: string[] = [];
  const come = (name: string, signal: AbortSignal = never()) =>
    void gate.enter(signal).then(
      () => entered.push(name),
      () => refused.push(name),
    );
  return { clock, gate, entered, refused, come };
}

describe('Gate', () => {
  it('lets no more in at once than it may, the others in their order as soon as one leaves', async () => {
    const { gate, entered, come } = setUp({});
    for (const name of ['a', 'b', 'c', 'd']) come(name);
    await settled();
    expect(entered).toEqual(['a', 'b']);
    gate.leave();
    await settled();
    expect(entered).toEqual(['a', 'b', 'c']);
  });

  it.each([
    [null, 4, 1],
    [10, 4, 1],
    [2, 5, 3],
  ])('of %j a second says after how long to come back, where %d wait: %d s', async (maxPerSecond, maxWaiting, s) => {
    const { gate, come } = setUp({ maxConcurrent: 1, maxPerSecond, maxWaiting });
    for (let n = 0; n <= maxWaiting; n++) come(`${n}`);
    await expect(gate.enter(never())).rejects.toMatchObject({ retryAfterSeconds: s });
  });

  it('waits for its pace once, however many wait', async () => {
    const { clock, gate, come } = setUp({ maxConcurrent: 2, maxPerSecond: 1 });
    for (const name of ['a', 'b', 'c', 'd']) come(name);
    await settled();
    gate.leave();
    gate.leave();
    come('e');
    await settled();
    expect(clock.sleeping).toBe(1);
  });

  it('lets a burst in and then keeps the pace', async () => {
    const { clock, gate, entered, come } = setUp({ maxConcurrent: 2, maxPerSecond: 10 });
    const leave = async () => {
      gate.leave();
      await settled();
    };
    for (const name of ['a', 'b', 'c', 'd']) come(name);
    await settled();
    await leave();
    await leave();
    expect(entered).toEqual(['a', 'b']);
    await clock.advance(99);
    expect(entered).toEqual(['a', 'b']);
    await clock.advance(1);
    expect(entered).toEqual(['a', 'b', 'c']);
    await clock.advance(100);
    expect(entered).toEqual(['a', 'b', 'c', 'd']);
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    ['back', -86_400_000],
    ['forward', 86_400_000],
  ])('keeps the same pace when the wall clock is set %s', async (_name, byMs) => {
    const { clock, gate, entered, come } = setUp({ maxConcurrent: 1, maxPerSecond: 10 });
    const next = async (name: string) => {
      gate.leave();
      come(name);
      await settled();
    };
    come('a');
    await settled();
    clock.setWallClock(byMs);
    await next('b');
    await clock.advance(99);
    expect(entered).toEqual(['a']);
    await clock.advance(1);
    expect(entered).toEqual(['a', 'b']);
    await next('c');
    await clock.advance(100);
    expect(entered).toEqual(['a', 'b', 'c']);
  });

  it('never lets more in over any second than the pace and one burst', async () => {
    const { clock, gate, entered, come } = setUp({ maxConcurrent: 5, maxPerSecond: 20, maxWaiting: 1_000 });
    const perTick: number[] = [];
    for (let n = 0; n < 200; n++) come(`${n}`);
    for (let tick = 0; tick < 100; tick++) {
      const before = entered.length;
      await clock.advance(50);
      for (let n = before; n < entered.length; n++) gate.leave();
      perTick.push(entered.length - before);
    }
    for (let tick = 0; tick + 20 <= perTick.length; tick++) {
      expect(perTick.slice(tick, tick + 20).reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(20 + 5);
    }
    expect(entered.length).toBeGreaterThan(95);
  });

  it('turns away at once whom it has no room to wait for, saying when to come back', async () => {
    const { gate, entered, refused, come } = setUp({ maxConcurrent: 1, maxWaiting: 1, maxPerSecond: 20 });
    for (const name of ['a', 'b', 'c']) come(name);
    await settled();
    expect({ entered, refused }).toEqual({ entered: ['a'], refused: ['c'] });
    await expect(gate.enter(never())).rejects.toMatchObject({
      code: 'ERR_LEGACY_ID_UNAVAILABLE',
      retryAfterSeconds: 1,
    });
  });

  it('can have no waiting room at all', async () => {
    const { entered, refused, come } = setUp({ maxConcurrent: 1, maxWaiting: 0 });
    for (const name of ['a', 'b']) come(name);
    await settled();
    expect({ entered, refused }).toEqual({ entered: ['a'], refused: ['b'] });
  });

  it('forgets those who leave while they wait', async () => {
    const { gate, entered, refused, come } = setUp({ maxConcurrent: 1 });
    const gone = new AbortController();
    come('a');
    come('b', gone.signal);
    come('c');
    come('d', AbortSignal.abort());
    gone.abort();
    gate.leave();
    await settled();
    expect({ entered, refused }).toEqual({ entered: ['a', 'c'], refused: ['d', 'b'] });
  });

  it('dismisses everyone who waits', async () => {
    const { gate, entered, refused, come } = setUp({ maxConcurrent: 1 });
    for (const name of ['a', 'b', 'c']) come(name);
    gate.dismiss(new Error('closed'));
    await settled();
    expect({ entered, refused }).toEqual({ entered: ['a'], refused: ['b', 'c'] });
  });
});
