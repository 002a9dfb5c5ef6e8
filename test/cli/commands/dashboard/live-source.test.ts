import { describe, expect, it } from 'vitest';
import { LiveSource } from '../../../../src/cli/commands/dashboard/live-source.js';
import { FakeClock } from '../../../support/fake-clock.js';

const EVERY_MS = 2_000;

function source(read: () => Promise<unknown>, isGone = false) {
  const clock = new FakeClock();
  const seen = { reads: 0, changes: 0 };
  const live = new LiveSource({
    everyMs: EVERY_MS,
    clock,
    read: () => {
      seen.reads += 1;
      return read();
    },
    explain: (error) => ({ text: (error as Error).message, isAwaited: false, isGone }),
    onChange: () => {
      seen.changes += 1;
    },
  });
  return { live, clock, seen };
}

describe('a source', () => {
  it('is read once by all who ask at a time, and not again before its time', async () => {
    const { live, clock, seen } = source(async () => 1);
    await Promise.all([live.refresh(), live.refresh()]);
    await live.refresh();
    expect(seen.reads).toBe(1);
    await clock.advance(EVERY_MS);
    await live.refresh();
    expect(seen.reads).toBe(2);
    expect(live.reading).toEqual({ value: 1, readAt: clock.now() });
  });

  it('is followed until nobody looks', async () => {
    const { live, clock, seen } = source(async () => 1);
    const stop = new AbortController();
    const followed = live.follow(stop.signal);
    await clock.advance(3 * EVERY_MS);
    expect(seen.reads).toBe(4);
    stop.abort();
    await followed;
    await clock.advance(3 * EVERY_MS);
    expect(seen.reads).toBe(4);
    expect(clock.sleeping).toBe(0);
  });

  it('tells of a change, and not that it was only read again', async () => {
    let value = 1;
    const { live, clock, seen } = source(async () => ({ value }));
    await live.refresh();
    await clock.advance(EVERY_MS);
    await live.refresh();
    expect(seen.changes).toBe(1);
    value = 2;
    await clock.advance(EVERY_MS);
    await live.refresh();
    expect(seen.changes).toBe(2);
  });

  it('keeps what it had when it fails, and says since when', async () => {
    let isDown = false;
    const { live, clock } = source(async () => {
      if (isDown) throw new Error('gone');
      return 1;
    });
    await live.refresh();
    const readAt = clock.now();
    isDown = true;
    await clock.advance(EVERY_MS);
    await live.refresh();
    const since = clock.now();
    await clock.advance(EVERY_MS);
    await live.refresh();
    expect(live.reading).toEqual({
      value: 1,
      readAt,
      problem: { text: 'gone', since, isAwaited: false, isGone: false },
    });
    isDown = false;
    await clock.advance(EVERY_MS);
    await live.refresh();
    expect(live.reading).toEqual({ value: 1, readAt: clock.now() });
  });

  it('forgets what it had when that has lost its meaning', async () => {
    let isDown = false;
    const { live, clock } = source(async () => {
      if (isDown) throw new Error('another file');
      return 1;
    }, true);
    await live.refresh();
    isDown = true;
    await clock.advance(EVERY_MS);
    await live.refresh();
    expect(live.reading).toEqual({ problem: expect.objectContaining({ text: 'another file' }) });
  });

  it('counts as failing when it does not answer', async () => {
    const { live, clock } = source(() => new Promise(() => {}));
    const reading = live.refresh();
    await clock.advance(10_000);
    await reading;
    expect(live.reading.problem?.text).toMatch(/no answer within/);
  });

  it('is read less often where a reading takes long', async () => {
    const { live, clock, seen } = source(async () => clock.freeze(3_000));
    await live.refresh();
    await clock.advance(14_000);
    await live.refresh();
    expect(seen.reads).toBe(1);
    await clock.advance(1_000);
    await live.refresh();
    expect(seen.reads).toBe(2);
  });

  it('is read on when the clock of the machine is set back', async () => {
    const { live, clock, seen } = source(async () => 1);
    await live.refresh();
    clock.setWallClock(-86_400_000);
    await clock.advance(EVERY_MS);
    await live.refresh();
    expect(seen.reads).toBe(2);
  });
});
