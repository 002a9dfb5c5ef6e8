import { type Html, html } from './template.js';

/** A number at the top of the page, with its title above and a note below. */
export const card = (title: string, value: string, note: string, kind = ''): Html =>
  html`<div class="card ${kind}"><dt>${title}</dt><dd>${value}</dd><dd>${note}</dd></div>`;

/** The colour of a class, shown beside its name. */
export const swatch = (kind: string): Html =>
  html`<svg class="swatch" viewBox="0 0 1 1" aria-hidden="true"><rect class="${kind}" width="1" height="1"/></svg>`;
