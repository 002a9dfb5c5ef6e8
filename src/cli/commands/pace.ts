import { type CommandResult, defineCommand } from '../define-command.js';
import { defined, RPS, STATE_OPTIONS } from '../options/common.js';
import { commandLineOnly, flagOption, numberOption, refuseTogether } from '../options/option.js';
import { withState } from '../pools.js';
import { formatRate, formatTable } from '../terminal/format.js';

export const paceCommand = defineCommand({
  name: 'pace',
  stage: 'backfill',
  summary: 'change the pace of a running apply, pause it or resume it',
  description:
    'Changes how fast a running apply or rollback writes, or pauses it, within two seconds. A pause also holds later runs, until --resume. A pace also applies to later runs without --rps. Without options, it shows what is set.',
  examples: [
    'cognito-cutover pace --rps 5',
    'cognito-cutover pace --pause',
    'cognito-cutover pace --resume --state cutover.db',
  ],
  options: {
    ...STATE_OPTIONS,
    rps: numberOption('<number>', 'maximum writes per second from now on', RPS),
    pause: commandLineOnly(flagOption('write nothing until --resume')),
    resume: commandLineOnly(flagOption('continue after a pause')),
  },
  run: async (settings, context): Promise<CommandResult> => {
    const { pause, resume } = settings;
    if (pause && resume) refuseTogether('--pause', '--resume');
    const { changeControl, readControl } = await import('../../migrate/control/control.js');
    return withState(settings, 'control', async (state) => {
      // The rate of the config file is for the commands that write; showing the settings must not set it.
      const rps = context.given('rps') ? settings.rps : undefined;
      const paused = pause ? true : resume ? false : undefined;
      const isChange = rps !== undefined || paused !== undefined;
      const control = isChange ? changeControl(state, defined({ rps, paused })) : readControl(state);
      const { running } = state;
      return {
        json: { ...control, running },
        attention: false,
        summary: formatTable([
          ['pace', control.rps === null ? 'as --rps of apply or rollback says' : `at most ${formatRate(control.rps)}`],
          ['paused', control.paused ? context.colours.yellow('yes: nothing is written until --resume') : 'no'],
          ['running', running ? 'yes' : 'no: this applies to the next run'],
        ]),
      };
    });
  },
});
