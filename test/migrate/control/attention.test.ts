import { describe, expect, it } from 'vitest';
import {
  applyNeedsAPerson,
  countForAPerson,
  type Night,
  nightNeedsAPerson,
  planForAPerson,
  rollbackNeedsAPerson,
  toWrite,
  verifyProblems,
} from '../../../src/migrate/control/attention.js';
import { OUTCOMES } from '../../../src/migrate/outcomes.js';
import type { ApplyResult, PlanResult, RollbackResult, VerifyResult } from '../../../src/migrate/results.js';

const none = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<(typeof OUTCOMES)[number], number>;
const plan = { outcomes: { ...none, set: 5, unverified: 2 }, newUsers: 7 } as PlanResult;
const applied = { failed: 0, changed: 0, remaining: 0 } as ApplyResult;
const verified: VerifyResult = { checked: 7, right: 7, wrong: 0, missing: 0, duplicates: 0 };
const overLimit = { toCreate: 0, memberships: 0, existing: 0, unmapped: 0, overLimit: 4 };

describe('a plan', () => {
  it('counts the outcomes that nobody but a person can settle', () => {
    expect(countForAPerson({ ...none, set: 5, ok: 5, 'new-born': 5, unverified: 2, conflict: 1 })).toBe(3);
  });

  it('counts users with too many groups besides', () => {
    expect(planForAPerson({ outcomes: { ...none, conflict: 1 }, groups: overLimit })).toBe(5);
  });
});

it.each<[Partial<ApplyResult>, boolean]>([
  [{}, false],
  [{ failed: 1 }, true],
  [{ changed: 1 }, true],
  [{ stoppedBy: 'max-failed' }, true],
  [{ remaining: 3 }, false],
])('an apply with %j needs a person: %s', (more, needs) => {
  expect(applyNeedsAPerson({ ...applied, ...more })).toBe(needs);
});

it.each([
  [{ failed: 0, changed: 0, remaining: 4 }, false],
  [{ failed: 1, changed: 0 }, true],
  [{ failed: 0, changed: 1 }, true],
])('a rollback with %j needs a person: %s', (result, needs) => {
  expect(rollbackNeedsAPerson(result as RollbackResult)).toBe(needs);
});

it('counts every kind of problem that a verification finds', () => {
  const groups = { checked: 9, right: 4, missing: 5, extra: 7 };
  expect(verifyProblems({ ...verified, wrong: 1, missing: 2, duplicates: 3, unlisted: 4, groups })).toBe(15);
  // What a rollback removed is expected to be missing.
  const back = { ...verified, missing: 3, rolledBack: 2, groups: { ...groups, rolledBack: groups.missing } };
  expect([verifyProblems(back), toWrite(back)]).toEqual([1, 1]);
});

describe('a night', () => {
  const calm: Night = { plan, guards: [], apply: applied, verify: verified, publish: { wrong: 0 } };

  it('needs nobody where all went well, and only known users are in doubt', () => {
    expect(nightNeedsAPerson(calm, 2)).toBe(false);
    expect(nightNeedsAPerson(calm, 1)).toBe(true);
    expect(nightNeedsAPerson(calm)).toBe(true);
  });

  it.each<[string, Partial<Night>]>([
    ['a plan that is not in force', { plan: { ...plan, inForce: false } }],
    ['a guard that does not hold', { guards: [{ guard: 'writes', found: 9, limit: 1, ok: false }] }],
    ['failed writes', { apply: { ...applied, failed: 1 } }],
    ['users who changed since the plan', { apply: { ...applied, changed: 1 } }],
    ['writes that remain', { apply: { ...applied, remaining: 1 } }],
    ['a wrong value', { verify: { ...verified, wrong: 1 } }],
    ['a published value that is wrong', { publish: { wrong: 1 } }],
  ])('needs a person after %s', (_, more) => {
    expect(nightNeedsAPerson({ ...calm, ...more }, 2)).toBe(true);
  });

  it('counts users of whom the plan says that they need a person once', () => {
    expect(nightNeedsAPerson({ ...calm, verify: { ...verified, missing: 2, foreseen: 2 } }, 2)).toBe(false);
  });
});
