import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../../../src/legacy-id/dynamodb.js';
import { openFileStore } from '../../../../src/legacy-id/file-store.js';
import { snapshotEnd, snapshotLine } from '../../../../src/legacy-id/mapping-snapshot.js';
import { createRedisStore } from '../../../../src/legacy-id/redis.js';
import type { LegacyIdReader } from '../../../../src/legacy-id/store.js';
import { LEGACY_POOL, migrationPair, NEW_POOL, startSimulator } from '../../../support/cognito-simulator/index.js';
import { startDynamoDb } from '../../../support/dynamodb.js';
import { folder } from '../../../support/folder.js';
import { startRedis } from '../../../support/redis-server.js';
import { HAS } from '../../../support/tools.js';
import { run } from '../../support.js';

const USERS = 120;

let database: Awaited<ReturnType<typeof startDynamoDb>>;
let base: string;
/** Those of the plan whose legacy id is certain, after its report. */
let users: ReadonlyMap<string, string>;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'publish-'));
  database = await startDynamoDb();
  const shares = { mapped: 0.2, unverified: 0.1, duplicate: 0.05 };
  const simulator = await startSimulator({ quotas: null, pools: migrationPair({ users: USERS, newBorn: 5, shares }) });
  const legacyPool = ['--legacy-pool', LEGACY_POOL, '--legacy-endpoint', simulator.endpoint];
  const newPool = ['--new-pool', NEW_POOL, '--new-endpoint', simulator.endpoint];
  const planned = ['--state', join(base, 'cutover.db')];
  await run(['plan', ...legacyPool, ...newPool, ...planned, '--read-rps', '1000', '--json']);
  await simulator.close();

  await run(['report', ...planned, '--csv', join(base, 'report.csv')]);
  const lines = readFileSync(join(base, 'report.csv'), 'utf8').trim().split('\n');
  const certain = lines
    .map((line) => line.split(','))
    .filter(([, , , outcome]) => outcome === 'set' || outcome === 'ok');
  expect(certain.length).toBeGreaterThan(USERS / 2);
  expect(certain.length).toBeLessThan(USERS);
  users = new Map(certain.map(([, newSub = '', legacySub = '']) => [newSub, legacySub]));
});
afterAll(async () => {
  rmSync(base, { recursive: true });
  await database.stop();
});

let home: string;
let state: string;
beforeEach(() => {
  home = folder();
  state = join(home, 'cutover.db');
  copyFileSync(join(base, 'cutover.db'), state);
});

async function publish(to: string, ...more: string[]) {
  const { ending, stdout, stderr } = await run(['publish', '--state', state, '--to', to, '--json', ...more]);
  return { ending, stderr, result: JSON.parse(stdout) };
}

async function expectAll(store: LegacyIdReader): Promise<void> {
  for (const [newSub, legacyId] of users) expect(await store.get(newSub)).toBe(legacyId);
}

