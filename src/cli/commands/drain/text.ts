import { DAY_MS, HOUR_MS } from '../../../clock.js';
import type { DrainClient, DrainPool, DrainRun } from '../../../operate/drain/drain-types.js';
import { counted, formatCount } from '../../../words.js';
import type { CommandContext } from '../../define-command.js';
import { formatAgo, formatColumns, formatTable, formatTime, visible } from '../../terminal/format.js';
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
    ...(clients.length === 0 ? [] : ['', ...formatColumns(tokenRows(result, now))]),
    '',
    ...formatTable([
      ['counted', since === null ? 'since when is not known' : `every token since ${time(since)}`],
      ...runRows(result, now),
    ]),
  ];
}

const HEADS = ['tokens', 'last hour', '24 hours', '7 days', 'users', 'last token', 'valid until'];

/** Each pool with its clients below it, the legacy pools first. */
function tokenRows({ pools, clients }: DrainResult, now: number): string[][] {
  const ofPool = Object.entries(pools).toSorted(([, one], [, other]) => one.pool.localeCompare(other.pool));
  const rows = ofPool.flatMap(([userPoolId, pool]) => [
    [`${visible(userPoolId)} (${pool.pool})`, ...cells(pool, now)],
    ...clients
      .filter((client) => client.userPoolId === userPoolId)
      .map((client) => [`  ${visible(client.clientId)}`, ...cells(client, now)]),
  ]);
  return [HEADS, ...rows];
}

function cells({ hours, users, lastToken, latestExpiry }: DrainPool | DrainClient, now: number): string[] {
  const within = (ms: number) =>
    hours
      // An hour counts while any of it lies within.
      .filter(({ hour }) => Date.parse(hour) + HOUR_MS > now - ms)
      .reduce((sum, { tokens }) => sum + tokens, 0);
  const counts = [within(HOUR_MS), within(DAY_MS), within(7 * DAY_MS), users].map(formatCount);
  return [...counts, lastToken === null ? 'never' : time(lastToken), latestExpiry === null ? '' : time(latestExpiry)];
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
