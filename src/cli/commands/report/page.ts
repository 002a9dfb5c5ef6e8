import { OUTCOMES } from '../../../migrate/outcomes.js';
import type { StatusResult } from '../../../migrate/results.js';
import { formatCount } from '../../../words.js';
import { stackedBar } from '../../html/charts.js';
import { card, swatch } from '../../html/parts.js';
import { REPORT_STYLE } from '../../html/style.js';
import { type Html, html, htmlPage } from '../../html/template.js';
import { formatShare, formatTime, formatUsers } from '../../terminal/format.js';
import { NOT_MIGRATED, OUTCOME_TEXTS } from '../../wording/outcome-texts.js';
import type { GroupRow, ReportGroup } from './cases.js';

export interface ReportPage {
  readonly status: StatusResult;
  readonly plan: NonNullable<StatusResult['plan']>;
  readonly groups: readonly ReportGroup[];
  readonly verification: readonly ReportGroup[];
  readonly createdAt: Date;
  /** The file with every row, where one was written. */
  readonly csv: string | undefined;
}

/** The report as one page. It loads nothing and runs nothing, so that it can be mailed and kept. */
export function htmlReport({ status, plan, groups, verification, createdAt, csv }: ReportPage): string {
  const forAPerson = groups.reduce((sum, group) => sum + group.total, 0);
  const body = html`<main>
<header>
<h1>Cutover report</h1>
<p class="soft pools">From <code>${status.legacyPools.join(', ')}</code> to <code>${status.newPool}</code>, attribute
<code>${status.attribute}</code>. ${planned(status)} Report of ${formatTime(createdAt)}.</p>
${
  forAPerson === 0
    ? html`<p class="verdict good">No user needs a person.</p>`
    : html`<p class="verdict warn">${formatUsers(forAPerson)} need${forAPerson === 1 ? 's' : ''} a person.</p>`
}
${cards(status, plan)}
</header>
<section>
<h2>Outcomes</h2>
<div class="panel">${picture(plan)}${outcomeTable(plan)}</div>
</section>
${groupSection('What needs a person', groups, csv)}
${groupSection('What the last verification found', verification, csv)}
${warnings(status.warnings)}
<footer>Made by cognito-cutover from the state file. It names users: keep it as private as the user pools.</footer>
</main>`;
  return htmlPage(`Cutover report ${status.newPool}`, REPORT_STYLE, body);
}

const planned = ({ plannedAt }: StatusResult): string =>
  plannedAt === undefined ? '' : `Planned ${formatTime(plannedAt)}.`;

function cards({ writes, verified }: StatusResult, plan: ReportPage['plan']): Html {
  const written = writes.written === writes.total ? 'all that was planned' : `of ${formatCount(writes.total)} planned`;
  return html`<dl class="cards">
${card('Legacy pool', formatCount(plan.legacyUsers), `${formatCount(plan.notMigrated)} not migrated`)}
${card('New pool', formatCount(plan.newUsers), `${formatCount(plan.outcomes['new-born'])} new-born`)}
${card('Already right', formatCount(plan.outcomes.ok), 'needed no write')}
${card('Written', formatCount(writes.written), written)}
${
  verified === undefined
    ? card('Verified', 'not yet', 'run verify after apply')
    : card(
        'Verified',
        formatCount(verified.result.right),
        `right of ${formatCount(verified.result.checked)}, ${formatTime(verified.at)}`,
      )
}
</dl>`;
}

const picture = ({ outcomes }: ReportPage['plan']): Html =>
  stackedBar(OUTCOMES.map((outcome) => ({ kind: outcome, label: outcome, users: outcomes[outcome] })));

function outcomeTable({ outcomes, notMigrated, newUsers, legacyUsers }: ReportPage['plan']): Html {
  const rows = OUTCOMES.map((outcome) =>
    outcomeRow(outcome, OUTCOME_TEXTS[outcome].meaning, outcomes[outcome], newUsers),
  );
  const left = outcomeRow('not-migrated', NOT_MIGRATED, notMigrated, legacyUsers);
  return html`<table class="outcomes">
<thead><tr><th scope="col">Outcome</th><th scope="col">Meaning</th><th scope="col" class="number">Users</th><th scope="col">Share</th></tr></thead>
<tbody>${rows}${left}</tbody>
</table>`;
}

function outcomeRow(name: string, meaning: string, users: number, of: number): Html {
  const share = of === 0 ? 0 : users / of;
  const width = users === 0 ? 0 : Math.max(1, share * 100);
  return html`<tr><td>${swatch(name)}${name}</td>
<td>${meaning}</td><td class="number">${formatCount(users)}<span class="percent">${formatShare(share)}</span></td>
<td class="share"><svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="${formatShare(share)}"><rect class="track" width="100" height="1"/><rect class="${name}" width="${width.toFixed(2)}" height="1"/></svg></td></tr>
`;
}

function groupSection(title: string, groups: readonly ReportGroup[], csv: string | undefined): Html {
  if (groups.length === 0) return html``;
  return html`<section>
<h2>${title}</h2>
${groups.map((group) => groupPanel(group, csv))}
</section>`;
}

function groupPanel({ name, text, total, rows }: ReportGroup, csv: string | undefined): Html {
  const more = total - rows.length;
  return html`<div class="panel" id="${name}">
<div class="group-head"><h3>${swatch(name)}${name}</h3><span class="number soft">${formatUsers(total)}</span></div>
<p class="reason">${text.reason}</p>
<p class="next"><strong>Next step:</strong> ${text.nextStep}</p>
<table class="rows">
<thead><tr><th scope="col">New username</th><th scope="col">New sub</th><th scope="col">Legacy sub</th><th scope="col">Rule</th><th scope="col">Detail</th></tr></thead>
<tbody>${rows.map(reportRow)}</tbody>
</table>
${more > 0 ? html`<p class="more soft">${formatUsers(more)} more: ${everyRow(csv)}</p>` : html``}
</div>
`;
}

const everyRow = (csv: string | undefined): Html =>
  csv === undefined
    ? html`<code>cognito-cutover report --csv FILE</code> writes every row.`
    : html`every row is in <code>${csv}</code>.`;

function reportRow({ newUsername, newSub, legacySub, rule, detail }: GroupRow): Html {
  return html`<tr>${cell('New username', 'name', newUsername)}${cell('New sub', 'mono', newSub)}${cell('Legacy sub', 'mono', legacySub)}${cell('Rule', 'rule', rule.replaceAll('+', ' + '))}${cell('Detail', 'detail', detail)}</tr>
`;
}

/** Where the screen is too narrow for a table, `label` is shown beside the value, and empty values are left out. */
const cell = (label: string, kind: string, text: string): Html =>
  html`<td data-label="${label}" class="${text === '' ? 'empty' : kind}">${text}</td>`;

function warnings(list: readonly string[]): Html {
  if (list.length === 0) return html``;
  return html`<section><h2>Warnings</h2><div class="panel"><ul>${list.map((one) => html`<li>${one}</li>`)}</ul></div></section>`;
}
