import type { PoolSide } from '../../src/errors.js';
import type { TestPool, TestPools } from '../../src/testing/index.js';
import { type Random, randomUuid } from '../support/cognito-simulator/random.js';
import type { Change, TokenFacts } from './model.js';

export interface Lifetimes {
  readonly tokenSeconds: number;
  readonly refreshSeconds: number;
}

export interface Credential {
  readonly token: string;
  readonly facts: TokenFacts;
}

/** A client gets a new token when its old one ends within this time. */
const AHEAD_MS = 1_500;
/** So many tokens of the legacy pool carry somebody else's legacy id, which must be ignored. */
const MISLEADING = 0.1;

/** Someone with an account in both pools, and an application that keeps them signed in. */
export class Person {
  readonly legacyId: string;
  readonly newSub: string;
  /** How the new pool's tokens lead to the legacy id: by their claim, or by what was published. */
  readonly mapping: 'claim' | { published?: Change<string> };
  pool: PoolSide = 'legacy';
  #session: { readonly pool: PoolSide; readonly signedInAt: number; readonly until: number } | undefined;
  #current: Credential | undefined;
  #last: Credential | undefined;

  constructor(
    readonly town: Town,
    random: Random,
    mapping: 'claim' | 'lookup',
  ) {
    this.legacyId = randomUuid(random);
    this.newSub = randomUuid(random);
    this.mapping = mapping === 'claim' ? 'claim' : {};
  }

  /** Signs in again, at the pool that the person belongs to now. */
  signOut(): void {
    this.#session = undefined;
    this.#last = this.#current;
    this.#current = undefined;
  }

  moveTo(pool: PoolSide): void {
    this.pool = pool;
    this.signOut();
  }

  /** What the application sends: refreshed in time, and after a new sign-in where the refresh token has ended. */
  credential(now: number): Credential {
    if (this.#current !== undefined && this.#current.facts.expiresAt * 1000 - now > AHEAD_MS) return this.#current;
    const { refreshSeconds } = this.town.lifetimes;
    const seconds = Math.floor(now / 1000);
    if (this.#session === undefined || this.#session.until <= seconds) {
      this.#session = { pool: this.pool, signedInAt: seconds, until: seconds + refreshSeconds };
    }
    this.#last = this.#current ?? this.#last;
    this.#current = this.#newToken(this.#session, seconds);
    return this.#current;
  }

  /** A token that a forgetful application goes on sending. */
  lastCredential(now: number): Credential {
    return this.#last ?? this.credential(now);
  }

  #newToken({ pool, signedInAt }: { pool: PoolSide; signedInAt: number }, iat: number): Credential {
    const expiresAt = iat + this.town.lifetimes.tokenSeconds;
    const times = { iat, exp: expiresAt, auth_time: signedInAt };
    const facts = { kind: 'user', pool, userId: this.legacyId, signedInAt, expiresAt } as const;
    if (pool === 'legacy') {
      const misleading = this.town.random() < MISLEADING && { legacy_sub: this.town.anyone().legacyId };
      const token = this.town.pools.legacyPool.accessToken({ sub: this.legacyId, ...times, ...misleading });
      return { token, facts };
    }
    const claim = this.mapping === 'claim' && { legacy_sub: this.legacyId };
    const token = this.town.pools.newPool.accessToken({ sub: this.newSub, ...times, ...claim });
    return { token, facts: { ...facts, mapping: this.mapping } };
  }
}

/** All who call the APIs: people, machines of both pools, and someone who forges tokens. */
export class Town {
  readonly people: readonly Person[];
  /** Which pools have a machine that calls the APIs. */
  machines: readonly PoolSide[] = ['legacy', 'new'];
  readonly #machineTokens = new Map<PoolSide, Credential>();

  constructor(
    readonly pools: TestPools,
    readonly lifetimes: Lifetimes,
    readonly random: Random,
    { claimed, lookedUp }: { claimed: number; lookedUp: number },
  ) {
    this.people = [
      ...Array.from({ length: claimed }, () => new Person(this, random, 'claim')),
      ...Array.from({ length: lookedUp }, () => new Person(this, random, 'lookup')),
    ];
  }

  anyone(): Person {
    return this.people[Math.floor(this.random() * this.people.length)]!;
  }

  /** The next request. */
  credential(now: number): Credential {
    const chance = this.random();
    if (chance < 0.04) return this.#forged(now);
    if (chance < 0.09 && this.machines.length > 0) return this.#machine(now);
    if (chance < 0.12) return this.anyone().lastCredential(now);
    return this.anyone().credential(now);
  }

  /** Signed by the other pool, under a key id of this one. */
  #forged(now: number): Credential {
    const pool: PoolSide = this.random() < 0.5 ? 'legacy' : 'new';
    const { own, other } = this.#sides(pool);
    const victim = this.anyone();
    const iat = Math.floor(now / 1000);
    const claims = {
      ...{ sub: pool === 'legacy' ? victim.legacyId : victim.newSub, iss: own.issuer, client_id: own.clientId },
      ...{ token_use: 'access', legacy_sub: victim.legacyId, iat, exp: iat + 60, auth_time: iat },
    };
    const facts = { kind: 'forged', pool, userId: victim.legacyId, signedInAt: iat, expiresAt: iat + 60 } as const;
    return { token: other.sign({ kid: own.kids.access, alg: 'RS256' }, claims), facts };
  }

  /** The machine of the new pool replaces that of the legacy pool, so both are known as that. */
  #machine(now: number): Credential {
    const pool = this.machines[Math.floor(this.random() * this.machines.length)]!;
    const known = this.#machineTokens.get(pool);
    if (known !== undefined && known.facts.expiresAt * 1000 - now > AHEAD_MS) return known;
    const iat = Math.floor(now / 1000);
    const expiresAt = iat + this.lifetimes.tokenSeconds;
    const { clientId } = this.pools.legacyPool;
    const facts = { kind: 'machine', pool, userId: clientId, signedInAt: iat, expiresAt } as const;
    const token = this.#sides(pool).own.machineToken({ iat, exp: expiresAt });
    this.#machineTokens.set(pool, { token, facts });
    return { token, facts };
  }

  #sides(pool: PoolSide): { own: TestPool; other: TestPool } {
    const { legacyPool, newPool } = this.pools;
    return pool === 'legacy' ? { own: legacyPool, other: newPool } : { own: newPool, other: legacyPool };
  }
}
