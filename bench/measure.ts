/** Samples of one contender, one per round. */
export interface Contender {
  readonly name: string;
  /** Runs one round and returns microseconds per call. */
  round(): Promise<number>;
}

export interface Row {
  readonly name: string;
  readonly microseconds: number;
  /** Throughput as a multiple of the first contender's in the same round, median over the rounds. */
  readonly ratio: number;
  /** Microseconds more than the first contender in the same round, median over the rounds. */
  readonly added?: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * Runs every contender once per round, in turn, so that other load affects all alike. Each round's ratios are to that
 * round's first contender. The first two rounds warm up and are not counted.
 */
export async function measure(contenders: readonly Contender[], rounds: number): Promise<Row[]> {
  const samples: number[][] = contenders.map(() => []);
  for (let round = -2; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      globalThis.gc?.();
      const sample = await contender.round();
      if (round >= 0) samples[index]?.push(sample);
    }
  }
  const base = samples[0] ?? [];
  return contenders.map(({ name }, index) => {
    const own = samples[index] ?? [];
    const ratios = own.map((sample, round) => (base[round] ?? Number.NaN) / sample);
    const added = median(own.map((sample, round) => sample - (base[round] ?? Number.NaN)));
    return { name, microseconds: median(own), ratio: median(ratios), added };
  });
}

/** Times `count` calls, in microseconds per call. */
export async function timed(count: number, run: (index: number) => unknown): Promise<number> {
  const started = performance.now();
  for (let index = 0; index < count; index++) {
    const result = run(index);
    if (result instanceof Promise) await result;
  }
  return ((performance.now() - started) * 1_000) / count;
}

export function printTable(title: string, unit: string, rows: readonly Row[]): void {
  console.log(`\n${title}`);
  const width = Math.max(...rows.map(({ name }) => name.length));
  for (const { name, microseconds, ratio, added } of rows) {
    const more = added === undefined ? '' : `  ${(added < 0 ? '' : '+') + added.toFixed(1)} us`;
    console.log(
      `  ${name.padEnd(width)}  ${microseconds.toFixed(1).padStart(8)} us  ${ratio.toFixed(2).padStart(6)} ${unit}${more}`,
    );
  }
}
