import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openPhaseStore } from '../../../../src/cli/commands/phase/open-phase-store.js';
import { storeAddress } from '../../../../src/cli/options/store-address.js';
import { ConfigurationError } from '../../../../src/errors.js';
import { OPERATIONS_KEYS, startDynamoDb } from '../../../support/dynamodb.js';
import { folder } from '../../../support/folder.js';
import { startRedis } from '../../../support/redis-server.js';
import { HAS } from '../../../support/tools.js';

const open = async (address: string) => {
  const store = await openPhaseStore('--to', storeAddress('.json')('--to', address));
  onTestFinished(() => store.close());
  return store;
};
const PLAN = { announceFrom: null, acceptSignInsBefore: null, acceptUntil: new Date(5_000) };

async function keepsThePlan(address: string): Promise<void> {
  const store = await open(address);
  expect(await store.read()).toBeUndefined();
  await store.write({ acceptUntil: new Date(5_000) });
  expect(await (await open(address)).read()).toEqual(PLAN);
}

describe('a file', () => {
  it('keeps the plan', () => keepsThePlan(join(folder(), 'phases.json')));

  it.each([
    ['is not JSON', '{', 'holds something that is not a plan: plan: expected JSON, got "{". Correct it or remove it'],
    ['has a wrong date', '{"acceptUntil":"soon"}', 'plan.acceptUntil: expected a Date, or a string such as'],
  ])('that %s is named', async (_, text, message) => {
    const path = join(folder(), 'phases.json');
    writeFileSync(path, text);
    const store = await open(path);
    await expect(store.read()).rejects.toThrow(ConfigurationError);
    await expect(store.read()).rejects.toThrow(message);
  });

  it('that cannot be written is named', async () => {
    const path = join(folder(), 'missing', 'phases.json');
    const store = await open(path);
    await expect(store.write({})).rejects.toThrow(`--to: cannot read or write ${path} (ENOENT)`);
  });

  it('is left alone once the command was stopped', async () => {
    const store = await open(join(folder(), 'phases.json'));
    const reason = new Error('stopped');
    await expect(store.read(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe('a DynamoDB table', () => {
  let database: Awaited<ReturnType<typeof startDynamoDb>>;
  const address = (table: string) =>
    `dynamodb://${table}?region=eu-west-1&endpoint=${encodeURIComponent(database.endpoint)}`;
  beforeAll(async () => {
    database = await startDynamoDb('operations', OPERATIONS_KEYS);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await database.stop();
  });

  it('keeps the plan', () => keepsThePlan(address('operations')));

  it('that is missing is named', async () => {
    const store = await open(address('missing'));
    await expect(store.read()).rejects.toThrow(/--to: there is no table dynamodb:\/\/missing.*docs\/phases\.md/);
  });
});

describe('Redis', () => {
  it.skipIf(!HAS.redis)('keeps the plan', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    await keepsThePlan(`${server.url}?prefix=shop:`);
  });

  it('that is away is told, without its password', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    const port = typeof address === 'object' ? address?.port : 0;
    const opening = open(`redis://user:secret@127.0.0.1:${port}`);
    await expect(opening).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      fix: expect.stringContaining('phase show'),
    });
    await expect(opening).rejects.toThrow(/^(?!.*secret)/);
  });
});
