import type { Outcome } from '../../../migrate/outcomes.js';
import type { GroupCounts, StatusResult, VerifyResult } from '../../../migrate/results.js';
import { formatCount } from '../../../words.js';
import { REPORT_STYLE } from '../../html/style.js';
import { sumRow, sumTable, totalRow } from '../../html/sums.js';
import { type Html, html, htmlPage } from '../../html/template.js';
import { formatPart, formatTime, formatUsers } from '../../terminal/format.js';
import { OUTCOME_TEXTS } from '../../wording/outcome-texts.js';
import { CASE_COLUMNS, groupPanel, idOf, type PanelOptions, PROBLEM_COLUMNS } from './case-panels.js';
import { type ReportGroup, TOO_MANY_GROUPS } from './cases.js';
import { outcomeSection } from './outcome-section.js';
import { isOutdated, isUndone, type WhatHappened, whatHappened, writesSection } from './what-happened.js';

export interface ReportPage extends WhatHappened {
  readonly plan: NonNullable<StatusResult['plan']>;
  /** Who needs a person. */
  readonly groups: readonly ReportGroup[];
  /** Who was not written, because they are no longer as planned. */
  readonly notWritten: readonly ReportGroup[];
  readonly verification: readonly ReportGroup[];
  readonly createdAt: Date;
  /** The file with every row, where one was written. */
  readonly csv: string | undefined;
}

