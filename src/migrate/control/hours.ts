import { refuse } from '../../options.js';
import type { Hold } from '../calls/gate.js';

const FORM = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;

/** The time of day in which writes may be sent. */
export interface BetweenOptions {
  /** `22:00-06:00`: from the first time until the second, across midnight if the second is earlier. */
  readonly between: string;
  /** The time zone of these hours, for example `Europe/Berlin`. Default: the machine's time zone. */
  readonly timeZone?: string | undefined;
}

/**
 * Holds writes outside these hours. It uses local time, so these hours are shorter or longer on days when clocks change. If the machine's
 * clock is set, the new time counts from the next check.
 * @throws {@link ConfigurationError}
 */
export function outside({ between, timeZone }: BetweenOptions, now: () => number): Hold {
  const [, fromHour, fromMinute, toHour, toMinute] =
    FORM.exec(between) ?? refuse('between', 'hours like 22:00-06:00', between);
  const from = Number(fromHour) * 60 + Number(fromMinute);
  const to = Number(toHour) * 60 + Number(toMinute);
  if (from === to) refuse('between', 'two different times', between);
  const format = formatIn(timeZone);
  const reason = `outside ${between} ${format.resolvedOptions().timeZone}`;
  return () => {
    const [hour = 0, minute = 0] = format
      .formatToParts(now())
      .filter(({ type }) => type === 'hour' || type === 'minute')
      .map(({ value }) => Number(value));
    const at = hour * 60 + minute;
    const isInside = from < to ? at >= from && at < to : at >= from || at < to;
    return isInside ? undefined : reason;
  };
}

function formatIn(timeZone: string | undefined): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  } catch {
    return refuse('timeZone', 'a time zone like Europe/Berlin', timeZone);
  }
}
