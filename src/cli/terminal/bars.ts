import { MultiBar, type SingleBar } from 'cli-progress';
import { describeListings, describeProgress, type Gauge, Meter, progressKey } from './gauge.js';
import { percent, stepLines, waitingLine } from './messages.js';
import type { Screen, ScreenOptions } from './terminal.js';

const LABEL_CELLS = 14;
/** What the words beside a bar need, at a million users. */
const WORDS_CELLS = 60;

/**
 * A bar per piece of work, redrawn in place. Where nothing can be redrawn, because the output is not a terminal, only the last state
 * of each bar is written.
 */
export function barScreen({ output, colours, clock }: ScreenOptions): Screen {
  const meter = new Meter(clock);
  const columns = output.columns ?? 80;
  const length = Math.min(24, Math.max(8, columns - LABEL_CELLS - WORDS_CELLS));
  const draw = ({ label, share, words }: Gauge): string => {
    const cells = Math.floor(share * length);
    const bar = `${colours.cyan('█'.repeat(cells))}${colours.dim('░'.repeat(length - cells))}`;
    const text = `${percent(share).padStart(5)}  ${words.join(', ')}`;
    // A line that the terminal wraps cannot be redrawn in place.
    return `${label.padEnd(LABEL_CELLS)}${bar}${text.slice(0, columns - LABEL_CELLS - length - 1)}`;
  };

  let shown: MultiBar | undefined;
  const bars = new Map<string, { readonly bar: SingleBar | undefined; gauge: () => Gauge }>();
  const open = () =>
    new MultiBar({
      stream: output,
      fps: 5,
      hideCursor: true,
      gracefulExit: false,
      // Otherwise bars that did not change get lost when a note is put above them.
      forceRedraw: true,
      // `stop` draws the last state: the library would cut it, because it counts the colour codes.
      clearOnComplete: true,
      // Described again at each redraw, not at each report: the rate must fall when no reports come.
      format: (_options, _params, { gauge }: { gauge: () => Gauge }) => draw(gauge()),
    });
  const show = (key: string, gauge: () => Gauge) => {
    const known = bars.get(key);
    if (known === undefined) {
      if (output.isTTY) shown ??= open();
      bars.set(key, { bar: shown?.create(1, 0, { gauge }), gauge });
    } else {
      known.gauge = gauge;
      known.bar?.update(0, { gauge });
    }
  };
  const note = (line: string) => {
    if (shown === undefined) output.write(`${line}\n`);
    else shown.log(`${line}\n`);
  };
  const steps = stepLines(clock, note);
  return {
    note,
    progress: (event) => {
      if (event.type === 'warning') return note(`${colours.yellow('warning:')} ${event.message}`);
      if (event.type === 'waiting') return note(waitingLine(event, clock.now()));
      if (event.type === 'step') return steps(event);
      meter.note(event);
      // Above the pools, the last of which come later.
      const all = describeListings(meter);
      if (event.type === 'list' && all !== undefined) show('listings', () => describeListings(meter) ?? all);
      show(progressKey(event), () => describeProgress(event, meter));
    },
    stop: () => {
      // Once more, for the notes that came since the last time.
      shown?.update();
      shown?.stop();
      shown = undefined;
      for (const { gauge } of bars.values()) output.write(`${draw(gauge())}\n`);
      bars.clear();
    },
  };
}
