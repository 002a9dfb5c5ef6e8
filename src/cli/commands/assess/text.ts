import type { Assessment } from '../../../assess/assess.js';
import type { Finding, Severity } from '../../../assess/finding.js';
import { needsUpdateFunction, UPDATE_FUNCTION, withUpdateFunction } from '../../../assess/fix/update-function.js';
import { counted, formatCount } from '../../../words.js';
import { formatDollars, formatTable, formatTime, formatUsers, visible, visibleLines } from '../../terminal/format.js';
import type { Colours } from '../../terminal/terminal.js';
import { fold } from '../../terminal/wrapped.js';
import {
  findingGroups,
  isCode,
  NO_ADVICE,
  NO_COST,
  originsOf,
  permissions,
  populationRows,
  prices,
  type Reader,
  range,
  shareOf,
  timeOf,
  verdictOf,
  WAY_NAMES,
  written,
} from './in-words.js';

export const MARKS: Readonly<Record<Severity, string>> = { blocker: 'BLOCKER', warning: 'WARNING', info: 'NOTE' };

/** The whole report for a terminal. */
export function assessmentLines(given: Assessment, colours: Colours, width = Number.POSITIVE_INFINITY): string[] {
  const reader = { colours, width };
  const assessment = readable(given);
  const sections = [
    [counts(assessment, colours), ...written(verdictOf(assessment).text, reader)],
    header(assessment, colours),
    ...recommendation(assessment, reader),
    cost(assessment, reader),
    updateFunction(assessment, colours),
    ...findings(assessment, reader),
    undetermined(assessment, reader),
    differences(assessment, colours),
    secondFactors(assessment, reader),
    recency(assessment, reader),
    [counts(assessment, colours)],
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

/** Names are foreign text: they must not move the cursor, colour or hide what follows, or begin a line. Only fixes have several lines. */
function readable<T>(part: T, write = visible): T {
  if (typeof part === 'string') return write(part) as T;
  if (Array.isArray(part)) return part.map((one) => readable(one)) as T;
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).map(([key, one]) => [
    visible(key),
    readable(one, key === 'fix' ? visibleLines : visible),
  ]);
  return Object.fromEntries(entries) as T;
}

/** How many findings there are of each kind, and how many checks passed. */
export function counts({ summary }: Assessment, colours: Colours): string {
  const { blocker, warning, info, passed, notDetermined } = summary;
  const parts = [
    blocker > 0 ? colours.red(counted(blocker, 'blocker')) : 'no blockers',
    warning > 0 ? colours.yellow(counted(warning, 'warning')) : 'no warnings',
    counted(info, 'note'),
    colours.green(`${counted(passed, 'check')} passed`),
    ...(notDetermined > 0 ? [colours.yellow(`${notDetermined} not determined`)] : []),
  ];
  return colours.bold(parts.join(', '));
}

function header({ takenAt, pools }: Assessment, colours: Colours): string[] {
  return [
    colours.bold(`Pools as of ${formatTime(new Date(takenAt))}`),
    ...pools.flatMap(({ side, userPoolId, name, users }) => [
      `${side} pool ${userPoolId}${name ? ` (${name})` : ''}: ${users === null ? 'users could not be listed' : formatUsers(users.total)}`,
      ...(users === null
        ? []
        : formatTable(
            [
              ...originsOf(users).map((origin): [string, string] => [formatCount(origin.users), origin.label]),
              ...populationRows(users),
            ],
            'right',
          )),
    ]),
  ];
}

function recommendation({ recommendation: advice }: Assessment, reader: Reader): string[][] {
  const { colours } = reader;
  if (advice === null) return [written(NO_ADVICE, reader)];
  return [
    [
      colours.bold('Which way fits whom'),
      ...advice.shares.flatMap(({ title, users, share, why }) => [
        `  ${title}: ${shareOf(users, share)}`,
        ...written(`    ${why}`, reader, '    ').map(colours.dim),
      ]),
      ...[advice.replication, advice.providerDirectly].flatMap((advised) =>
        advised === undefined ? [] : written(`  ${advised}`, reader, '  '),
      ),
    ],
    [
      colours.bold('Order of steps'),
      ...advice.procedure.flatMap(({ step, settles }, at) => [
        ...written(`  ${`${at + 1}.`.padStart(3)} ${step}`, reader, '      '),
        ...(settles.length > 0
          ? written(`      Settles ${settles.join(', ')}`, reader, '      ').map(colours.dim)
          : []),
      ]),
    ],
  ];
}

function cost({ cost: estimate }: Assessment, reader: Reader): string[] {
  if (estimate === null) return [];
  const { rps, ways } = estimate;
  const { colours } = reader;
  return [
    colours.bold('Cost of giving users their legacy id'),
    ...ways.flatMap((way) => [
      ...written(
        `  ${WAY_NAMES[way.way]}: ${formatUsers(way.users)}, ${formatCount(way.writes)} writes${
          way.hours > 0 ? ` (${timeOf(way)} at ${rps} a second)` : ''
        }, ${formatCount(way.monthlyActiveUsers)} monthly active users, about ${formatDollars(way.dollars)}`,
        reader,
        '    ',
      ),
      ...written(`    ${way.note}`, reader, '    ').map(colours.dim),
    ]),
    ...written(
      `  ${ways.length === 0 ? NO_COST : `${prices(estimate)}, without free tier and discounts.`}`,
      reader,
      '  ',
    ).map(colours.dim),
  ];
}

const indented = (text: string): string[] => text.split('\n').map((line) => `      ${line}`);

function updateFunction({ findings: all }: Assessment, colours: Colours): string[] {
  if (!all.some(({ fix }) => needsUpdateFunction(fix))) return [];
  return [
    `${colours.bold('For the fixes below')}: define this function once in the shell in which you run them`,
    ...indented(UPDATE_FUNCTION),
  ];
}

function findings(assessment: Assessment, reader: Reader): string[][] {
  const { colours } = reader;
  return findingGroups(assessment.findings).flatMap(({ heading, note, findings: some }) => [
    [colours.bold(`${heading}: ${some.length}`), ...(note === undefined ? [] : written(`  ${note}`, reader, '  '))],
    ...some.map((finding) => findingLines(finding, reader)),
  ]);
}

function findingLines(finding: Finding, reader: Reader): string[] {
  const { colours } = reader;
  const { severity, title, seen, why, fix, docs } = finding;
  const head = `${markOf(severity, colours)} ${colours.bold(title)} ${colours.dim(whereOf(finding))}`;
  return [
    ...fold(head, reader.width, '  '),
    ...written(`  Seen: ${seen}`, reader, '        '),
    ...written(`  Why:  ${why}`, reader, '        '),
    '  Fix:',
    ...(isCode(fix) ? indented(withUpdateFunction(fix)) : written(`      ${fix}`, reader, '      ')),
    colours.dim(`  ${docs}`),
  ];
}

/** `BLOCKER`, in the colour of the severity. */
export function markOf(severity: Severity, colours: Colours): string {
  const paint = { blocker: colours.red, warning: colours.yellow, info: colours.cyan }[severity];
  return paint(colours.bold(MARKS[severity]));
}

const whereOf = ({ id, userPoolId, comparedWith }: Finding): string =>
  `${id}, ${userPoolId}${comparedWith === undefined ? '' : ` compared with ${comparedWith}`}`;

function undetermined({ notDetermined }: Assessment, reader: Reader): string[] {
  const { colours } = reader;
  if (notDetermined.length === 0) return [];
  return [
    colours.bold('Not determined'),
    ...permissions(notDetermined).flatMap(({ permission, userPoolId, reason, ids }) =>
      written(
        `  ${permission} on ${userPoolId} is ${reason === 'denied' ? 'denied' : 'not supported'}: ${ids.join(', ')}`,
        reader,
        '    ',
      ),
    ),
  ];
}

function differences({ settings, pools }: Assessment, colours: Colours): string[] {
  const differing = settings.filter(({ differs }) => differs);
  if (differing.length === 0) return [];
  const names = pools.map(({ side }) => side);
  return [
    colours.bold('Settings that differ'),
    ...differing.flatMap(({ setting, values, fixed }) => [
      `  ${setting}${fixed ? ' (fixed when the pool was created)' : ''}`,
      ...values.map((value, at) => `    ${`${names[at]}:`.padEnd(8)} ${value ?? 'not readable'}`),
    ]),
  ];
}

function secondFactors({ mfa }: Assessment, reader: Reader): string[] {
  const { colours } = reader;
  return mfa.flatMap(({ userPoolId, mode, kinds, how, atLeast, atMost, ways }) => [
    `${colours.bold('MFA')} of ${userPoolId}: ${mode}${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}`,
    ...written(`  ${how}`, reader, '  '),
    ...(mode === 'OFF' ? [] : [`  Users with a second factor: ${range(atLeast, atMost)}`]),
    ...ways.flatMap(({ way, meaning }) => written(`  ${way}: ${meaning}`, reader, '    ')),
  ]);
}

function recency({ recency: estimate }: Assessment, reader: Reader): string[] {
  if (estimate === null) return [];
  const { colours } = reader;
  return [
    colours.bold('Users who move by signing in (estimate)'),
    ...formatTable([
      ['after', 'with a password        through a provider'],
      ...estimate.curve.map((point): [string, string] => [
        counted(point.days, 'day'),
        `${shareOf(point.native, point.nativeShare).padEnd(22)} ${shareOf(point.federated, point.federatedShare)}`,
      ]),
    ]),
    ...estimate.flat.flatMap((sentence) => written(`  ${sentence}`, reader, '    ')),
    ...written(`  ${estimate.method}`, reader, '  ').map(colours.dim),
  ];
}
