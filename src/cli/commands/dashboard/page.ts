import { createHash } from 'node:crypto';
import { REPORT_STYLE } from '../../html/style.js';
import { Html, html } from '../../html/template.js';
import { outcomeSection } from '../report/outcome-section.js';
import { isUndone } from '../report/what-happened.js';
import { DASHBOARD_STYLE } from './dashboard-style.js';
import { backfillBody, type Commands } from './panels/backfill-panel.js';
import { drainBody } from './panels/drain-panel.js';
import { overview, type Readings } from './panels/overview.js';
import { momentOf, panelOf } from './panels/panel.js';
import { type PeopleView, peopleSection } from './panels/people-panel.js';
import { phaseBody } from './panels/phase-panel.js';
import { trafficBody } from './panels/traffic-panel.js';
import { linkTo, type ViewQuery } from './view-query.js';

/** Where the sources are, for people: without credentials. */
export interface SourceNames {
  readonly state: string;
  readonly drain?: string;
  readonly phase?: string;
}

export interface DashboardPage {
  readonly names: SourceNames;
  readonly readings: Readings;
  readonly query: ViewQuery;
  /** `undefined` where there is no finished plan. */
  readonly people: PeopleView | undefined;
  readonly commands: Commands;
  /** Tells whether the page that a browser shows is the present one. */
  readonly version: number;
  readonly now: number;
}

const STYLE = REPORT_STYLE + DASHBOARD_STYLE;

/** The page as it is now. It is complete without scripts; with them it draws itself again when something changes. */
export function dashboardPage(page: DashboardPage): string {
  const { version, now, readings } = page;
  const pools = readings.state.value?.status;
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Cutover dashboard${pools === undefined ? '' : ` ${pools.newPool}`}</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<style>${new Html(STYLE)}</style>
<script type="module" src="live.js"></script>
</head>
<body>
<a class="skip" href="#overview">Skip to the numbers</a>
<header class="top">
<div class="head"><h1>Cutover dashboard</h1><p class="live" role="status" data-live>As of ${momentOf(now)}</p></div>
</header>
<main data-version="${version}">
${poolsLine(page)}
<section id="overview" aria-label="Overview" tabindex="-1">${overview(readings, now)}</section>
${panels(page)}
</main>
<footer>Served to this machine only, by cognito-cutover dashboard. It names users: keep it as private as the user pools.</footer>
</body>
</html>
`;
  return text.text;
}

/** What a browser may do with the page: nothing but show it, run our one script, and read from us. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

function poolsLine({ readings: { state } }: DashboardPage): Html {
  const status = state.value?.status;
  if (status === undefined) return html``;
  return html`<p class="soft pools">From <code>${status.legacyPools.join(', ')}</code> to <code>${status.newPool}</code>, attribute <code>${status.attribute}</code>.</p>`;
}

function panels(page: DashboardPage): Html {
  const { names, readings, query, people, commands, now } = page;
  const { state, drain, phase } = readings;
  const of = (key: 'state' | 'drain' | 'phase') => ({ key, name: names[key] ?? '' });
  return html`${panelOf({ id: 'backfill', title: 'Backfill', source: of('state'), reading: state }, (view) => backfillBody(view, commands, now))}
${
  drain === undefined
    ? notShown('drain', 'Can the legacy pool go?', '--from', 'the store in which your verifiers count tokens')
    : panelOf({ id: 'drain', title: 'Can the legacy pool go?', source: of('drain'), reading: drain }, (report) =>
        drainBody(report, drain.problem === undefined),
      )
}
${
  phase === undefined
    ? notShown('phase', 'Phase of the legacy pool', '--to', 'the store of your phases')
    : panelOf({ id: 'phase', title: 'Phase of the legacy pool', source: of('phase'), reading: phase }, (view) =>
        phaseBody(view, now),
      )
}
${
  drain === undefined
    ? html``
    : panelOf({ id: 'traffic', title: 'Traffic', source: of('drain'), reading: drain }, (report) =>
        trafficBody(report, query, now),
      )
}
${outcomes(page)}
${people === undefined ? html`` : peopleSection(people, query)}`;
}

function outcomes({ readings, query }: DashboardPage): Html {
  const { status, counts } = readings.state.value ?? {};
  if (status?.plan === undefined || counts === undefined) return html``;
  return outcomeSection(status.plan, {
    isUndone: isUndone(counts),
    linkTo: (outcome) => `${linkTo(query, { show: outcome, after: '', name: '' })}#for-a-person`,
  });
}

const notShown = (id: string, title: string, option: string, what: string): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title"><div class="head"><h2 id="${id}-title">${title}</h2></div>
<p class="panel awaited">Not shown. Start the dashboard with <code>${option}</code> and ${what}.</p></section>`;
