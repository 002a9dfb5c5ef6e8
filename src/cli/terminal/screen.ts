import { barScreen } from './bars.js';
import { lineScreen } from './lines.js';
import { ndjsonScreen } from './ndjson.js';
import type { Screen, ScreenOptions } from './terminal.js';

export type { Screen } from './terminal.js';

const SCREENS = { bars: barScreen, lines: lineScreen, ndjson: ndjsonScreen };

export function createScreen(options: ScreenOptions): Screen {
  return SCREENS[options.mode ?? (options.output.isTTY ? 'bars' : 'lines')](options);
}
