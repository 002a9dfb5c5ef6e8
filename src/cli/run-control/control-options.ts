import { USER_UPDATE_QUOTA } from '../../migrate/calls/quotas.js';
import type { ControlOptions } from '../../migrate/control/control.js';
import { checkString } from '../../options.js';
import { defined } from '../options/common.js';
import {
  addressCheck,
  type Check,
  type CliOptions,
  numberOption,
  refuseWithout,
  type Settings,
  valueOption,
} from '../options/option.js';
import { type HookedRun, hookCommand } from './hook-command.js';
import { waitWhile } from './wait-while.js';

const given = (expected: string): Check<string> => {
  return (name, value) => checkString(name, value, expected);
};

/** For every command that writes users for hours: how fast at most, when, and who is told. */
export const CONTROL_OPTIONS = {
  quota: numberOption(
    '<number>',
    `writes per second that AWS granted this account; needed for --rps above ${USER_UPDATE_QUOTA}`,
    { min: 1, max: 100_000 },
  ),
  between: valueOption(
    '<hours>',
    'write only during these hours, for example 22:00-06:00',
    given('hours like 22:00-06:00'),
  ),
  timeZone: valueOption(
    '<zone>',
    "time zone of --between, for example Europe/Berlin (default: this machine's)",
    given('a time zone like Europe/Berlin'),
  ),
  waitWhile: valueOption(
    '<url>',
    'address to ask every 10 s; nothing is written while it answers anything but 2xx',
    addressCheck('an http or https address'),
  ),
  hook: valueOption('<command>', 'shell command to run at each event; if it fails, the run stops', given('a command')),
} satisfies CliOptions;

/** The options as a run wants them. `command` is the running command, for its hook. */
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
  if (timeZone !== undefined && between === undefined) refuseWithout('--time-zone', '--between');
  return defined({
    quota,
    between: between === undefined ? undefined : { between, timeZone },
    waitWhile: url === undefined ? undefined : waitWhile(url),
    hook: hook === undefined ? undefined : hookCommand(hook, { command, state, env }),
  });
}
