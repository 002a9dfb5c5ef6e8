import type { Assessment } from '../../../assess/assess.js';
import type { Finding, Severity } from '../../../assess/finding.js';
import { counted, formatCount } from '../../../words.js';
import {
  formatDollars,
  formatDuration,
  formatShare,
  formatTable,
  formatTime,
  formatUsers,
  visibleLines,
} from '../../terminal/format.js';
import type { Colours } from '../../terminal/terminal.js';

const MARKS: Readonly<Record<Severity, string>> = { blocker: 'BLOCKER', warning: 'WARNING', info: 'NOTE' };

export const WAY_NAMES = {
  backfill: 'Backfill of the new pool',
  'migration-trigger': 'Migration at first sign-in',
  'federation-with-legacy-pool': 'Federation with the legacy pool',
  'csv-import': 'CSV import',
} as const;

/** The report for a terminal. */
export function assessmentLines(assessment: Assessment, colours: Colours): string[] {
  const sections = [
    header(assessment, colours),
    ...assessment.findings.map((finding) => findingLines(finding, colours)),
    undetermined(assessment, colours),
    differences(assessment, colours),
    secondFactors(assessment, colours),
    recency(assessment, colours),
    cost(assessment, colours),
    recommendation(assessment, colours),
    [verdict(assessment, colours)],
  ];
  return (
    sections
      .filter((lines) => lines.length > 0)
      .flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]))
      // Names in these lines are foreign text: they must not move the cursor or hide what follows.
      .map(visibleLines)
  );
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

type Users = NonNullable<Assessment['pools'][number]['users']>;

/** Ways into the pool, with how many users have them. */
export const originsOf = (users: Users): { label: string; users: number }[] => [
  { label: 'With a password', users: users.native },
  ...Object.entries(users.byProvider)
    .map(([name, amount]) => ({ label: `Through ${name}`, users: amount }))
    .sort((a, b) => b.users - a.users),
];

/** Further facts about a pool's users, in rows of number and meaning. What does not occur is left out. */
export function populationRows(users: Users): [string, string][] {
  const rows: [number, string][] = [
    [users.linked, 'with several ways to sign in'],
    ...Object.entries(users.byStatus).map(([status, amount]): [number, string] => [amount, `of status ${status}`]),
    [users.disabled, 'disabled'],
    [users.emailVerified, 'with a verified e-mail address'],
    [users.phoneVerified, 'with a verified phone number'],
    [users.duplicateEmails.users, 'sharing an e-mail address with another user'],
    [users.duplicateEmailsIgnoringCase.users - users.duplicateEmails.users, 'more sharing one if case is ignored'],
    [users.withoutEmail, 'without an e-mail address'],
    [users.withoutSub, 'without a sub'],
  ];
  return rows.filter(([amount]) => amount > 0).map(([amount, meaning]) => [formatCount(amount), meaning]);
}

function findingLines(finding: Finding, colours: Colours): string[] {
  const { severity, title, seen, why, fix, docs } = finding;
  const paint = { blocker: colours.red, warning: colours.yellow, info: colours.cyan }[severity];
  const indented = (text: string) => text.split('\n').map((line) => `      ${line}`);
  return [
    `${paint(colours.bold(MARKS[severity]))} ${colours.bold(title)} ${colours.dim(whereOf(finding))}`,
    `  Seen: ${seen}`,
    `  Why:  ${why}`,
    '  Fix:',
    ...indented(fix),
    colours.dim(`  ${docs}`),
  ];
}

const whereOf = ({ id, userPoolId, comparedWith }: Finding): string =>
  `${id}, ${userPoolId}${comparedWith === undefined ? '' : ` compared with ${comparedWith}`}`;

function undetermined({ notDetermined }: Assessment, colours: Colours): string[] {
  if (notDetermined.length === 0) return [];
  return [
    colours.bold('Not determined'),
    ...permissions(notDetermined).map(
      ({ permission, userPoolId, reason, ids }) =>
        `  ${permission} on ${userPoolId} is ${reason === 'denied' ? 'denied' : 'not supported'}: ${ids.join(', ')}`,
    ),
  ];
}

