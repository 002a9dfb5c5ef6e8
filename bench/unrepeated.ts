import { createTestPools } from '../src/testing/index.js';
import { Contender, requestsOf } from './express.js';
import { median } from './measure.js';

/** Fills the cache, and is enough of them to show that they do not come again. */
const WARM_UP = 12_000;
const PER_ROUND = 2_000;
const SERVERS = { 'ours-uncached': 'cache: false', 'ours-hot': 'cache of 10 000 tokens' } as const;

export interface UnrepeatedRow {
  readonly name: string;
  /** CPU time of the server per request, median over the rounds. */
  readonly cpuMicroseconds: number;
  /** As a multiple of that without a cache in the same round, median. */
  readonly cpuRatio: number;
  readonly megabytes: number;
}

/** Express behind which no token ever comes twice: what the cache costs where it is of no use. A process for each. */
export async function benchUnrepeated(rounds: number): Promise<UnrepeatedRow[]> {
  const pools = await createTestPools();
  const requests = requestsOf(pools, WARM_UP + rounds * PER_ROUND);
  const contenders: Contender[] = [];
  try {
    for (const name of Object.keys(SERVERS)) {
      contenders.push(await Contender.start('express-server.mjs', [name], [pools.legacyPool, pools.newPool], requests));
    }
    for (const contender of contenders) await contender.sampleOf(WARM_UP);
    const samples: { readonly cpuMicroseconds: number; readonly rss: number }[][] = contenders.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [index, contender] of contenders.entries()) samples[index]?.push(await contender.sampleOf(PER_ROUND));
    }
    const base = samples[0] ?? [];
    return Object.values(SERVERS).map((name, index) => {
      const own = samples[index] ?? [];
      return {
        name,
        cpuMicroseconds: median(own.map(({ cpuMicroseconds }) => cpuMicroseconds)),
        cpuRatio: median(
          own.map(({ cpuMicroseconds }, round) => cpuMicroseconds / (base[round]?.cpuMicroseconds ?? 0)),
        ),
        megabytes: (own.at(-1)?.rss ?? 0) / 1e6,
      };
    });
  } finally {
    for (const contender of contenders) contender.stop();
    await pools.close();
  }
}

export function printUnrepeated(rows: readonly UnrepeatedRow[]): void {
  console.log('\nWith Express 5, tokens that never come again');
  for (const { name, cpuMicroseconds, cpuRatio, megabytes } of rows) {
    const cpu = `${cpuMicroseconds.toFixed(0)} us of CPU per request (x ${cpuRatio.toFixed(3)})`;
    console.log(`  ${name.padEnd(22)}  ${cpu}, ${megabytes.toFixed(0)} MB`);
  }
}
