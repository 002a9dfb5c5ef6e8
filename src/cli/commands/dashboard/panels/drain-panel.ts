import type { DrainReport } from '../../../../operate/drain/drain-types.js';
import { counted, formatCount } from '../../../../words.js';
import { type Html, html } from '../../../html/template.js';

/** How many reasons are open; a fleet may have one for each of its instances. */
const OPEN_REASONS = 10;

/** Whether the legacy pool can go, and why not. A report that is not the present one is no ground to close anything. */
export function drainBody({ safeToClose, reasons }: DrainReport, isPresent: boolean): Html {
  if (safeToClose && !isPresent) {
    return html`<div class="panel"><p class="verdict warn">Not known: it was safe when it was last read, and cannot be read now.</p></div>`;
  }
  if (safeToClose) {
    return html`<div class="panel"><p class="verdict good">Safe: the legacy pool can be switched off.</p>
<p class="soft">Run <code>cognito-cutover drain</code> once more just before, and close by phase first: a phase can be undone at once.</p></div>`;
  }
  const [open, folded] = [reasons.slice(0, OPEN_REASONS), reasons.slice(OPEN_REASONS)];
  return html`<div class="panel"><p class="verdict warn">Not yet: ${counted(reasons.length, 'reason')} against it.</p>
${listOf(open)}
${folded.length === 0 ? html`` : html`<details><summary>${formatCount(folded.length)} more</summary>${listOf(folded)}</details>`}
</div>`;
}

const listOf = (reasons: readonly string[]): Html =>
  html`<ul class="reasons">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`;
