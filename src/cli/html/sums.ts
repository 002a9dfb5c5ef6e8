import { formatCount } from '../../words.js';
import { formatShare } from '../terminal/format.js';
import { shareBar } from './parts.js';
import { type Html, html } from './template.js';

/** The rows of the body add up to the one below them. */
export const sumTable = (title: string, rows: readonly Html[], total: Html): Html =>
  html`<table class="outcomes">
<thead><tr><th scope="col">${title}</th><th scope="col">Meaning</th><th scope="col" class="number">Users</th><th scope="col">Share</th></tr></thead>
<tbody>${rows}</tbody>
<tfoot>${total}</tfoot>
</table>`;

export function sumRow(name: Html, meaning: string, users: number, of: number, kind: string): Html {
  return html`<tr class="${users === 0 ? 'none' : ''}"><th scope="row">${name}</th><td class="meaning">${meaning}</td>${usersCell(users, of)}
<td class="share">${shareBar(kind, of === 0 ? 0 : users / of)}</td></tr>
`;
}

export const totalRow = (name: string, users: number): Html =>
  html`<tr><th scope="row" colspan="2">${name}</th>${usersCell(users, users)}<td class="share"></td></tr>`;

const usersCell = (users: number, of: number): Html =>
  html`<td class="number">${formatCount(users)}<span class="percent">${formatShare(of === 0 ? 0 : users / of)}</span></td>`;
