import type { Assessment } from '../../../assess/assess.js';
import type { Finding, Severity } from '../../../assess/finding.js';
import { counted, formatCount } from '../../../words.js';
import { curveChart, wholeBar } from '../../html/charts.js';
import { card } from '../../html/parts.js';
import { REPORT_STYLE } from '../../html/style.js';
import { type Html, html, htmlPage } from '../../html/template.js';
import { formatTime } from '../../terminal/format.js';
import { isCode, originsOf, permissions, populationRows, range } from './in-words.js';
import { ASSESS_STYLE } from './page-style.js';
import { clientSection, costSection, settingsSection } from './page-tables.js';

const SEVERITY_NAMES: Readonly<Record<Severity, string>> = { blocker: 'Blocker', warning: 'Warning', info: 'Note' };

/** The assessment as one page. It loads nothing, runs nothing, and names no user. */
export function assessmentPage(assessment: Assessment): string {
  const { pools, takenAt, attribute, recency, recommendation } = assessment;
  const ids = pools.map(({ side, userPoolId }) => html`${side} pool <code>${userPoolId}</code>, `);
  const body = html`<main>
<header>
<h1>Migration assessment</h1>
<p class="soft pools">${ids}attribute <code>${attribute}</code>. Read ${formatTime(new Date(takenAt))}.</p>
${verdict(assessment)}
${cards(assessment)}
<nav><a href="#findings">Findings</a><a href="#users">Users</a>${
    recency === null
      ? html``
      : html`<a href="#curve">Who moves when</a><a href="#ways">Ways</a><a href="#cost">Cost</a>`
  }<a href="#settings">Settings</a><a href="#clients">App clients</a></nav>
</header>
<section id="findings"><h2>Findings</h2>
${assessment.findings.map(findingPanel)}
${undeterminedPanel(assessment)}
</section>
<section id="users"><h2>Users</h2><div class="two">${pools.map(poolPanel)}</div></section>
${assessment.mfa.map(mfaSection)}
${
  recency === null
    ? html``
    : html`<section id="curve"><h2>Who would move by signing in</h2>
<div class="panel"><p>Share of the legacy users who will have signed in, and so have moved, this long after the switch.</p>${curveChart(recency.curve)}<p class="note">${recency.method}</p></div></section>`
}
${recommendation === null ? html`` : waysSection(recommendation)}
${assessment.cost === null ? html`` : costSection(assessment.cost)}
${settingsSection(assessment)}
${clientSection(assessment)}
<footer>Made by cognito-cutover from read-only calls. It holds numbers and settings, and no user.</footer>
</main>`;
  return htmlPage('Migration assessment', `${REPORT_STYLE}${ASSESS_STYLE}`, body);
}

function verdict({ summary: { blocker, warning } }: Assessment): Html {
  if (blocker > 0) return html`<p class="verdict warn">${counted(blocker, 'blocker')} to remove before users move.</p>`;
  if (warning > 0)
    return html`<p class="verdict warn">Nothing blocks. ${counted(warning, 'warning')} to decide on.</p>`;
  return html`<p class="verdict good">Nothing blocks, and there are no warnings.</p>`;
}

function cards({ pools, summary }: Assessment): Html {
  const { blocker, warning, info, passed, notDetermined } = summary;
  return html`<dl class="cards">
${pools.map(({ side, name, users }) => card(`${side === 'legacy' ? 'Legacy' : 'New'} pool`, users === null ? 'not known' : formatCount(users.total), `users${name ? ` of ${name}` : ''}`))}
${card('Blockers', formatCount(blocker), 'to remove first', blocker > 0 ? 'blocker' : '')}
${card('Warnings', formatCount(warning), `and ${counted(info, 'note')}`, warning > 0 ? 'warning' : '')}
${card('Checks passed', formatCount(passed), notDetermined > 0 ? `${notDetermined} not determined` : 'all determined', notDetermined > 0 ? 'unknown' : '')}
</dl>`;
}

