import { timeOfIsoDate } from '../../../operate/phases/phase-plan.js';
import { refuse } from '../../../options.js';
import type { Check } from '../../options/option.js';

/** A date of the plan as the command line has it: milliseconds since the epoch, or when the command runs, or not planned. */
export type PlanDateSetting = number | 'now' | 'never';

const EXPECTED =
  'a date like 2026-12-01 (midnight UTC), a time with its time zone like 2026-12-01T09:00:00+01:00, now or never';

/** ISO 8601: a date, or a date and a time with its time zone. A time without one would depend on the machine. */
export const planDate: Check<PlanDateSetting> = (name, value) => {
  if (value === 'now' || value === 'never') return value;
  const text = typeof value === 'string' ? value : '';
  const time = timeOfIsoDate(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  return time >= 0 ? time : refuse(name, EXPECTED, value);
};

/** What the setting stands for; `before` where it is not given. */
export function resolvedDate(setting: PlanDateSetting | undefined, before: number, now: number): number {
  if (setting === undefined) return before;
  if (setting === 'now') return now;
  return setting === 'never' ? Number.POSITIVE_INFINITY : setting;
}
