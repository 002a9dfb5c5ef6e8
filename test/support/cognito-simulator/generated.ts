import { generatedSub, indexOfSub, indicesOfPrefix } from './generated-subs.js';
import { mix, seedOf } from './random.js';
import type { SimulatedUser, UserStatus } from './users.js';

/** How many of the users (0 to 1) are of each kind. The draws of one line exclude each other; the lines are independent. */
export interface PopulationShares {
  unverified: number;
  caseDiffering: number;
  noEmail: number;
  federated: number;
  disabled: number;
  unconfirmed: number;
  mapped: number;
  wronglyMapped: number;
  /** Pairs of neighbours who have one e-mail address. */
  duplicate: number;
}

/**
 * A pool whose users are computed from their index, never held. The person behind a user has the same e-mail address,
 * username and provider identity in every pool, and a different `sub` in each.
 */
export interface GeneratedPopulation {
  count: number;
  /** Number of the person who is user 0: shift it to leave people out of a pool. @defaultValue 0 */
  firstPerson?: number;
  /** `number`: user0000042; `sub`: as in pools where people sign in with their e-mail. @defaultValue 'number' */
  usernames?: 'number' | 'sub';
  /** Give everybody a verified phone number. @defaultValue false */
  phones?: boolean;
  shares?: Partial<PopulationShares>;
  /** Whose subs the mapped users carry. */
  legacy?: { poolId: string; firstPerson?: number; attribute?: string };
}

const NO_SHARES: PopulationShares = {
  unverified: 0,
  caseDiffering: 0,
  noEmail: 0,
  federated: 0,
  disabled: 0,
  unconfirmed: 0,
  mapped: 0,
  wronglyMapped: 0,
  duplicate: 0,
};
const PROVIDER = 'Google';
const FIRST_PROVIDER_USER = 100_000_000_000;
/** When person 0 was created: 2020-01-01. */
const BORN = 1_577_836_800;
/** Users were last changed up to two years after they were created. */
const MOST_ACTIVE_SECONDS = 63_072_000;

export class GeneratedUsers {
  readonly count: number;
  readonly #seed: number;
  readonly #personSeed: number;
  readonly #first: number;
  readonly #options: GeneratedPopulation;
  readonly #shares: PopulationShares;
  readonly #legacySeed: number;

  constructor(poolId: string, options: GeneratedPopulation, seed: number) {
    this.count = options.count;
    this.#seed = seedOf(poolId, seed);
    this.#personSeed = seed;
    this.#first = options.firstPerson ?? 0;
    this.#options = options;
    this.#shares = { ...NO_SHARES, ...options.shares };
    this.#legacySeed = options.legacy === undefined ? 0 : seedOf(options.legacy.poolId, seed);
  }

  at(index: number): SimulatedUser {
    const person = index + this.#first;
    const sub = generatedSub(index, this.#seed);
    const federated = this.#draw(person, this.#personSeed, 1) < this.#shares.federated;
    const created = BORN + (person % 2_000_000) * 60;
    const attributes: Record<string, string> = { sub };
    this.#contact(person, attributes);
    if (federated) attributes['identities'] = identities(person, created);
    this.#mapping(person, attributes);
    const state = this.#draw(person, this.#seed, 3);
    const enabled = state >= this.#shares.disabled;
    const unconfirmed = enabled && state < this.#shares.disabled + this.#shares.unconfirmed;
    const status: UserStatus = federated ? 'EXTERNAL_PROVIDER' : unconfirmed ? 'UNCONFIRMED' : 'CONFIRMED';
    return {
      username: this.#username(person, sub, federated),
      attributes,
      createdAt: created,
      modifiedAt: created + Math.round(this.#draw(person, this.#personSeed, 6) * MOST_ACTIVE_SECONDS),
      enabled,
      status,
      mfa: [],
    };
  }

  indexOf(username: string): number | undefined {
    const bySub = this.indexOfSub(username);
    if (bySub !== undefined) return this.at(bySub).username === username ? bySub : undefined;
    const number = /^(?:user|Google_)(\d+)$/.exec(username)?.[1];
    if (number === undefined) return undefined;
    const index = Number(number) - (username.startsWith('user') ? 0 : FIRST_PROVIDER_USER) - this.#first;
    return this.#holds(index) && this.at(index).username === username ? index : undefined;
  }

  indexOfSub(sub: string): number | undefined {
    const index = indexOfSub(sub, this.#seed);
    return this.#holds(index) ? index : undefined;
  }

  /** The first index from `from` on whose sub may begin with `prefix`; `count` where there is none. */
  nextOfPrefix(prefix: string, from: number): number {
    const indices = indicesOfPrefix(prefix, this.#seed);
    if (indices === undefined) return this.count;
    const { first, step } = indices;
    return Math.min(this.count, first + Math.ceil(Math.max(0, from - first) / step) * step);
  }

  #holds(index: number | undefined): index is number {
    return index !== undefined && index >= 0 && index < this.count;
  }

  #draw(person: number, seed: number, salt: number): number {
    return mix(person, seed + Math.imul(salt, 0x9e3779b1)) / 0x1_0000_0000;
  }

  #username(person: number, sub: string, federated: boolean): string {
    if (federated) return `${PROVIDER}_${providerUserId(person)}`;
    return this.#options.usernames === 'sub' ? sub : `user${String(person).padStart(7, '0')}`;
  }

  #contact(person: number, attributes: Record<string, string>): void {
    const { unverified, caseDiffering, noEmail, duplicate } = this.#shares;
    const duplicated = this.#draw(person >>> 1, this.#seed, 5) < duplicate;
    const kind = this.#draw(person, this.#seed, 2);
    const plain = `person${duplicated ? person & ~1 : person}@example.com`;
    if (duplicated || kind >= unverified + caseDiffering + noEmail) setEmail(attributes, plain, 'true');
    else if (kind < unverified) setEmail(attributes, plain, 'false');
    else if (kind < unverified + caseDiffering) setEmail(attributes, plain.replace('person', 'Person'), 'true');
    if (this.#options.phones !== true) return;
    attributes['phone_number'] = `+4670${String(person).padStart(8, '0')}`;
    attributes['phone_number_verified'] = 'true';
  }

  #mapping(person: number, attributes: Record<string, string>): void {
    const { legacy } = this.#options;
    if (legacy === undefined) return;
    const kind = this.#draw(person, this.#seed, 4);
    const { mapped, wronglyMapped } = this.#shares;
    if (kind >= mapped + wronglyMapped) return;
    const index = person - (legacy.firstPerson ?? 0) + (kind < mapped ? 0 : 1);
    attributes[legacy.attribute ?? 'custom:legacy_sub'] = generatedSub(index, this.#legacySeed);
  }
}

const providerUserId = (person: number) => String(FIRST_PROVIDER_USER + person);

function setEmail(attributes: Record<string, string>, email: string, verified: 'true' | 'false'): void {
  attributes['email'] = email;
  attributes['email_verified'] = verified;
}

function identities(person: number, created: number): string {
  return JSON.stringify([
    {
      userId: providerUserId(person),
      providerName: PROVIDER,
      providerType: PROVIDER,
      issuer: null,
      primary: true,
      dateCreated: created * 1000,
    },
  ]);
}
