import type { Assessment } from '../../../assess/assess.js';
import type { Finding } from '../../../assess/finding.js';
import { counted, formatCount, listed } from '../../../words.js';
import { formatColumns, formatDollars, formatShare, formatTime } from '../../terminal/format.js';
import {
  findingGroups,
  NO_ADVICE,
  NO_COST,
  originsOf,
  permissions,
  prices,
  type Reader,
  settledBy,
  severities,
  timeOf,
  verdictOf,
  WAY_NAMES,
  written,
} from './in-words.js';
import { counts, MARKS, markOf } from './text.js';

/** Two screens of a terminal. */
const MOST_LINES = 48;
const MOST_PERMISSIONS = 6;

/** How to get what has no room here. */
export interface Rest {
  readonly command: string;
  /** Whether the command takes as long as this one. */
  readonly readsAgain: boolean;
}

/**
 * The report in two screens: the verdict, the ways, the steps and the cost, then as many findings as there is room for, and what
 * to do next.
 */
export function briefLines(assessment: Assessment, reader: Reader, rest: Rest): string[] {
  const above = sections([
    verdict(assessment, reader),
    pools(assessment, reader),
    ways(assessment, reader),
    steps(assessment, reader),
    cost(assessment, reader),
    undetermined(assessment, reader),
  ]);
  const hint = rest.readsAgain
    ? 'this reads the pools again; --save-snapshot FILE avoids that'
    : 'or give --html FILE for a page';
  const below = [...written(`Next: read each finding with its fix (${hint}):`, reader), `  ${rest.command}`];
  const room = MOST_LINES - above.length - below.length - 2;
  return sections([above, findings(assessment, reader, room), below]);
}

const sections = (parts: readonly (readonly string[])[]): string[] =>
  parts.filter((lines) => lines.length > 0).flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));

const verdict = (assessment: Assessment, reader: Reader): string[] => [
  counts(assessment, reader.colours),
  ...written(verdictOf(assessment).text, reader),
];

function pools({ takenAt, pools: all }: Assessment, reader: Reader): string[] {
  return [
    reader.colours.bold(`Pools as of ${formatTime(new Date(takenAt))}`),
    ...all.flatMap(({ side, userPoolId, name, users }) => {
      const origins = users === null ? [] : originsOf(users).filter((origin) => origin.users > 0);
      const from = origins.map((origin) => `${formatCount(origin.users)} ${origin.label.replace(/^./, lower)}`);
      const who = users === null ? 'users could not be listed' : counted(users.total, 'user');
      const text = `  ${side} pool ${userPoolId}${name ? ` (${name})` : ''}: ${who}${from.length > 0 ? `, ${listed(from)}` : ''}`;
      return written(text, reader, '    ');
    }),
  ];
}

const lower = (text: string): string => text.toLowerCase();

function ways({ recommendation }: Assessment, reader: Reader): string[] {
  if (recommendation === null) return written(NO_ADVICE, reader);
  const { shares, replication, providerDirectly } = recommendation;
  return [
    reader.colours.bold('Which way fits whom'),
    ...formatColumns(shares.map(({ title, users, share }) => [title, formatCount(users), formatShare(share)])),
    ...[replication, providerDirectly].flatMap((text) =>
      text === undefined ? [] : written(`  ${text}`, reader, '  '),
    ),
  ];
}

/** The first step, which is the next thing to do, in full; the others in a few words. */
function steps({ recommendation, findings: all }: Assessment, reader: Reader): string[] {
  if (recommendation === null) return [];
  const rows = recommendation.procedure.map((one, at) => ({
    step: `${`${at + 1}.`.padStart(5)} ${at === 0 ? one.step : recommendation.titles[at]}`,
    settled: severities(settledBy(one, all)),
  }));
  const inLine = ({ step, settled }: (typeof rows)[number]) =>
    written(`${step}${settled && ` (${settled})`}`, reader, '      ');
  const [first, ...others] = rows;
  const longest = Math.max(...others.map(({ step }) => step.length));
  const columns = others.map(({ step, settled }) => `${step.padEnd(longest)}  ${settled}`.trimEnd());
  const fits = columns.every((line) => line.length <= reader.width);
  return [
    reader.colours.bold('Order of steps, and the findings that they settle'),
    ...(first === undefined ? [] : inLine(first)),
    ...(fits ? columns : others.flatMap(inLine)),
  ];
}

function cost({ cost: estimate }: Assessment, reader: Reader): string[] {
  if (estimate === null) return [];
  const rows = estimate.ways.map((way) => [
    WAY_NAMES[way.way],
    formatCount(way.users),
    timeOf(way) || 'none',
    formatCount(way.monthlyActiveUsers),
    formatDollars(way.dollars),
  ]);
  return [
    ...written('Cost of giving users their legacy id, without free tier and discounts', reader).map(
      reader.colours.bold,
    ),
    ...(rows.length === 0
      ? written(`  ${NO_COST}`, reader, '  ')
      : [
          ...formatColumns([['', 'users', 'write time', 'active users', 'cost'], ...rows]),
          ...written(`  ${prices(estimate)}`, reader, '  ').map(reader.colours.dim),
        ]),
  ];
}

function undetermined({ notDetermined }: Assessment, reader: Reader): string[] {
  const missing = permissions(notDetermined);
  if (missing.length === 0) return [];
  const more = missing.length - MOST_PERMISSIONS;
  return [
    reader.colours.bold('Not determined'),
    ...missing.slice(0, MOST_PERMISSIONS).flatMap(({ permission, userPoolId, reason, ids }) => {
      const state = reason === 'denied' ? 'denied' : 'not supported';
      return written(`  ${permission} on ${userPoolId} is ${state}: ${counted(ids.length, 'check')}`, reader, '    ');
    }),
    ...(more > 0 ? [`  and ${counted(more, 'permission')} more`] : []),
  ];
}

/** As many findings as fit, in the order in which they are to be fixed; what was seen is added if there is room for all. */
function findings({ findings: all }: Assessment, reader: Reader, room: number): string[] {
  const ordered = findingGroups(all).flatMap((group) =>
    group.findings.map((finding) => ({ finding, note: group.note === undefined ? '' : ', fixed at creation' })),
  );
  const heads = ordered.map(({ finding, note }) => headOf(finding, note, reader));
  const blockers = ordered.map(({ finding, note }) => [
    ...headOf(finding, note, reader),
    ...(finding.severity === 'blocker' ? written(`  Seen: ${finding.seen}`, reader, '    ') : []),
  ]);
  const entries = blockers.flat().length <= room ? blockers : heads;
  const sorted = ordered.map(({ finding }) => finding);
  for (let shown = entries.length; shown > 0; shown--) {
    const lines = [...entries.slice(0, shown).flat(), ...others(sorted.slice(shown), reader)];
    if (lines.length <= room) return lines;
  }
  return others(sorted, reader);
}

/** What is left when there is no more room: the blockers by their ids, the others as numbers. */
function others(left: readonly Finding[], reader: Reader): string[] {
  if (left.length === 0) return [];
  const blockers = left.filter(({ severity }) => severity === 'blocker').map(({ id }) => id);
  const named = blockers.length === 0 ? '' : ` (${blockers.join(', ')})`;
  return written(`And ${severities(left).replace(/blockers?/, (noun) => `${noun}${named}`)}`, reader, '  ');
}

function headOf({ severity, title, id }: Finding, note: string, reader: Reader): string[] {
  const [first = '', ...rest] = written(`${MARKS[severity]} ${title} ${id}${note}`, reader, '  ');
  return [first.replace(MARKS[severity], markOf(severity, reader.colours)), ...rest];
}