/** The report as one page. It loads nothing and runs nothing, so that it can be mailed and kept. */
export function htmlReport(page: ReportPage): string {
  const { status, plan, counts, groups, notWritten, createdAt, csv, again } = page;
  const listed = new Set<string>(groups.map(({ name }) => name));
  const panels = { columns: CASE_COLUMNS, csv, csvCommand: (name: string) => again(csvCommand(name)) };
  const body = html`<main>
<header>
<h1>Cutover report</h1>
<p class="soft pools">From <code>${status.legacyPools.join(', ')}</code> to <code>${status.newPool}</code>, attribute
<code>${status.attribute}</code>. ${planned(status)} Report of ${formatTime(createdAt)}.</p>
${whatHappened(page)}
</header>
${writesSection(page)}
${outcomeSection(plan, { isUndone: isUndone(counts), linkTo: (outcome) => (listed.has(outcome) ? `#${idOf(outcome)}` : undefined) })}
${plan.groups === undefined ? html`` : groupsSection(plan.groups)}
${personSection(page, panels)}
${notWritten.length === 0 ? html`` : html`<section><h2>What was skipped</h2>${notWritten.map((group) => groupPanel(group, panels))}</section>`}
${verificationSection(page, panels)}
${warnings(status.warnings)}
<footer>Made by cognito-cutover from the state file. ${groups.length > 0 ? 'It names users: keep' : 'Keep'} it as private as the user pools.</footer>
</main>`;
  return htmlPage(`Cutover report ${status.newPool}`, REPORT_STYLE, body);
}

const planned = ({ plannedAt }: StatusResult): string =>
  plannedAt === undefined ? '' : `Planned ${formatTime(plannedAt)}.`;

const isOutcome = (name: string): name is Outcome => name in OUTCOME_TEXTS;

/** The command that writes every row of a group. */
const csvCommand = (name: string): string =>
  isOutcome(name) ? `report --outcome ${name} --csv ${name}.csv` : 'report --csv report.csv';

function groupsSection({ toCreate, memberships, existing, unmapped, overLimit }: GroupCounts): Html {
  const row = (what: Html, count: number) =>
    html`<tr><th scope="row">${what}</th><td class="number">${formatCount(count)}</td></tr>\n`;
  const tooMany = html`Users who would be in more groups than Cognito allows: none is added`;
  return html`<section>
<h2>Groups</h2>
<div class="panel"><table class="sums"><tbody>
${row(html`Groups to create`, toCreate)}${row(html`Memberships to add`, memberships)}
${row(html`Memberships that the new pool has already`, existing)}
${row(html`Memberships of legacy users for whom no new user is certain: none is added`, unmapped)}
${row(overLimit === 0 ? tooMany : html`<a href="#${idOf(TOO_MANY_GROUPS)}">${tooMany}</a>`, overLimit)}
</tbody></table></div>
</section>`;
}

function personSection({ groups, counts: { needPerson } }: ReportPage, panels: PanelOptions): Html {
  if (groups.length === 0) return html``;
  const rows = groups.map(
    ({ name, total }) =>
      html`<tr><th scope="row"><a href="#${idOf(name)}">${name}</a></th><td class="number">${formatCount(total)}</td></tr>\n`,
  );
  const repeated = groups.reduce((sum, { total }) => sum + total, 0) - needPerson;
  const inSeveral = html`<tr><th scope="row">listed more than once</th><td class="number">−${formatCount(repeated)}</td></tr>`;
  return html`<section id="for-a-person">
<h2>What needs a person</h2>
<div class="panel"><table class="sums">
<thead><tr><th scope="col">Reason</th><th scope="col" class="number">Users</th></tr></thead>
<tbody>${rows}${repeated > 0 ? inSeveral : html``}</tbody>
<tfoot><tr><th scope="row">Users who need a person</th><td class="number">${formatCount(needPerson)}</td></tr></tfoot>
</table>
</div>
${groups.map((group) => groupPanel(group, panels))}
</section>`;
}

function verificationSection(page: ReportPage, panels: PanelOptions): Html {
  const { verification, status } = page;
  const { verified } = status;
  if (verified === undefined) return html``;
  const { checked, right } = verified.result;
  const shown = new Set(verification.map(({ name }) => name));
  const row = (name: 'right' | 'wrong' | 'missing', meaning: string) =>
    sumRow(
      shown.has(name) ? html`<a href="#${name}">${name}</a>` : html`${name}`,
      meaning,
      verified.result[name],
      checked,
      name === 'right' ? 'ok' : name,
    );
  const rows = [
    row('right', 'the value is the planned one'),
    row('wrong', 'another value, or a value where the plan has none'),
    row('missing', 'no value, although the plan has one'),
  ];
  const notes = verificationNotes(page, verified.result);
  return html`<section id="verification">
<h2>What the last verification found</h2>
<div class="panel"><p>${formatPart(right, checked)} values were right on ${formatTime(verified.at)}.</p>
${sumTable('Value', rows, totalRow('All that were checked', checked))}
${notes.length === 0 ? html`` : html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}</div>
${verification.map((group) => groupPanel(group, { ...panels, columns: PROBLEM_COLUMNS }))}
</section>`;
}

/** What a verification says besides its sums. */
function verificationNotes({ status }: ReportPage, result: VerifyResult): readonly string[] {
  const { rolledBack = 0, duplicates, foreseen = 0, unlisted = 0, gone = 0, groups } = result;
  const notes: [boolean, string][] = [
    [isOutdated(status), 'Something was written or taken back since. Verify again to see the pool as it is now.'],
    [rolledBack > 0, `Expected after the rollback: ${formatCount(rolledBack)} of the missing.`],
    [
      foreseen > 0,
      `As the plan found them, for a person to decide: ${formatCount(foreseen)} of the wrong and missing.`,
    ],
    [duplicates > 0, `The same value as another user: ${formatUsers(duplicates)}, who are also counted above.`],
    [unlisted > 0, `Planned, but not listed: ${formatUsers(unlisted)}. Verify again: others may be missing too.`],
    [gone > 0, `Deleted since the plan: ${formatUsers(gone)}.`],
  ];
  if (groups !== undefined) {
    const { checked, right, missing, extra } = groups;
    const found = `Groups and memberships: ${formatPart(right, checked)} right, ${formatCount(missing)} missing`;
    notes.push([true, extra === 0 ? `${found}.` : `${found}; members who were not planned: ${formatCount(extra)}.`]);
  }
  return notes.filter(([applies]) => applies).map(([, note]) => note);
}

function warnings(list: readonly string[]): Html {
  if (list.length === 0) return html``;
  return html`<section><h2>Warnings</h2><div class="panel"><ul>${list.map((one) => html`<li>${one}</li>`)}</ul></div></section>`;
}
