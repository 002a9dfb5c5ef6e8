import { counted } from '../../words.js';

const conjunction = new Intl.ListFormat('en', { type: 'conjunction' });

/** A curve: how many of its users have moved after a number of days. It never falls. */
export interface Curve {
  /** Users with a password. */
  readonly whose: string;
  /** All of them. */
  readonly users: number;
  readonly points: readonly { readonly days: number; readonly moved: number }[];
}

/**
 * Why a curve is flat, wherever it is. A flat stretch looks like a fault of the estimate, or as if waiting were of no use, so the
 * reason is given. `undefined` if the curve rises from each point to the next.
 */
export function whyFlat({ whose, users, points }: Curve): string | undefined {
  const end = points.at(-1);
  if (end === undefined) return undefined;
  if (users === 0) return `${whose}: nobody can sign in, so there is no curve.`;
  if (end.moved === 0) {
    return `${whose}: none of them was changed within the past ${counted(end.days, 'day')}, so the curve stays at zero.`;
  }
  const full = points.find(({ moved }) => moved >= users);
  const spans = flatSpans(points.filter(({ days }) => full === undefined || days <= full.days));
  const flat = `the curve is flat ${conjunction.format(spans)} days, because none of them was last changed that long ago.`;
  const all = full === undefined || full === end ? '' : `all of them have moved after ${counted(full.days, 'day')}.`;
  if (spans.length === 0) return all === '' ? undefined : `${whose}: ${all}`;
  return `${whose}: ${flat}${all === '' ? '' : ` After that it rises: ${all}`}`;
}

/** `from 30 to 180` */
function flatSpans(points: Curve['points']): string[] {
  const starts = points.filter(({ moved }, at) => points[at - 1]?.moved !== moved && points[at + 1]?.moved === moved);
  return starts.map(({ days, moved }) => {
    const last = points.findLast((point) => point.moved === moved);
    return `from ${days} to ${last?.days ?? days}`;
  });
}
