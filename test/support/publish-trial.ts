import { join } from 'node:path';
import { createClient } from 'redis';
import { onTestFinished } from 'vitest';
import { cliJson, type RunningProcess, startCli } from './cli-process.js';
import { LEGACY_POOL, migrationPair, NEW_POOL, startSimulator } from './cognito-simulator/index.js';
import { folder } from './folder.js';
import { startRedis } from './redis-server.js';

type Command = 'plan' | 'apply' | 'pace' | 'publish' | 'publish to a file' | 'verify';
const WRITE = 'AdminUpdateUserAttributes';
const PREFIX = 'cognito-cutover:';

/** A planned migration, a Redis, and the commands as processes of their own on one state. All of it is gone after the test. */
export async function startPublishTrial({ users, writesPerSecond }: { users: number; writesPerSecond: number }) {
  const waiting: { writes: number; then: () => void }[] = [];
  let writes = 0;
  const shares = { mapped: 0.1, unverified: 0.05, duplicate: 0.02 };
  const simulator = await startSimulator({
    quotas: null,
    latencyMs: [1, 6],
    pools: migrationPair({ users, newBorn: 5, shares }),
    onRequest: ({ operation }) => {
      if (operation !== WRITE) return;
      writes += 1;
      for (const one of waiting) if (one.writes === writes) one.then();
    },
  });
  onTestFinished(() => simulator.close());
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const client = createClient({ url: redis.url });
  await client.connect();
  onTestFinished(() => client.destroy());

  const home = folder();
  const file = join(home, 'mapping.ndjson');
  const state = ['--state', join(home, 'cutover.db')];
  const newPool = ['--new-pool', NEW_POOL, '--new-endpoint', simulator.endpoint];
  const legacyPool = ['--legacy-pool', LEGACY_POOL, '--legacy-endpoint', simulator.endpoint];
  const fast = ['--quota', '1000', '--read-rps', '1000', '--rps', `${writesPerSecond}`];
  const commands: Readonly<Record<Command, readonly string[]>> = {
    plan: ['plan', ...legacyPool, ...newPool, ...state, '--read-rps', '1000'],
    apply: ['apply', ...newPool, ...state, '--yes', ...fast],
    pace: ['pace', ...state, '--rps', '500'],
    publish: ['publish', ...state, '--to', redis.url],
    'publish to a file': ['publish', ...state, '--to', file],
    verify: ['verify', ...newPool, ...state, '--read-rps', '1000'],
  };

  return {
    start: (command: Command): Promise<RunningProcess> => startCli([...commands[command], '--json']),
    run: (command: Command, ...more: readonly string[]) =>
      cliJson<Record<string, unknown>>([...commands[command], ...more]),
    /** Resolves when the pool has received so many writes. */
    written: (count: number) =>
      new Promise<void>((then) => {
        waiting.push({ writes: count, then });
      }),
    get writes() {
      return writes;
    },
    file,
    /** The users whose legacy id is certain, as the report has them. */
    async certain(): Promise<Record<string, string>> {
      const args = ['report', ...state, '--outcome', 'set', '--outcome', 'ok'];
      const { users: rows } = await cliJson<{ users: { newSub: string; legacySub: string }[] }>(args);
      return Object.fromEntries(rows.map(({ newSub, legacySub }) => [newSub, legacySub]));
    },
    /** Everybody in the store. */
    async published(): Promise<Record<string, string | null>> {
      const keys = await client.keys(`${PREFIX}*`);
      const values = keys.length === 0 ? [] : await client.mGet(keys);
      return Object.fromEntries(keys.map((key, index) => [key.slice(PREFIX.length), values[index] ?? null]));
    },
  };
}
