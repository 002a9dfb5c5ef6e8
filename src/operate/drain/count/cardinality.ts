/**
 * How many distinct elements a HyperLogLog has seen. `histogram[r]` is the number of registers that hold `r`; its last entry is the greatest
 * rank that a hash can have. Without constants that were fitted by experiment, and unbiased over the whole range.
 *
 * @see https://arxiv.org/abs/1702.01284 Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", algorithm 6
 */
export function cardinality(histogram: readonly number[]): number {
  const registers = histogram.reduce((sum, count) => sum + count, 0);
  const greatest = histogram.length - 1;
  let sum = registers * tau(1 - (histogram[greatest] ?? 0) / registers);
  for (let rank = greatest - 1; rank >= 1; rank -= 1) sum = 0.5 * (sum + (histogram[rank] ?? 0));
  sum += registers * sigma((histogram[0] ?? 0) / registers);
  return ((0.5 / Math.LN2) * registers * registers) / sum;
}

/** Corrects for registers that are still empty. */
function sigma(empty: number): number {
  if (empty === 1) return Number.POSITIVE_INFINITY;
  let power = empty;
  let factor = 1;
  let sum = empty;
  for (let before = -1; sum !== before; ) {
    before = sum;
    power *= power;
    sum += power * factor;
    factor += factor;
  }
  return sum;
}

/** Corrects for registers that can rise no further. */
function tau(notFull: number): number {
  if (notFull === 0 || notFull === 1) return 0;
  let root = notFull;
  let factor = 1;
  let sum = 1 - notFull;
  for (let before = -1; sum !== before; ) {
    before = sum;
    root = Math.sqrt(root);
    factor *= 0.5;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}
