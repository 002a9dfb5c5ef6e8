import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { Redis as IoRedis } from 'ioredis';
import { createClient } from 'redis';
import { cached } from '../../../../src/legacy-id/cached.js';
import { createDynamoDbStore } from '../../../../src/legacy-id/dynamodb.js';
import { openFileStore } from '../../../../src/legacy-id/file-store.js';
import { guarded } from '../../../../src/legacy-id/guarded.js';
import { SnapshotError } from '../../../../src/legacy-id/mapping-snapshot.js';
import { createRedisStore } from '../../../../src/legacy-id/redis.js';
import type { LegacyIdResolver } from '../../../../src/legacy-id/resolver.js';
import { type LegacyIdReader, storeResolver } from '../../../../src/legacy-id/store.js';
import { assertNoCanary } from '../../canary.js';
import { type FuzzTarget, fuzzTarget } from '../../fuzz-target.js';
import { Scratch } from '../scratch.js';
import {
  answersOf,
  DYNAMODB,
  listenAsDynamoDb,
  listenAsRedis,
  type Meant,
  REDIS,
  type Reply,
} from './published-answers.js';
import { changedFile, type FileChange, fileByHand, fileChange, fileOf, SUBS, VERSIONS } from './published-files.js';

interface Step {
  readonly version: 0 | 1;
  readonly change: FileChange;
}

type Input =
  | { readonly kind: 'file'; readonly steps: readonly Step[] }
  | {
      readonly kind: 'race';
      readonly how: 'rename' | 'in place' | 'append' | 'empty';
      readonly turns: number;
      readonly long: boolean;
    }
  | {
      readonly kind: 'redis' | 'ioredis' | 'dynamodb';
      readonly answers: readonly number[];
      readonly asks: readonly (readonly number[])[];
      readonly cached: boolean;
    };

const asks = fc.array(fc.array(fc.nat(SUBS.length - 1), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 3,
});
const served = <K extends 'redis' | 'ioredis' | 'dynamodb'>(kind: K, known: readonly unknown[]) =>
  fc.record({ kind: fc.constant(kind), answers: answersOf(known), asks, cached: fc.boolean() });
const step = fc.record({ version: fc.constantFrom(0 as const, 1 as const), change: fileChange });
const input: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('file' as const), steps: fc.array(step, { minLength: 1, maxLength: 4 }) }),
  },
  fc.record({
    kind: fc.constant('race' as const),
    how: fc.constantFrom('rename' as const, 'in place' as const, 'append' as const, 'empty' as const),
    turns: fc.nat(6),
    long: fc.boolean(),
  }),
  { weight: 2, arbitrary: served('redis', REDIS) },
  served('ioredis', REDIS),
  { weight: 3, arbitrary: served('dynamodb', DYNAMODB) },
);

/** Who is asked for: everybody, and names that nobody has. */
const ASKED = [...SUBS, SUBS[0].toUpperCase(), '__proto__', 'constructor', 'x', 'y', ''];

type Known = ReadonlyMap<string, string>;

/** What is put in the place of the code to plant faults. */
export interface PublishedParts {
  readonly openFile: typeof openFileStore;
  /** What is asked in the place of a store across the network. */
  readonly through: (store: LegacyIdReader) => LegacyIdReader;
}

function assertKnown(what: string, store: LegacyIdReader, known: Known): void {
  for (const sub of ASKED) {
    const [found, expected] = [store.get(sub), known.get(sub)];
    if (found !== expected) throw new Error(`${what}: ${JSON.stringify(sub)} is ${found}, expected ${expected}`);
  }
}

/** A file that can be used takes the place of the earlier one, as a whole; a damaged one replaces nothing. */
async function checkFile(open: PublishedParts['openFile'], path: string, steps: readonly Step[]): Promise<void> {
  writeFileSync(path, fileOf(VERSIONS[0]));
  const store = await open({ path, checkSeconds: null });
  let known: Known = new Map(VERSIONS[0]);
  try {
    for (const { version, change } of steps) {
      const bytes = changedFile(version, change);
      const next = fileByHand(bytes);
      writeFileSync(`${path}.new`, bytes);
      renameSync(`${path}.new`, path);
      const what = `version ${version} with ${JSON.stringify(change)}`;
      const error = await store.reload().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined && !(error instanceof SnapshotError))
        throw new Error(`${what}: not why`, { cause: error });
      if (error instanceof SnapshotError) assertNoCanary(what, error);
      if (next === 'damaged' && error === undefined) throw new Error(`${what}: a damaged file was taken`);
      if (typeof next !== 'string' && error !== undefined) throw new Error(`${what}: refused`, { cause: error });
      if (next === 'long' && error === undefined) return;
      if (typeof next !== 'string') known = next;
      assertKnown(what, store, known);
      if (store.users !== known.size) throw new Error(`${what}: counted ${store.users} users of ${known.size}`);
    }
  } finally {
    store.close();
  }
}

/** More than is read at once. */
const MANY = Array.from({ length: 4000 }, (_, n) => [`filler-${n}-${'x'.repeat(60)}`, 'f'] as const);

