import { HOUR_MS } from '../../../clock.js';
import { checkKeys, isPlainObject, parseJson, refuse } from '../../../options.js';
import {
  type IoRedisLike,
  type NodeRedisLike,
  type RedisCommand,
  redisCommands,
  stringsOf,
} from '../../../redis-client.js';
import { dayName } from '../count/drain-counter.js';
import { isUserHash, MOST_EXACT, UserSketch } from '../count/user-sketch.js';
import type { DrainContent, DrainInstance, DrainRecord, DrainStore } from '../drain-types.js';
import { HOURLY_DAYS } from '../report/drain-sums.js';
import { checkRetentionDays, daysOfRuns, firstDayKept, gone, isOver } from './retained.js';
import { NO_SKETCH, type PartName, partsOf, recordOfParts, WrittenTexts, withoutParts } from './sketch-parts.js';

/** Options of {@link createRedisDrainStore}. */
export interface RedisDrainStoreOptions {
  /**
   * A connected client of yours: node-redis (4 or later), or ioredis, of a cluster too. Make it fail at once while it is not connected
   * (node-redis: `disableOfflineQueue: true`, ioredis: `enableOfflineQueue: false`).
   */
  readonly client: NodeRedisLike | IoRedisLike;
  /** Put before every key. @defaultValue `cognito-cutover:` */
  readonly keyPrefix?: string;
  /** For how many days what was counted is kept, 1 to 3 650. @defaultValue 90 */
  readonly retentionDays?: number;
}

/** A sketch that is merged into another one, if the process ends between the two commands. */
const MERGING_SECONDS = 60;

/**
 * Keeps counts in Redis or Valkey (2.8.9 or later). Redis itself merges the users of all instances (`PFMERGE`), so that what it keeps does not
 * grow with their number. What was counted expires after `retentionDays`; the instances do not, so that a missing one is noticed. The server
 * must not evict keys (`maxmemory-policy noeviction`).
 *
 * @throws `ConfigurationError`
 */
export function createRedisDrainStore(options: RedisDrainStoreOptions): DrainStore {
  checkKeys('', options, ['client', 'keyPrefix', 'retentionDays']);
  const { client, keyPrefix = 'cognito-cutover:' } = options;
  if (typeof keyPrefix !== 'string') refuse('keyPrefix', 'a string', keyPrefix);
  return new RedisDrainStore(redisCommands(client), keyPrefix, checkRetentionDays(options.retentionDays));
}

class RedisDrainStore implements DrainStore {
  readonly name = 'Redis';
  readonly retentionDays: number;
  readonly #command: RedisCommand;
  /** In braces, so that a cluster keeps all keys in one slot: what is merged must be. */
  readonly #root: string;
  readonly #written = new WrittenTexts();
  /** The beginning of the store, and the hour, to which what was written belongs. */
  #writtenIn = '';
  #prunedOn = '';
  #merges = 0;

  constructor(command: RedisCommand, keyPrefix: string, retentionDays: number) {
    this.#command = command;
    this.#root = `${keyPrefix}{drain}:`;
    this.retentionDays = retentionDays;
  }

