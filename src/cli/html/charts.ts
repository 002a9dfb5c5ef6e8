import type { RecencyPoint } from '../../assess/forecast/recency.js';
import { formatCount } from '../../words.js';
import { formatShare } from '../terminal/format.js';
import { swatch } from './parts.js';
import { type Html, html } from './template.js';

/** A part of a whole, drawn in the colour of its class. */
export interface Slice {
  readonly kind: string;
  readonly label: string;
  readonly users: number;
  /** A character that tells it from the others where colours do not; its {@link swatch} shows the same. */
  readonly mark?: string;
}

/** In per cent. A slice too small to see is still drawn: it may be the one that matters. */
const LEAST_WIDTH = 1.6;
/** From this width on, a mark has room on a phone too. */
const WIDE = 6;

/** One bar of all users. It has no viewBox, so that its marks keep their shape whatever the width. */
export function stackedBar(slices: readonly Slice[]): Html {
  const present = slices.filter(({ users }) => users > 0);
  const total = present.reduce((sum, { users }) => sum + users, 0);
  const widths = present.map(({ users }) => Math.max(LEAST_WIDTH, (users / total) * 100));
  const scale = 100 / widths.reduce((sum, width) => sum + width, 0);
  const words = present.map(({ label, users }) => `${label}: ${formatCount(users)}`);
  let x = 0;
  const parts = present.map(({ kind, mark }, at) => {
    const width = (widths[at] ?? 0) * scale;
    const middle = x + width / 2;
    const part = html`<rect class="${kind}" x="${x.toFixed(2)}%" width="${width.toFixed(2)}%" height="100%"><title>${words[at] ?? ''}</title></rect>${
      mark === undefined
        ? html``
        : html`<text class="mark ${kind}${width < WIDE ? ' narrow' : ''}" x="${middle.toFixed(2)}%" y="65%">${mark}</text>`
    }`;
    x += width;
    return part;
  });
  return html`<svg class="whole" role="img" aria-label="${words.join(', ')}"><rect class="track" width="100%" height="100%"/>${parts}</svg>`;
}

/** The same, and what its colours mean. */
export function wholeBar(slices: readonly Slice[]): Html {
  const total = slices.reduce((sum, { users }) => sum + users, 0);
  const entries = slices
    .filter(({ users }) => users > 0)
    .map(
      ({ kind, label, users }) =>
        html`<li>${swatch(kind)}<span>${label}</span><span class="number">${formatCount(users)} <span class="soft">${formatShare(users / total)}</span></span></li>`,
    );
  return html`${stackedBar(slices)}
<ul class="legend">${entries}</ul>`;
}

const SERIES = [
  ['native', 'with a password', 'nativeShare'],
  ['federated', 'through an identity provider', 'federatedShare'],
] as const;

/**
 * The share of users who have moved after each number of days. The days are spread evenly, not to scale: the first month matters
 * as much as the second year. The text is beside the picture, so that it stays readable when the picture shrinks.
 */
export function curveChart(curve: readonly RecencyPoint[]): Html {
  const x = (at: number) => (((at + 0.5) / curve.length) * 100).toFixed(2);
  const y = (share: number) => (100 - share * 100).toFixed(2);
  // A series of nobody would be a line along the bottom.
  const series = SERIES.filter(([kind]) => curve.some((point) => point[kind] > 0));
  const lines = series.map(([kind, , key]) => {
    const points = curve.map((point, at) => `${x(at)} ${y(point[key])}`);
    const dots = points.map((point) => `M${point}h0`).join('');
    return html`<path class="line ${kind}" d="M${points.join('L')}"/><path class="dots ${kind}" d="${dots}"/>`;
  });
  const grid = [0, 25, 50, 75, 100].map((share) => `M0 ${share}H100`).join('');
  const label = series
    .map(
      ([kind, name, key]) =>
        `${name}: ${curve.map((point) => `${formatShare(point[key])} (${formatCount(point[kind])}) after ${point.days} days`).join(', ')}`,
    )
    .join('; ');
  return html`<figure class="curve">
<ul class="legend inline">${series.map(([kind, name]) => html`<li>${swatch(kind)}<span>${name}</span></li>`)}</ul>
<div class="plot">
<div class="axis-y" aria-hidden="true"><span>100%</span><span>75%</span><span>50%</span><span>25%</span><span>0%</span></div>
<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${label}"><path class="grid" d="${grid}"/>${lines}</svg>
<div class="axis-x" aria-hidden="true">${curve.map(({ days }) => html`<span>${shortTime(days)}</span>`)}</div>
</div>
</figure>`;
}

/** `7 d`, `1 y`. */
const shortTime = (days: number): string => (days % 365 === 0 ? `${days / 365} y` : `${days} d`);
