import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import { DAY_MS } from '../../../src/clock.js';
import { UserSketch } from '../../../src/operate/drain/count/user-sketch.js';
import { readDrainReport } from '../../../src/operate/drain/report/read-report.js';
import { createDynamoDbDrainStore } from '../../../src/operate/drain/stores/dynamodb-drain-store.js';
import { sketchOf } from '../../operate/drain/count/sketches.js';
import { LEGACY_POOL, recordOf, runOf } from '../../operate/drain/support.js';
import { OPERATIONS_KEYS, startDynamoDb } from '../../support/dynamodb.js';
import { FakeClock } from '../../support/fake-clock.js';
import { fault } from '../fault.js';

fault(
  'the DynamoDB table of the counts is deleted and made again while instances count',
  'drain never calls the legacy pool safe to close on what is left: everything counts as seen since the new table only',
  async ({ onTestFinished }) => {
    const clock = new FakeClock();
    const { client, tableName, stop } = await startDynamoDb('operations', OPERATIONS_KEYS);
    onTestFinished(stop);
    const startedAt = clock.now() - 60 * DAY_MS;
    const instances = ['api-1', 'api-2'].map((instance, n) => ({
      store: createDynamoDbDrainStore({ client, tableName, clock }),
      instance,
      users: `${sketchOf(n * 100, (n + 1) * 100)}`,
    }));
    const writeAll = async (tokens: number) => {
      for (const { store, instance, users } of instances) {
        const day = new Date(clock.now()).toISOString().slice(0, 10);
        const legacy = [{ userPoolId: LEGACY_POOL, lastToken: startedAt, latestExpiry: startedAt, longestLifetime: 1 }];
        const run = runOf({ instance, run: instance, startedAt, reportedAt: clock.now(), legacy });
        await store.write(run, [recordOf({ instance, run: instance, day, tokens, users })]);
      }
    };
    await writeAll(1);
    // Another process has seen a legacy token just now, and has ended. Only the table knows it.
    const endedAt = clock.now();
    const trace = { userPoolId: LEGACY_POOL, lastToken: endedAt, latestExpiry: endedAt, longestLifetime: 1 };
    const gone = runOf({ instance: 'job', run: 'job', startedAt, reportedAt: endedAt, endedAt, legacy: [trace] });
    await instances[0]!.store.write(gone, []);

    const table = await client.send(new DescribeTableCommand({ TableName: tableName }));
    await client.send(new DeleteTableCommand({ TableName: tableName }));
    const patience = [{ client, maxWaitTime: 10, minDelay: 1 }, { TableName: tableName }] as const;
    await waitUntilTableNotExists(...patience);
    await expect(writeAll(2)).rejects.toThrow();
    const { KeySchema, AttributeDefinitions } = table.Table!;
    const layout = { KeySchema, AttributeDefinitions, BillingMode: 'PAY_PER_REQUEST' } as const;
    await client.send(new CreateTableCommand({ TableName: tableName, ...layout }));
    await waitUntilTableExists(...patience);

    await clock.advance(60_000);
    const madeAgainAt = clock.now();
    await writeAll(3);
    const { store } = instances[1]!;
    const content = await store.read('2026-01-01');
    expect(content.since).toBe(madeAgainAt);
    const all = content.records.find(({ instance }) => instance === 'all');
    expect(UserSketch.parse(all?.users ?? '')?.count).toBe(sketchOf(0, 200).count);
    const question = { refreshTokenSeconds: 30 * 86_400, legacyPools: [LEGACY_POOL] };
    const report = await readDrainReport({ ...question, stores: [store], troubles: [], clock });
    expect(report.safeToClose).toBe(false);
    expect(Date.parse(report.since!)).toBe(madeAgainAt);
  },
);