/** A file that is replaced, or written to, while it is read: the one content or the other, never a part of each. */
async function checkRace(
  open: PublishedParts['openFile'],
  path: string,
  { how, turns, long }: Extract<Input, { kind: 'race' }>,
): Promise<void> {
  const [before, after] = VERSIONS.map((pairs) => {
    const [first, ...rest] = pairs;
    return long && first !== undefined ? [first, ...MANY, ...rest] : pairs;
  }) as [(typeof VERSIONS)[0], (typeof VERSIONS)[0]];
  writeFileSync(path, fileOf(before));
  // Otherwise it would have been written in the same tick of the file system's clock.
  utimesSync(path, 1, 1);
  const store = await open({ path, checkSeconds: null });
  try {
    const reloaded = store.reload().then(
      () => true,
      () => false,
    );
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (how === 'rename') {
      writeFileSync(`${path}.new`, fileOf(after));
      renameSync(`${path}.new`, path);
    } else {
      writeFileSync(path, how === 'empty' ? '' : fileOf(after), { flag: how === 'append' ? 'a' : 'w' });
    }
    await reloaded;
    const isAfter = store.get(SUBS[0]) === after[0]?.[1];
    if (isAfter && (how === 'append' || how === 'empty')) throw new Error('what cannot be used was taken');
    assertKnown(`${how} while it was read`, store, new Map(isAfter ? after : before));
    const again = await store.reload().then(
      () => true,
      () => false,
    );
    const isGood = how === 'rename' || how === 'in place';
    if (again !== isGood) throw new Error(`${how}: ${isGood ? 'refused' : 'taken'} afterwards`);
    assertKnown(`${how}, read again`, store, new Map(isGood ? after : before));
  } finally {
    store.close();
  }
}

const query = (sub: string) => ({
  ...{ sub, userPoolId: 'eu-west-1_New', clientId: 'web', tokenUse: 'access' as const, scopes: [], token: '' },
  signal: new AbortController().signal,
});

/** Each user gets what was said of them, however many are asked for at the same time. */
async function checkServed(
  store: LegacyIdReader,
  replies: readonly Reply[],
  given: Extract<Input, { answers: unknown }>,
): Promise<void> {
  const guard = guarded(storeResolver(store), { failuresToOpen: 1000, timeoutMs: 20_000 });
  const resolve: LegacyIdResolver = given.cached ? cached(guard, { timeoutMs: 20_000 }) : guard;
  // A connection that breaks takes with it what else was asked over it.
  const breaks = given.asks.flat().some((user) => replies[user]?.cut === true);
  for (const group of given.asks) {
    const answers = await Promise.allSettled(group.map(async (user) => resolve(query(SUBS[user] as string))));
    for (const [at, user] of group.entries()) {
      const { what, meant } = replies[user] as Reply;
      const settled = answers[at] as PromiseSettledResult<string | undefined>;
      if (!isMeant(settled, meant, breaks)) {
        const found = settled.status === 'fulfilled' ? `${settled.value}`.slice(0, 80) : `${settled.reason}`;
        throw new Error(`${given.kind}: ${found} for user ${user}, of whom was said: ${what}`);
      }
    }
  }
}

function isMeant(settled: PromiseSettledResult<string | undefined>, meant: Meant, breaks: boolean): boolean {
  if (settled.status === 'rejected') return meant.unavailable || breaks;
  return settled.value === undefined ? meant.none : meant.ids.includes(settled.value);
}

export const publishedValuesBy = ({ openFile, through }: PublishedParts): FuzzTarget =>
  fuzzTarget<Input>({
    name: 'published-values',
    boundary: 'snapshot files, Redis values and DynamoDB items that publish wrote',
    async start() {
      const scratch = new Scratch();
      let replies: readonly Reply[] = [];
      const answer = (sub: string) => replies[SUBS.indexOf(sub as never)] as never;
      const redis = await listenAsRedis((key) => answer(key.slice('p:'.length)));
      const dynamoDb = await listenAsDynamoDb(answer);
      const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
      const { endpoint } = dynamoDb;
      const table = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
      const overRedis = async (given: Extract<Input, { answers: unknown }>) => {
        const client =
          given.kind === 'redis'
            ? createClient({ socket: { port: redis.port, reconnectStrategy: false }, disableOfflineQueue: true })
            : new IoRedis({
                port: redis.port,
                lazyConnect: true,
                enableOfflineQueue: false,
                retryStrategy: () => null,
              });
        client.on('error', () => {});
        await client.connect();
        try {
          const store = createRedisStore({ client: client as never, keyPrefix: 'p:' });
          await checkServed(through(store), replies, given);
        } finally {
          if ('destroy' in client && client.isOpen) client.destroy();
          else if ('disconnect' in client) await client.disconnect();
        }
      };
      return {
        input,
        count: (given) => ('steps' in given ? given.steps.length : 'answers' in given ? given.asks.flat().length : 1),
        check: (given) => {
          if (given.kind === 'file' || given.kind === 'race') {
            return scratch.within((folder) => {
              const path = `${folder}/mapping.ndjson`;
              return given.kind === 'file' ? checkFile(openFile, path, given.steps) : checkRace(openFile, path, given);
            });
          }
          const known: readonly ((user: number) => Reply)[] = given.kind === 'dynamodb' ? DYNAMODB : REDIS;
          replies = given.answers.map((one, user) => (known[one] as (user: number) => Reply)(user));
          if (given.kind !== 'dynamodb') return overRedis(given);
          return checkServed(through(createDynamoDbStore({ tableName: 't', client: table })), replies, given);
        },
        close: () => {
          table.destroy();
          redis.close();
          dynamoDb.close();
          scratch.close();
        },
      };
    },
  });

export const publishedValues = publishedValuesBy({ openFile: openFileStore, through: (store) => store });
