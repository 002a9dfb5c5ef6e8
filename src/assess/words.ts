const format = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1 user`, `1,200 users`. */
export const counted = (amount: number, noun: string, plural = `${noun}s`): string =>
  `${format.format(amount)} ${amount === 1 ? noun : plural}`;

/** Whole per cent. Never rounded to 0 or 100 unless exact. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const share = (100 * part) / whole;
  if (part > 0 && share < 1) return 'under 1 %';
  if (part < whole && share > 99) return 'over 99 %';
  return `${Math.round(share)} %`;
}

const MOST_NAMES = 12;

/** `a, b, c`, with at most twelve names. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
