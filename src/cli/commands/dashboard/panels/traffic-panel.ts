import { DAY_MS, HOUR_MS } from '../../../../clock.js';
import type { DrainClient, DrainPool, DrainReport } from '../../../../operate/drain/drain-types.js';
import { counted, formatCount } from '../../../../words.js';
import { type Html, html } from '../../../html/template.js';
import { formatTime, formatUsers } from '../../../terminal/format.js';
import { linkTo, RANGES, type Range, type ViewQuery } from '../view-query.js';

/** One bar of a chart: an hour, or a day. */
interface Bucket {
  /** When it begins, milliseconds since the epoch. */
  readonly at: number;
  readonly tokens: number;
  /** Distinct users; `undefined` where they were counted by longer times only. */
  readonly users: number | undefined;
}

const SPANS: Readonly<Record<Range, { readonly stepMs: number; readonly count: number; readonly words: string }>> = {
  '24h': { stepMs: HOUR_MS, count: 24, words: '24 hours' },
  '7d': { stepMs: HOUR_MS, count: 168, words: '7 days' },
  '30d': { stepMs: DAY_MS, count: 30, words: '30 days' },
};

const CLIENTS_PER_PAGE = 10;

const SIDE_WORDS = { legacy: 'Legacy pool', new: 'New pool' } as const;

/** How many tokens each pool's users bring, over time, and by app client. */
export function trafficBody(report: DrainReport, query: ViewQuery, now: number): Html {
  const pools = Object.entries(report.pools).toSorted(
    ([, one], [, other]) => sideOrder(one.pool) - sideOrder(other.pool),
  );
  const { since, instances } = report;
  const counting = `${counted(instances, 'instance')} counted`;
  return html`<nav class="choice" aria-label="Range of the traffic">${RANGES.map((range) =>
    range === query.range
      ? html`<a href="${linkTo(query, { range })}#traffic" aria-current="true">${SPANS[range].words}</a>`
      : html`<a href="${linkTo(query, { range })}#traffic">${SPANS[range].words}</a>`,
  )}</nav>
<p class="soft">${since === null ? `${counting}. Nothing tells since when every legacy token was counted.` : `${counting} every legacy token since ${formatTime(new Date(since))}.`} Times are UTC.</p>
${pools.length === 0 ? html`<p class="panel awaited">No token has been counted yet.</p>` : html``}
<div class="figures">${pools.map(([id, pool]) => poolFigure(id, pool, query.range, now))}</div>
${report.clients.length === 0 ? html`` : clientsTable(report.clients, query, now)}`;
}

const sideOrder = (side: 'legacy' | 'new'): number => (side === 'legacy' ? 0 : 1);

function poolFigure(id: string, pool: DrainPool, range: Range, now: number): Html {
  const { words } = SPANS[range];
  const buckets = bucketsOf(pool, range, now);
  const sum = buckets.reduce((total, { tokens }) => total + tokens, 0);
  const last = pool.lastToken === null ? 'no token yet' : `last token ${formatTime(new Date(pool.lastToken))}`;
  return html`<figure class="panel traffic">
<figcaption><h3>${SIDE_WORDS[pool.pool]}</h3> <code>${id}</code><br><strong>${counted(sum, 'token')}</strong> <span class="soft">${usersOf(pool, range)}in ${words}, ${last}</span></figcaption>
${barChart(buckets, pool.pool, `${SIDE_WORDS[pool.pool]} ${id}: ${counted(sum, 'token')} in ${words}`)}
<details><summary>The same as a table</summary>
${bucketTable(buckets, range, `${pool.pool} pool ${id}`)}
</details>
</figure>`;
}

/** Distinct users, where they were counted for as long. */
function usersOf({ recent }: DrainPool, range: Range): string {
  const users = { '24h': recent.day.users, '7d': recent.week.users, '30d': undefined }[range];
  return users === undefined ? '' : `of ${formatUsers(users)} `;
}

function bucketsOf(pool: DrainPool, range: Range, now: number): readonly Bucket[] {
  const { stepMs, count } = SPANS[range];
  const counts =
    stepMs === DAY_MS
      ? pool.days.map(({ day, ...rest }) => [Date.parse(`${day}T00:00:00Z`), rest] as const)
      : pool.hours.map(({ hour, ...rest }) => [Date.parse(hour), rest] as const);
  const byStart = new Map(counts);
  return startsOf(stepMs, count, now).map((at) => {
    const { tokens = 0, users } = byStart.get(at) ?? { tokens: 0, users: 0 };
    return { at, tokens, users };
  });
}

/** The beginnings of the last hours or days, the present one included. */
const startsOf = (stepMs: number, count: number, now: number): readonly number[] => {
  const last = Math.floor(now / stepMs) * stepMs;
  return Array.from({ length: count }, (_, at) => last - (count - 1 - at) * stepMs);
};

/** The text is beside the picture, so that it stays readable when the picture is stretched. */
function barChart(buckets: readonly Bucket[], kind: string, label: string): Html {
  const most = Math.max(...buckets.map(({ tokens }) => tokens));
  const top = roundedUp(most);
  const ticks = [buckets[0], buckets[Math.floor(buckets.length / 2)], buckets.at(-1)].map((bucket) => bucket?.at ?? 0);
  const isDaily = (buckets[1]?.at ?? 0) - (buckets[0]?.at ?? 0) === DAY_MS;
  const isLong = buckets.length > 24;
  return html`<div class="plot">
<div class="axis-y" aria-hidden="true"><span>${formatCount(top)}</span><span>${formatCount(top / 2)}</span><span>0</span></div>
<svg viewBox="0 0 ${buckets.length} 100" preserveAspectRatio="none" role="img" aria-label="${label}, at most ${formatCount(most)} in ${isDaily ? 'a day' : 'an hour'}"><path class="grid" d="M0 0H${buckets.length}M0 50H${buckets.length}M0 100H${buckets.length}"/>${bars(buckets, top, kind)}</svg>
<div class="axis-x" aria-hidden="true">${ticks.map((at) => html`<span>${isLong ? dayOf(at) : hourOf(at)}</span>`)}</div>
</div>`;
}

