import { stopwatch } from '../../clock.js';
import { progressKey } from './gauge.js';
import type { Screen, ScreenOptions } from './terminal.js';

/** Work is reported at every page and write; a log does not need a line for each of a million. */
const LINE_EVERY_MS = 1_000;

/** One line of `--progress ndjson`. */
export function ndjsonLine(event: object, now: number): string {
  return `${JSON.stringify({ time: new Date(now).toISOString(), ...event })}\n`;
}

/** For programs: one line of JSON per event. Of the reports on one piece of work, one per second and the last. */
export function ndjsonScreen({ output, clock }: ScreenOptions): Screen {
  const passed = stopwatch(clock);
  const writtenAt = new Map<string, number>();
  const write = (event: object) => void output.write(ndjsonLine(event, clock.now()));
  return {
    note: (message) => write({ type: 'note', message }),
    progress: (event) => {
      if (event.type === 'warning') return write(event);
      if (event.type === 'waiting') {
        const { type, reason = null, since } = event;
        return write({ type, ...{ reason, since: new Date(since).toISOString() } });
      }
      const key = event.type === 'step' ? `step ${event.what}` : progressKey(event);
      const last = writtenAt.get(key);
      const isEnd = event.type === 'step' ? event.done === event.total : event.done;
      if (!isEnd && last !== undefined && passed() - last < LINE_EVERY_MS) return;
      writtenAt.set(key, passed());
      write(event);
    },
    stop: () => {},
  };
}
