/**
 * How long `publish` takes for a state of so many users, beside a loop that does nothing but write the same pairs with the same client.
 *
 *     npm run bench -- --only publish [--users 1000000]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { createClient } from 'redis';
import { createDynamoDbStore } from '../src/legacy-id/dynamodb.js';
import { createRedisStore } from '../src/legacy-id/redis.js';
import type { BulkStore } from '../src/legacy-id/store.js';
import { readCertainUsers, runPublish } from '../src/migrate/publish/publish.js';
import { planDigest } from '../src/migrate/state/finished-plan.js';
import { openState, type State } from '../src/migrate/state/state.js';
import { makeLargeState } from '../test/migrate/support/large-state.js';
import { startDynamoDb } from '../test/support/dynamodb.js';
import { startRedis } from '../test/support/redis-server.js';
import { HAS } from '../test/support/tools.js';

export interface PublishFigures {
  readonly store: string;
  readonly users: number;
  /** Of the bare loop: every pair from memory, as the client takes them fastest. */
  readonly bareSeconds: number;
  readonly publishSeconds: number;
  /** CPU time of this process, the emulator's included: on a busy machine it says more than the time. */
  readonly publishCpuSeconds: number;
  /** When everything is there already. */
  readonly againSeconds: number;
  /** `publishSeconds / bareSeconds` */
  readonly ratio: number;
  /** Users per second. */
  readonly perSecond: number;
}

type Pairs = readonly (readonly [newSub: string, legacyId: string])[];

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function portions<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

async function compare(name: string, state: State, store: BulkStore, bare: (pairs: Pairs) => Promise<void>) {
  const pairs = [...readCertainUsers(state)].map(({ newSub, legacyId }) => [newSub, legacyId] as const);
  const bareSeconds = await seconds(() => bare(pairs));
  const explain = (error: unknown) => (error instanceof Error ? error : new Error('unknown'));
  const publish = async () => {
    const { users, wrong } = await runPublish({ state, store, name, explain });
    if (users !== pairs.length || wrong > 0) throw new Error(`${wrong} of ${users} wrong`);
  };
  const before = process.cpuUsage();
  const publishSeconds = await seconds(publish);
  const { user, system } = process.cpuUsage(before);
  const againSeconds = await seconds(publish);
  const users = pairs.length;
  const ratio = publishSeconds / bareSeconds;
  const publishCpuSeconds = (user + system) / 1e6;
  const times = { bareSeconds, publishSeconds, publishCpuSeconds, againSeconds };
  return { store: name, users, ...times, ratio, perSecond: users / publishSeconds };
}

async function withState<T>(users: number, work: (state: State) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-publish-'));
  const path = join(folder, 'cutover.db');
  makeLargeState({ path, users });
  const state = openState({ path, access: 'publish' });
  state.meta.set('digest', await planDigest(state.db, state.meta.get('attribute') ?? ''));
  try {
    return await work(state);
  } finally {
    state.close();
    await rm(folder, { recursive: true });
  }
}

/** The bare loop sends one MSET after the other: more of them at a time are no faster, because Redis works on one at a time. */
async function toRedis(users: number): Promise<PublishFigures> {
  const server = await startRedis();
  const client = createClient({ url: server.url });
  await client.connect();
  try {
    return await withState(users, (state) =>
      compare('Redis', state, createRedisStore({ client }), async (pairs) => {
        for (const portion of portions(pairs, 1000)) {
          await client.mSet(portion.map(([sub, id]): [string, string] => [`bare:${sub}`, id]));
        }
      }),
    );
  } finally {
    client.destroy();
    await server.stop();
  }
}

/** The emulator is slow and in this process, so it gets a tenth of the users at most. */
async function toDynamoDb(users: number): Promise<PublishFigures> {
  const { client, tableName, stop } = await startDynamoDb();
  try {
    return await withState(users, (state) =>
      compare('DynamoDB (dynalite)', state, createDynamoDbStore({ tableName, client }), async (pairs) => {
        for (const crowd of portions(portions(pairs, 25), 16)) {
          await Promise.all(
            crowd.map((batch) =>
              client.send(
                new BatchWriteItemCommand({
                  RequestItems: {
                    [tableName]: batch.map(([newSub, legacyId]) => ({
                      PutRequest: { Item: { newSub: { S: newSub }, legacyId: { S: legacyId } } },
                    })),
                  },
                }),
              ),
            ),
          );
        }
      }),
    );
  } finally {
    await stop();
  }
}

const MOST_IN_EMULATOR = 10_000;

export async function benchPublish(users: number): Promise<readonly PublishFigures[]> {
  const redis = HAS.redis ? [await toRedis(users)] : [];
  return [...redis, await toDynamoDb(Math.min(users / 10, MOST_IN_EMULATOR))];
}