function bars(buckets: readonly Bucket[], top: number, kind: string): readonly Html[] {
  return buckets.flatMap(({ tokens, at }, x) => {
    if (tokens === 0) return [];
    // Too small to see is not none: it may be the last user.
    const height = Math.max(1.5, (tokens / top) * 100);
    return html`<rect class="tokens ${kind}" x="${(x + 0.08).toFixed(2)}" y="${(100 - height).toFixed(2)}" width="0.84" height="${height.toFixed(2)}"><title>${formatTime(new Date(at))}: ${counted(tokens, 'token')}</title></rect>`;
  });
}

/** 1, 2, 4, 10, 20, 40, 100 …: half of it is a whole number, but for the first. */
function roundedUp(most: number): number {
  for (let scale = 1; ; scale *= 10) {
    for (const step of [2, 4, 10]) if (most <= step * scale) return step * scale;
  }
}

function bucketTable(buckets: readonly Bucket[], range: Range, of: string): Html {
  const isDaily = SPANS[range].stepMs === DAY_MS;
  const some = buckets.filter(({ tokens }) => tokens > 0).toReversed();
  if (some.length === 0) return html`<p class="soft">No token in this time.</p>`;
  return html`<div class="scrolling" tabindex="0" role="region" aria-label="Tokens by ${isDaily ? 'day' : 'hour'}, ${of}"><table class="sums">
<thead><tr><th scope="col">${isDaily ? 'Day' : 'Hour'}</th><th scope="col" class="number">Tokens</th><th scope="col" class="number">Users</th></tr></thead>
<tbody>${some.map(
    ({ at, tokens, users }) =>
      html`<tr><th scope="row">${isDaily ? dayOf(at) : `${dayOf(at)} ${hourOf(at)}`}</th><td class="number">${formatCount(tokens)}</td><td class="number">${users === undefined ? '' : formatCount(users)}</td></tr>\n`,
  )}</tbody>
</table></div>`;
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const hourOf = (at: number): string => new Date(at).toISOString().slice(11, 16);

function clientsTable(clients: readonly DrainClient[], query: ViewQuery, now: number): Html {
  const { words, stepMs, count } = SPANS[query.range];
  const from = startsOf(stepMs, count, now)[0] ?? now;
  const counts = clients
    .map((client) => ({ client, tokens: tokensSince(client, from) }))
    .toSorted((one, other) => sideOrder(one.client.pool) - sideOrder(other.client.pool) || other.tokens - one.tokens);
  const pages = Math.max(1, Math.ceil(counts.length / CLIENTS_PER_PAGE));
  const page = Math.min(query.clients, pages);
  const shown = counts.slice((page - 1) * CLIENTS_PER_PAGE, page * CLIENTS_PER_PAGE);
  return html`<div class="panel" id="clients"><h3>By app client</h3>
<table class="rows clients">
<thead><tr><th scope="col" class="mono">App client</th><th scope="col">Pool</th><th scope="col" class="number">${words}</th><th scope="col" class="number">All tokens</th><th scope="col" class="number">Users</th><th scope="col">Last token</th><th scope="col">Latest expiry</th></tr></thead>
<tbody>${shown.map(
    ({
      client,
      tokens,
    }) => html`<tr><td data-label="App client" class="mono">${client.clientId}</td><td data-label="Pool"><span>${client.pool}, <code>${client.userPoolId}</code></span></td>
<td data-label="${words}" class="number">${formatCount(tokens)}</td><td data-label="All tokens" class="number">${formatCount(client.tokens)}</td><td data-label="Users" class="number">${formatCount(client.users)}</td>
<td data-label="Last token">${timeOrNone(client.lastToken)}</td><td data-label="Latest expiry">${timeOrNone(client.latestExpiry)}</td></tr>\n`,
  )}</tbody>
</table>
${
  pages === 1
    ? html``
    : html`<nav class="pager" aria-label="Pages of app clients"><span>Page ${page} of ${pages}</span>${page > 1 ? html`<a href="${linkTo(query, { clients: page - 1 })}#clients">Previous</a>` : html``}${page < pages ? html`<a href="${linkTo(query, { clients: page + 1 })}#clients">Next</a>` : html``}</nav>`
}
</div>`;
}

const tokensSince = (client: DrainClient, from: number): number =>
  client.hours.reduce((sum, { hour, tokens }) => (Date.parse(hour) >= from ? sum + tokens : sum), 0);

/** Tokens of the legacy pools in the last 24 hours. */
export function legacyTokens(report: DrainReport, now: number): number {
  const [from = now] = startsOf(HOUR_MS, 24, now);
  return Object.values(report.pools)
    .filter(({ pool }) => pool === 'legacy')
    .flatMap(({ hours }) => hours)
    .reduce((sum, { hour, tokens }) => (Date.parse(hour) >= from ? sum + tokens : sum), 0);
}

const timeOrNone = (time: string | null): string => (time === null ? 'none' : formatTime(new Date(time)));
