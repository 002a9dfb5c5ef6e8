import { describe, expect, it, vi } from 'vitest';
import { requireFresh } from '../../../src/migrate/csv/age.js';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 15, 12);
const plan = (hours: number) => ({ what: 'the plan', madeAt: NOW - hours * HOUR, again: 'run plan again' });

describe('a plan or an export', () => {
  it.each([0, 24])('of %d hours ago is fresh, and nobody is asked', async (hours) => {
    const confirmAge = vi.fn();
    await requireFresh(plan(hours), NOW, { confirmAge });
    expect(confirmAge).not.toHaveBeenCalled();
  });

  it.each([
    ['that is too old', 25.5, 'the plan is 25 hours old, and 24 are allowed'],
    ['that is dated in the future', -1, 'the plan is dated in the future'],
  ])('%s is asked about, and refused where nobody agrees', async (_name, hours, what) => {
    const confirmAge = vi.fn(async (_what: string) => true);
    await requireFresh(plan(hours), NOW, { confirmAge });
    expect(confirmAge).toHaveBeenCalledExactlyOnceWith(what);
    for (const options of [{}, { confirmAge: async () => false }]) {
      await expect(requireFresh(plan(hours), NOW, options)).rejects.toMatchObject({
        option: 'maxPlanAge',
        message: `maxPlanAge: ${what}: run plan again`,
      });
    }
  });

  it('may be as old as the operator says', async () => {
    await requireFresh(plan(47), NOW, { maxPlanAge: 48 });
    await expect(requireFresh(plan(2), NOW, { maxPlanAge: 1 })).rejects.toMatchObject({ option: 'maxPlanAge' });
  });
});
