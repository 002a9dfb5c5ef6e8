#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import { isatty } from 'node:tty';
import { systemClock } from '../clock.js';
import type { Ending } from './failure.js';
import { leaveTerminal } from './terminal/leave-terminal.js';
import { enduringLog } from './terminal/log.js';

const EXIT_CODES: Readonly<Record<Ending, number>> = {
  done: 0,
  attention: 1,
  usage: 2,
  unavailable: 3,
  interrupted: 130,
};
const { stdin, stdout } = process;
const stderr = enduringLog(process.stderr);

const PARENT_EVERY_MS = 500;

let isResultLost = false;

const stop = new AbortController();
// Every call in flight listens to it, and there may be dozens.
setMaxListeners(0, stop.signal);
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (stop.signal.aborted) {
      stderr.write('\nStopped immediately. The state is safe.\n');
      process.exit(EXIT_CODES.interrupted);
    }
    stop.abort(new Error(`stopped by ${name}`));
  });
}
// The terminal is gone. Questions can no longer be answered; a run that has its answers continues, as under nohup.
const hangUp = new AbortController();
process.on('SIGHUP', () => hangUp.abort());
const ofTerminal = [0, 1, 2].filter((descriptor) => isatty(descriptor));
// Not every process of a closed terminal gets the signal.
process.on('SIGHUP', () => leaveTerminal(ofTerminal));
process.stderr.on('error', () => leaveTerminal(ofTerminal));
process.on('exit', () => leaveTerminal(ofTerminal));
// A SIGTERM to npx or `npm run` ends npm and its shell, and never reaches this process: their end is the signal. If they ended
// with the terminal, the run continues.
if (process.env['npm_command'] !== undefined) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    if (!hangUp.signal.aborted) stop.abort(new Error('stopped with npm'));
  }, PARENT_EVERY_MS);
  watch.unref();
}
// However the process ends, the cursor and line wrapping that the progress bars switched off are restored.
if (stderr.isTTY) process.on('exit', () => stderr.write('\x1b[?25h\x1b[?7h'));
// Reading from a terminal that is gone fails; that is not an error.
stdin.on('error', () => {});
// Work that is done is recorded even if the result is lost, but the exit code must be right for the process that waits for the result.
stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  // `… | head`: a reader that has seen enough is not an error.
  if (code === 'EPIPE' && !process.argv.includes('--json')) return;
  stderr.write(`error: the result could not be written to standard output (${code}). The state is safe.\n`);
  isResultLost = true;
  process.exitCode = EXIT_CODES.unavailable;
});

// Which Node version later SDKs will need is not useful to somebody who runs a migration.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

try {
  const { runProgram } = await import('./program.js');
  const { env } = process;
  const context = { stdin, stdout, stderr, env, clock: systemClock, signal: stop.signal, hangUp: hangUp.signal };
  const ending = await runProgram(process.argv.slice(2), context);
  process.exitCode = EXIT_CODES[isResultLost ? 'unavailable' : ending];
} catch (error) {
  const { failureOf } = await import('./failure.js');
  const { ending, code, message, fix } = failureOf(error, stop.signal);
  stderr.write(`error: ${message}\n${fix === undefined ? '' : `${fix}\n`}`);
  if (process.argv.includes('--json')) stdout.write(`${JSON.stringify({ error: { code, message, fix } })}\n`);
  process.exitCode = EXIT_CODES[ending];
}
