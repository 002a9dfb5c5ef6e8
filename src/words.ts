const format = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,200` */
export const formatCount = (amount: number): string => format.format(amount);

/** `1 user`, `1,200 users`. */
export const counted = (amount: number, noun: string, plural = `${noun}s`): string =>
  `${formatCount(amount)} ${amount === 1 ? noun : plural}`;

const MOST_NAMED = 10;

/** Names as a text may list them: the first ten, and how many more there are. */
export function listed(names: readonly string[], separator = ', '): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(separator)}${more > 0 ? ` and ${more} more` : ''}`;
}
