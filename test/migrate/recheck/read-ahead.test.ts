import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { failure } from '../support/fake-directory.js';
import { setUp } from './support.js';

describe('reading ahead', () => {
  it('reads pages of users that come next, and each user once', async () => {
    const { ahead, subjects, reads } = setUp(1);
    const seen: string[] = [];
    for (let one = await ahead.next(); one !== undefined; one = await ahead.next()) {
      expect(one.found.user?.sub).toBe(one.subject.sub);
      seen.push(one.subject.sub);
    }
    expect(seen.sort()).toEqual(subjects.map(({ sub }) => sub));
    expect(reads()).toBeLessThan(4096 / 8);
  });

  it.each([
    ['every user', 1],
    ['few among many', 200],
  ])('costs writing no time, and what it gave is young: %s', async (_, every) => {
    const { clock, lookup, ahead, subjects } = setUp(every, { latencyMs: 300 });
    const pace = new Pace(20, clock);
    await ahead.next();
    const from = clock.monotonic();
    const many = Math.min(subjects.length, 400) - 1;
    for (let n = 0; n < many; n += 1) {
      const one = await ahead.next();
      await pace.acquire();
      expect(one && lookup.ageOf(one.found)).toBeLessThan(8000);
    }
    expect(clock.monotonic() - from).toBeLessThan((many / 20) * 1000 * 1.02);
  });

  it('reads again what has become old while nobody asked', async () => {
    const { clock, lookup, ahead, reads } = setUp(1);
    const first = await ahead.next();
    const before = reads();
    await clock.sleep(60_000);
    const second = await ahead.next();
    expect(second?.subject).not.toEqual(first?.subject);
    expect(second && lookup.ageOf(second.found)).toBeLessThan(1000);
    expect(reads()).toBeGreaterThan(before);
  });

  it('ends with what ended a read', async () => {
    const { ahead } = setUp(1, {
      before: (operation, { attempt }) => {
        if (attempt > 2) throw failure('credentials', operation);
      },
    });
    const all = async () => {
      while ((await ahead.next()) !== undefined);
    };
    await expect(all()).rejects.toMatchObject({ kind: 'credentials' });
    await ahead.end();
  });
});
