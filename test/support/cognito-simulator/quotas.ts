import { tooManyRequests } from './errors.js';

export type Category =
  | 'UserUpdate'
  | 'UserList'
  | 'UserRead'
  | 'UserAuthentication'
  | 'UserCreation'
  | 'UserResourceRead'
  | 'UserPoolRead'
  | 'UserPoolResourceRead'
  | 'UserPoolResourceUpdate'
  | 'UserPoolClientRead'
  | 'UserPoolClientUpdate';

/** Requests per second for an account and Region, as Amazon documents them. */
const DEFAULT_QUOTAS: Readonly<Record<Category, number>> = {
  UserUpdate: 25,
  UserList: 30,
  UserRead: 120,
  UserAuthentication: 120,
  UserCreation: 50,
  UserResourceRead: 50,
  UserPoolRead: 15,
  UserPoolResourceRead: 20,
  UserPoolResourceUpdate: 15,
  UserPoolClientRead: 15,
  UserPoolClientUpdate: 15,
};

/** Categories of which every operation may be called 5 times a second on one pool. */
const PER_POOL: readonly Category[] = [
  'UserPoolRead',
  'UserPoolResourceRead',
  'UserPoolResourceUpdate',
  'UserPoolClientRead',
  'UserPoolClientUpdate',
];
const PER_POOL_RPS = 5;
const PER_USER_RPS = 10;

export interface QuotaOptions {
  /** Requests per second by category; what is left out has the documented value. `null`: no quotas at all. */
  quotas?: Partial<Record<Category, number>> | null;
  /** Share of every quota that others in the account use up, 0 to 1. @defaultValue 0 */
  othersShare?: number;
  /**
   * How a second is measured, which Amazon does not document. `sliding`: never more than the quota in any second, so a
   * caller exactly at the quota is refused now and then. `bucket`: refilled steadily, holding one second's worth.
   * @defaultValue 'bucket'
   */
  quotaModel?: 'bucket' | 'sliding';
}

export interface QuotaRequest {
  operation: string;
  category: Category;
  poolId: string;
  /** Account and Region. */
  owner: string;
  username: string | undefined;
}

interface Meter {
  admits(now: number): boolean;
}

class Bucket implements Meter {
  readonly #rate: number;
  #level: number;
  #at = 0;

  constructor(rate: number) {
    this.#rate = rate;
    this.#level = rate;
  }

  admits(now: number): boolean {
    this.#level = Math.min(this.#rate, this.#level + (Math.max(0, now - this.#at) * this.#rate) / 1000);
    this.#at = now;
    if (this.#level < 1) return false;
    this.#level--;
    return true;
  }
}

class SlidingSecond implements Meter {
  readonly #rate: number;
  #admitted: number[] = [];

  constructor(rate: number) {
    this.#rate = rate;
  }

  admits(now: number): boolean {
    this.#admitted = this.#admitted.filter((at) => at > now - 1000);
    if (this.#admitted.length >= this.#rate) return false;
    this.#admitted.push(now);
    return true;
  }
}

export class Quotas {
  options: QuotaOptions;
  readonly #meters = new Map<string, Meter>();
  readonly #perUser = new Map<string, number>();
  #second = 0;

  constructor(options: QuotaOptions) {
    this.options = options;
  }

  /** From here on other quotas hold; the meters start afresh. */
  change(options: QuotaOptions): void {
    this.options = { ...this.options, ...options };
    this.#meters.clear();
  }

  /** @throws TooManyRequestsException when the request is one too many. */
  admit(request: QuotaRequest, now: number): void {
    const { quotas, othersShare = 0 } = this.options;
    if (quotas === null) return;
    const { category, owner, operation, poolId } = request;
    const rate = (quotas?.[category] ?? DEFAULT_QUOTAS[category]) * (1 - othersShare);
    const inAll = this.#meter(`${owner} ${category}`, rate).admits(now);
    const inPool = !PER_POOL.includes(category) || this.#meter(`${poolId} ${operation}`, PER_POOL_RPS).admits(now);
    if (!inAll || !inPool || !this.#admitsUser(request, now)) throw tooManyRequests();
  }

  #admitsUser({ category, poolId, username }: QuotaRequest, now: number): boolean {
    if (username === undefined || (category !== 'UserRead' && category !== 'UserUpdate')) return true;
    const second = Math.floor(now / 1000);
    if (second !== this.#second) this.#perUser.clear();
    this.#second = second;
    const key = `${poolId} ${category} ${username}`;
    const count = (this.#perUser.get(key) ?? 0) + 1;
    this.#perUser.set(key, count);
    return count <= PER_USER_RPS;
  }

  #meter(key: string, rate: number): Meter {
    let meter = this.#meters.get(key);
    if (meter === undefined) {
      meter = this.options.quotaModel === 'sliding' ? new SlidingSecond(rate) : new Bucket(rate);
      this.#meters.set(key, meter);
    }
    return meter;
  }
}
