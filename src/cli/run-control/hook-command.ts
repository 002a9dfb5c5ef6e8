import { spawn } from 'node:child_process';
import type { ControlOptions } from '../../migrate/control/control.js';
import type { HookEvent, HookFacts } from '../../migrate/control/hooks.js';

/** A hook that hangs would stop the run from continuing. */
const TIME_LIMIT_MS = 60_000;

/** What a hook finds in its environment about the run, besides the facts of the event. */
export interface HookedRun {
  readonly command: string;
  readonly state: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a command line in the shell once per event, as cron does. Its input is empty, and its output goes to standard error:
 * standard output is only for the result.
 */
export function hookCommand(
  commandLine: string,
  { command, state, env }: HookedRun,
  timeLimitMs = TIME_LIMIT_MS,
): NonNullable<ControlOptions['hook']> {
  return (event, facts) =>
    new Promise((resolve, reject) => {
      const child = spawn(commandLine, {
        shell: true,
        stdio: ['ignore', 2, 2],
        env: { ...env, CUTOVER_COMMAND: command, CUTOVER_STATE: state, ...variables(event, facts) },
        timeout: timeLimitMs,
      });
      child.once('error', (error) => reject(new Error(`\`${commandLine}\` could not be started: ${error.message}`)));
      child.once('exit', (code, signal) => {
        if (code === 0) return resolve();
        const end =
          code === null
            ? `was ended by ${signal} (the time limit is ${timeLimitMs / 1000} s)`
            : `ended with exit code ${code}`;
        reject(new Error(`\`${commandLine}\` ${end}`));
      });
    });
}

function variables(event: HookEvent, { written, failed, skipped, total, reason }: HookFacts): Record<string, string> {
  return {
    CUTOVER_EVENT: event,
    CUTOVER_REASON: reason,
    CUTOVER_WRITTEN: String(written),
    CUTOVER_FAILED: String(failed),
    CUTOVER_SKIPPED: String(skipped),
    CUTOVER_TOTAL: String(total),
  };
}
