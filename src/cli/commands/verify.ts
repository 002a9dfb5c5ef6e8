import { verifyProblems } from '../../migrate/control/attention.js';
import type { GroupVerification } from '../../migrate/results.js';
import { formatCount } from '../../words.js';
import { type CommandResult, defineCommand } from '../define-command.js';
import { COMMON_OPTIONS, defined, READ_OPTIONS } from '../options/common.js';
import { ENDURING_OPTIONS } from '../options/enduring.js';
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
    const result = await withPlannedPool(
      settings,
      (opened) =>
        runVerify({
          ...opened,
          ...defined({ readRps: settings.readRps, patienceMs: settings.patience }),
          signal,
          clock,
          onProgress: screen.progress,
        }),
      'verify',
    );
    const { checked, right, wrong, missing, duplicates, unlisted = 0, gone = 0, groups } = result;
    const attention = verifyProblems(result) > 0;
    return {
      json: result,
      attention,
      summary: [
        attention
          ? colours.bold(colours.yellow(`${formatUsers(right)} of ${formatCount(checked)} are right`))
          : colours.bold(colours.green(`All ${formatUsers(checked)} are right`)),
        ...formatTable([
          ['wrong', `${formatCount(wrong)} (a value other than the plan's, or another user)`],
          ['missing', `${formatCount(missing)} (no value yet)`],
          ['duplicates', `${formatCount(duplicates)} (share their value with another user)`],
          ...(unlisted === 0 ? [] : [unlistedRow(unlisted)]),
          ...(gone === 0 ? [] : [goneRow(gone)]),
          ...(groups === undefined ? [] : [groupRow(groups)]),
        ]),
        ...(missing + (groups?.missing ?? 0) > 0 ? ['', 'Write what is missing:', `  ${again('apply')}`] : []),
        ...(wrong + duplicates > 0 ? ['', 'See who, and what to do:', `  ${again('report --html report.html')}`] : []),
      ],
    };
  },
});

const unlistedRow = (users: number): [string, string] => [
  'unlisted',
  `${formatCount(users)} (in the pool, but missing from its listing: verify again)`,
];
const goneRow = (users: number): [string, string] => ['gone', `${formatCount(users)} (deleted since the plan)`];

function groupRow({ checked, right, missing, extra }: GroupVerification): [string, string] {
  const counts = `${formatPart(right, checked)} groups and memberships are right`;
  return ['groups', `${counts}, ${formatCount(missing)} missing, ${formatCount(extra)} members not in the plan`];
}
