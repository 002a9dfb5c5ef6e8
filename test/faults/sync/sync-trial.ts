import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { runBin } from '../../cli/support.js';
import {
  LEGACY_POOL,
  migrationPair,
  NEW_POOL,
  type PoolOptions,
  startSimulator,
} from '../../support/cognito-simulator/index.js';
import { type Random, randomFrom } from '../../support/cognito-simulator/random.js';
import { folder } from '../../support/folder.js';

const ATTRIBUTE = 'custom:legacy_sub';
const WRITE = 'AdminUpdateUserAttributes';

/** What an operator, a scheduler or the kernel does to a command. Most of the times the worst. */
const SIGNALS = ['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;

type Ended = Awaited<ReturnType<typeof runBin>['ended']>;

interface SyncTrialOptions {
  readonly users?: number;
  readonly pools?: readonly PoolOptions[];
  /** Where the state is. Default: a folder of its own. */
  readonly home?: string;
  readonly seed?: number;
  readonly writesPerSecond?: number;
  readonly latencyMs?: readonly [number, number];
}

/** Two simulated pools and one state, on which commands run as processes. All of it is gone after the test. */
export async function startSyncTrial({
  users = 200,
  pools = migrationPair({ users, newBorn: 5, shares: { mapped: 0.1, unverified: 0.05, duplicate: 0.02 } }),
  home = folder(),
  seed = 1,
  writesPerSecond = 1000,
  latencyMs = [1, 6],
}: SyncTrialOptions = {}) {
  const listeners = new Set<(operation: string) => void>();
  const simulator = await startSimulator({
    quotas: null,
    latencyMs,
    pools,
    onRequest: ({ operation }) => {
      for (const listener of listeners) listener(operation);
    },
  });
  onTestFinished(() => simulator.close());
  const random: Random = randomFrom(seed * 7919);
  const state = join(home, 'cutover.db');
  const legacyPool = ['--legacy-pool', LEGACY_POOL, '--legacy-endpoint', simulator.endpoint];
  const newPool = ['--new-pool', NEW_POOL, '--new-endpoint', simulator.endpoint];
  const reads = ['--read-rps', '1000'];
  const writes = ['--rps', `${writesPerSecond}`, '--quota', '1000', '--yes'];
  const needed: Readonly<Record<string, readonly string[]>> = {
    plan: [...legacyPool, ...newPool, ...reads],
    apply: [...newPool, ...writes],
    rollback: [...newPool, ...writes, ...reads],
    verify: [...newPool, ...reads],
    sync: [...legacyPool, ...newPool, ...reads, ...writes],
    'export-csv': [...legacyPool, ...newPool],
    'import-csv': [...newPool, ...reads, '--yes'],
  };
  const argsOf = (command: string, more: readonly string[]) => {
    const place = command === 'import-csv' ? [] : ['--state', state];
    return [command, ...place, ...(needed[command] ?? []), ...more];
  };
  const start = (command: string, more: readonly string[] = [], env: Record<string, string> = {}) =>
    runBin([...argsOf(command, more), '--json'], { env });

  return {
    simulator,
    random,
    home,
    state,
    /** Calls back for every request, before it is carried out. */
    listeners,
    argsOf,
    start,
    /** Runs a command to its end, and gives the document that it printed. */
    async run(command: string, more: readonly string[] = [], env: Record<string, string> = {}) {
      const ended = await start(command, more, env).ended;
      expect([0, 1], `${command}: ${ended.stderr}${ended.stdout}`).toContain(ended.code);
      return JSON.parse(ended.stdout) as Record<string, unknown>;
    },
    /** Ends the command at random moments: a moment after a random request, or at any time from its start on. */
    async endRepeatedly(command: string, more: readonly string[], times: number, withinMs: number, mostRequests = 60) {
      let hits = 0;
      let requests = mostRequests;
      for (let turn = 0; turn < times; turn += 1) {
        const { child, ended } = start(command, more);
        const signal = SIGNALS[Math.floor(random() * SIGNALS.length)] ?? 'SIGKILL';
        const strike = () => void child.kill(signal);
        let left = turn % 2 === 0 ? 1 + Math.floor(random() * requests) : Number.POSITIVE_INFINITY;
        const delayMs = random() * 10;
        const listener = () => {
          if (--left === 0) setTimeout(strike, delayMs);
        };
        listeners.add(listener);
        const timer = setTimeout(strike, (turn % 2 === 0 ? 1 : random()) * withinMs);
        const { code, stdout, stderr } = await ended;
        clearTimeout(timer);
        listeners.delete(listener);
        // What the process had sent may still arrive.
        await simulator.idle();
        if (code === null || code === 130) hits += 1;
        else if (signal !== 'SIGHUP') requests = Math.max(2, requests / 2);
        expect([null, 0, 1, 130], `${command} after ${signal}: ${stderr}${stdout}`).toContain(code);
      }
      return hits;
    },
    /** The attribute's value, by username of the new pool. */
    values(): Record<string, string> {
      const all = [...simulator.pool(NEW_POOL).users.all()];
      const pairs = all.map(({ username, attributes }) => [username, attributes[ATTRIBUTE]] as const);
      return Object.fromEntries(pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
    },
    /** How many writes each user got. */
    writesOf(): ReadonlyMap<string, number> {
      const counts = new Map<string, number>();
      for (const { username } of simulator.pool(NEW_POOL).journal)
        counts.set(username, (counts.get(username) ?? 0) + 1);
      return counts;
    },
    /** Resolves when so many more writes have arrived. */
    written: (count: number) =>
      new Promise<void>((resolve) => {
        let left = count;
        const listener = (operation: string) => {
          if (operation !== WRITE || --left > 0) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
      }),
  };
}

/** What a command printed when it ended. */
export const documentOf = ({ stdout }: Ended): Record<string, unknown> => JSON.parse(stdout);
