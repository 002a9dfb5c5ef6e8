import { PLAN_DATES, type PlanDate, type PlanTimes, phaseAt } from '../../../operate/phases/phase-plan.js';
import type { Phase } from '../../../operate/phases/phase-source.js';
import { formatAgo, formatTable, formatTime } from '../../terminal/format.js';
import type { Colours } from '../../terminal/terminal.js';

const NAMES: Readonly<Record<PlanDate, string>> = {
  announceFrom: 'announced from',
  acceptSignInsBefore: 'sign-ins refused from',
  acceptUntil: 'closed from',
};

const MEANINGS: Readonly<Record<Phase, string>> = {
  open: 'tokens of the legacy pool are accepted',
  announced: 'tokens of the legacy pool are accepted, and answers to them carry the dates',
  'sign-ins-refused': 'people who sign in at the legacy pool are refused, those who signed in before are accepted',
  closed: 'every token of the legacy pool is refused',
};

/** A date of a plan, to the second where it is not a whole minute. */
function timeText(time: number): string {
  if (time === Number.POSITIVE_INFINITY) return 'not planned';
  const date = new Date(time);
  return time % 60_000 === 0 ? formatTime(date) : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function withDistance(time: number, now: number): string {
  const text = timeText(time);
  return time === Number.POSITIVE_INFINITY ? text : `${text}, ${formatAgo(Math.round((now - time) / 1_000))}`;
}

/** The phase in force, and the dates. */
export function phaseLines(times: PlanTimes, now: number, { bold }: Colours): string[] {
  const phase = phaseAt(times, now);
  return [
    bold(`Phase ${phase}: ${MEANINGS[phase]}`),
    ...formatTable(PLAN_DATES.map((date) => [NAMES[date], withDistance(times[date], now)])),
  ];
}

/** What would be changed, and what it means for users, for the person who decides about it. */
export function changeLines(before: PlanTimes, after: PlanTimes, now: number): string[] {
  const rows = PLAN_DATES.map((date): [string, string] => {
    const old = timeText(before[date]);
    return [NAMES[date], before[date] === after[date] ? `${old} (unchanged)` : `${old} -> ${timeText(after[date])}`];
  });
  return [...formatTable(rows), '', ...meaningOf(before, after, now)];
}

function meaningOf(before: PlanTimes, after: PlanTimes, now: number): string[] {
  const { announceFrom, acceptSignInsBefore, acceptUntil } = after;
  const isPlanned = (time: number) => time !== Number.POSITIVE_INFINITY;
  const from = (time: number) => (time <= now ? `From now on (since ${timeText(time)})` : `From ${timeText(time)}`);
  const lines: string[] = [];
  if (isPlanned(announceFrom)) {
    const sunset = isPlanned(acceptUntil) ? 'Deprecation and Sunset headers' : 'a Deprecation header';
    lines.push(`${from(announceFrom)}, answers to tokens of the legacy pool carry ${sunset}.`);
  }
  if (isPlanned(acceptSignInsBefore)) {
    lines.push(
      `${from(acceptSignInsBefore)}, people who sign in at the legacy pool are refused. Those who signed in before that are accepted.`,
    );
  }
  if (isPlanned(acceptUntil)) lines.push(`${from(acceptUntil)}, every token of the legacy pool is refused.`);
  else if (!isPlanned(acceptSignInsBefore))
    lines.push('No refusal is planned: tokens of the legacy pool are accepted.');
  const [was, is] = [phaseAt(before, now), phaseAt(after, now)];
  if (is === 'closed' && was !== 'closed') lines.push('Warning: this closes the legacy pool at once.');
  if (is === 'sign-ins-refused' && (was === 'open' || was === 'announced')) {
    lines.push('Warning: this takes effect at once for people who signed in at the legacy pool since that date.');
  }
  if (was === 'closed' && is !== 'closed') lines.push('This opens the legacy pool again.');
  return lines;
}
