import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Ending } from '../../src/cli/failure.js';
import { runProgram } from '../../src/cli/program.js';
import type { Clock } from '../../src/clock.js';
import { systemClock } from '../../src/clock.js';
import { builtBin } from '../support/cli-process.js';
import { folder } from '../support/folder.js';

/** A stream that keeps what is written to it, and may pose as a terminal. */
export class Screenful extends PassThrough {
  text = '';

  constructor(
    readonly isTTY = false,
    readonly columns = 120,
  ) {
    super();
    this.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
    });
  }
}

export interface RunOptions {
  env?: Record<string, string>;
  signal?: AbortSignal;
  clock?: Clock;
  /** What a person at a terminal answers. Without it nobody is there. */
  answer?: string;
  /** What is piped into the command. */
  input?: string;
}

export interface Run {
  ending: Ending;
  stdout: string;
  stderr: string;
}

/** Not more: what was read is too old to be written ten seconds later, and a busy machine has pauses. */
const HURRY = 4;

/** Tells the time of day, and lets intervals pass four times as fast: what waits for a quota of Cognito waits less. */
const hurriedClock: Clock = {
  now: systemClock.now,
  monotonic: () => performance.now() * HURRY,
  sleep: (ms, signal) => systemClock.sleep(ms / HURRY, signal),
};

/** Runs a command line in this process. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const person = options.answer !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY: person });
  if (person) stdin.end(`${options.answer}\n`);
  if (options.input !== undefined) stdin.end(options.input);
  const stdout = new Screenful();
  const stderr = new Screenful(person);
  const ending = await runProgram(args, {
    stdin,
    stdout,
    stderr,
    env: { NO_COLOR: '1', ...options.env },
    clock: options.clock ?? hurriedClock,
    signal: options.signal ?? new AbortController().signal,
  });
  return { ending, stdout: stdout.text, stderr: stderr.text };
}

/** Runs the built bin in a process of its own; `to` names files that its output goes to. */
export function runBin(
  args: readonly string[],
  {
    cwd = folder(),
    env = {},
    to = {},
    inShell = false,
  }: { cwd?: string; env?: object; to?: { stdout?: string; stderr?: string }; inShell?: boolean } = {},
) {
  const credentials = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret' };
  const words = [process.execPath, builtBin(), ...args];
  const [program = '', ...rest] = inShell ? ['sh', '-c', '"$@"; exit', 'sh', ...words] : words;
  const child = spawn(program, rest, {
    cwd,
    detached: inShell,
    env: { PATH: process.env['PATH'], HOME: cwd, ...credentials, ...env },
    stdio: [
      'pipe',
      ...(['stdout', 'stderr'] as const).map((name) => (to[name] === undefined ? 'pipe' : openSync(to[name], 'a'))),
    ],
    // Streams that `to` sends into a file are null.
  }) as ChildProcessWithoutNullStreams;
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, ...output }));
  });
  return { child, output, ended };
}
