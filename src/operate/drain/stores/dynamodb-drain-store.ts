import {
  type AttributeValue,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import { type Clock, DAY_MS, HOUR_MS, systemClock } from '../../../clock.js';
import { type DynamoDbConnectionOptions, needingAnswer, openDynamoDbClient } from '../../../dynamodb-client.js';
import { checkKeys, checkString, isPlainObject, parseJson } from '../../../options.js';
import { dayName } from '../count/drain-counter.js';
import { UserSketch } from '../count/user-sketch.js';
import type { DrainContent, DrainInstance, DrainRecord, DrainStore } from '../drain-types.js';
import { HOURLY_DAYS } from '../report/drain-sums.js';
import { checkRetentionDays, gone, overSince } from './retained.js';
import { NO_SKETCH, type PartName, partsOf, recordOfParts, WrittenTexts, withoutParts } from './sketch-parts.js';

/** Options of {@link createDynamoDbDrainStore}. */
export interface DynamoDbDrainStoreOptions extends DynamoDbConnectionOptions {
  /** Table with the string partition key `pk` and the string sort key `sk`, and `expiresAt` as its TTL attribute; see docs/drain.md. */
  readonly tableName: string;
  /** For how many days what was counted is kept, 1 to 3 650. @defaultValue 90 */
  readonly retentionDays?: number;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
}

/** Counts of instances in a DynamoDB table. */
export interface DynamoDbDrainStore extends DrainStore {
  /** Closes the client that was created here. A client from the options stays open. */
  close(): void;
}

type Item = Record<string, AttributeValue>;

/** Days that are read at the same time. */
const DAYS_AT_ONCE = 8;
/** Other instances may change a sketch between its being read and written. */
const MOST_TRIES = 10;
const INSTANCES = 'drain:instances';
const SINCE = { pk: { S: 'drain' }, sk: { S: 'since' } };

/**
 * Keeps counts in a DynamoDB table: one item per instance, pool and day, and one per sketch of users, into which all instances merge theirs.
 * These expire after `retentionDays` (TTL attribute `expiresAt`). Instances do not, so that a missing one is noticed; only those that are
 * over expire: they ended, were said to be gone, or ran in AWS Lambda.
 *
 * @throws `ConfigurationError`
 */
export function createDynamoDbDrainStore(options: DynamoDbDrainStoreOptions): DynamoDbDrainStore {
  checkKeys('', options, ['tableName', 'region', 'endpoint', 'client', 'retentionDays', 'clock']);
  const tableName = checkString('tableName', options.tableName);
  const retentionDays = checkRetentionDays(options.retentionDays);
  return new Store(tableName, openDynamoDbClient(options), retentionDays, options.clock ?? systemClock);
}

class Store implements DynamoDbDrainStore {
  readonly name: string;
  readonly retentionDays: number;
  readonly #table: string;
  readonly #connection: ReturnType<typeof openDynamoDbClient>;
  readonly #clock: Clock;
  readonly #written = new WrittenTexts();
  /** The beginning of the table, and the hour, to which what was written belongs. */
  #writtenIn = '';

  constructor(table: string, connection: ReturnType<typeof openDynamoDbClient>, retentionDays: number, clock: Clock) {
    this.name = `the DynamoDB table ${table}`;
    this.#table = table;
    this.#connection = connection;
    this.retentionDays = retentionDays;
    this.#clock = clock;
  }

  async write(instance: DrainInstance, records: readonly DrainRecord[]): Promise<void> {
    await this.#begin(instance.reportedAt);
    await Promise.all(records.map((record) => this.#writeRecord(record)));
    await this.#writeInstance(instance);
  }

  async read(sinceDay: string): Promise<DrainContent> {
    const [since, instances] = await Promise.all([this.#since(), this.#query(INSTANCES)]);
    const today = this.#clock.now();
    const days: string[] = [];
    // Instances whose clocks are ahead may have begun the next day.
    for (let at = Math.max(Date.parse(sinceDay), (since ?? today) - DAY_MS); at < today + 2 * DAY_MS; at += DAY_MS) {
      days.push(dayName(at));
    }
    const records: DrainRecord[] = [];
    for (let first = 0; first < days.length; first += DAYS_AT_ONCE) {
      const read = days.slice(first, first + DAYS_AT_ONCE).map((day) => this.#readDay(day));
      records.push(...(await Promise.all(read)).flat());
    }
    return { instances: instances.map(valueIn<DrainInstance>), records, ...(since === undefined ? {} : { since }) };
  }

  async forget(name: string, goneAt?: number): Promise<void> {
    const instances = (await this.#query(INSTANCES)).map(valueIn<DrainInstance>);
    await Promise.all(gone(instances, name, goneAt, this.#clock.now()).map((run) => this.#writeInstance(run)));
  }

  close(): void {
    this.#connection.close();
  }

  /**
   * Without it, a table that was made again would look like one in which nothing was ever counted. It is looked for at every write, since
   * that may happen while instances count: their sketches are written again then, whichever of them was the first to notice.
   */
  async #begin(now: number): Promise<void> {
    let since = await this.#since();
    if (since === undefined) {
      await this.#put({ ...SINCE, since: { N: `${now}` } }, 'attribute_not_exists(pk)').catch(unlessItIsThere);
      since = await this.#since();
    }
    const writtenIn = `${since} ${Math.floor(now / HOUR_MS)}`;
    if (writtenIn !== this.#writtenIn) this.#written.clear();
    this.#writtenIn = writtenIn;
  }

  async #since(): Promise<number | undefined> {
    const item = await this.#get(SINCE);
    return item === undefined ? undefined : Number(item['since']?.N);
  }

  async #writeInstance(run: DrainInstance): Promise<void> {
    const end = overSince(run);
    await this.#put({
      pk: { S: INSTANCES },
      sk: { S: `${run.instance}#${run.run}` },
      value: { S: JSON.stringify(run) },
      // A run in AWS Lambda is written again as long as it counts.
      ...(end === undefined ? {} : this.#expiry(end, this.retentionDays)),
    });
  }

  async #writeRecord(record: DrainRecord): Promise<void> {
    const { day, userPoolId, instance, run } = record;
    const pk = { S: `drain:${day}` };
    const expiry = this.#expiry(Date.parse(day), this.retentionDays);
    await this.#put({
      pk,
      sk: { S: `record#${userPoolId}#${instance}#${run}` },
      value: { S: JSON.stringify(withoutParts(record)) },
      ...expiry,
    });
    // One at a time: all of a day are in one partition, which takes a thousand units per second.
    for (const [part, users] of partsOf(record)) {
      const key = { pk, sk: { S: `users#${userPoolId}#${part}` } };
      const hourly = part.startsWith('h') ? this.#expiry(Date.parse(day), HOURLY_DAYS) : expiry;
      await this.#mergePart(key, { pool: { S: userPoolId }, part: { S: part }, ...hourly }, users);
    }
  }

  /** Merges users into those that all instances have written, and writes only if there are new ones. */
  async #mergePart(key: { pk: { S: string }; sk: { S: string } }, more: Item, users: string): Promise<void> {
    const name = key.pk.S + key.sk.S;
    if (this.#written.has(name, users)) return;
    const own = UserSketch.parse(users);
    if (own === undefined) return;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const held = await this.#get(key);
      const text = held?.['users']?.S ?? '';
      const version = Number(held?.['version']?.N ?? 0);
      // A text that is no sketch is replaced by one that others can read.
      const union = UserSketch.parse(text) ?? new UserSketch();
      union.merge(own);
      if (`${union}` === text) break;
      const item = { ...key, ...more, users: { S: `${union}` }, version: { N: `${version + 1}` } };
      const isWritten = await this.#put(item, 'attribute_not_exists(pk) OR version = :version', {
        ':version': { N: `${version}` },
      }).then(() => true, unlessItIsThere);
      if (isWritten) break;
      if (tries === MOST_TRIES - 1) throw new Error(`${this.name} is written to by too many instances at once`);
    }
    this.#written.add(name, users);
  }

  async #readDay(day: string): Promise<DrainRecord[]> {
    const items = await this.#query(`drain:${day}`);
    const records = items.filter(({ sk }) => sk?.S?.startsWith('record#')).map(valueIn<DrainRecord>);
    const pools = new Map(records.filter(isPlainObject).map((record) => [record.userPoolId, record]));
    const merged = [...pools].map(([userPoolId, first]) => {
      const ofPool = items.filter(({ sk, pool }) => sk?.S?.startsWith('users#') && pool?.S === userPoolId);
      const parts = ofPool.map(({ part, users }) => [part?.S as PartName, users?.S ?? NO_SKETCH] as const);
      return recordOfParts(first, new Map(parts));
    });
    return [...records, ...merged];
  }

  async #get(Key: Item): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName: this.#table, Key, ConsistentRead: true });
    return (await this.#connection.client.send(needingAnswer(command))).Item;
  }

  async #put(Item: Item, ConditionExpression?: string, ExpressionAttributeValues?: Item): Promise<void> {
    const condition = { ConditionExpression, ExpressionAttributeValues };
    await this.#connection.client.send(new PutItemCommand({ TableName: this.#table, Item, ...condition }));
  }

  async #query(pk: string): Promise<Item[]> {
    const pages = paginateQuery(
      { client: this.#connection.client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
        ConsistentRead: true,
      },
    );
    const items: Item[] = [];
    for await (const { Items = [] } of pages) items.push(...Items);
    return items;
  }

  /** Two days more, as days end at different times around the world, and clocks differ. */
  #expiry(from: number, days: number): Item {
    return { expiresAt: { N: `${Math.ceil((from + (days + 2) * DAY_MS) / 1000)}` } };
  }
}

/** What is no JSON is passed on as it is. */
function valueIn<T>({ value }: Item): T {
  const text = value?.S ?? '';
  return (parseJson(text) ?? text) as T;
}

function unlessItIsThere(error: unknown): false {
  if (error instanceof ConditionalCheckFailedException) return false;
  throw error;
}
