import { DAY_MS, HOUR_MS } from '../../../clock.js';
import type { DrainAmount, DrainClient, DrainPool, DrainRun } from '../../../operate/drain/drain-types.js';
import { counted, formatCount } from '../../../words.js';
import type { CommandContext } from '../../define-command.js';
import { formatAgo, formatColumns, formatDuration, formatTable, formatTime, visible } from '../../terminal/format.js';
import type { DrainResult } from './result.js';

/** The answer first, then what it is made of. */
export function drainLines(result: DrainResult, { colours, clock }: CommandContext): string[] {
  const now = clock.now();
  const { safeToClose, reasons, clients, since } = result;
  const verdict = safeToClose
    ? colours.green('Safe to close: nothing of the legacy pool is in use.')
    : colours.yellow(`Not yet: ${counted(reasons.length, 'reason')} against closing the legacy pool.`);
  return [
    colours.bold(verdict),
    ...reasons.map((reason, at) => `  ${at + 1}.  ${visible(reason)}`),
    ...(clients.length === 0 ? [] : ['', ...formatColumns(rowsOf(result, now))]),
    '',
    ...(safeToClose ? ['Close it by phase first, which can be undone at once: docs/operating.md says how.', ''] : []),
    ...formatTable([
      ['counted', since === null ? 'since when is not known' : `every token since ${time(since)}`],
      ...expiryRows(result),
      ...runRows(result, now),
    ]),
  ];
}

const HEADS = ['', 'last hour', '24 hours', '7 days', 'in all', 'last token'];

/** Each pool with its users and its app clients below it, the legacy pools first. */
function rowsOf({ pools, clients }: DrainResult, now: number): string[][] {
  const legacyFirst = Object.entries(pools).toSorted(([, one], [, other]) => one.pool.localeCompare(other.pool));
  const rows = legacyFirst.flatMap(([userPoolId, pool]) => [
    [`${visible(userPoolId)} (${pool.pool})`, ...amounts(pool, ({ tokens }) => tokens), lastOf(pool, now)],
    ['  users', ...amounts(pool, ({ users }) => users), ''],
    ...clients
      .filter((client) => client.userPoolId === userPoolId)
      .map((client) => [`  ${visible(client.clientId)}`, ...tokensOf(client, now), lastOf(client, now)]),
  ]);
  return [HEADS, ...rows];
}

function amounts(pool: DrainPool, of: (amount: DrainAmount) => number): string[] {
  const { hour, day, week } = pool.recent;
  return [hour, day, week, pool].map((amount) => formatCount(of(amount)));
}

/** Of the hours of which any part lies within. */
function tokensOf({ hours, tokens: inAll }: DrainClient, now: number): string[] {
  const within = (ms: number) =>
    hours.filter(({ hour }) => Date.parse(hour) + HOUR_MS > now - ms).reduce((sum, { tokens }) => sum + tokens, 0);
  return [within(HOUR_MS), within(DAY_MS), within(7 * DAY_MS), inAll].map(formatCount);
}

/** In its largest unit, which is enough and leaves the table room: `2 min ago`. */
function lastOf({ lastToken }: DrainPool | DrainClient, now: number): string {
  if (lastToken === null) return 'never';
  const [amount, unit] = formatDuration(Math.max(0, now - Date.parse(lastToken)) / 1000).split(' ');
  return `${amount} ${unit} ago`;
}

/** When the latest token of each legacy pool ends. */
function expiryRows({ pools }: DrainResult): [string, string][] {
  return Object.entries(pools).flatMap(([userPoolId, { pool, latestExpiry }]): [string, string][] =>
    pool === 'legacy' && latestExpiry !== null
      ? [['valid', `the latest token of ${visible(userPoolId)} until ${time(latestExpiry)}`]]
      : [],
  );
}

const MOST_RUNS = 10;

/** What a run is doing, in words. */
const STATES: Readonly<Record<DrainRun['state'], string>> = {
  counting: 'counting',
  ended: 'ended',
  replaced: 'replaced by a later run',
  silent: 'silent',
  gone: 'said to be gone',
};

function runRows({ runs }: DrainResult, now: number): [string, string][] {
  const shown = runs.slice(0, MOST_RUNS).map(({ instance, state, reportedAt }): [string, string] => {
    const ago = formatAgo((now - Date.parse(reportedAt)) / 1000);
    return ['instance', `${visible(instance)}: ${STATES[state]}, last reported ${ago}`];
  });
  const more = runs.length - shown.length;
  return more > 0 ? [...shown, ['', `and ${formatCount(more)} more, with --json`]] : shown;
}

const time = (iso: string): string => formatTime(new Date(iso));
