import { describeListings, describeProgress, type Gauge, Meter, progressKey, type Work } from './gauge.js';
import { percent, stepLines, waitingLine } from './messages.js';
import type { Screen, ScreenOptions } from './terminal.js';

const LINE_EVERY_MS = 10_000;
/** Somebody who has just started a command wants to see that it works. */
const FIRST_LINE_MS = 1_500;

/** For a log: a line per piece of work, soon after it begins and every ten seconds. */
export function lineScreen({ output, clock }: ScreenOptions): Screen {
  const meter = new Meter(clock);
  const stopped = new AbortController();
  const atWork = new Map<string, Work>();
  const write = ({ label, share, words }: Gauge) => {
    output.write(`${label}: ${percent(share)}, ${words.join(', ')}\n`);
  };
  const writeAll = () => {
    const works = [...atWork.values()];
    const gauges = works.map((event) => describeProgress(event, meter));
    const all = works.some(({ type }) => type === 'list') ? describeListings(meter) : undefined;
    // A listing may wait for its next step with nothing left to list.
    for (const gauge of [...gauges, ...(all === undefined ? [] : [all])]) if (gauge.share < 1) write(gauge);
  };
  let started = false;
  const writeFromTimeToTime = async () => {
    for (let pause = FIRST_LINE_MS; !stopped.signal.aborted; pause = LINE_EVERY_MS) {
      await clock.sleep(pause, stopped.signal).catch(() => undefined);
      if (!stopped.signal.aborted) writeAll();
    }
  };
  const note = (line: string) => void output.write(`${line}\n`);
  const steps = stepLines(clock, note);
  return {
    note,
    progress: (event) => {
      if (event.type === 'warning') return note(`warning: ${event.message}`);
      if (event.type === 'waiting') return note(waitingLine(event, clock.now()));
      if (event.type === 'step') return steps(event);
      const key = progressKey(event);
      meter.note(event);
      if (event.done) {
        atWork.delete(key);
        return write(describeProgress(event, meter));
      }
      atWork.set(key, event);
      if (!started) void writeFromTimeToTime();
      started = true;
    },
    stop: () => stopped.abort(),
  };
}
