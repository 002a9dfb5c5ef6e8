import { PassThrough } from 'node:stream';
import type { Ending } from '../../../src/cli/failure.js';
import { runProgram } from '../../../src/cli/program.js';
import type { Clock } from '../../../src/clock.js';
import { assertNoCanary } from '../canary.js';

const HURRY = 10;
const LONGEST_PAUSE_MS = 20_000;

/**
 * Tells a time of its own that passes ten times as fast, and on which a pause between two attempts takes a moment. Such pauses are random,
 * so they are no whole number of milliseconds; what only watches sleeps for whole ones, and must not make time pass.
 */
export function skippingClock(start = Date.UTC(2026, 0, 15, 12)): Clock & { monotonic(): number } {
  let skipped = 0;
  const begun = performance.now();
  const monotonic = () => (performance.now() - begun) * HURRY + skipped;
  return {
    now: () => start + Math.floor(monotonic()),
    monotonic,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const isPause = !Number.isInteger(ms) && ms <= LONGEST_PAUSE_MS;
        const due = monotonic() + ms;
        const stop = () => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener('abort', stop);
          if (isPause) skipped += Math.max(0, due - monotonic());
          resolve();
        };
        const timer = setTimeout(wake, isPause ? 1 : ms / HURRY);
        signal?.addEventListener('abort', stop, { once: true });
      }),
  };
}

class Kept extends PassThrough {
  text = '';

  constructor(
    readonly isTTY = false,
    readonly columns: number = 80,
  ) {
    super();
    this.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
    });
  }
}

export interface CommandRun {
  readonly ending: Ending;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandRunOptions {
  readonly clock?: Clock;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly columns?: number;
  readonly isTTY?: boolean;
}

/** Runs a command line in this process, with nobody to answer questions. */
export async function runCommand(args: readonly string[], options: CommandRunOptions = {}): Promise<CommandRun> {
  const { clock = skippingClock(), env = { NO_COLOR: '1' }, signal = new AbortController().signal } = options;
  const { columns, isTTY = false } = options;
  const stdin = Object.assign(new PassThrough(), { isTTY: false });
  stdin.end();
  const stdout = new Kept(isTTY, columns);
  const stderr = new Kept(isTTY, columns);
  const ending = await runProgram(args, { stdin, stdout, stderr, env, clock, signal });
  return { ending, stdout: stdout.text, stderr: stderr.text };
}

const STACK = /^\s+at .+(?:\d+:\d+|<anonymous>|native)\)?$/m;

/** What holds of every command, whatever it was given: no crash, no stack trace, no private value. */
export function assertWellEnded(what: string, { ending, stdout, stderr }: CommandRun): void {
  const output = `${stdout}\n${stderr}`;
  if (output.includes('ERR_UNEXPECTED') || STACK.test(output)) {
    throw new Error(`${what} ended with a crash (${ending}): ${output.slice(-3000)}`);
  }
  assertNoCanary(what, output);
  if (!['done', 'attention'].includes(ending) && !/error:|Interrupted|"type":"error"/.test(stderr)) {
    throw new Error(`${what} failed (${ending}) without saying why: ${output.slice(-2000)}`);
  }
}
