import type { Assessment } from '../../../assess/assess.js';
import type { Finding, Severity } from '../../../assess/finding.js';
import { needsUpdateFunction, UPDATE_FUNCTION, withUpdateFunction } from '../../../assess/fix/update-function.js';
import { counted } from '../../../words.js';
import { type Html, html } from '../../html/template.js';
import { findingGroups, isCode, permissions, settledBy, severities } from './in-words.js';

const SEVERITY_NAMES: Readonly<Record<Severity, string>> = { blocker: 'Blocker', warning: 'Warning', info: 'Note' };

/** Where the function is on the page. */
const FUNCTION_ANCHOR = 'update-function';

/** The findings in the order in which they are to be fixed, folded but for the blockers. */
export function findingsSection(assessment: Assessment): Html {
  const { findings } = assessment;
  return html`<section id="findings"><h2>Findings</h2>
${findings.length === 0 ? html`<p>Nothing was found.</p>` : html``}
${functionPanel(findings)}
${undeterminedPanel(assessment)}
${findingGroups(findings).map(
  ({ heading, note, findings: some }) => html`<h3 class="group">${heading} <span class="soft">${some.length}</span></h3>
${note === undefined ? html`` : html`<p class="next">${note}</p>`}
${some.map((finding) => findingPanel(finding, anchorOf(finding, findings)))}`,
)}
</section>`;
}

/** The findings that a step settles, as links to them. */
export function settledLinks(step: { readonly settles: readonly string[] }, findings: readonly Finding[]): Html {
  const settled = settledBy(step, findings);
  if (settled.length === 0) return html``;
  const links = settled.map(
    (finding, at) =>
      html`${at === 0 ? '' : ' · '}<a class="${finding.severity}" href="#${anchorOf(finding, findings)}">${finding.title}</a>`,
  );
  return html`<p class="settles"><span class="soft">Settles ${severities(settled)}:</span> ${links}</p>`;
}

/**
 * Its anchor is inside the folded part: a browser opens the part of a page that a link leads to. With several legacy pools a
 * finding may be there several times.
 */
function anchorOf(finding: Finding, findings: readonly Finding[]): string {
  const at = findings.filter(({ id }) => id === finding.id).indexOf(finding);
  return `finding-${finding.id}${at > 0 ? `-${at + 1}` : ''}`;
}

function findingPanel(finding: Finding, anchor: string): Html {
  const { id, severity, userPoolId, comparedWith, title, seen, why, fix, docs } = finding;
  const other = comparedWith === undefined ? html`` : html`, compared with <code>${comparedWith}</code>`;
  const folded = html`<summary><h4>${title}</h4><span class="badge">${SEVERITY_NAMES[severity]}</span></summary>
<div class="body" id="${anchor}">
<p class="meta soft"><code>${id}</code> in <code>${userPoolId}</code>${other} · <a href="${docs}" rel="noreferrer">AWS documentation</a></p>
<dl><dt>Seen</dt><dd>${seen}</dd><dt>Why</dt><dd>${why}</dd><dt>Fix</dt><dd>${fixBlock(fix)}</dd></dl>
</div>`;
  return severity === 'blocker'
    ? html`<details class="panel finding blocker" open>${folded}</details>
`
    : html`<details class="panel finding ${severity}">${folded}</details>
`;
}

function fixBlock(fix: string): Html {
  if (!isCode(fix)) return html`${fix}`;
  const needs = html`<p class="meta soft">Needs the function <a href="#${FUNCTION_ANCHOR}"><code>update_cognito</code></a> in the same shell.</p>`;
  return html`${needsUpdateFunction(fix) ? needs : html``}${codeBlock(withUpdateFunction(fix))}`;
}

const codeBlock = (text: string): Html =>
  html`<pre>${text.split('\n').map((line) => html`<span class="code-line">${line}</span>`)}</pre>`;

function functionPanel(findings: readonly Finding[]): Html {
  if (!findings.some(({ fix }) => needsUpdateFunction(fix))) return html``;
  return html`<details class="panel"><summary><h3>Before the first fix: define one shell function</h3></summary>
<div class="body" id="${FUNCTION_ANCHOR}">
<p>Paste this into the shell in which you run the fixes; a click selects all of a block. It prints nothing unless something fails. In zsh, first run <code>setopt interactivecomments</code>.</p>
${codeBlock(UPDATE_FUNCTION)}
</div></details>`;
}

function undeterminedPanel({ notDetermined }: Assessment): Html {
  const missing = permissions(notDetermined);
  if (missing.length === 0) return html``;
  return html`<div class="panel unknown">
<div class="group-head"><h3>${counted(notDetermined.length, 'check')} could not be made</h3><span class="badge">Not determined</span></div>
<ul>${missing.map(({ permission, userPoolId, reason, ids }) => html`<li><code>${permission}</code> on <code>${userPoolId}</code> is ${reason === 'denied' ? 'denied' : 'not supported there'}: ${ids.join(', ')}</li>`)}</ul>
<p class="note">They have neither passed nor failed. Grant the permission and run assess again.</p>
</div>`;
}
