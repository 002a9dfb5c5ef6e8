import { OUTCOMES } from '../../../migrate/outcomes.js';
import { counted, formatCount } from '../../../words.js';
import { commandLine, swatch } from '../../html/parts.js';
import { type Html, html } from '../../html/template.js';
import { formatUsers } from '../../terminal/format.js';
import type { GroupRow, ReportGroup } from './cases.js';

/** How many rows of a group are open; the rest is folded. */
const OPEN_ROWS = 10;

/** What a column of a group shows, and what it is called. */
type Column = readonly [label: string, kind: 'name' | 'mono' | 'rule' | 'detail', of: (row: GroupRow) => string];

const WHO: readonly Column[] = [
  ['New username', 'name', ({ newUsername }) => newUsername],
  ['New sub', 'mono', ({ newSub }) => newSub],
];

/** Of decisions and writes. */
export const CASE_COLUMNS: readonly Column[] = [
  ...WHO,
  ['Legacy sub', 'mono', ({ legacySub }) => legacySub],
  ['Rule', 'rule', ({ rule }) => rule.replaceAll('+', ' + ')],
  ['Detail', 'detail', ({ detail }) => detail],
];

/** Of a verification. */
export const PROBLEM_COLUMNS: readonly Column[] = [
  ...WHO,
  ['Planned value', 'mono', ({ legacySub }) => legacySub],
  ['Found', 'detail', ({ detail }) => detail],
];

/** Where the page shows a group. */
export const idOf = (name: string): string => name.replaceAll(' ', '-');

/** The number that an outcome has in the picture; `undefined` of groups that are not outcomes. */
export function markOf(name: string): string | undefined {
  const at = (OUTCOMES as readonly string[]).indexOf(name);
  return at === -1 ? undefined : String(at + 1);
}

export interface PanelOptions {
  readonly columns: readonly Column[];
  /** The command that writes every row of a group into a CSV file. */
  readonly csvCommand: (name: string) => string;
  /** The file with every row, where one was written. */
  readonly csv: string | undefined;
}

/** One group: why its users are listed, what to do, and who they are. */
export function groupPanel({ name, text, total, rows }: ReportGroup, options: PanelOptions): Html {
  // What no row has needs no column.
  const columns = options.columns.filter(([, kind, of]) => kind === 'name' || rows.some((row) => of(row) !== ''));
  const mark = markOf(name);
  const open = rows.slice(0, OPEN_ROWS);
  const folded = rows.slice(OPEN_ROWS);
  const more = total - rows.length;
  return html`<article class="panel" id="${idOf(name)}">
<div class="group-head"><h3>${mark === undefined ? html`` : swatch(name, mark)}${name}</h3><span class="number soft">${formatUsers(total)}</span></div>
<p class="reason">${text.reason}</p>
<p class="next"><strong>Next step:</strong> ${text.nextStep}</p>
${rowsTable(open, columns)}
${
  folded.length === 0
    ? html``
    : html`<details><summary>${formatCount(folded.length)} more ${folded.length === 1 ? 'user' : 'users'}</summary>
${rowsTable(folded, columns)}
</details>`
}
${more > 0 ? everyRow(name, more, options) : html``}
</article>
`;
}

function everyRow(name: string, more: number, { csv, csvCommand }: PanelOptions): Html {
  if (csv !== undefined) {
    return html`<p class="more soft">${counted(more, 'user')} more: every row is in <code>${csv}</code>.</p>`;
  }
  return html`<p class="more soft">${counted(more, 'user')} more. This command writes every row into a file:</p>
<p>${commandLine(csvCommand(name))}</p>`;
}

function rowsTable(rows: readonly GroupRow[], columns: readonly Column[]): Html {
  return html`<table class="rows">
<thead><tr>${columns.map(([label, kind]) => html`<th scope="col" class="${kind}">${label}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${columns.map(([label, kind, of]) => cell(label, kind, of(row)))}</tr>\n`)}</tbody>
</table>`;
}

/** Where the screen is too narrow for a table, `label` is shown beside the value, and empty values are left out. */
const cell = (label: string, kind: string, text: string): Html =>
  html`<td data-label="${label}" class="${text === '' ? 'empty' : kind}">${text}</td>`;
