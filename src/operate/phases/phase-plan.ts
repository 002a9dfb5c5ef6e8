import { types } from 'node:util';
import { ConfigurationError } from '../../errors.js';
import { checkKeys, parseJson, refuse, shown } from '../../options.js';
import type { Phase, PhasePlan } from './phase-source.js';

/** The dates of a plan, in their order. */
export const PLAN_DATES = [
  'announceFrom',
  'acceptSignInsBefore',
  'acceptUntil',
] as const satisfies readonly (keyof PhasePlan)[];
export type PlanDate = (typeof PLAN_DATES)[number];

/** A checked plan: milliseconds since the epoch, `Infinity` for what is not planned. */
export type PlanTimes = Readonly<Record<PlanDate, number>>;

const NEVER = Number.POSITIVE_INFINITY;
export const NOTHING_PLANNED: PlanTimes = Object.freeze({
  announceFrom: NEVER,
  acceptSignInsBefore: NEVER,
  acceptUntil: NEVER,
});

/** What headers can hold: years of four digits. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const EXPECTED = 'a Date, or a string such as 2026-12-01T00:00:00Z with its time zone';

/** ISO 8601 with a time zone: without one, the date would depend on where the process runs. */
const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since the epoch; NaN for anything but ISO 8601 with a time zone, and for dates that no calendar has. */
export function timeOfIsoDate(text: string): number {
  const parts = ISO_DATE.exec(text)?.slice(1, 6).map(Number);
  if (parts === undefined) return Number.NaN;
  const [year = 0, month = 0, day = 0] = parts;
  // JavaScript takes 31 February for 3 March.
  const isDay = day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  return isDay ? Date.parse(text) : Number.NaN;
}

/**
 * Checks a plan, wherever it comes from. `undefined` and `null` mean that nothing is planned.
 *
 * @throws {@link ConfigurationError} naming the date; also where the dates contradict each other
 */
export function checkPlan(name: string, value: unknown): PlanTimes {
  if (value === undefined || value === null) return NOTHING_PLANNED;
  const given = checkKeys(name, value, PLAN_DATES);
  const times = Object.fromEntries(PLAN_DATES.map((date) => [date, timeOf(`${name}.${date}`, given[date])]));
  const checked = times as PlanTimes;
  const wrong = contradictionIn(checked);
  if (wrong !== undefined) throw new ConfigurationError(`${name}.acceptUntil`, `must not be before ${wrong}`);
  return checked;
}

function timeOf(name: string, value: unknown): number {
  if (value === undefined || value === null) return NEVER;
  const time = types.isDate(value) ? value.getTime() : typeof value === 'string' ? timeOfIsoDate(value) : Number.NaN;
  return time >= 0 && time <= LAST ? time : refuse(name, EXPECTED, value);
}

/** The date that must not be after `acceptUntil`, and is. */
export function contradictionIn(times: PlanTimes): Exclude<PlanDate, 'acceptUntil'> | undefined {
  const { announceFrom, acceptSignInsBefore, acceptUntil } = times;
  // What is not planned contradicts nothing.
  if (announceFrom !== NEVER && acceptUntil < announceFrom) return 'announceFrom';
  return acceptSignInsBefore !== NEVER && acceptUntil < acceptSignInsBefore ? 'acceptSignInsBefore' : undefined;
}

/** The phase in force at a time. */
export function phaseAt(times: PlanTimes, now: number): Phase {
  if (now > times.acceptUntil) return 'closed';
  if (now > times.acceptSignInsBefore) return 'sign-ins-refused';
  return now >= times.announceFrom ? 'announced' : 'open';
}

/** The plan as callers get it, with Dates of its own. */
export function planOf(times: PlanTimes): Required<PhasePlan> {
  const date = (name: PlanDate) => (times[name] === NEVER ? null : new Date(times[name]));
  return {
    announceFrom: date('announceFrom'),
    acceptSignInsBefore: date('acceptSignInsBefore'),
    acceptUntil: date('acceptUntil'),
  };
}

/** The plan as stores keep it. */
export function planText(plan: PhasePlan): string {
  return JSON.stringify(planOf(checkPlan('plan', plan)));
}

/** Some hundred times as long as a plan is. A longer text is not parsed, which would stop every request. */
export const MAX_PLAN_LENGTH = 16 * 1024;

/** Reads what {@link planText} wrote, or a person. */
export function planFromText(text: string): PhasePlan {
  if (text.length > MAX_PLAN_LENGTH) {
    throw new ConfigurationError('plan', `expected JSON of at most ${MAX_PLAN_LENGTH} characters, got more`);
  }
  const value = parseJson(text);
  if (value === undefined || value === null) throw new ConfigurationError('plan', `expected JSON, got ${shown(text)}`);
  return planOf(checkPlan('plan', value));
}

export function samePlan(one: PlanTimes, other: PlanTimes): boolean {
  return PLAN_DATES.every((date) => one[date] === other[date]);
}
