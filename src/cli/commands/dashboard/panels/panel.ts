import { type Html, html } from '../../../html/template.js';
import { formatTime } from '../../../terminal/format.js';
import type { Reading } from '../live-source.js';

/** A part of the page, about one source. */
export interface Panel<T> {
  /** Of the element, for links within the page. */
  readonly id: string;
  readonly title: string;
  /** Where it is read from, for people; and its key, by which the page shows how new it is. */
  readonly source: { readonly name: string; readonly key: string };
  readonly reading: Reading<T>;
}

/** The panel with what was read, when, and why nothing newer was. `body` is not called before something was read. */
export function panelOf<T>(panel: Panel<T>, body: (value: T) => Html): Html {
  const { id, title, source, reading } = panel;
  const { value } = reading;
  return html`<section id="${id}" aria-labelledby="${id}-title">
<div class="head"><h2 id="${id}-title">${title}</h2>${readLine(panel)}</div>
${troubleOf(reading, source.name)}
${value === undefined ? nothingYet(reading) : body(value)}
</section>
`;
}

function readLine<T>({ source: { name, key }, reading: { readAt, problem } }: Panel<T>): Html {
  if (readAt === undefined) return html`<p class="read">${name}</p>`;
  const last = problem === undefined ? 'read' : 'last read';
  return html`<p class="read">${name}, ${last} ${momentOf(readAt, problem === undefined ? key : '')}</p>`;
}

function troubleOf<T>({ value, problem }: Reading<T>, name: string): Html {
  if (problem === undefined) return html``;
  const { text, since, isAwaited } = problem;
  const lines = text.split('\n').map((line) => html`<p>${withCode(line)}</p>`);
  if (isAwaited) return html`<div class="panel awaited">${lines}</div>`;
  const stale = value === undefined ? '' : ' The numbers below are older.';
  return html`<div class="panel trouble"><p><strong>${name} cannot be read since ${formatTime(new Date(since))}.</strong>${stale}</p>${lines}</div>`;
}

/** Text of ours in which commands stand between backticks. */
const withCode = (text: string): readonly Html[] =>
  text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));

const nothingYet = <T>({ problem }: Reading<T>): Html =>
  problem === undefined ? html`<p class="panel awaited">Reading …</p>` : html``;

/** A moment to the second. The page keeps those with a key up to date without drawing anything else again. */
export const momentOf = (at: number, key = ''): Html =>
  html`<time datetime="${new Date(at).toISOString()}" data-source="${key}">${timeOfDay(at)}</time>`;

/** `12:03:05 UTC`. */
const timeOfDay = (at: number): string => `${new Date(at).toISOString().slice(11, 19)} UTC`;
