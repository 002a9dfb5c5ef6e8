import { describe, expect, it } from 'vitest';
import { describeListings, describeProgress, Meter, progressKey, type Work } from '../../../src/cli/terminal/gauge.js';
import { FakeClock } from '../../support/fake-clock.js';

const list = (more: Partial<Work & { type: 'list' }>): Work => ({
  type: 'list',
  side: 'legacy',
  userPoolId: 'eu-west-1_Old',
  users: 0,
  estimatedUsers: 1_000,
  shardsDone: 0,
  shards: 16,
  attempts: 0,
  throttled: 0,
  done: false,
  ...more,
});
const write = (more: Partial<Work & { type: 'write' }>): Work => ({
  type: 'write',
  written: 0,
  failed: 0,
  skipped: 0,
  total: 100,
  attempts: 0,
  throttled: 0,
  rps: 10,
  done: false,
  ...more,
});

describe('progress', () => {
  it.each<[string, Work, string, number, string]>([
    ['a listing', list({ users: 250 }), 'Legacy pool', 0.25, '250 users'],
    [
      'a listing without an estimate',
      list({ users: 9, estimatedUsers: undefined, shardsDone: 4 }),
      'Legacy pool',
      0.25,
      '9 users',
    ],
    ['a listing beyond the estimate', list({ users: 2_000, shardsDone: 15 }), 'Legacy pool', 0.99, '2,000 users'],
    ['an empty pool', list({ estimatedUsers: 0 }), 'Legacy pool', 0, '0 users'],
    ['a listing that is done', list({ users: 900, shardsDone: 16, done: true }), 'Legacy pool', 1, '900 users'],
    ['throttles', list({ throttled: 3 }), 'Legacy pool', 0, '0 users, 3 throttled'],
    ['matching', { type: 'match', users: 5, total: 10, done: false }, 'Match', 0.5, '5 of 10 users'],
    ['matching nobody', { type: 'match', users: 0, total: 0, done: true }, 'Match', 1, '0 of 0 users'],
    ['writing', write({ written: 40, failed: 5, skipped: 5 }), 'Write', 0.5, '40 of 100 written, 5 failed, 5 skipped'],
    ['a dry run', write({ written: 40, dryRun: true }), 'Check', 0.4, '40 of 100 would be written'],
    ['writing nothing', write({ total: 0 }), 'Write', 0, '0 of 0 written'],
  ])('describes %s', (_name, event, label, share, words) => {
    const gauge = describeProgress(event, new Meter(new FakeClock()));
    expect(gauge).toMatchObject({ label, share });
    expect(gauge.words.join(', ')).toBe(words);
  });

  it('names the pools', () => {
    expect(describeProgress(list({ side: 'new' }), new Meter(new FakeClock())).label).toBe('New pool');
    expect(describeProgress(list({ shards: 0 }), new Meter(new FakeClock())).share).toBe(0);
  });

  it('gives each pool a line of its own', () => {
    expect(progressKey(list({}))).not.toBe(progressKey(list({ userPoolId: 'eu-west-1_New' })));
  });

  it('shows the rate of the last seconds and what it means for the time left', async () => {
    const clock = new FakeClock();
    const meter = new Meter(clock);
    const at = (written: number) => describeProgress(write({ written, total: 1_000 }), meter).words.join(', ');
    expect(at(0)).toBe('0 of 1,000 written');
    await clock.advance(10_000);
    expect(at(100)).toBe('100 of 1,000 written, 10/s, 1 min 30 s left');
    await clock.advance(10_000);
    expect(at(300)).toBe('300 of 1,000 written, 20/s, 35 s left');
    await clock.advance(11_000);
    expect(at(300)).toBe('300 of 1,000 written, 0/s');
  });

  it.each([-86_400_000, 86_400_000])('shows the same rate when the wall clock is set by %d ms', async (byMs) => {
    const clock = new FakeClock();
    const meter = new Meter(clock);
    describeProgress(write({ written: 0, total: 1_000 }), meter);
    await clock.advance(2_000);
    clock.setWallClock(byMs);
    await clock.advance(2_000);
    const { words } = describeProgress(write({ written: 40, total: 1_000 }), meter);
    expect(words).toEqual(['40 of 1,000 written', '10/s', '1 min 36 s left']);
  });

  it('counts the rate of a resumed run from where it resumed', async () => {
    const clock = new FakeClock();
    const meter = new Meter(clock);
    describeProgress(list({ users: 500 }), meter);
    await clock.advance(2_000);
    expect(describeProgress(list({ users: 600 }), meter).words).toContain('50/s');
  });
});

describe('the listing of two pools', () => {
  const legacy = (users: number, more: Partial<Work & { type: 'list' }> = {}) =>
    list({ users, estimatedLater: [1_000], ...more });
  const fresh = (users: number, more = {}) =>
    list({ side: 'new', userPoolId: 'eu-west-1_New', users, estimatedLater: [], ...more });
  const started = async (...events: Work[]) => {
    const clock = new FakeClock();
    const meter = new Meter(clock);
    for (const event of events) meter.note(event);
    await clock.advance(10_000);
    return meter;
  };

  it('has one time left, over both', async () => {
    const meter = await started(legacy(0));
    expect(describeProgress(legacy(500), meter).words).toEqual(['500 users', '50/s']);
    // 500 in the legacy pool and 1,000 in the new one, at 50 per second.
    expect(describeListings(meter)).toEqual({ label: 'Both pools', share: 0.25, words: ['500 users', '30 s left'] });
  });

  it('goes on with the second pool when the first is done', async () => {
    const meter = await started(legacy(1_000, { shardsDone: 16 }), fresh(0));
    expect(describeProgress(fresh(200), meter).words).toEqual(['200 users', '20/s']);
    expect(describeListings(meter)).toEqual({ label: 'Both pools', share: 0.6, words: ['1,200 users', '40 s left'] });
  });

  it('is complete when both are', async () => {
    const meter = await started(legacy(900, { done: true }), fresh(800, { done: true }));
    expect(describeListings(meter)).toEqual({ label: 'Both pools', share: 1, words: ['1,700 users'] });
  });

  it('does not pretend to know the size of a pool', async () => {
    const meter = await started(legacy(500, { estimatedLater: [undefined] }));
    expect(describeListings(meter)?.words).toEqual(['500 users', 'time left unknown']);
  });

  it('is that of all pools where there are more', async () => {
    const meter = await started(legacy(0, { estimatedLater: [1_000, 1_000] }));
    expect(describeListings(meter)?.label).toBe('All pools');
  });

  it('is nothing special for a single pool, which has its own time left', async () => {
    const meter = await started(fresh(0));
    expect(describeListings(meter)).toBeUndefined();
    expect(describeProgress(fresh(500), meter).words).toEqual(['500 users', '50/s', '10 s left']);
  });
});
