import { toWrite, verifyProblems } from '../../migrate/control/attention.js';
import type { GroupVerification, StatusResult, VerifyResult } from '../../migrate/results.js';
import { formatCount } from '../../words.js';
import { type CommandContext, type CommandResult, defineCommand } from '../define-command.js';
import { COMMON_OPTIONS, defined, READ_OPTIONS } from '../options/common.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
import { nextPlan, OTHER_OPTIONS } from '../options/next-plan.js';
import { withPlannedPool } from '../pools.js';
import { formatPart, formatTable, formatUsers } from '../terminal/format.js';

export const verifyCommand = defineCommand({
  name: 'verify',
  stage: 'backfill',
  summary: 'prove that every value is right',
  description: 'Reads the new pool again and compares the value of each user with the plan. Writes nothing to a pool.',
  examples: [
    'cognito-cutover verify --new-pool eu-west-1_New',
    'cognito-cutover verify --config cutover.json --json || echo "not all right yet"',
  ],
  options: { ...COMMON_OPTIONS, ...READ_OPTIONS, ...ENDURING_OPTIONS },
  run: async (settings, { screen, signal, clock, colours, again }): Promise<CommandResult> => {
    const { runVerify } = await import('../../migrate/verify.js');
    const { readStatus } = await import('../../migrate/report.js');
    const { result, status } = await withPlannedPool(
      settings,
      async (opened) => ({
        result: await runVerify({
          ...opened,
          ...defined({ readRps: settings.readRps, patienceMs: settings.patience }),
          signal,
          clock,
          onProgress: screen.progress,
        }),
        status: readStatus(opened.state),
      }),
      'verify',
    );
    const { wrong, missing, duplicates, unlisted = 0, gone = 0, rolledBack = 0, groups } = result;
    const attention = verifyProblems(result) > 0;
    return {
      json: result,
      attention,
      summary: [
        attention ? colours.bold(colours.yellow(titleOf(result))) : colours.bold(colours.green(titleOf(result))),
        ...formatTable([
          ['wrong', `${formatCount(wrong)} (a value other than the plan's, or another user)`],
          ['missing', `${formatCount(missing)} (no value${rolledBack === missing ? '' : ' yet'})`],
          ...(rolledBack === 0 ? [] : [rolledBackRow(rolledBack)]),
          ['duplicates', `${formatCount(duplicates)} (share their value with another user)`],
          ...(unlisted === 0 ? [] : [unlistedRow(unlisted)]),
          ...(gone === 0 ? [] : [goneRow(gone)]),
          ...(groups === undefined ? [] : [groupRow(groups)]),
        ]),
        ...nextSteps(result, status, { again, plan: nextPlan(status, settings) }),
      ],
    };
  },
});

function titleOf(result: VerifyResult): string {
  const { checked, right, rolledBack = 0 } = result;
  if (rolledBack > 0) {
    const others = right === 0 ? '' : `${formatPart(right, checked - rolledBack)} are right, `;
    return `${others}${formatUsers(rolledBack)} ${rolledBack === 1 ? 'has' : 'have'} no value after the rollback, as expected`;
  }
  return verifyProblems(result) === 0
    ? `All ${formatUsers(checked)} are right`
    : `${formatUsers(right)} of ${formatCount(checked)} are right`;
}

interface Next {
  readonly again: CommandContext['again'];
  readonly plan: string;
}

function nextSteps(result: VerifyResult, { phase, writes }: StatusResult, { again, plan }: Next): string[] {
  const { wrong, duplicates, rolledBack = 0, groups } = result;
  const who = ['', 'See who, and what to do:', `  ${again('report --html report.html')}`];
  return [
    ...(phase === 'rolling-back'
      ? ['', 'The rollback is not finished. Continue with:', `  ${again('rollback')}`]
      : toWrite(result) > 0
        ? writes.remaining + writes.failed > 0
          ? ['', 'Write what is missing:', `  ${again('apply')}`]
          : // It would not write again what it has written or skipped.
            [
              '',
              'apply has nothing left to write: it skipped what is missing, or somebody removed it since. Plan again, then apply:',
              `  ${again(plan)}`,
            ]
        : []),
    ...(rolledBack + (groups?.rolledBack ?? 0) > 0 && phase !== 'rolling-back'
      ? ['', 'To write again what was rolled back, plan again:', `  ${again(plan)}`, OTHER_OPTIONS]
      : []),
    ...(wrong + duplicates > 0 ? who : []),
  ];
}

const rolledBackRow = (users: number): [string, string] => [
  'rolled back',
  `${formatCount(users)} (of the missing: expected after the rollback)`,
];
const unlistedRow = (users: number): [string, string] => [
  'unlisted',
  `${formatCount(users)} (in the pool, but missing from its listing: verify again)`,
];
const goneRow = (users: number): [string, string] => ['gone', `${formatCount(users)} (deleted since the plan)`];

function groupRow({ checked, right, missing, rolledBack = 0, extra }: GroupVerification): [string, string] {
  const back = rolledBack === 0 ? '' : ` (${formatCount(rolledBack)} rolled back)`;
  const counts = `${formatPart(right, checked)} groups and memberships are right`;
  return ['groups', `${counts}, ${formatCount(missing)} missing${back}, ${formatCount(extra)} members not in the plan`];
}
