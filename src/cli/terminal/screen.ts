import type { Clock } from '../../clock.js';
import type { ProgressEvent } from '../../migrate/results.js';
import { barScreen } from './bars.js';
import { lineScreen } from './lines.js';
import { ndjsonScreen } from './ndjson.js';
import type { Colours, Output } from './terminal.js';

/** How a running command tells of itself. */
export const PROGRESS_MODES = ['bars', 'lines', 'ndjson'] as const;
type ProgressMode = (typeof PROGRESS_MODES)[number];

/** What a running command shows on standard error: notes, and progress as bars, as lines or as JSON. */
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
  /** Default: bars where a person watches a terminal; elsewhere, in a log, lines. */
  readonly mode?: ProgressMode | undefined;
}

const SCREENS = { bars: barScreen, lines: lineScreen, ndjson: ndjsonScreen };

export function createScreen(options: ScreenOptions): Screen {
  return SCREENS[options.mode ?? (options.output.isTTY ? 'bars' : 'lines')](options);
}
