import { MultiBar, type SingleBar } from 'cli-progress';
import type { Clock } from '../../clock.js';
import type { ProgressEvent } from '../../migrate/results.js';
import { formatTime } from './format.js';
import { describeProgress, Meter, progressKey, type Work } from './progress.js';
import type { Colours, Output } from './terminal.js';

const LINE_EVERY_MS = 10_000;
const LABEL_CELLS = 12;
/** What the words beside a bar need, at a million users. */
const WORDS_CELLS = 60;

const percent = (share: number): string => `${Math.floor(share * 100)}%`;

const waitingLine = ({ reason, since }: Extract<ProgressEvent, { type: 'waiting' }>): string =>
  reason === undefined ? 'going on' : `waiting since ${formatTime(new Date(since))}: ${reason}`;

/** What a running command shows on standard error: notes, and progress as bars or as lines. */
export interface Screen {
  readonly note: (line: string) => void;
  readonly progress: (event: ProgressEvent) => void;
  /** Leaves the last state of the bars on the terminal and lets the process end. */
  readonly stop: () => void;
}

export interface ScreenOptions {
  readonly output: Output;
  readonly colours: Colours;
  readonly clock: Clock;
}

/** Bars where a person watches a terminal; elsewhere, in a log, a line per phase every ten seconds. */
export function createScreen(options: ScreenOptions): Screen {
  return options.output.isTTY ? barScreen(options) : lineScreen(options);
}

function barScreen({ output, colours, clock }: ScreenOptions): Screen {
  const meter = new Meter(clock);
  const columns = output.columns ?? 80;
  const length = Math.min(24, Math.max(8, columns - LABEL_CELLS - WORDS_CELLS));
  const draw = (event: Work): string => {
    const { label, share, words } = describeProgress(event, meter);
    const cells = Math.floor(share * length);
    const bar = `${colours.cyan('█'.repeat(cells))}${colours.dim('░'.repeat(length - cells))}`;
    const text = `${percent(share).padStart(5)}  ${words.join(', ')}`;
    // A line that the terminal breaks in two cannot be drawn over.
    return `${label.padEnd(LABEL_CELLS)}${bar}${text.slice(0, columns - LABEL_CELLS - length - 1)}`;
  };

  let shown: MultiBar | undefined;
  const bars = new Map<string, { readonly bar: SingleBar; event: Work }>();
  const open = () =>
    new MultiBar({
      stream: output,
      fps: 5,
      hideCursor: true,
      gracefulExit: false,
      // Otherwise bars that did not change get lost when a note is put above them.
      forceRedraw: true,
      // The last state is drawn by `stop`: the library would cut it by its length with the colour codes.
      clearOnComplete: true,
      // Described anew at each redraw, not at each report: the rate must sink when no reports come.
      format: (_options, _params, { event }: { event: Work }) => draw(event),
    });
  const note = (line: string) => {
    if (shown === undefined) output.write(`${line}\n`);
    else shown.log(`${line}\n`);
  };
  return {
    note,
    progress: (event) => {
      if (event.type === 'warning') return note(`${colours.yellow('warning:')} ${event.message}`);
      if (event.type === 'waiting') return note(waitingLine(event));
      const key = progressKey(event);
      meter.note(event);
      const known = bars.get(key);
      if (known === undefined) {
        shown ??= open();
        bars.set(key, { bar: shown.create(1, 0, { event }), event });
      } else {
        known.event = event;
        known.bar.update(0, { event });
      }
    },
    stop: () => {
      // Once more, for the notes that came since the last time.
      shown?.update();
      shown?.stop();
      shown = undefined;
      for (const { event } of bars.values()) output.write(`${draw(event)}\n`);
      bars.clear();
    },
  };
}

function lineScreen({ output, clock }: ScreenOptions): Screen {
  const meter = new Meter(clock);
  const stopped = new AbortController();
  const atWork = new Map<string, Work>();
  const write = (event: Work) => {
    const { label, share, words } = describeProgress(event, meter);
    output.write(`${label}: ${percent(share)}, ${words.join(', ')}\n`);
  };
  // A listing may wait for its next step with nothing left to list.
  const isComplete = (event: Work) => describeProgress(event, meter).share === 1;
  let started = false;
  const writeFromTimeToTime = async () => {
    while (!stopped.signal.aborted) {
      await clock.sleep(LINE_EVERY_MS, stopped.signal).catch(() => undefined);
      if (!stopped.signal.aborted) for (const event of atWork.values()) if (!isComplete(event)) write(event);
    }
  };
  return {
    note: (line) => output.write(`${line}\n`),
    progress: (event) => {
      if (event.type === 'warning') return void output.write(`warning: ${event.message}\n`);
      if (event.type === 'waiting') return void output.write(`${waitingLine(event)}\n`);
      const key = progressKey(event);
      meter.note(event);
      if (event.done) {
        atWork.delete(key);
        return write(event);
      }
      atWork.set(key, event);
      if (!started) void writeFromTimeToTime();
      started = true;
    },
    stop: () => stopped.abort(),
  };
}
