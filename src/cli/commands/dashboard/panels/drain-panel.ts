import type { DrainReport, DrainRun } from '../../../../operate/drain/drain-types.js';
import { counted, formatCount } from '../../../../words.js';
import { type Html, html } from '../../../html/template.js';
import { formatTime } from '../../../terminal/format.js';

/** How many reasons are open; a fleet may have one for each of its instances. */
const OPEN_REASONS = 10;
/** Of a fleet that is replaced every day there are thousands. Those that matter come first. */
const MOST_RUNS = 50;

/** Whether the legacy pool can go, and why not. A report that is not the present one is no ground to close anything. */
export function drainBody(report: DrainReport, isPresent: boolean): Html {
  const { safeToClose, reasons, runs } = report;
  return html`<div class="panel">
${verdict(report, isPresent)}
${reasonList(reasons.slice(0, OPEN_REASONS))}
${
  reasons.length <= OPEN_REASONS
    ? html``
    : html`<details><summary>${formatCount(reasons.length - OPEN_REASONS)} more</summary>${reasonList(reasons.slice(OPEN_REASONS))}</details>`
}
${safeToClose ? html`<p class="soft">Ask <code>cognito-cutover drain</code> once more just before, and close it by a phase first: a phase can be taken back at once.</p>` : html``}
${runs.length === 0 ? html`` : html`<details><summary>${counted(runs.length, 'run')} of ${counted(report.instances, 'instance')}</summary>${runTable(runs)}</details>`}
</div>`;
}

function verdict({ safeToClose, reasons, earliest }: DrainReport, isPresent: boolean): Html {
  if (safeToClose) {
    return isPresent
      ? html`<p class="verdict good">Safe: the legacy pool can be closed.</p>`
      : html`<p class="verdict warn">Not known: it was safe when this was last read, and cannot be read now.</p>`;
  }
  const from =
    earliest === null
      ? html``
      : html`<p>At the earliest on ${formatTime(new Date(earliest))}, if nothing more comes from it.</p>`;
  return html`<p class="verdict warn">Not yet: ${counted(reasons.length, 'reason')} against it.</p>${from}`;
}

const reasonList = (reasons: readonly string[]): Html =>
  reasons.length === 0 ? html`` : html`<ul class="reasons">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`;

/** Those first that somebody has to look at. */
const STATES: readonly DrainRun['state'][] = ['silent', 'counting', 'gone', 'replaced', 'ended'];

function runTable(runs: readonly DrainRun[]): Html {
  const sorted = runs.toSorted((one, other) => STATES.indexOf(one.state) - STATES.indexOf(other.state));
  const more = runs.length - MOST_RUNS;
  return html`<table class="rows">
<thead><tr><th scope="col">Instance</th><th scope="col">State</th><th scope="col">Started</th><th scope="col">Last report</th></tr></thead>
<tbody>${sorted
    .slice(0, MOST_RUNS)
    .map(
      ({ instance, state, startedAt, reportedAt }) =>
        html`<tr><td data-label="Instance">${instance}</td><td data-label="State">${state}</td><td data-label="Started">${formatTime(new Date(startedAt))}</td><td data-label="Last report">${formatTime(new Date(reportedAt))}</td></tr>\n`,
    )}</tbody>
</table>${more > 0 ? html`<p class="soft">${formatCount(more)} more: <code>cognito-cutover drain --json</code> has all of them.</p>` : html``}`;
}