function findingPanel({ id, severity, userPoolId, comparedWith, title, seen, why, fix, docs }: Finding): Html {
  const other = comparedWith === undefined ? html`` : html`, compared with <code>${comparedWith}</code>`;
  return html`<article class="panel finding ${severity}">
<div class="group-head"><h3>${title}</h3><span class="badge">${SEVERITY_NAMES[severity]}</span></div>
<p class="meta soft"><code>${id}</code> in <code>${userPoolId}</code>${other} · <a href="${docs}" rel="noreferrer">AWS documentation</a></p>
<dl><dt>Seen</dt><dd>${seen}</dd><dt>Why</dt><dd>${why}</dd><dt>Fix</dt><dd>${isCode(fix) ? codeBlock(fix) : html`${fix}`}</dd></dl>
</article>
`;
}

const codeBlock = (text: string): Html =>
  html`<pre>${text.split('\n').map((line) => html`<span class="code-line">${line}</span>`)}</pre>`;

function undeterminedPanel({ notDetermined }: Assessment): Html {
  const missing = permissions(notDetermined);
  if (missing.length === 0) return html``;
  return html`<article class="panel unknown">
<div class="group-head"><h3>${counted(notDetermined.length, 'check')} could not be made</h3><span class="badge">Not determined</span></div>
<ul>${missing.map(({ permission, userPoolId, reason, ids }) => html`<li><code>${permission}</code> on <code>${userPoolId}</code> is ${reason === 'denied' ? 'denied' : 'not supported there'}: ${ids.join(', ')}</li>`)}</ul>
<p class="note">They have neither passed nor failed. Grant the permission and run assess again.</p>
</article>`;
}

const ORIGIN_KINDS = ['native', 'federated', 'third', 'fourth', 'fifth'];

function poolPanel({ side, userPoolId, name, users }: Assessment['pools'][number]): Html {
  const title = html`<h3>${side === 'legacy' ? 'Legacy' : 'New'} pool${name ? `: ${name}` : ''}</h3><p class="meta soft"><code>${userPoolId}</code></p>`;
  if (users === null) return html`<div class="panel">${title}<p>Its users could not be listed.</p></div>`;
  const slices = originsOf(users).map((origin, at) => ({ kind: ORIGIN_KINDS[at] ?? 'rest', ...origin }));
  const origins = users.total === 0 ? html`<p>It holds no users.</p>` : wholeBar(slices);
  return html`<div class="panel">${title}<h4>Where they sign in</h4>${origins}
<h4>Of ${formatCount(users.total)} users</h4>
<table class="facts"><tbody>${populationRows(users).map(([amount, meaning]) => html`<tr><td>${meaning}</td><td class="number">${amount}</td></tr>`)}</tbody></table></div>`;
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

function waysSection({
  shares,
  replication,
  providerDirectly,
  procedure,
}: NonNullable<Assessment['recommendation']>): Html {
  const slices = shares.map(({ way, title, users }) => ({ kind: WAY_KINDS[way], label: title, users }));
  return html`<section id="ways"><h2>Which way fits whom</h2><div class="panel">
${slices.length === 0 ? html`<p>There are no users to move.</p>` : wholeBar(slices)}
<table class="grid-table ways"><tbody>${shares.map(({ title, why }) => html`<tr><th scope="row">${title}</th><td data-label="">${why}</td></tr>`)}</tbody></table>
${[replication, providerDirectly].map((advised) => (advised === undefined ? html`` : html`<p class="next">${advised}</p>`))}
</div>
<h2>Order of steps</h2><div class="panel"><ol class="steps">${procedure.map(stepItem)}</ol></div></section>`;
}

const stepItem = ({ step, settles }: NonNullable<Assessment['recommendation']>['procedure'][number]): Html =>
  html`<li>${step}${settles.length === 0 ? html`` : html`<p class="settles soft">Settles ${settles.map((id, at) => html`${at === 0 ? '' : ', '}<code>${id}</code>`)}</p>`}</li>`;