/** The missing permissions, each with the checks that need it. */
export function permissions(notDetermined: Assessment['notDetermined']) {
  const missing = new Map<string, { permission: string; userPoolId: string; reason: string; ids: string[] }>();
  for (const { id, missing: parts } of notDetermined) {
    for (const { permission, userPoolId, reason } of parts) {
      const key = `${permission} ${userPoolId}`;
      const entry = missing.get(key) ?? { permission, userPoolId, reason, ids: [] };
      if (!entry.ids.includes(id)) entry.ids.push(id);
      missing.set(key, entry);
    }
  }
  return [...missing.values()];
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

function secondFactors({ mfa }: Assessment, colours: Colours): string[] {
  return mfa.flatMap(({ userPoolId, mode, kinds, how, atLeast, atMost, ways }) => [
    `${colours.bold('MFA')} of ${userPoolId}: ${mode}${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}`,
    `  ${how}`,
    ...(mode === 'OFF' ? [] : [`  Users with a second factor: ${range(atLeast, atMost)}`]),
    ...formatTable(ways.map(({ way, meaning }): [string, string] => [way, meaning])),
  ]);
}

export const range = (from: number, to: number): string =>
  from === to ? formatCount(from) : `${formatCount(from)} to ${formatCount(to)}`;

function recency({ recency: estimate }: Assessment, colours: Colours): string[] {
  if (estimate === null) return [];
  return [
    colours.bold('Users who move by signing in (estimate)'),
    ...formatTable([
      ['after', 'with a password        through a provider'],
      ...estimate.curve.map((point): [string, string] => [
        counted(point.days, 'day'),
        `${shareOf(point.native, point.nativeShare).padEnd(22)} ${shareOf(point.federated, point.federatedShare)}`,
      ]),
    ]),
    ...estimate.method.split(/(?<=\.) /).map((sentence) => colours.dim(`  ${sentence}`)),
  ];
}

const shareOf = (users: number, share: number): string => `${formatCount(users)} (${formatShare(share)})`;

function cost({ cost: estimate }: Assessment, colours: Colours): string[] {
  if (estimate === null) return [];
  const { rps, ways } = estimate;
  return [
    colours.bold('Cost of giving users their legacy id'),
    ...ways.flatMap((way) => [
      `  ${WAY_NAMES[way.way]}: ${formatUsers(way.users)}, ${formatCount(way.writes)} writes${
        way.hours > 0 ? ` (${formatDuration(way.hours * 3600)} at ${rps} a second)` : ''
      }, ${formatCount(way.monthlyActiveUsers)} monthly active users, about ${formatDollars(way.dollars)}`,
      colours.dim(`    ${way.note}`),
    ]),
    colours.dim(`  ${ways.length === 0 ? NO_COST : `${prices(estimate)}, without free tier and discounts.`}`),
  ];
}

/** For pools with no users to write to and no users with a password. */
export const NO_COST = 'Nothing: users arrive by signing in, and the attribute is set when they do.';

/** The price with which the cost of each pool was calculated. */
export const prices = ({ mauPrice, priceSource, legacyPrices }: NonNullable<Assessment['cost']>): string =>
  [
    `At $${mauPrice} per monthly active user of the new pool (${priceSource})`,
    ...legacyPrices.map((one) => `$${one.mauPrice} of ${one.userPoolId} (${one.priceSource})`),
  ].join(', ');

function recommendation({ recommendation: advice }: Assessment, colours: Colours): string[] {
  if (advice === null) return [];
  return [
    colours.bold('Which way fits whom'),
    ...advice.shares.flatMap(({ title, users, share, why }) => [
      `  ${title}: ${shareOf(users, share)}`,
      colours.dim(`    ${why}`),
    ]),
    ...[advice.replication, advice.providerDirectly].flatMap((advised) =>
      advised === undefined ? [] : [`  ${advised}`],
    ),
    '',
    colours.bold('Order of steps'),
    ...advice.procedure.flatMap(({ step, settles }, at) => [
      `  ${`${at + 1}.`.padStart(3)} ${step}`,
      ...(settles.length > 0 ? [colours.dim(`      Settles ${settles.join(', ')}`)] : []),
    ]),
  ];
}

function verdict({ summary }: Assessment, colours: Colours): string {
  const { blocker, warning, info, passed, notDetermined } = summary;
  const counts = [
    blocker > 0 ? colours.red(counted(blocker, 'blocker')) : 'no blockers',
    warning > 0 ? colours.yellow(counted(warning, 'warning')) : 'no warnings',
    counted(info, 'note'),
    `${counted(passed, 'check')} passed`,
    ...(notDetermined > 0 ? [colours.yellow(`${notDetermined} not determined`)] : []),
  ];
  return colours.bold(counts.join(', '));
}
