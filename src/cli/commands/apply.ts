import { applyNeedsAPerson } from '../../migrate/control/attention.js';
import { readUsersFile } from '../../migrate/control/users-file.js';
import type { ApplyResult } from '../../migrate/results.js';
import type { ApplyOptions } from '../../migrate/run-options.js';
import { formatCount } from '../../words.js';
import { type CommandContext, type CommandResult, defineCommand } from '../define-command.js';
import { AGE_OPTIONS, COMMON_OPTIONS, defined, PACE_OPTIONS, RPS, WRITE_OPTIONS } from '../options/common.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import {
  type CliOptions,
  commandLineOnly,
  countOption,
  fileOption,
  flagOption,
  numberOption,
  type Settings,
} from '../options/option.js';
import { type OpenedPlan, withPlannedPool } from '../pools.js';
import { CONTROL_OPTIONS, controlOf } from '../run-control/control-options.js';
import { formatChanges, formatDuration, formatPart, formatTable, formatUsers } from '../terminal/format.js';
import { askBeforeWriting, type Confirm } from './confirm.js';
import { showTarget, targetOfPlan } from './target.js';

/** Whom to write, and when to stop. They belong to one run, not to a file that is kept. */
const SELECTION_OPTIONS = {
  only: commandLineOnly(fileOption('<file>', 'write only the users of this CSV file, by its column new_username')),
  dryRun: commandLineOnly(flagOption('check and read everything, but write nothing')),
  ...AGE_OPTIONS,
  readRps: numberOption(
    '<number>',
    'maximum ListUsers calls per second (default: 15, or as many as --rps, up to 25)',
    RPS,
  ),
} satisfies CliOptions;

/** What else applies to the writes of a whole plan. */
export const APPLY_OPTIONS = {
  ...CONTROL_OPTIONS,
  overwrite: flagOption('also write users with the outcome "conflict"'),
  allowWritableAttribute: flagOption('continue although an app client can write the attribute'),
  maxFailed: countOption('<number>', 'stop after this many failed writes'),
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
  stage: 'backfill',
  summary: 'write what the plan says',
  description:
    'Shows what the plan takes, asks, and writes it. Reads each user again just before the write, and skips users who changed since the plan. You can stop it at any time, even kill it; run it again to continue.',
  examples: [
    'cognito-cutover apply --new-pool eu-west-1_New',
    'cognito-cutover apply --config cutover.json --dry-run',
    'cognito-cutover apply --config cutover.json --only staff.csv --max-failed 1',
    'cognito-cutover apply --config cutover.json --rps 20 --yes --json',
  ],
  options: OPTIONS,
  run: async (settings, context): Promise<CommandResult> => {
    const { dryRun, maxPlanAge } = settings;
    const only = settings.only === undefined ? undefined : readUsersFile('--only', settings.only);
    const confirm = dryRun ? undefined : askBeforeWriting('Write', settings.yes, context);
    const how = { dryRun, ...defined({ only, maxPlanAge, confirm }) };
    return describe(await applyPlan(settings, how, context), only !== undefined, context);
  },
});

interface Applied {
  readonly result: ApplyResult;
  /** Users, or with groups changes: one user may have several. */
  readonly counted: (count: number) => string;
}

type ApplySettings = Omit<Settings<typeof OPTIONS>, keyof typeof SELECTION_OPTIONS> & {
  readonly readRps?: number | undefined;
};

/** Writes what the finished plan says. */
export async function applyPlan(
  settings: ApplySettings,
  how: Pick<ApplyOptions, 'only' | 'maxPlanAge' | 'dryRun' | 'plan'> & { readonly confirm?: Confirm },
  context: CommandContext,
  command = 'apply',
): Promise<Applied> {
  const { screen, signal, clock } = context;
  const { rps, readRps, mauPrice, maxWrites, maxFailed, overwrite, allowWritableAttribute } = settings;
  const { runApply } = await import('../../migrate/apply.js');
  const { confirm, dryRun = false, ...which } = how;
  const work = async (opened: OpenedPlan) => {
    const target = () => targetOfPlan(opened, settings.newRoleArn, signal);
    const result = await runApply({
      ...opened,
      ...which,
      dryRun,
      ...defined({ confirm: confirm && (async (estimate, doubt) => confirm(estimate, doubt, await target())) }),
      ...defined({ rps, readRps, mauPrice, maxWrites, maxFailed, patienceMs: settings.patience }),
      ...controlOf(command, settings, context.env),
      overwrite,
      allowWritableAttribute,
      signal,
      clock,
      onProgress: screen.progress,
    });
    if (dryRun) await showTarget(target(), context);
    return { result, counted: opened.newGroups === undefined ? formatUsers : formatChanges };
  };
  return withPlannedPool(settings, work, 'write', command);
}

function describe({ result, counted }: Applied, isPart: boolean, { colours, again }: CommandContext): CommandResult {
  const { failed, skipped, changed, remaining, throttled, attempts, stoppedBy } = result;
  const seeWhy = `  ${again('report --html report.html')}`;
  const next =
    remaining > 0
      ? [
          `Still to write${isPart ? ', of the whole plan' : ''}: ${counted(remaining)}. Continue with:`,
          `  ${again('apply')}`,
        ]
      : ['Next, prove that every value is right:', `  ${again('verify')}`];
  return {
    json: result,
    attention: applyNeedsAPerson(result),
    summary: [
      colours.bold(titleOf(result, counted)),
      ...formatTable([
        ['failed', formatCount(failed)],
        ['skipped', `${formatCount(skipped)} (deleted or changed since the plan)`],
        ['throttled', `${formatPart(throttled, attempts)} calls`],
      ]),
      '',
      ...(stoppedBy === undefined ? [] : ['Stopped by --max-failed.']),
      ...(failed > 0 ? [`${counted(failed)} could not be written. See why:`, seeWhy] : []),
      ...(changed > 0 ? [`${counted(changed)} changed since the plan. See why, then plan again:`, seeWhy] : []),
      ...next,
    ],
  };
}

function titleOf(
  { dryRun, wouldWrite = 0, attempts, written, seconds }: ApplyResult,
  counted: Applied['counted'],
): string {
  if (dryRun) return `Would write ${counted(wouldWrite)}; nothing was written`;
  return attempts === 0 ? 'Nothing was written' : `Wrote ${counted(written)} in ${formatDuration(seconds)}`;
}
