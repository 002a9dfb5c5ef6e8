import { DAY_MS, HOUR_MS } from '../../../clock.js';
import type { PoolSide } from '../../../errors.js';
import { dayName } from '../count/drain-counter.js';
import { UserSketch } from '../count/user-sketch.js';
import type { DrainAmount, DrainClient, DrainPool, DrainRecord } from '../drain-types.js';

/** Hours are told of so many days: stores keep the users of earlier ones by day only. */
export const HOURLY_DAYS = 8;

export interface DrainSums {
  readonly pools: Readonly<Record<string, DrainPool>>;
  /** The one with most tokens first. */
  readonly clients: readonly DrainClient[];
}

/** What all instances counted together. */
export function sumUp(records: readonly DrainRecord[], now: number): DrainSums {
  const hourlySince = dayName(Math.max(0, now - HOURLY_DAYS * DAY_MS));
  const pools = [...groupedBy(records, ({ userPoolId }) => userPoolId)].map(
    ([userPoolId, ofPool]) => [userPoolId, poolOf(ofPool, hourlySince, now)] as const,
  );
  return {
    pools: Object.fromEntries(pools),
    clients: pools
      .flatMap(([userPoolId, { pool }]) => clientsOf(userPoolId, pool, records))
      .sort((a, b) => b.tokens - a.tokens),
  };
}

function poolOf(records: readonly DrainRecord[], hourlySince: string, now: number): DrainPool {
  const users = new UserSketch();
  const days = [...groupedBy(records, ({ day }) => day)].sort(byName).map(([day, ofDay]) => {
    const usersOfDay = unionOf(ofDay);
    users.merge(usersOfDay);
    return { day, ...usersWithin(tokensOf(ofDay), usersOfDay) };
  });
  // Sketches of one hour at a time: those of all hours would not fit into memory.
  const hours = [
    ...groupedBy(
      records
        .filter(({ day }) => day >= hourlySince)
        .flatMap(({ day, hours: ofDay }) => ofDay.map((hour) => ({ ...hour, at: hourName(day, hour.hour) }))),
      ({ at }) => at,
    ),
  ]
    .sort(byName)
    .map(([hour, ofHour]) => ({ hour, ...usersWithin(tokensOf(ofHour), unionOf(ofHour)) }));
  const clients = records.flatMap((record) => record.clients);
  return {
    pool: sideOf(records),
    ...usersWithin(tokensOf(records), users),
    lastToken: latest(clients.map(({ lastToken }) => lastToken)),
    latestExpiry: latest(clients.map(({ latestExpiry }) => latestExpiry)),
    hours,
    days,
    recent: { hour: since(records, now - HOUR_MS), day: since(records, now - DAY_MS), week: lastDays(records, now, 7) },
  };
}

/** Of the hours of which any part is later. */
function since(records: readonly DrainRecord[], from: number): DrainAmount {
  const firstDay = dayName(Math.max(0, from));
  const hours = records
    .filter(({ day }) => day >= firstDay)
    .flatMap(({ day, hours: ofDay }) => ofDay.filter(({ hour }) => Date.parse(day) + (hour + 1) * HOUR_MS > from));
  return usersWithin(tokensOf(hours), unionOf(hours));
}

/** Of today and the days before it. */
function lastDays(records: readonly DrainRecord[], now: number, days: number): DrainAmount {
  const firstDay = dayName(Math.max(0, now - (days - 1) * DAY_MS));
  const recent = records.filter(({ day }) => day >= firstDay);
  return usersWithin(tokensOf(recent), unionOf(recent));
}

function clientsOf(userPoolId: string, pool: PoolSide, records: readonly DrainRecord[]): DrainClient[] {
  const days = records
    .filter((record) => record.userPoolId === userPoolId)
    .flatMap(({ day, clients }) => clients.map((client) => ({ day, ...client })));
  return [...groupedBy(days, ({ clientId }) => clientId)].map(([clientId, ofClient]) => {
    const hours = new Map<string, number>();
    for (const { day, hours: tokens } of ofClient) {
      for (const [hour, amount] of tokens.entries()) {
        const name = hourName(day, hour);
        if (amount > 0) hours.set(name, (hours.get(name) ?? 0) + amount);
      }
    }
    return {
      userPoolId,
      pool,
      clientId,
      ...usersWithin(tokensOf(ofClient), unionOf(ofClient)),
      lastToken: latest(ofClient.map(({ lastToken }) => lastToken)),
      latestExpiry: latest(ofClient.map(({ latestExpiry }) => latestExpiry)),
      hours: [...hours].sort(byName).map(([hour, tokens]) => ({ hour, tokens })),
    };
  });
}

/** A pool that any instance takes for the legacy one is judged as one. */
const sideOf = (records: readonly DrainRecord[]): PoolSide =>
  records.some(({ pool }) => pool === 'legacy') ? 'legacy' : 'new';

const tokensOf = (parts: readonly { readonly tokens: number }[]): number =>
  parts.reduce((sum, { tokens }) => sum + tokens, 0);

/** An estimate must not say that there were more users than tokens. */
const usersWithin = (tokens: number, users: UserSketch): DrainAmount => ({
  tokens,
  users: Math.min(tokens, users.count),
});

function unionOf(parts: readonly { readonly users: string }[]): UserSketch {
  const union = new UserSketch();
  for (const { users } of parts) {
    const sketch = UserSketch.parse(users);
    if (sketch !== undefined) union.merge(sketch);
  }
  return union;
}

/** In the order in which the groups are first met. */
export function groupedBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

const hourName = (day: string, hour: number): string => iso(Date.parse(day) + hour * HOUR_MS);

/** 0 stands for never. */
function latest(moments: readonly number[]): string | null {
  const last = moments.reduce((one, other) => Math.max(one, other), 0);
  return last === 0 ? null : iso(last);
}

const iso = (moment: number): string => new Date(moment).toISOString();
