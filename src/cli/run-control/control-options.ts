import type { ControlOptions } from '../../migrate/control/control.js';
import { checkString, refuse } from '../../options.js';
import { defined } from '../options/common.js';
import { type CliOptions, numberOption, type Settings, textOption } from '../options/option.js';
import { type HookedRun, hookCommand } from './hook-command.js';
import { waitWhile } from './wait-while.js';

const httpUrl = (name: string, value: unknown): string => {
  const isUrl = typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
  return isUrl ? value : refuse(name, 'an http or https address', value);
};

/** Of every command that writes users for hours: how fast at most, when, and who is told. */
export const CONTROL_OPTIONS = {
  quota: numberOption('<number>', 'writes per second that AWS granted this account; needed for --rps above 25', {
    min: 1,
    max: 100_000,
  }),
  between: textOption('<hours>', 'write only at these hours: 22:00-06:00', (name, value) =>
    checkString(name, value, 'hours like 22:00-06:00'),
  ),
  timeZone: textOption('<zone>', "time zone of --between, like Europe/Berlin (default: the machine's)", (name, value) =>
    checkString(name, value, 'a time zone like Europe/Berlin'),
  ),
  waitWhile: textOption('<url>', 'ask this address every 10 s, and wait while it answers anything but 2xx', httpUrl),
  hook: textOption('<command>', 'run this command once per event; where it fails, the run stops', (name, value) =>
    checkString(name, value, 'a command'),
  ),
} satisfies CliOptions;

/** The options as a run wants them. `command` is the one that is run, for its hook. */
export function controlOf(
  command: string,
  {
    quota,
    between,
    timeZone,
    waitWhile: url,
    hook,
    state,
  }: Settings<typeof CONTROL_OPTIONS> & { readonly state: string },
  env: HookedRun['env'],
): ControlOptions {
  if (timeZone !== undefined && between === undefined) refuse('--time-zone', '--between beside it', timeZone);
  return defined({
    quota,
    between: between === undefined ? undefined : { between, timeZone },
    waitWhile: url === undefined ? undefined : waitWhile(url),
    hook: hook === undefined ? undefined : hookCommand(hook, { command, state, env }),
  });
}
