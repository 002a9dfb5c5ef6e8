import { join } from 'node:path';
import {
  LEGACY_POOL,
  migrationPair,
  NEW_POOL,
  type PoolOptions,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
  type UserInput,
} from '../support/cognito-simulator/index.js';
import { folder } from '../support/folder.js';
import { type RunOptions, run } from './support.js';

/** A sub that can be recognised in a failing test. */
export const sub = (n: number): string => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;

const person = (
  name: string,
  n: number,
  more: { email?: string; verified?: boolean; value?: string } = {},
): UserInput => ({
  username: name,
  sub: sub(n),
  attributes: {
    email: more.email ?? `${name}@example.com`,
    email_verified: String(more.verified ?? true),
    ...(more.value === undefined ? {} : { 'custom:legacy_sub': more.value }),
  },
});

/** Two pools in which every outcome occurs; legacy users have the subs 1 to 99, new ones 101 to 199. */
export function everyOutcome(): [PoolOptions, PoolOptions] {
  const [legacy, fresh] = migrationPair({ users: 0 });
  return [
    {
      id: legacy.id,
      users: [
        person('ann', 1),
        person('bob', 2),
        person('cat', 3),
        person('dan1', 4, { email: 'dan@example.com' }),
        person('dan2', 5, { email: 'dan@example.com' }),
        person('eve', 6),
        person('frank', 7),
        person('gus', 8),
        person('hal', 9),
        person('zed', 10),
      ],
    },
    {
      id: fresh.id,
      users: [
        person('ann', 101),
        person('bob', 102, { value: sub(2) }),
        person('cat', 103, { value: sub(77) }),
        person('=dan', 104, { email: 'Dan@example.com' }),
        person('eve', 106, { email: 'frank@example.com' }),
        person('gus-a', 108, { email: 'gus@example.com' }),
        person('gus-b', 109, { email: 'gus@example.com' }),
        person('hal-new', 110, { email: 'hal@example.com', verified: false }),
        person('ivy', 111),
        person('mallory', 112, { value: sub(10) }),
      ],
      customAttributes: ['legacy_sub'],
      clients: [{ ClientId: 'web', ClientName: 'web', WriteAttributes: ['email'] }],
    },
  ];
}

export interface Migration {
  simulator: Simulator;
  dir: string;
  state: string;
  /** Runs a command on the pools and the state of this migration, as fast as it can. */
  command: (name: string, args?: readonly string[], options?: RunOptions) => ReturnType<typeof run>;
  /** The same with `--json`, and with the document it printed. */
  json: (name: string, args?: readonly string[], options?: RunOptions) => Promise<{ ending: string; document: never }>;
  /** The attribute's value, by username of the new pool. */
  values: () => Record<string, string>;
}

/** Two simulated pools and an empty folder, for one test. */
export async function startMigration(
  pools: readonly PoolOptions[] = everyOutcome(),
  options: Omit<SimulatorOptions, 'pools'> = {},
): Promise<Migration & AsyncDisposable> {
  const simulator = await startSimulator({ quotas: null, pools, ...options });
  const dir = folder();
  const state = join(dir, 'cutover.db');
  const endpoints = ['--legacy-endpoint', simulator.endpoint, '--new-endpoint', simulator.endpoint];
  const where = ['--legacy-pool', LEGACY_POOL, '--new-pool', NEW_POOL, ...endpoints, '--state', state];
  const fast = { rps: ['--rps', '1000'], quota: ['--quota', '1000'], readRps: ['--read-rps', '1000'] };
  const paces: Record<string, string[][]> = {
    plan: [fast.readRps],
    apply: [fast.rps, fast.quota],
    verify: [fast.readRps],
    sync: [fast.rps, fast.quota, fast.readRps],
    rollback: [fast.rps, fast.quota, fast.readRps],
  };
  const command: Migration['command'] = (name, args = [], how) =>
    run([name, ...where, ...(paces[name] ?? []).filter(([flag = '']) => !args.includes(flag)).flat(), ...args], how);
  return {
    simulator,
    dir,
    state,
    command,
    json: async (name, args = [], how) => {
      const { ending, stdout } = await command(name, [...args, '--json'], how);
      return { ending, document: JSON.parse(stdout) as never };
    },
    values: () => {
      const values: Record<string, string> = {};
      for (const user of simulator.pool(NEW_POOL).users.all()) {
        const value = user.attributes['custom:legacy_sub'];
        if (value !== undefined) values[user.username] = value;
      }
      return values;
    },
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}
