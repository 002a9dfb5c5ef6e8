import { ConfigurationError } from '../../errors.js';
import { type CommandResult, defineCommand } from '../define-command.js';
import { COMMON_OPTIONS, defined } from '../options/common.js';
import { flagOption, numberOption } from '../options/option.js';
import { withState } from '../pools.js';
import { formatRate, formatTable } from '../terminal/format.js';

export const paceCommand = defineCommand({
  name: 'pace',
  summary: 'change the pace of a running apply, pause it, resume it',
  description:
    'Changes how fast a running apply or rollback writes, within two seconds, or pauses it. A pause also holds later runs, until --resume; a pace also holds later runs that are not given --rps. Without options: shows what is set.',
  examples: [
    'cognito-cutover pace --rps 5',
    'cognito-cutover pace --pause',
    'cognito-cutover pace --resume --state cutover.db',
  ],
  options: {
    ...COMMON_OPTIONS,
    rps: numberOption('<number>', 'most writes per second from now on', { min: 0.1, max: 1_000 }),
    pause: { ...flagOption('write nothing until --resume'), commandLineOnly: true },
    resume: { ...flagOption('go on after a pause'), commandLineOnly: true },
  },
  run: async (settings, context): Promise<CommandResult> => {
    const { pause, resume } = settings;
    if (pause && resume) throw new ConfigurationError('--pause', 'cannot be given together with --resume');
    const { changeControl, readControl } = await import('../../migrate/control/control.js');
    return withState(settings, 'control', async (state) => {
      // The config file's rate is for the commands that write; here it would be set by a mere look.
      const rps = context.given('rps') ? settings.rps : undefined;
      const paused = pause ? true : resume ? false : undefined;
      const isChange = rps !== undefined || paused !== undefined;
      const control = isChange ? changeControl(state, defined({ rps, paused })) : readControl(state);
      const { running } = state;
      return {
        json: { ...control, running },
        attention: false,
        summary: formatTable([
          ['pace', control.rps === null ? 'as the command that writes says' : `at most ${formatRate(control.rps)}`],
          ['paused', control.paused ? context.colours.yellow('yes: nothing is written until --resume') : 'no'],
          ['running', running ? 'yes' : 'no: it will hold for the next run'],
        ]),
      };
    });
  },
});
