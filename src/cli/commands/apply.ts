import type { ApplyResult } from '../../migrate/results.js';
import type { ApplyOptions } from '../../migrate/run-options.js';
import { type CommandContext, type CommandResult, defineCommand } from '../command.js';
import { readUsersFile } from '../files/users-file.js';
import { AGE_OPTIONS, COMMON_OPTIONS, defined, PACE_OPTIONS, WRITE_OPTIONS } from '../options/common.js';
import { CONTROL_OPTIONS, controlOf } from '../options/control.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import { type CliOptions, fileOption, flagOption, numberOption, type Settings } from '../options/option.js';
import { withPlannedPool } from '../pools.js';
import { formatChanges, formatCount, formatDuration, formatTable, formatUsers } from '../terminal/format.js';
import { askBeforeWriting } from './confirm.js';

/** Whom to write, and when to stop. They belong to one run, not to a file that is kept. */
const SELECTION_OPTIONS = {
  only: { ...fileOption('<file>', 'write only these users: a CSV with a column new_username'), commandLineOnly: true },
  dryRun: { ...flagOption('check and read everything, and write nothing'), commandLineOnly: true },
  ...AGE_OPTIONS,
  readRps: numberOption('<number>', 'most ListUsers calls per second (default: 15, or as many as --rps, up to 25)', {
    min: 0.1,
    max: 1_000,
  }),
} satisfies CliOptions;

/** What else concerns the writes of a whole plan. */
export const APPLY_OPTIONS = {
  ...CONTROL_OPTIONS,
  overwrite: flagOption('also write users of outcome "conflict"'),
  allowWritableAttribute: flagOption('go on although an app client may write the attribute'),
  maxFailed: numberOption('<number>', 'stop after this many failed writes', { min: 1, max: 1e9, integer: true }),
} satisfies CliOptions;

const OPTIONS = {
  ...COMMON_OPTIONS,
  ...ENDURING_OPTIONS,
  ...APPLY_OPTIONS,
  ...PACE_OPTIONS,
  ...WRITE_OPTIONS,
  ...SELECTION_OPTIONS,
};

export const applyCommand = defineCommand({
  name: 'apply',
  summary: 'write what the plan says',
  description:
    'Writes what the plan says, after showing what it takes and asking. Reads each user again just before, and skips who is no longer as planned. Can be stopped at any time, even killed, and goes on where it stopped.',
  examples: [
    'cognito-cutover apply --new-pool eu-west-1_New',
    'cognito-cutover apply --config cutover.json --dry-run',
    'cognito-cutover apply --config cutover.json --only staff.csv --max-failed 1',
    'cognito-cutover apply --config cutover.json --rps 20 --yes --json',
  ],
  options: OPTIONS,
  run: async (settings, context): Promise<CommandResult> => {
    const { colours, again } = context;
    const { dryRun } = settings;
    const only = settings.only === undefined ? undefined : readUsersFile('--only', settings.only);
    const confirm = dryRun ? undefined : askBeforeWriting('Write', settings.yes, context);
    const { maxPlanAge } = settings;
    const { result, counted } = await applyPlan(
      settings,
      { dryRun, ...defined({ only, maxPlanAge, confirm }) },
      context,
    );
    const { failed, remaining, changed } = result;
    const next =
      remaining > 0
        ? [
            `${counted(remaining)} ${only === undefined ? '' : 'of the whole plan '}remain. Go on with:`,
            `  ${again('apply')}`,
          ]
        : ['Now prove that every value is right:', `  ${again('verify')}`];
    const seeWhy = [`  ${again('report --html report.html')}`];
    const forAPerson = [
      ...(failed > 0 ? [`${counted(failed)} could not be written. See why:`, ...seeWhy] : []),
      ...(changed > 0 ? [`No longer as planned: ${counted(changed)}. See why, then plan again:`, ...seeWhy] : []),
    ];
    return {
      json: result,
      attention: failed + changed > 0 || result.stoppedBy !== undefined,
      summary: [
        colours.bold(titleOf(result, counted)),
        ...formatTable([
          ['failed', formatCount(failed)],
          ['skipped', `${formatCount(result.skipped)} (deleted or changed since the plan)`],
          ['throttled', `${formatCount(result.throttled)} of ${formatCount(result.attempts)} calls`],
        ]),
        '',
        ...(result.stoppedBy === undefined ? [] : ['Stopped by --max-failed.']),
        ...forAPerson,
        ...next,
      ],
    };
  },
});

type ApplySettings = Omit<Settings<typeof OPTIONS>, keyof typeof SELECTION_OPTIONS> & {
  readonly readRps?: number | undefined;
};

/** Writes what the finished plan says. */
export async function applyPlan(
  settings: ApplySettings,
  how: Pick<ApplyOptions, 'only' | 'maxPlanAge' | 'confirm' | 'dryRun' | 'plan'>,
  context: CommandContext,
  command = 'apply',
): Promise<{ readonly result: ApplyResult; readonly counted: (count: number) => string }> {
  const { screen, signal, clock } = context;
  const { rps, readRps, mauPrice, maxWrites, maxFailed, overwrite, allowWritableAttribute } = settings;
  const { runApply } = await import('../../migrate/apply.js');
  return withPlannedPool(settings, async (opened) => ({
    counted: opened.newGroups === undefined ? formatUsers : formatChanges,
    result: await runApply({
      ...opened,
      ...how,
      ...defined({ rps, readRps, mauPrice, maxWrites, maxFailed, patienceMs: settings.patience }),
      ...controlOf(command, settings, context),
      overwrite,
      allowWritableAttribute,
      signal,
      clock,
      onProgress: screen.progress,
    }),
  }));
}

function titleOf(
  { dryRun, wouldWrite = 0, attempts, written, seconds }: ApplyResult,
  counted: (n: number) => string,
): string {
  if (dryRun) return `Would write ${counted(wouldWrite)}; nothing was written`;
  return attempts === 0 ? 'Nothing was written' : `Wrote ${counted(written)} in ${formatDuration(seconds)}`;
}
