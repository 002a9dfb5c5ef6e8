import { refuse } from '../../options.js';
import type { Hold } from '../calls/gate.js';

const FORM = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;

/** When of the day writes may be sent. */
export interface BetweenOptions {
  /** `22:00-06:00`: from the first, up to the second, over midnight where that is earlier. */
  readonly between: string;
  /** Where it is that time, for example `Europe/Berlin`. Default: the machine's own zone. */
  readonly timeZone?: string | undefined;
}

/**
 * Shut outside these hours. Asks what time the clocks on the wall show: where they are set forward or back, the hours of that
 * day are shorter or longer, and a machine whose clock is set is believed at the next look.
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
