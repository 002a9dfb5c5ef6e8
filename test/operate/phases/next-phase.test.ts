import { expect, it } from 'vitest';
import { nextSignInLimit } from '../../../src/operate/phases/next-phase.js';
import { NOTHING_PLANNED, type PlanTimes } from '../../../src/operate/phases/phase-plan.js';

const NEVER = Number.POSITIVE_INFINITY;
const NOBODY = Number.NEGATIVE_INFINITY;
const STARTED = 40;

it.each<[string, Partial<PlanTimes>, now: number, limit: number]>([
  ['nothing is planned', {}, 50, NEVER],
  ['only the announcement is planned', { announceFrom: 60 }, 50, NEVER],
  ['sign-ins will be refused, announced', { announceFrom: 10, acceptSignInsBefore: 100 }, 50, 10],
  ['sign-ins will be refused, not announced yet', { announceFrom: 60, acceptSignInsBefore: 100 }, 50, STARTED],
  ['sign-ins will be refused, never announced', { acceptSignInsBefore: 100 }, 50, STARTED],
  ['sign-ins will be refused before the announcement', { announceFrom: 45, acceptSignInsBefore: 50 }, 50, 45],
  ['sign-ins will be refused first', { announceFrom: 10, acceptSignInsBefore: 100, acceptUntil: 200 }, 50, 10],
  ['both come at once', { announceFrom: 10, acceptSignInsBefore: 100, acceptUntil: 100 }, 50, NOBODY],
  ['sign-ins are refused, and the end is planned', { acceptSignInsBefore: 30, acceptUntil: 200 }, 50, NOBODY],
  ['sign-ins are refused, and nothing more is planned', { acceptSignInsBefore: 30 }, 50, 30],
  ['the end is planned alone', { acceptUntil: 200 }, 50, NOBODY],
  ['the pool is closed', { acceptSignInsBefore: 20, acceptUntil: 30 }, 50, 20],
])('where %s', (_, plan, now, limit) => {
  expect(nextSignInLimit({ ...NOTHING_PLANNED, ...plan }, now, STARTED)).toBe(limit);
});
