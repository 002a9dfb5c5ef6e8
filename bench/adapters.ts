import { createTestPools } from '../src/testing/index.js';
import { Contender, requestsOf } from './express.js';
import { median } from './measure.js';

const FRAMEWORKS = ['express', 'fastify', 'hono', 'koa'] as const;
const MIDDLEWARES = ['none', 'constant', 'ours'] as const;
const WARM_UP_SECONDS = 2;

/** CPU time of the server per request, in microseconds: medians over the rounds. */
export interface AdapterFigures {
  readonly name: string;
  readonly none: number;
  readonly constant: number;
  readonly ours: number;
  /** What ours adds to a middleware that sets a constant, in the same round. */
  readonly added: number;
}

/**
 * The hot path of every adapter over loopback, beside the same framework with a middleware that only sets a constant, and without any.
 * The three of one framework take turns directly after each other.
 */
export async function benchAdapters(options: { rounds: number; seconds: number }): Promise<AdapterFigures[]> {
  const pools = await createTestPools();
  const all: Contender[] = [];
  try {
    const requests = requestsOf(pools);
    const sides = [pools.legacyPool, pools.newPool];
    for (const framework of FRAMEWORKS) {
      for (const middleware of MIDDLEWARES) {
        all.push(await Contender.start('adapters-server.mjs', [framework, middleware], sides, requests));
      }
    }
    for (const contender of all) await contender.sample(WARM_UP_SECONDS);
    const rounds: number[][] = [];
    for (let round = 0; round < options.rounds; round++) {
      const taken: number[] = [];
      for (const contender of all) taken.push((await contender.sample(options.seconds)).cpuMicroseconds);
      rounds.push(taken);
    }
    return FRAMEWORKS.map((name, index) => {
      const of = (middleware: number) =>
        rounds.map((taken) => taken[index * MIDDLEWARES.length + middleware] ?? Number.NaN);
      const [none, constant, ours] = [of(0), of(1), of(2)];
      const added = median(ours.map((own, round) => own - (constant[round] ?? Number.NaN)));
      return { name, none: median(none), constant: median(constant), ours: median(ours), added };
    });
  } finally {
    for (const contender of all) contender.stop();
    await pools.close();
  }
}

export function printAdapters(figures: readonly AdapterFigures[]): void {
  console.log('\nThe adapters, hot, CPU time of the server per request in us');
  console.log('             none  constant    ours   added to constant');
  for (const { name, none, constant, ours, added } of figures) {
    const columns = [none, constant, ours].map((value) => value.toFixed(1).padStart(8)).join('');
    console.log(`  ${name.padEnd(8)} ${columns}  ${added.toFixed(1).padStart(6)}`);
  }
}
