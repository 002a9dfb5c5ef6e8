import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../src/clock.js';
import {
  checkMaxPlanAge,
  doubtAboutAge,
  phaseOf,
  planAge,
  refuseOldPlan,
  requirePlan,
  requirePlanNumber,
} from '../../../src/migrate/state/finished-plan.js';
import type { MetaValues } from '../../../src/migrate/state/meta.js';
import { failure } from '../support/fake-directory.js';
import { pools } from '../support/pools-to-plan.js';
import { state } from '../support/workspace.js';

const notReady = expect.objectContaining({ code: 'ERR_STATE_NOT_READY' });

/** A state whose plan says this of itself. */
function saying(values: Partial<MetaValues>) {
  const opened = state();
  for (const [key, value] of Object.entries(values)) opened.meta.set(key as 'plan', value as number);
  return opened;
}

describe('the plan that may be applied', () => {
  it('is finished, is not rolled back, and has no successor that is being made', async () => {
    const { plan } = pools();
    const opened = state();
    expect(() => requirePlan(opened)).toThrow(notReady);
    await plan(opened);
    expect(() => requirePlan(opened)).not.toThrow();
    for (const phase of ['rolling-back', 'rolled-back'] as const) {
      opened.meta.set('phase', phase);
      expect(() => requirePlan(opened)).toThrow(notReady);
    }
    opened.meta.set('phase', 'applied');
    expect(() => requirePlan(opened)).not.toThrow();
    opened.meta.set('draft', { phase: 'listing' } as MetaValues['draft']);
    expect(() => requirePlan(opened)).toThrow(notReady);
  });

  it('is the one that is meant, where one is', () => {
    const opened = saying({ plan: 2 });
    expect(() => requirePlanNumber(opened, undefined)).not.toThrow();
    expect(() => requirePlanNumber(opened, 2)).not.toThrow();
    expect(() => requirePlanNumber(opened, 1)).toThrow(notReady);
  });
});

it('the phase is that of the plan being made, unless the finished one is at work', () => {
  expect(phaseOf(state())).toBeUndefined();
  const opened = saying({ phase: 'applied' });
  expect(phaseOf(opened)).toBe('applied');
  opened.meta.set('draft', { phase: 'matching' } as MetaValues['draft']);
  expect(phaseOf(opened)).toBe('matching');
  const writing = state(opened.path, 'write');
  expect(phaseOf(opened)).toBe('applied');
  writing.close();
});

describe('the age of a plan', () => {
  it('tells how old it is', async () => {
    const opened = state();
    const { plan, clock } = pools();
    expect(planAge(opened, clock.now())).toBeUndefined();
    const begun = clock.now();
    await plan(opened);
    const planned = clock.now();
    await clock.sleep(3_600_000);
    expect(planAge(opened, clock.now())).toEqual({
      planned: clock.now() - planned,
      listed: clock.now() - begun,
      legacyListed: clock.now() - begun,
    });
  });

  it('is as old as its listing, whenever it was finished', async () => {
    const { clock, newPool: pool, plan } = pools(4, 4);
    const opened = state();
    const list = pool.listUsers.bind(pool);
    pool.listUsers = async () => {
      throw failure('credentials');
    };
    await expect(plan(opened)).rejects.toThrow();
    pool.listUsers = list;
    await clock.sleep(30 * 24 * 3_600_000);
    await plan(opened);
    expect(doubtAboutAge(opened, clock.now(), undefined)).toContain('30 days old');
  });

  it('may be told in hours or days, and in which direction', () => {
    const opened = saying({ plannedAt: 0, begunAt: 0 });
    const doubt = (now: number, hours?: number) => doubtAboutAge(opened, now, hours);
    expect(doubt(24 * HOUR_MS)).toBeUndefined();
    expect(doubt(25 * HOUR_MS)).toContain('25 hours old');
    expect(doubt(25 * HOUR_MS, 25)).toBeUndefined();
    expect(doubt(3 * DAY_MS)).toContain('3 days old');
    expect(doubt(-300_000)).toBeUndefined();
    expect(doubt(-300_001)).toContain('in the future');
    expect(doubtAboutAge(state(), 25 * HOUR_MS, undefined)).toBeUndefined();
  });

  it('has a limit in hours, and an old plan is refused by name', () => {
    expect(checkMaxPlanAge(undefined)).toBe(24);
    expect(() => checkMaxPlanAge(-1)).toThrow('maxPlanAge');
    expect(() => refuseOldPlan('It is old.')).toThrow('maxPlanAge: It is old. Plan again, or allow an older plan');
  });
});
