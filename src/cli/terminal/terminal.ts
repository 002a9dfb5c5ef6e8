import { createInterface } from 'node:readline/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import pc from 'picocolors';
import type { Clock } from '../../clock.js';
import { anyOf } from '../../migrate/calls/signals.js';
import { MigrationError } from '../../migrate/migration-error.js';
import type { ProgressEvent } from '../../migrate/progress.js';

export type Colours = ReturnType<typeof pc.createColors>;

/** The part of a terminal stream that is used here, so that a test can pass in less than a real one. */
export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;
export type Input = NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY'>>;

/** How a running command shows its progress. */
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
  /** Default: bars on a terminal, otherwise lines. */
  readonly mode?: ProgressMode | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** NO_COLOR takes precedence over FORCE_COLOR, and both over the kind of stream (https://no-color.org). */
export function coloursFor(output: Output, env: Environment): Colours {
  const forced = env['FORCE_COLOR'];
  const wanted =
    forced === undefined || forced === '' ? output.isTTY === true && env['TERM'] !== 'dumb' : forced !== '0';
  return pc.createColors(wanted && !env['NO_COLOR']);
}

/** Asks a yes-no question; anything but "y" or "yes", the end of input included, is a no. */
export async function askYesNo(
  question: string,
  {
    input,
    output,
    signal: stopped,
    hangUp,
  }: { input: Input; output: Output; signal: AbortSignal; hangUp?: AbortSignal | undefined },
): Promise<boolean> {
  const signal = anyOf(stopped, hangUp);
  // Cooked mode: the terminal itself turns Ctrl-C into the signal that the process already listens for.
  const lines = createInterface({ input, output, terminal: false });
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended]);
    if (answer === undefined) output.write('\n');
    return answer !== undefined && /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (!signal.aborted) throw error;
    output.write('\n');
    if (!stopped.aborted) throw new MigrationError('ERR_INTERRUPTED', 'the terminal was closed before the answer');
    throw signal.reason;
  } finally {
    lines.close();
  }
}