  async write(instance: DrainInstance, records: readonly DrainRecord[]): Promise<void> {
    // Without it, a Redis that has lost everything would look like one in which nothing was ever counted. In the same key as the
    // instances: whoever evicts or deletes that, takes both.
    await this.#command('HSETNX', this.#key('instances'), SINCE, `${instance.reportedAt}`);
    await this.#noticeLoss(instance.reportedAt);
    await Promise.all(records.map((record) => this.#writeRecord(record)));
    await this.#writeInstance(instance);
    await this.#prune(instance.reportedAt);
  }

  async read(sinceDay: string): Promise<DrainContent> {
    const [since, instances, days] = await Promise.all([
      this.#command('HGET', this.#key('instances'), SINCE),
      this.#instances(),
      this.#command('SMEMBERS', this.#key('days')).then(stringsOf),
    ]);
    const wanted = days.filter((day) => day >= sinceDay).sort();
    const hourlySince = wanted.at(-HOURLY_DAYS) ?? '';
    const records = await Promise.all(wanted.map((day) => this.#readDay(day, day >= hourlySince)));
    return { instances, records: records.flat(), ...(since === null ? {} : { since: Number(since) }) };
  }

  async forget(name: string, goneAt?: number): Promise<void> {
    const runs = gone(await this.#instances(), name, goneAt, Date.now());
    await Promise.all(runs.map((run) => this.#writeInstance(run)));
  }

  /**
   * Sketches that Redis has lost are written again: where it has begun anew, whichever instance was the first to notice, and once an hour,
   * as a replica that took over, or an older snapshot, may lack the last of them.
   */
  async #noticeLoss(now: number): Promise<void> {
    const since = await this.#command('HGET', this.#key('instances'), SINCE);
    const begun = `${since} ${Math.floor(now / HOUR_MS)}`;
    if (begun !== this.#writtenIn) this.#written.clear();
    this.#writtenIn = begun;
  }

  #key(...parts: string[]): string {
    return this.#root + parts.join(':');
  }

  async #instances(): Promise<DrainInstance[]> {
    const values = stringsOf(await this.#command('HVALS', this.#key('instances'))).map(parsed<DrainInstance | number>);
    // The beginning is the only number among them.
    return values.filter((value) => typeof value !== 'number');
  }

  async #writeInstance(instance: DrainInstance): Promise<void> {
    await this.#command('HSET', this.#key('instances'), fieldOf(instance), JSON.stringify(instance));
  }

  async #writeRecord(record: DrainRecord): Promise<void> {
    const { day, userPoolId } = record;
    const key = this.#key(day);
    const field = JSON.stringify([userPoolId, record.run, record.instance]);
    await Promise.all([
      this.#command('HSET', key, field, JSON.stringify(withoutParts(record))),
      this.#expire(key, this.retentionDays),
      this.#command('SADD', this.#key('days'), day),
      ...[...partsOf(record)].map(([part, users]) =>
        this.#mergePart(record.run, this.#key(day, userPoolId, part), part, users),
      ),
    ]);
  }

  async #mergePart(run: string, key: string, part: PartName, users: string): Promise<void> {
    if (this.#written.has(key, users)) return;
    const sketch = UserSketch.parse(users) ?? new UserSketch();
    const days = part.startsWith('h') ? HOURLY_DAYS : this.retentionDays;
    const few = `${key}:few`;
    // Few users of each of many instances are many together: a set takes only so many, or it would grow with the fleet.
    const { hashes } = sketch;
    if (hashes !== undefined && Number(await this.#command('SCARD', few)) < MOST_EXACT) {
      await Promise.all([this.#command('SADD', few, ...[...hashes].map(String)), this.#expire(few, days)]);
    } else {
      this.#merges += 1;
      // Of this run: the process id of every container may be the same.
      const own = this.#key('merging', run, `${this.#merges}`, key.slice(this.#root.length));
      // One after the other: a pool of connections may send what is given at once in any order.
      await this.#command('SET', own, hyperLogLog(sketch.toRegisters()), 'EX', `${MERGING_SECONDS}`);
      await this.#command('PFMERGE', `${key}:many`, own);
      await Promise.all([this.#command('DEL', own), this.#expire(`${key}:many`, days), this.#expire(few, days)]);
    }
    this.#written.add(key, users);
  }

  async #expire(key: string, days: number): Promise<void> {
    // Two more, as days end at different times around the world, and clocks differ.
    await this.#command('EXPIRE', key, `${Math.ceil((days + 2) * 86_400)}`);
  }

  async #readDay(day: string, withHours: boolean): Promise<DrainRecord[]> {
    const records = stringsOf(await this.#command('HVALS', this.#key(day))).map(parsed<DrainRecord>);
    const pools = new Map(records.filter(isPlainObject).map((record) => [record['userPoolId'], record]));
    const merged = [...pools].map(async ([userPoolId, first]) => {
      const ofPool = records.filter((record) => record.userPoolId === userPoolId);
      const names = new Set(ofPool.flatMap((record) => partNames(record, withHours)));
      const parts = await Promise.all(
        [...names].map(async (name) => [name, await this.#readPart(this.#key(day, `${userPoolId}`, name))] as const),
      );
      return recordOfParts(first as never, new Map(parts));
    });
    return [...records, ...(await Promise.all(merged))];
  }

  async #readPart(key: string): Promise<string> {
    const [few, many] = await Promise.all([
      this.#command('SMEMBERS', `${key}:few`),
      this.#command('GET', `${key}:many`),
    ]);
    const sketch = Buffer.isBuffer(many) ? UserSketch.ofRegisters(many.subarray(HEADER.length)) : new UserSketch();
    const hashes = stringsOf(few).map(Number);
    // What is no sketch is passed on as such, and not left out.
    if (sketch === undefined || !hashes.every(isUserHash)) return NO_SKETCH;
    for (const hash of hashes) sketch.add(hash);
    return `${sketch}`;
  }

  /** Once a day: runs and days whose counts have expired. */
  async #prune(now: number): Promise<void> {
    if (this.#prunedOn === dayName(now)) return;
    const all = (await this.#instances()).filter((run) => isPlainObject(run));
    const days = stringsOf(await this.#command('SMEMBERS', this.#key('days')));
    const first = firstDayKept([...days, ...daysOfRuns(all)], this.retentionDays) ?? '';
    const runs = all.filter((run) => isOver(run, Date.parse(first)));
    const past = days.filter((day) => day < first);
    if (runs.length > 0) await this.#command('HDEL', this.#key('instances'), ...runs.map(fieldOf));
    if (past.length > 0) await this.#command('SREM', this.#key('days'), ...past);
    this.#prunedOn = dayName(now);
  }
}

/** The field of the instances that says when the store began. */
const SINCE = 'since';

const fieldOf = ({ instance, run }: DrainInstance): string => JSON.stringify([instance, run]);

/** What is no JSON is passed on as it is. */
const parsed = <T>(text: string): T => (parseJson(text) ?? text) as T;

function partNames({ hours, clients }: DrainRecord, withHours: boolean): PartName[] {
  return [
    'all',
    ...(withHours && Array.isArray(hours)
      ? hours.filter(isPlainObject).map(({ hour }): PartName => `h${hour as number}`)
      : []),
    ...(Array.isArray(clients) ? clients.filter(isPlainObject).map(({ clientId }): PartName => `c:${clientId}`) : []),
  ];
}

/** Of Redis's dense form: its name, its encoding, and a cached count that is marked as out of date. */
const HEADER = Buffer.from([0x48, 0x59, 0x4c, 0x4c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]);

/** @see https://github.com/redis/redis/blob/unstable/src/hyperloglog.c */
const hyperLogLog = (registers: Uint8Array): Buffer => Buffer.concat([HEADER, registers]);
