import { type CommandResult, defineCommand } from '../command.js';
import { COMMON_OPTIONS, defined, PACE_OPTIONS, WRITE_OPTIONS } from '../options/common.js';
import { CONTROL_OPTIONS, controlOf } from '../options/control.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import { flagOption } from '../options/option.js';
import { withPlannedPool } from '../pools.js';
import { formatChanges, formatCount, formatDuration, formatTable, formatUsers } from '../terminal/format.js';
import { askBeforeWriting } from './confirm.js';

export const applyCommand = defineCommand({
  name: 'apply',
  summary: 'write what the plan says',
  description:
    'Writes what the plan says, after showing what it takes and asking. Can be stopped at any time, even killed, and goes on where it stopped.',
  examples: [
    'cognito-cutover apply --new-pool eu-west-1_New',
    'cognito-cutover apply --config cutover.json --max-writes 100',
    'cognito-cutover apply --config cutover.json --rps 20 --yes --json',
  ],
  options: {
    ...COMMON_OPTIONS,
    ...ENDURING_OPTIONS,
    ...CONTROL_OPTIONS,
    ...PACE_OPTIONS,
    ...WRITE_OPTIONS,
    overwrite: flagOption('also write users of outcome "conflict"'),
    allowWritableAttribute: flagOption('go on although an app client may write the attribute'),
  },
  run: async (settings, context): Promise<CommandResult> => {
    const { screen, signal, clock, colours, again } = context;
    const { rps, mauPrice, maxWrites, overwrite, allowWritableAttribute } = settings;
    const confirm = askBeforeWriting('Write', settings.yes, context);
    const { runApply } = await import('../../migrate/apply.js');
    const { result, counted } = await withPlannedPool(settings, async (opened) => ({
      counted: opened.newGroups === undefined ? formatUsers : formatChanges,
      result: await runApply({
        ...opened,
        ...defined({ rps, mauPrice, maxWrites, patienceMs: settings.patience }),
        ...controlOf('apply', settings, context),
        overwrite,
        allowWritableAttribute,
        confirm,
        signal,
        clock,
        onProgress: screen.progress,
      }),
    }));
    const { written, failed, skipped, remaining, throttled, seconds } = result;
    const next =
      remaining > 0
        ? [`${counted(remaining)} remain. Go on with:`, `  ${again('apply')}`]
        : ['Now prove that every value is right:', `  ${again('verify')}`];
    const failures =
      failed > 0
        ? [`${counted(failed)} could not be written. See why:`, `  ${again('report --html report.html')}`]
        : [];
    return {
      json: result,
      attention: failed > 0,
      summary: [
        colours.bold(
          result.attempts === 0 ? 'Nothing was written' : `Wrote ${counted(written)} in ${formatDuration(seconds)}`,
        ),
        ...formatTable([
          ['failed', formatCount(failed)],
          ['skipped', `${formatCount(skipped)} (deleted since the plan)`],
          ['throttled', `${formatCount(throttled)} of ${formatCount(result.attempts)} calls`],
        ]),
        '',
        ...failures,
        ...next,
      ],
    };
  },
});
