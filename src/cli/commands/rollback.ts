import { rollbackNeedsAPerson } from '../../migrate/control/attention.js';
import { readUsersFile } from '../../migrate/control/users-file.js';
import { refuse } from '../../options.js';
import { formatCount } from '../../words.js';
import { type CommandResult, defineCommand } from '../define-command.js';
import { COMMON_OPTIONS, defined, PACE_OPTIONS, READ_OPTIONS, WRITE_OPTIONS } from '../options/common.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import {
  type Check,
  type CliOption,
  type CliOptions,
  commandLineOnly,
  countOption,
  fileOption,
  flagOption,
  narrowing,
  valueOption,
} from '../options/option.js';
import { type OpenedPlan, withPlannedPool } from '../pools.js';
import { CONTROL_OPTIONS, controlOf } from '../run-control/control-options.js';
import { formatChanges, formatDuration, formatTable, formatUsers } from '../terminal/format.js';
import { askBeforeWriting } from './confirm.js';
import { showTarget, targetOfPlan } from './target.js';

/** A day, or a time with its offset from UTC: what a time without one means depends on the machine. */
const ISO_DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

const date: Check<Date> = (name, value) => {
  const isDate = typeof value === 'string' && ISO_DATE.test(value) && !Number.isNaN(Date.parse(value));
  return isDate ? new Date(value) : refuse(name, 'a date like 2026-01-15 or 2026-01-15T22:00Z', value);
};

const ofOneRun = <T>(option: CliOption<T>): CliOption<T> => narrowing(commandLineOnly(option));

/** What to roll back. It belongs to one run, not to a file that is kept. */
const SCOPE_OPTIONS = {
  plan: ofOneRun(countOption('<number>', 'roll back only what was written for this plan, counted from 1')),
  since: ofOneRun(
    valueOption(
      '<date>',
      'roll back only what was written since then: 2026-01-15 (UTC) or 2026-01-15T22:00+01:00',
      date,
    ),
  ),
  users: ofOneRun(fileOption('<file>', 'roll back only the users of this CSV file, by its column new_username')),
  dryRun: commandLineOnly(flagOption('read everything and show what would be rolled back, but write nothing')),
} satisfies CliOptions;

export const rollbackCommand = defineCommand({
  name: 'rollback',
  stage: 'backfill',
  summary: 'undo what was written',
  description:
    'Undoes exactly what this state file wrote, or a part of it: removes the value, or restores the one from before --overwrite. Leaves a value alone if somebody else changed it since.',
  examples: [
    'cognito-cutover rollback --new-pool eu-west-1_New',
    'cognito-cutover rollback --config cutover.json --dry-run',
    'cognito-cutover rollback --config cutover.json --plan 3 --yes',
    'cognito-cutover rollback --config cutover.json --since 2026-01-15T22:00Z --users staff.csv',
  ],
  options: {
    ...COMMON_OPTIONS,
    ...READ_OPTIONS,
    ...ENDURING_OPTIONS,
    ...CONTROL_OPTIONS,
    ...PACE_OPTIONS,
    ...WRITE_OPTIONS,
    ...SCOPE_OPTIONS,
  },
  run: async (settings, context): Promise<CommandResult> => {
    const { screen, signal, clock, colours, again } = context;
    const { readRps, rps, mauPrice, maxWrites, plan, since, dryRun } = settings;
    const users = settings.users === undefined ? undefined : readUsersFile('--users', settings.users);
    const confirm = dryRun ? undefined : askBeforeWriting('Roll back', settings.yes, context);
    const { runRollback } = await import('../../migrate/rollback.js');
    const work = async (opened: OpenedPlan) => {
      const target = () => targetOfPlan(opened, settings.newRoleArn, signal);
      const result = await runRollback({
        ...opened,
        ...defined({ readRps, rps, mauPrice, maxWrites, plan, since, users }),
        ...defined({ confirm: confirm && (async (estimate) => confirm(estimate, undefined, await target())) }),
        ...defined({ patienceMs: settings.patience }),
        ...controlOf('rollback', settings, context.env),
        dryRun,
        signal,
        clock,
        onProgress: screen.progress,
      });
      if (dryRun) await showTarget(target(), context);
      return { result, counted: opened.newGroups === undefined ? formatUsers : formatChanges };
    };
    const { result, counted } = await withPlannedPool(settings, work, 'write', 'rollback');
    const { removed, restored, changed, skipped, failed, remaining, seconds } = result;
    return {
      json: result,
      attention: rollbackNeedsAPerson(result),
      summary: [
        colours.bold(
          dryRun
            ? `Would roll back ${counted(removed + restored)}; nothing was written`
            : result.attempts === 0
              ? 'Nothing was rolled back'
              : `Rolled back ${counted(removed + restored)} in ${formatDuration(seconds)}`,
        ),
        ...formatTable([
          ['removed', formatCount(removed)],
          ['restored', `${formatCount(restored)} (to the value from before --overwrite)`],
          ['changed', `${formatCount(changed)} (left alone: somebody else, or a later plan, wrote the value since)`],
          ['skipped', `${formatCount(skipped)} (deleted since)`],
          ['failed', formatCount(failed)],
        ]),
        ...(remaining > 0
          ? ['', `Still to take back: ${counted(remaining)}. Continue with:`, `  ${again('rollback')}`]
          : []),
      ],
    };
  },
});
