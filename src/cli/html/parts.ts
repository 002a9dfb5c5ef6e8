import { type Html, html } from './template.js';

/** A number at the top of the page, with its title above and a note below. */
export const card = (title: string, value: string, note: string | Html, kind = ''): Html =>
  html`<div class="card ${kind}"><dt>${title}</dt><dd>${value}</dd><dd>${note}</dd></div>`;

/** The colour of a class, shown beside its name, with the mark that its slice of a bar has. */
export const swatch = (kind: string, mark?: string): Html =>
  mark === undefined
    ? html`<svg class="swatch" viewBox="0 0 1 1" aria-hidden="true"><rect class="${kind}" width="1" height="1"/></svg>`
    : html`<svg class="swatch marked" viewBox="0 0 16 16" aria-hidden="true"><rect class="${kind}" width="16" height="16" rx="3"/><text class="mark ${kind}" x="8" y="12">${mark}</text></svg>`;

/** A share of a whole as a bar. The number stands beside it, so it has nothing to read. */
export function shareBar(kind: string, share: number): Html {
  const width = share === 0 ? 0 : Math.max(1, share * 100);
  return html`<svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="1"/><rect class="${kind}" width="${width.toFixed(2)}" height="1"/></svg>`;
}

/** A command to be copied into a shell. It wraps, so that nothing of it is out of sight. */
export const commandLine = (command: string): Html => html`<code class="command">${command}</code>`;
