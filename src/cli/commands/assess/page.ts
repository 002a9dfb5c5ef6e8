import type { Assessment } from '../../../assess/assess.js';
import { counted, formatCount } from '../../../words.js';
import { curveChart, wholeBar } from '../../html/charts.js';
import { card } from '../../html/parts.js';
import { REPORT_STYLE } from '../../html/style.js';
import { type Html, html, htmlPage } from '../../html/template.js';
import { formatTime } from '../../terminal/format.js';
import { NO_ADVICE, originsOf, populationRows, range, verdictOf } from './in-words.js';
import { findingsSection, settledLinks } from './page-findings.js';
import { ASSESS_STYLE } from './page-style.js';
import { clientSection, costSection, settingsSection } from './page-tables.js';

/** The assessment as one page. It loads nothing, runs nothing, and names no user. */
export function assessmentPage(assessment: Assessment): string {
  const { pools, takenAt, attribute, recency, recommendation, cost, clients } = assessment;
  const ids = pools.map(({ side, userPoolId }) => html`${side} pool <code>${userPoolId}</code>, `);
  const { kind, text } = verdictOf(assessment);
  const body = html`<main>
<header>
<h1>Migration assessment</h1>
<p class="soft pools">${ids}attribute <code>${attribute}</code>. Read ${formatTime(new Date(takenAt))}.</p>
<p class="verdict ${kind}">${text}</p>
${cards(assessment)}
${navigation([
  ['ways', 'Ways', recommendation !== null],
  ['steps', 'Steps', recommendation !== null],
  ['cost', 'Cost', cost !== null],
  ['findings', 'Findings', true],
  ['users', 'Users', true],
  ['curve', 'Who moves when', recency !== null],
  ['settings', 'Settings', true],
  ['clients', 'App clients', clients.length > 0],
])}
</header>
${recommendation === null ? html`<p class="next">${NO_ADVICE}</p>` : html`${waysSection(recommendation)}${stepsSection(recommendation, assessment)}`}
${cost === null ? html`` : costSection(cost)}
${findingsSection(assessment)}
<section id="users"><h2>Users</h2><div class="two">${pools.map(poolPanel)}</div></section>
${assessment.mfa.map(mfaSection)}
${recency === null ? html`` : curveSection(recency)}
${settingsSection(assessment)}
${clientSection(assessment)}
<footer>Made by cognito-cutover from read-only calls. It holds numbers and settings, and no user.</footer>
</main>`;
  return htmlPage('Migration assessment', `${REPORT_STYLE}${ASSESS_STYLE}`, body);
}

const navigation = (parts: readonly (readonly [id: string, name: string, present: boolean])[]): Html =>
  html`<nav aria-label="Parts of this page">${parts.filter(([, , present]) => present).map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>`;

function cards({ pools, summary }: Assessment): Html {
  const { blocker, warning, info, passed, notDetermined } = summary;
  return html`<dl class="cards">
${pools.map(({ side, name, users }) => card(`${side === 'legacy' ? 'Legacy' : 'New'} pool`, users === null ? 'not known' : formatCount(users.total), `users${name ? ` of ${name}` : ''}`))}
${card('Blockers', formatCount(blocker), 'to remove first', blocker > 0 ? 'blocker' : '')}
${card('Warnings', formatCount(warning), `and ${counted(info, 'note')}`, warning > 0 ? 'warning' : '')}
${card('Checks passed', formatCount(passed), notDetermined > 0 ? `${notDetermined} not determined` : 'all determined', notDetermined > 0 ? 'passed unknown' : 'passed')}
</dl>`;
}

const ORIGIN_KINDS = ['native', 'federated', 'third', 'fourth', 'fifth'];

function poolPanel({ side, userPoolId, name, users }: Assessment['pools'][number]): Html {
  const title = html`<h3>${side === 'legacy' ? 'Legacy' : 'New'} pool${name ? `: ${name}` : ''}</h3><p class="meta soft"><code>${userPoolId}</code></p>`;
  if (users === null) return html`<div class="panel">${title}<p>Its users could not be listed.</p></div>`;
  const slices = originsOf(users).map((origin, at) => ({ kind: ORIGIN_KINDS[at] ?? 'rest', ...origin }));
  const origins = users.total === 0 ? html`<p>It holds no users.</p>` : wholeBar(slices);
  return html`<div class="panel">${title}<h4>Where they sign in</h4>${origins}
<h4>Of ${formatCount(users.total)} users</h4>
<table class="facts"><tbody>${populationRows(users).map(([amount, meaning]) => html`<tr><th scope="row">${meaning}</th><td class="number">${amount}</td></tr>`)}</tbody></table></div>`;
}

function mfaSection({ userPoolId, mode, kinds, how, atLeast, atMost, ways }: Assessment['mfa'][number]): Html {
  const rows = ways.map(
    ({ way, meaning }) => html`<tr><th scope="row">${way}</th><td data-label="">${meaning}</td></tr>`,
  );
  return html`<section><h2>Second factors in <code>${userPoolId}</code></h2><div class="panel">
<p><strong>MFA is ${mode}</strong>${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}${mode === 'OFF' ? '.' : `: ${range(atLeast, atMost)} users have a second factor.`}</p>
<p>${how}</p>${rows.length === 0 ? html`` : html`<table class="grid-table"><tbody>${rows}</tbody></table>`}</div></section>`;
}

const WAY_KINDS = {
  'already-moved': 'done',
  backfill: 'third',
  federation: 'federated',
  'migration-at-sign-in': 'native',
  'federation-with-legacy-pool': 'sixth',
  'import-and-reset': 'fourth',
  'sign-up-again': 'fifth',
  'leave-behind': 'rest',
} as const;

type Recommendation = NonNullable<Assessment['recommendation']>;

function waysSection({ shares, replication, providerDirectly }: Recommendation): Html {
  const slices = shares.map(({ way, title, users }) => ({ kind: WAY_KINDS[way], label: title, users }));
  return html`<section id="ways"><h2>Which way fits whom</h2><div class="panel">
${slices.length === 0 ? html`<p>There are no users to move.</p>` : wholeBar(slices)}
<table class="grid-table ways"><tbody>${shares.map(({ title, why }) => html`<tr><th scope="row">${title}</th><td data-label="">${why}</td></tr>`)}</tbody></table>
${[replication, providerDirectly].map((advised) => (advised === undefined ? html`` : html`<p class="next">${advised}</p>`))}
</div></section>`;
}

const stepsSection = ({ procedure }: Recommendation, { findings }: Assessment): Html =>
  html`<section id="steps"><h2>Order of steps</h2><div class="panel"><ol class="steps">${procedure.map(
    (one) => html`<li>${one.step}${settledLinks(one, findings)}</li>`,
  )}</ol></div></section>`;

const curveSection = ({ curve, flat, method }: NonNullable<Assessment['recency']>): Html =>
  html`<section id="curve"><h2>Who would move by signing in</h2>
<div class="panel"><p>Share of the legacy users who will have signed in, and so have moved, this long after the switch.</p>${curveChart(curve)}${flat.map(
    (sentence) => html`<p class="flat">${sentence}</p>`,
  )}<p class="note">${method}</p></div></section>`;
