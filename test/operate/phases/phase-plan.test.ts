import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/errors.js';
import {
  checkPlan,
  NOTHING_PLANNED,
  type PlanDate,
  phaseAt,
  planFromText,
  planOf,
  planText,
  samePlan,
  timeOfIsoDate,
} from '../../../src/operate/phases/phase-plan.js';
import type { PhasePlan } from '../../../src/operate/phases/phase-source.js';

const at = (iso: string) => Date.parse(iso);
const DAY = at('2026-12-01T00:00:00Z');

describe('a date of a plan', () => {
  it.each<[unknown, number]>([
    [new Date(DAY), DAY],
    ['2026-12-01T00:00:00Z', DAY],
    ['2026-12-01T00:00Z', DAY],
    ['2026-12-01T00:00:00.250Z', DAY + 250],
    ['2026-12-01T01:00:00+01:00', DAY],
    ['2026-11-30T19:00:00-05:00', DAY],
    ['2028-02-29T00:00:00Z', at('2028-02-29T00:00:00Z')],
    [undefined, Number.POSITIVE_INFINITY],
    [null, Number.POSITIVE_INFINITY],
    [runInNewContext(`new Date(${DAY})`), DAY],
  ])('%j is understood', (value, expected) => {
    expect(checkPlan('plan', { acceptUntil: value }).acceptUntil).toBe(expected);
  });

  it.each<[string, unknown]>([
    ['a date without a time', '2026-12-01'],
    ['a time without a time zone', '2026-12-01T00:00:00'],
    ['a day that no month has', '2026-02-30T00:00:00Z'],
    ['a leap day of another year', '2027-02-29T00:00:00Z'],
    ['a month that no year has', '2026-13-01T00:00:00Z'],
    ['an hour that no day has', '2026-12-01T25:00:00Z'],
    ['another language', 'Tue, 01 Dec 2026 00:00:00 GMT'],
    ['a number', DAY],
    ['an invalid Date', new Date(Number.NaN)],
    ['a year of five digits', new Date(Date.UTC(10_000, 0, 1))],
    ['a year before computers', new Date(-1)],
    ['nothing', ''],
    ['a boolean', false],
  ])('%s is refused, by its name', (_, value) => {
    const check = () => checkPlan('plan', { announceFrom: value });
    expect(check).toThrow(ConfigurationError);
    expect(check).toThrow(expect.objectContaining({ option: 'plan.announceFrom' }));
  });

  it('is read in every form that JavaScript writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
        expect(timeOfIsoDate(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});

describe('a plan', () => {
  it.each([undefined, null, {}])('that is %j plans nothing', (plan) => {
    expect(samePlan(checkPlan('plan', plan), NOTHING_PLANNED)).toBe(true);
  });

  it.each<[unknown, string]>([
    ['closed', 'plan'],
    [[], 'plan'],
    [7, 'plan'],
    // Misspelt, it would never close anything.
    [{ acceptUntill: new Date(DAY) }, 'plan.acceptUntill'],
  ])('cannot be %j', (plan, option) => {
    expect(() => checkPlan('plan', plan)).toThrow(expect.objectContaining({ option }));
  });

  it.each<[PhasePlan, string | undefined]>([
    [{ announceFrom: new Date(DAY), acceptUntil: new Date(DAY - 1) }, 'must not be before announceFrom'],
    [{ acceptSignInsBefore: new Date(DAY), acceptUntil: new Date(DAY - 1) }, 'must not be before acceptSignInsBefore'],
    [{ announceFrom: new Date(DAY), acceptUntil: new Date(DAY) }, undefined],
    [{ acceptSignInsBefore: new Date(DAY), acceptUntil: new Date(DAY) }, undefined],
    [{ announceFrom: new Date(DAY) }, undefined],
    [{ acceptSignInsBefore: new Date(DAY) }, undefined],
    [{ acceptUntil: new Date(0) }, undefined],
  ])('whose dates are %j contradicts itself: %s', (plan, message) => {
    const check = () => checkPlan('plan', plan);
    if (message === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(`plan.acceptUntil: ${message}`);
  });

  it('has Dates of its own', () => {
    const date = new Date(DAY);
    const times = checkPlan('plan', { acceptUntil: date });
    date.setTime(0);
    const plan = planOf(times);
    expect(plan).toEqual({ announceFrom: null, acceptSignInsBefore: null, acceptUntil: new Date(DAY) });
    plan.acceptUntil?.setTime(0);
    expect(planOf(times).acceptUntil).toEqual(new Date(DAY));
  });

  it('is the same after it was written and read', () => {
    const time = fc.option(fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true }));
    fc.assert(
      fc.property(time, time, time, (...dates) => {
        const [announceFrom, acceptSignInsBefore, acceptUntil] = dates.toSorted((a, b) => Number(a) - Number(b));
        const plan = { announceFrom, acceptSignInsBefore, acceptUntil: acceptUntil ?? null } as PhasePlan;
        expect(planFromText(planText(plan))).toEqual(planOf(checkPlan('plan', plan)));
      }),
    );
  });

  it.each(['', 'null', '{', '"closed"', '[]', '{"acceptUntil":"soon"}', '{"until":null}'])('is not in %j', (text) => {
    expect(() => planFromText(text)).toThrow(ConfigurationError);
  });

  it('is not looked for in a text that is far too long', () => {
    expect(() => planFromText(`{}${' '.repeat(20_000)}`)).toThrow('plan: expected JSON of at most 16384 characters');
  });

  it('is not written where it contradicts itself', () => {
    expect(() => planText({ announceFrom: new Date(2), acceptUntil: new Date(1) })).toThrow('plan.acceptUntil');
  });
});

describe('the phase', () => {
  const plan: Record<PlanDate, number> = { announceFrom: 100, acceptSignInsBefore: 200, acceptUntil: 300 };
  it.each([
    [99, 'open'],
    [100, 'announced'],
    [200, 'announced'],
    [201, 'sign-ins-refused'],
    [300, 'sign-ins-refused'],
    [301, 'closed'],
  ])('at %i is %s', (now, phase) => {
    expect(phaseAt(plan, now)).toBe(phase);
  });

  it.each<[Partial<typeof plan>, string]>([
    [{}, 'open'],
    [{ acceptUntil: 5 }, 'closed'],
    [{ acceptSignInsBefore: 5 }, 'sign-ins-refused'],
    [{ announceFrom: 5 }, 'announced'],
  ])('of %j alone is %s', (dates, phase) => {
    expect(phaseAt({ ...NOTHING_PLANNED, ...dates }, 10)).toBe(phase);
  });
});
