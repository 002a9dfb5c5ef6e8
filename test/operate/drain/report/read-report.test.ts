import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../src/clock.js';
import type { DrainContent, DrainStore } from '../../../../src/operate/drain/drain-types.js';
import { readDrainReport, wordsOf } from '../../../../src/operate/drain/report/read-report.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { recordOf, runOf } from '../support.js';

const clock = new FakeClock();
const NOW = clock.now();
const question = { refreshTokenSeconds: 0, tokenSeconds: 3600, clock };
const content: DrainContent = {
  instances: [runOf({ startedAt: NOW - 9 * DAY_MS, reportedAt: NOW })],
  records: [recordOf({ tokens: 1 })],
  since: NOW - 9 * DAY_MS,
};
const storeOf = (read: (sinceDay: string) => unknown, more: Partial<DrainStore> = {}): DrainStore => ({
  name: 'Redis',
  write: async () => {},
  read: async (sinceDay) => read(sinceDay) as DrainContent,
  forget: async () => {},
  ...more,
});

describe('readDrainReport', () => {
  it('reads all stores as one fleet, each as far back as it keeps', async () => {
    const days: string[] = [];
    const store = (run: string, retentionDays?: number) =>
      storeOf(
        (sinceDay) => {
          days.push(sinceDay);
          const instances = [runOf({ instance: run, run, startedAt: NOW - 9 * DAY_MS, reportedAt: NOW })];
          return { ...content, instances, since: NOW - 5 * DAY_MS };
        },
        retentionDays === undefined ? {} : { retentionDays },
      );
    const report = await readDrainReport({ ...question, stores: [store('a', 10), store('b')] });
    expect(days).toEqual(['2026-01-05', '1970-01-01']);
    expect(report).toMatchObject({ safeToClose: true, instances: 2, since: new Date(NOW - 5 * DAY_MS).toISOString() });
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'rejects',
      () => Promise.reject(new Error('connect ECONNREFUSED')),
      /Redis cannot be read \(Error: connect ECONNREFUSED\)/,
    ],
    [
      'throws',
      () => {
        throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      },
      /ENOENT: gone/,
    ],
    ['answers nothing', () => undefined, /Redis cannot be read/],
    ['answers something else', () => ({ instances: {}, records: [] }), /Redis cannot be read/],
  ])('is not safe if one store %s', async (_, read, reason) => {
    const report = await readDrainReport({ ...question, stores: [storeOf(() => content), storeOf(read)] });
    expect(report).toMatchObject({ safeToClose: false, since: null, instances: 1 });
    expect(report.reasons.join('\n')).toMatch(reason);
  });

  it.each(['', 'yesterday', -1, {}, null])('is not safe if one of two stores began at %j', async (since) => {
    const other = storeOf(() => ({ ...content, instances: [], records: [], since }));
    const stores = [storeOf(() => content), other];
    expect((await readDrainReport({ ...question, stores: [storeOf(() => content)] })).safeToClose).toBe(true);
    expect((await readDrainReport({ ...question, stores })).safeToClose).toBe(false);
  });

  it('is not safe if a store never answers', async () => {
    const waiting = new FakeClock();
    const reading = readDrainReport({ ...question, clock: waiting, stores: [storeOf(() => new Promise(() => {}))] });
    await waiting.advance(60_000);
    expect((await reading).reasons.join()).toMatch(/no answer within 60000 ms/);
  });

  it('takes no instance for silent because reading takes long', async () => {
    const slow = new FakeClock();
    const store = storeOf(async () => {
      await slow.advance(30_000);
      return { ...content, instances: [runOf({ startedAt: NOW - 9 * DAY_MS, reportedAt: NOW, flushSeconds: 1 })] };
    });
    expect((await readDrainReport({ ...question, clock: slow, stores: [store] })).reasons).toEqual([]);
  });

  it('adds reasons of the caller', async () => {
    const report = await readDrainReport({ ...question, stores: [storeOf(() => content)], troubles: ['AWS said no.'] });
    expect(report).toMatchObject({ safeToClose: false, reasons: ['AWS said no.'] });
  });

  it('is not safe without a store', async () => {
    expect((await readDrainReport({ ...question, stores: [] })).safeToClose).toBe(false);
  });
});

describe('wordsOf', () => {
  it.each([
    [new Error('connect to redis://user:secret@host:6379 failed'), 'Error: connect to redis://…@host:6379 failed'],
    [Object.assign(new Error(''), { code: 'EIO' }), 'EIO'],
    ['nothing', 'no error was given'],
  ])('tells %s without credentials', (error, words) => {
    expect(wordsOf(error)).toBe(words);
  });
});
