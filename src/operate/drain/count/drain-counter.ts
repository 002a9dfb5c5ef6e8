import { DAY_MS, HOUR_MS } from '../../../clock.js';
import type { PoolSide } from '../../../errors.js';
import { type DecisionEvent, SUB } from '../../events.js';
import type { DrainRecord, DrainTrace } from '../drain-types.js';
import { userHash } from './user-hash.js';
import { UserSketch } from './user-sketch.js';

/** App clients of a pool that are counted by name on a day. The tokens of all others are counted under {@link OTHER_CLIENTS}. */
export const MOST_CLIENTS = 100;
export const OTHER_CLIENTS = '(other clients)';
/**
 * Where counts are read, a longer name and a later moment are not taken, and with them the whole day of the pool. So the client of such a
 * name is counted among the others, and a token ends at the last moment that a Date can hold.
 */
export const LONGEST_NAME = 512;
export const LAST_MOMENT = 8.64e15;
/** Days of a pool that are kept in memory: where nothing is written, or while a store cannot be reached. */
const MOST_DAYS = 100;

type Counted = Pick<DecisionEvent, 'userPoolId' | 'pool' | 'clientId' | 'kind' | 'issuedAt' | 'expiresAt'> & {
  readonly [SUB]?: string;
};

interface ClientCount {
  tokens: number;
  readonly users: UserSketch;
  readonly hours: number[];
  lastToken: number;
  latestExpiry: number;
}

interface DayCount {
  readonly startsAt: number;
  tokens: number;
  readonly users: UserSketch;
  readonly hourTokens: number[];
  hourUsers: (UserSketch | undefined)[];
  readonly clients: Map<string, ClientCount>;
  /** Of what was counted, and of what was written. */
  version: number;
  written: number;
}

interface PoolCount {
  readonly userPoolId: string;
  readonly pool: PoolSide;
  /** By the moment at which they start, UTC. */
  readonly days: Map<number, DayCount>;
  today: DayCount;
  /** Days that are counted no more: the record of each was written and given up, and a second one would replace it. */
  readonly givenUp: Set<number>;
  trace: { lastToken: number; latestExpiry: number; longestLifetime: number };
}

/** Days of one flush, to be marked once they are written. */
export interface Unwritten {
  readonly records: readonly DrainRecord[];
  /** They are in the store. Days that are over for long are then no longer kept. */
  written(now: number): void;
}

/** What one process has counted, in bounded memory. */
export class DrainCounter {
  readonly #instance: string;
  readonly #run: string;
  readonly #pools = new Map<string, PoolCount>();

  constructor(instance: string, run: string) {
    this.#instance = instance;
    this.#run = run;
  }

  /** Counts an accepted token. */
  count(event: Counted, now: number): void {
    if (event.userPoolId === undefined || event.pool === undefined) return;
    const pool = this.#pools.get(event.userPoolId) ?? this.#addPool(event.userPoolId, event.pool, now);
    let at = now;
    let day = pool.today;
    if (at < day.startsAt || at >= day.startsAt + DAY_MS) {
      at = countedAt(now, pool.givenUp);
      if (startOfDay(at) !== day.startsAt) day = changeDay(pool, at);
    }
    const hour = Math.floor((at - day.startsAt) / HOUR_MS);
    const client = day.clients.get(event.clientId ?? OTHER_CLIENTS) ?? addClient(day, event.clientId);
    const expiry = event.expiresAt === undefined ? 0 : Math.min(LAST_MOMENT, event.expiresAt * 1000);

    day.version += 1;
    day.tokens += 1;
    day.hourTokens[hour]! += 1;
    client.tokens += 1;
    client.hours[hour]! += 1;
    if (now > client.lastToken) client.lastToken = now;
    if (expiry > client.latestExpiry) client.latestExpiry = expiry;
    const { trace } = pool;
    if (now > trace.lastToken) trace.lastToken = now;
    if (expiry > trace.latestExpiry) trace.latestExpiry = expiry;
    const lifetime = Math.min(LAST_MOMENT, expiry - (event.issuedAt === undefined ? now : event.issuedAt * 1000));
    if (lifetime > trace.longestLifetime) trace.longestLifetime = lifetime;

    const sub = event.kind === 'machine' ? undefined : event[SUB];
    if (sub === undefined) return;
    const hash = userHash(sub);
    day.users.add(hash);
    client.users.add(hash);
    const users = day.hourUsers[hour] ?? new UserSketch();
    day.hourUsers[hour] = users;
    users.add(hash);
  }

