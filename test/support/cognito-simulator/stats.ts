import type { Category } from './quotas.js';

export interface OperationStats {
  attempts: number;
  accepted: number;
  throttled: number;
  /** Refused for another reason than throttling, dropped connections included. */
  failed: number;
}

/** What the simulator saw. */
export class Stats {
  readonly operations: Record<string, OperationStats> = {};
  /** When each request of a category arrived, in milliseconds. */
  readonly arrivals: Partial<Record<Category, number[]>> = {};
  /** Access key ids that signed requests, by pool. */
  readonly accessKeys: Record<string, string[]> = {};

  of(operation: string): OperationStats {
    this.operations[operation] ??= { attempts: 0, accepted: 0, throttled: 0, failed: 0 };
    return this.operations[operation];
  }

  attempt(operation: string, category: Category, now: number): void {
    this.of(operation).attempts++;
    this.arrivals[category] ??= [];
    this.arrivals[category].push(now);
  }

  signedBy(poolId: string, accessKey: string | undefined): void {
    if (accessKey === undefined) return;
    this.accessKeys[poolId] ??= [];
    if (!this.accessKeys[poolId].includes(accessKey)) this.accessKeys[poolId].push(accessKey);
  }

  /** The most requests of a category that arrived within any window of `windowMs`. */
  maxInWindow(category: Category, windowMs = 1000): number {
    const times = this.arrivals[category] ?? [];
    let first = 0;
    let most = 0;
    for (let last = 0; last < times.length; last++) {
      while (times[last]! - times[first]! >= windowMs) first++;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }

  /** When the first and the last request of a category arrived. */
  span(category: Category): readonly [number, number] {
    const times = this.arrivals[category] ?? [];
    return [times[0] ?? Number.NaN, times.at(-1) ?? Number.NaN];
  }

  reset(): void {
    for (const group of [this.operations, this.arrivals, this.accessKeys]) {
      for (const key of Object.keys(group)) Reflect.deleteProperty(group, key);
    }
  }
}
