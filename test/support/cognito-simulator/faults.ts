import type { Random } from './random.js';

/** Something that goes wrong with some requests. */
export interface Fault {
  kind:
    | 'throttle'
    | 'internal-error'
    /** The connection breaks and nothing was done. */
    | 'drop-before'
    /** The connection breaks after the request was carried out. */
    | 'drop-after'
    /** The answer comes `ms` later. */
    | 'slow'
    /** The exception named in `type`. */
    | 'error';
  /** Which requests: by operation, pool and username; left out means all. */
  operations?: readonly string[];
  pool?: string;
  usernames?: readonly string[];
  /** How many of those requests it hits, 0 to 1. @defaultValue 1 */
  share?: number;
  /** After how many hits it is over. */
  times?: number;
  ms?: number;
  type?: string;
  message?: string;
}

export interface FaultRequest {
  operation: string;
  poolId: string;
  username: string | undefined;
}

export class Faults {
  readonly #random: Random;
  #rules: { fault: Fault; hits: number }[] = [];

  constructor(faults: readonly Fault[], random: Random) {
    this.#random = random;
    this.set(faults);
  }

  /** Replaces every fault. */
  set(faults: readonly Fault[]): void {
    this.#rules = faults.map((fault) => ({ fault, hits: 0 }));
  }

  /** Those that have hit no request yet. */
  get idle(): readonly Fault[] {
    return this.#rules.filter(({ hits }) => hits === 0).map(({ fault }) => fault);
  }

  /** The first fault that hits this request. */
  next(request: FaultRequest): Fault | undefined {
    for (const rule of this.#rules) {
      const { fault } = rule;
      if (rule.hits >= (fault.times ?? Number.POSITIVE_INFINITY) || !concerns(fault, request)) continue;
      if (fault.share !== undefined && this.#random() >= fault.share) continue;
      rule.hits++;
      return fault;
    }
    return undefined;
  }
}

function concerns(fault: Fault, { operation, poolId, username }: FaultRequest): boolean {
  return (
    (fault.operations?.includes(operation) ?? true) &&
    (fault.pool ?? poolId) === poolId &&
    (fault.usernames === undefined || (username !== undefined && fault.usernames.includes(username)))
  );
}