describe('publish', () => {
  it('writes a file that can be served from', async () => {
    const to = join(home, 'mapping.ndjson');
    expect(await publish(to)).toMatchObject({
      ending: 'done',
      result: { to, users: users.size, written: users.size, unchanged: 0, removed: 0, checked: users.size, wrong: 0 },
    });
    expect(statSync(to).mode & 0o777).toBe(0o600);
    const store = await openFileStore({ path: to, checkSeconds: null });
    expect(store.users).toBe(users.size);
    await expectAll(store);
  });

  it('fills a DynamoDB table, and writes nothing twice', async () => {
    const to = `dynamodb://${database.tableName}?region=eu-west-1&endpoint=${database.endpoint}`;
    expect(await publish(to)).toMatchObject({
      ending: 'done',
      result: { to, users: users.size, written: users.size, unchanged: 0, wrong: 0 },
    });
    await expectAll(createDynamoDbStore({ tableName: database.tableName, client: database.client }));
    expect((await publish(to)).result).toMatchObject({ written: 0, unchanged: users.size, checked: users.size });
  });

  it.skipIf(!HAS.redis)('fills a Redis, and says when something else changed it', async () => {
    const server = await startRedis();
    const client = createClient({ url: server.url });
    await client.connect();
    const to = `${server.url}?prefix=ids:`;
    expect(await publish(to)).toMatchObject({ ending: 'done', result: { written: users.size, wrong: 0 } });
    await expectAll(createRedisStore({ client, keyPrefix: 'ids:' }));

    await client.flushAll();
    expect(await publish(to)).toMatchObject({ ending: 'attention', result: { written: 0, wrong: users.size } });
    expect(await publish(to, '--again')).toMatchObject({ ending: 'done', result: { written: users.size, wrong: 0 } });
    client.destroy();
    await server.stop();
    expect(await publish(to, '--again')).toMatchObject({
      ending: 'unavailable',
      result: { error: { code: 'ERR_UNAVAILABLE' } },
    });
  });

  it('keeps a file that holds many whom the plan does not want there, until it is told', async () => {
    const to = join(home, 'mapping.ndjson');
    const others = Array.from({ length: 11 }, (_, n) => snapshotLine(`other-${n}`, `legacy-${n}`));
    writeFileSync(to, [...others, snapshotEnd(11)].join(''));
    const before = readFileSync(to, 'utf8');
    const { ending, stderr } = await publish(to);
    expect(ending).toBe('usage');
    expect(stderr).toContain(`--allow-removals: 11 of the 11 users published to ${to} would be removed`);
    expect(readFileSync(to, 'utf8')).toBe(before);
    expect(await publish(to, '--allow-removals', '11')).toMatchObject({ ending: 'done', result: { removed: 11 } });
    await expectAll(await openFileStore({ path: to, checkSeconds: null }));
  });

  it('replaces a file that no verifier could load', async () => {
    const to = join(home, 'mapping.ndjson');
    writeFileSync(to, 'cut short');
    expect(await publish(to)).toMatchObject({ ending: 'done', result: { written: users.size, removed: 0 } });
  });

  it('says in words what it did', async () => {
    const to = join(home, 'mapping.ndjson');
    const { stdout } = await run(['publish', '--state', state, '--to', to]);
    expect(stdout).toMatch(new RegExp(`^\\d+ users can be looked up in ${to}\n`));
    expect(stdout).toContain('of which 0 wrong');
  });

  it.each([
    ['a table that is not there', 'dynamodb://no-such-table', 'usage', '--to: there is no table'],
    ['nobody answering', 'redis://127.0.0.1:1', 'unavailable', 'redis://127.0.0.1:1: connect ECONNREFUSED'],
    ['a folder that is not there', '/none/x.ndjson', 'usage', '--to: cannot write /none/x.ndjson (ENOENT)'],
  ])('tells of %s', async (_name, to, ending, message) => {
    const full = to.startsWith('dynamodb:') ? `${to}?region=eu-west-1&endpoint=${database.endpoint}` : to;
    const { stderr, ...outcome } = await publish(full);
    expect(outcome.ending).toBe(ending);
    expect(stderr).toContain(message);
  });

  it('needs to be told where to', async () => {
    expect((await run(['publish', '--state', state])).stderr).toContain('--to: is required');
  });

  it('needs a plan', async () => {
    const to = join(home, 'mapping.ndjson');
    writeFileSync(to, 'earlier');
    rmSync(state);
    expect((await publish(to)).result.error).toMatchObject({ code: 'ERR_STATE_NOT_READY' });
    expect(readFileSync(to, 'utf8')).toBe('earlier');
  });

  it('keeps passwords out of the state file and off the screen', async () => {
    const { stderr, result } = await publish('redis://user:hunter2@127.0.0.1:1');
    expect(stderr + JSON.stringify(result)).not.toContain('hunter2');
    expect(readFileSync(state).includes('hunter2')).toBe(false);
  });
});
