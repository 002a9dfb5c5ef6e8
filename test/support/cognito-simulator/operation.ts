import type { SimulatedPool } from './pool.js';
import type { Category } from './quotas.js';

/** The pools an operation can look for its own in. */
export interface Pools {
  readonly endpoint: string;
  pool(id: string): SimulatedPool;
  all(): Iterable<SimulatedPool>;
}

export interface Call<Input> {
  operation: string;
  input: Input;
  pool: SimulatedPool;
  pools: Pools;
  /** Milliseconds since the epoch. */
  now: number;
}

export interface Operation {
  category: Category;
  /** Refused by replicas. */
  write?: boolean;
  /** The pool the request is about, where it does not name one. */
  locate?: (pools: Pools, input: never) => SimulatedPool;
  run(call: Call<never>): object | Promise<object>;
}
