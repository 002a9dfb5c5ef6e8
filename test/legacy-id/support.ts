import type { Clock } from '../../src/clock.js';
import type { LegacyIdQuery } from '../../src/legacy-id/resolver.js';

/** A query as the verifier makes it; `over` changes parts of it. */
export function queryOf(over: Partial<LegacyIdQuery> = {}): LegacyIdQuery {
  return {
    sub: '11111111-1111-4111-8111-111111111111',
    username: 'jo',
    userPoolId: 'eu-west-1_New',
    clientId: 'client',
    tokenUse: 'access',
    scopes: ['aws.cognito.signin.user.admin'],
    token: 'header.payload.signature',
    signal: new AbortController().signal,
    ...over,
  };
}

/** A clock that stands until it is told to go on, and wakes those who sleep meanwhile. */
export class ManualClock implements Clock {
  #now = 1_800_000_000_000;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  /** How many are asleep: a left-over timer shows here. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

/** A promise settled from outside. */
export function deferred<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
