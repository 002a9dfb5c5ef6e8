import { describe, expect, it } from 'vitest';
import { type GuardedPlan, judgePlan } from '../../../src/migrate/control/plan-guards.js';

const calm: GuardedPlan = {
  newUsers: 100_000,
  writes: 40,
  forAPerson: 250,
  forAPersonBefore: 240,
  removals: { published: 90_000, removed: 3 },
};
const broken = (plan: Partial<GuardedPlan>, limits = {}) =>
  judgePlan({ ...calm, ...plan }, limits)
    .filter(({ ok }) => !ok)
    .map(({ guard, found, limit }) => [guard, found, limit]);

describe('the guards of a run that nobody watches', () => {
  it('hold for an ordinary night', () => {
    expect(judgePlan(calm)).toEqual([
      { guard: 'writes', found: 40, limit: 10_000, ok: true },
      { guard: 'forAPerson', found: 250, limit: 1240, ok: true },
      { guard: 'removals', found: 3, limit: 900, ok: true },
    ]);
  });

  it.each<[string, Partial<GuardedPlan>, unknown[]]>([
    ['more writes than a tenth of the users', { writes: 10_001 }, [['writes', 10_001, 10_000]]],
    ['more than a thousand writes in a small pool', { newUsers: 20, writes: 1001 }, [['writes', 1001, 1000]]],
    ['many more people in doubt than before', { forAPerson: 1241 }, [['forAPerson', 1241, 1240]]],
    [
      'a hundred more in a small pool',
      { newUsers: 500, forAPerson: 341, forAPersonBefore: 240 },
      [['forAPerson', 341, 340]],
    ],
    ['too much taken back', { removals: { published: 90_000, removed: 901 } }, [['removals', 901, 900]]],
    ['more than ten of a small mapping', { removals: { published: 90, removed: 11 } }, [['removals', 11, 10]]],
  ])('do not hold for %s', (_name, plan, expected) => expect(broken(plan)).toEqual(expected));

  it('are all told', () => {
    const plan = { writes: 50_000, forAPerson: 50_000, removals: { published: 90_000, removed: 50_000 } };
    expect(broken(plan).map(([guard]) => guard)).toEqual(['writes', 'forAPerson', 'removals']);
  });

  it('have the limits they are given', () => {
    expect(broken({}, { writes: 39, forAPerson: 249, removals: 2 })).toEqual([
      ['writes', 40, 39],
      ['forAPerson', 250, 249],
      ['removals', 3, 2],
    ]);
    expect(broken({ writes: 90_000, forAPerson: 90_000 }, { writes: 90_000, forAPerson: 90_000 })).toEqual([]);
  });

  it('have nothing to compare a first plan with', () => {
    expect(judgePlan({ ...calm, forAPersonBefore: undefined })).toContainEqual({
      guard: 'forAPerson',
      found: 250,
      limit: null,
      ok: true,
    });
    expect(broken({ forAPersonBefore: undefined }, { forAPerson: 100 })).toEqual([['forAPerson', 250, 100]]);
  });

  it('look at no publication where there is none', () => {
    expect(judgePlan({ ...calm, removals: undefined }).map(({ guard }) => guard)).toEqual(['writes', 'forAPerson']);
  });
});
