import { formatDuration } from '../../duration.js';
import { counted, formatCount } from '../../words.js';

export { formatDuration };

const rate = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 2 });

export const formatRate = (perSecond: number): string => `${rate.format(perSecond)}/s`;
export const formatDollars = (value: number): string => dollars.format(value);

/** A share from 0 to 1 as a percentage that never rounds "some" to "none", or "nearly all" to "all". */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return '<0.1%';
  return share > 0.999 && share < 1 ? '>99.9%' : `${(share * 100).toFixed(1)}%`;
}

/** Characters that move the cursor, or reverse the reading direction of what follows. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const asCode = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Foreign text, with characters that a reader cannot see shown as their codes. */
export const visible = (text: string): string => text.replace(HIDDEN, asCode);

/** The same for lines of ours that contain foreign text: line breaks stay. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

export const formatUsers = (amount: number): string => counted(amount, 'user');
export const formatChanges = (amount: number): string => counted(amount, 'change');

/** `3 of 12`. */
export const formatPart = (part: number, whole: number): string => `${formatCount(part)} of ${formatCount(whole)}`;

/** Lines of two columns, the first padded to the widest. Numbers in front are easier to compare right-aligned. */
export function formatTable(rows: readonly (readonly [string, string])[], align: 'left' | 'right' = 'left'): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => {
    const padded = align === 'left' ? left.padEnd(width) : left.padStart(width);
    return `  ${padded}  ${right}`.trimEnd();
  });
}

/** Rows of several columns: the first to the left, the others, which are numbers, to the right. */
export function formatColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map(([first = '', ...numbers]) => {
    const right = numbers.map((cell, at) => `  ${cell.padStart(widths[at + 1] ?? 0)}`).join('');
    return `  ${first.padEnd(widths[0] ?? 0)}${right}`.trimEnd();
  });
}

/** `2026-01-15 12:00 UTC`: the same for readers in different places. */
export const formatTime = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** `5 min ago`, `in 55 min`: `seconds` since a moment, less than 0 for one to come. */
export const formatAgo = (seconds: number): string =>
  seconds < 0 ? `in ${formatDuration(-seconds)}` : `${formatDuration(seconds)} ago`;
