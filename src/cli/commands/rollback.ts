import { type CommandResult, defineCommand } from '../command.js';
import { COMMON_OPTIONS, defined, PACE_OPTIONS, READ_OPTIONS, WRITE_OPTIONS } from '../options/common.js';
import { CONTROL_OPTIONS, controlOf } from '../options/control.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import { withPlannedPool } from '../pools.js';
import { formatChanges, formatCount, formatDuration, formatTable, formatUsers } from '../terminal/format.js';
import { askBeforeWriting } from './confirm.js';

export const rollbackCommand = defineCommand({
  name: 'rollback',
  summary: 'take back what was written',
  description:
    'Takes back exactly what this state file wrote: removes the value, or restores the one from before --overwrite, where the value is still the one it wrote.',
  examples: [
    'cognito-cutover rollback --new-pool eu-west-1_New',
    'cognito-cutover rollback --config cutover.json --max-writes 100 --yes',
  ],
  options: {
    ...COMMON_OPTIONS,
    ...READ_OPTIONS,
    ...ENDURING_OPTIONS,
    ...CONTROL_OPTIONS,
    ...PACE_OPTIONS,
    ...WRITE_OPTIONS,
  },
  run: async (settings, context): Promise<CommandResult> => {
    const { screen, signal, clock, colours, again } = context;
    const { readRps, rps, mauPrice, maxWrites } = settings;
    const confirm = askBeforeWriting('Roll back', settings.yes, context);
    const { runRollback } = await import('../../migrate/rollback.js');
    const { result, counted } = await withPlannedPool(settings, async (opened) => ({
      counted: opened.newGroups === undefined ? formatUsers : formatChanges,
      result: await runRollback({
        ...opened,
        ...defined({ readRps, rps, mauPrice, maxWrites, patienceMs: settings.patience }),
        ...controlOf('rollback', settings, context),
        confirm,
        signal,
        clock,
        onProgress: screen.progress,
      }),
    }));
    const { removed, restored, changed, skipped, failed, remaining, seconds } = result;
    return {
      json: result,
      attention: failed > 0 || changed > 0,
      summary: [
        colours.bold(
          result.attempts === 0
            ? 'Nothing was rolled back'
            : `Rolled back ${counted(removed + restored)} in ${formatDuration(seconds)}`,
        ),
        ...formatTable([
          ['removed', formatCount(removed)],
          ['restored', `${formatCount(restored)} (to the value from before --overwrite)`],
          ['changed', `${formatCount(changed)} (left alone: somebody else wrote the value since)`],
          ['skipped', `${formatCount(skipped)} (deleted since)`],
          ['failed', formatCount(failed)],
        ]),
        ...(remaining > 0 ? ['', `${counted(remaining)} remain. Go on with:`, `  ${again('rollback')}`] : []),
      ],
    };
  },
});