  /** Days that were counted since they were last written. */
  unwritten(): Unwritten {
    const taken = [...this.#pools.values()].flatMap((pool) =>
      [...pool.days.values()]
        .filter(({ version, written }) => version !== written)
        .map((day) => ({ day, version: day.version, record: this.#recordOf(pool, day) })),
    );
    return {
      records: taken.map(({ record }) => record),
      written: (now) => {
        for (const { day, version } of taken) day.written = version;
        this.#giveUpDays(now);
      },
    };
  }

  /** Every day that is still in memory. */
  records(): DrainRecord[] {
    return [...this.#pools.values()].flatMap((pool) => [...pool.days.values()].map((day) => this.#recordOf(pool, day)));
  }

  traces(): DrainTrace[] {
    return [...this.#pools.values()]
      .filter(({ pool }) => pool === 'legacy')
      .map(({ userPoolId, trace }) => ({ userPoolId, ...trace }));
  }

  #addPool(userPoolId: string, pool: PoolSide, now: number): PoolCount {
    const today = newDay(now);
    const added = {
      userPoolId,
      pool,
      days: new Map([[today.startsAt, today]]),
      today,
      givenUp: new Set<number>(),
      trace: { lastToken: 0, latestExpiry: 0, longestLifetime: 0 },
    };
    this.#pools.set(userPoolId, added);
    return added;
  }

  /** Yesterday stays, so that a clock that is set back over midnight goes on with it. */
  #giveUpDays(now: number): void {
    for (const pool of this.#pools.values()) {
      for (const day of pool.days.values()) {
        if (day === pool.today || day.version !== day.written) continue;
        if (day.startsAt + 2 * DAY_MS <= now) giveUp(pool, day);
        else if (day.startsAt + DAY_MS + HOUR_MS <= now) giveUpDetails(day);
      }
    }
  }

  #recordOf({ userPoolId, pool }: PoolCount, day: DayCount): DrainRecord {
    return {
      instance: this.#instance,
      run: this.#run,
      userPoolId,
      pool,
      day: dayName(day.startsAt),
      tokens: day.tokens,
      users: `${day.users}`,
      hours: day.hourTokens.flatMap((tokens, hour) =>
        tokens === 0 ? [] : [{ hour, tokens, users: `${day.hourUsers[hour] ?? ''}` }],
      ),
      clients: [...day.clients].map(([clientId, { users, ...client }]) => ({
        clientId,
        ...client,
        hours: [...client.hours],
        users: `${users}`,
      })),
    };
  }
}

const startOfDay = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;

/** `YYYY-MM-DD`, UTC. */
export const dayName = (at: number): string => new Date(at).toISOString().slice(0, 10);

const newDay = (at: number): DayCount => ({
  startsAt: startOfDay(at),
  tokens: 0,
  users: new UserSketch(),
  hourTokens: Array.from({ length: 24 }, () => 0),
  hourUsers: [],
  clients: new Map(),
  version: 0,
  written: 0,
});

/**
 * A clock that is set back counts for the hour that it shows. Where that day is written for good it is the first hour of the next one that is
 * not, which after a clock that was days ahead is no later than tomorrow.
 */
function countedAt(now: number, givenUp: ReadonlySet<number>): number {
  let at = now;
  while (givenUp.has(startOfDay(at))) at = startOfDay(at) + DAY_MS;
  return at;
}

/** Users are known by hour and client of the new day and of the one before, which may not be written yet. Of others only those of the whole day are. */
function changeDay(pool: PoolCount, at: number): DayCount {
  const before = pool.today;
  const day = pool.days.get(startOfDay(at)) ?? newDay(at);
  pool.days.set(day.startsAt, day);
  pool.today = day;
  const others = [...pool.days.values()].filter((one) => one !== day).sort((a, b) => b.startsAt - a.startsAt);
  for (const old of others) if (old !== before) giveUpDetails(old);
  for (const old of others.slice(MOST_DAYS - 1)) giveUp(pool, old);
  return day;
}

function giveUp(pool: PoolCount, day: DayCount): void {
  pool.days.delete(day.startsAt);
  pool.givenUp.add(day.startsAt);
}

function giveUpDetails(day: DayCount): void {
  day.hourUsers = [];
  for (const [clientId, client] of day.clients) day.clients.set(clientId, { ...client, users: new UserSketch() });
}

function addClient(day: DayCount, clientId = OTHER_CLIENTS): ClientCount {
  const isNamed = day.clients.size < MOST_CLIENTS && clientId.length <= LONGEST_NAME;
  const name = isNamed ? clientId : OTHER_CLIENTS;
  const client = day.clients.get(name) ?? {
    tokens: 0,
    users: new UserSketch(),
    hours: Array.from({ length: 24 }, () => 0),
    lastToken: 0,
    latestExpiry: 0,
  };
  day.clients.set(name, client);
  return client;
}
