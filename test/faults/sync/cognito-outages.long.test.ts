import { describe, expect } from 'vitest';
import type { Clock } from '../../../src/clock.js';
import { startMigration } from '../../cli/migration.js';
import { type Fault, LEGACY_POOL, migrationPair, NEW_POOL } from '../../support/cognito-simulator/index.js';
import { fault } from '../fault.js';

const MINUTE_MS = 60_000;
/** So fast does time pass in an outage. */
const STEP_MS = 10_000;
/** `FAULT_OUTAGES=5 npm run faults` breaks every command in every way. */
const ROUNDS = Number(process.env['FAULT_OUTAGES'] ?? 2);
/** After the outage, a call may still wait this long before it is sent again. */
const LONGEST_PAUSE_MS = 20_000;
const timeoutMs = 300_000;

/** The system's clock, on which time passes quickly while the pool is out of order. */
class OutageClock implements Clock {
  #skipped = 0;
  #wallOffset = 0;

  now = (): number => Math.round(performance.timeOrigin + performance.now() + this.#skipped + this.#wallOffset);

  monotonic = (): number => performance.now() + this.#skipped;

  setWallClock(byMs: number): void {
    this.#wallOffset += byMs;
  }

  sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    const end = this.monotonic() + ms;
    while (this.monotonic() < end) {
      signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, Math.min(5, end - this.monotonic()))));
    }
    signal?.throwIfAborted();
  };

  /** Lets so much time pass, in steps that leave others time to work. */
  async hurry(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.#skipped += STEP_MS;
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  }
}

const OUTAGES: readonly [readonly [string, Fault], ...(readonly [string, Fault])[]] = [
  ['throttled', { kind: 'throttle' }],
  ['failing with 500', { kind: 'internal-error' }],
  ['resetting connections', { kind: 'drop-before' }],
  ['resetting connections after the work', { kind: 'drop-after' }],
  ['refusing expired credentials', { kind: 'error', type: 'ExpiredTokenException' }],
];

/** The first call of each command that the outage hits: some have been answered then. */
const COMMANDS = [
  ['plan', ['--groups'], 'ListUsers', 5],
  ['apply', ['--yes'], 'AdminUpdateUserAttributes', 9],
  ['verify', [], 'ListUsers', 3],
  ['rollback', ['--yes'], 'AdminDeleteUserAttributes', 9],
] as const;

async function migrationWithGroups() {
  const pools = migrationPair({ users: 60, newBorn: 5, shares: { mapped: 0.1 } });
  const calls = { left: Number.POSITIVE_INFINITY, awaited: '', strike: () => {} };
  const migration = await startMigration(pools, {
    onRequest: ({ operation }) => {
      if (operation === calls.awaited && --calls.left === 0) calls.strike();
    },
  });
  const everybody = [...migration.simulator.pool(LEGACY_POOL).users.all()].map(({ username }) => username);
  migration.simulator.pool(LEGACY_POOL).addGroup({ GroupName: 'all', members: everybody.slice(0, 10) });
  return { migration, calls };
}

/** Runs every command, each through an outage of so many minutes, and again where it gave up. */
async function throughOutages(minutes: number, round = 0) {
  const { migration, calls } = await migrationWithGroups();
  const clock = new OutageClock();
  const ends: string[] = [];
  const results: Record<string, unknown> = {};
  try {
    for (const [index, [command, more, operation, count]] of COMMANDS.entries()) {
      const [name, broken] = OUTAGES[(index + round) % OUTAGES.length] ?? OUTAGES[0];
      let over = Promise.resolve();
      calls.awaited = operation;
      calls.left = minutes === 0 ? Number.POSITIVE_INFINITY : count;
      calls.strike = () => {
        migration.simulator.faults.set([broken]);
        over = clock.hurry(minutes * MINUTE_MS).then(() => {
          migration.simulator.faults.set([]);
          return clock.hurry(LONGEST_PAUSE_MS);
        });
      };
      let { ending, document } = await migration.json(command, more, { clock });
      await over;
      if (minutes > 0) expect(calls.left, command).toBeLessThanOrEqual(0);
      ends.push(`${command} ${name}: ${ending}`);
      if (ending === 'unavailable') ({ ending, document } = await migration.json(command, more, { clock }));
      expect(['done', 'attention'], `${command}: ${JSON.stringify(document)}`).toContain(ending);
      const {
        seconds: _,
        estimatedSeconds: __,
        attempts: ___,
        throttled: ____,
        ...rest
      } = document as Record<string, unknown>;
      results[command] = rest;
      results[`values after ${command}`] = migration.values();
    }
    const members = [...migration.simulator.pool(NEW_POOL).groups.values()].map(({ name, members: all }) => [
      name,
      all.size,
    ]);
    return { ends, results, members, writes: migration.simulator.pool(NEW_POOL).journal.length };
  } finally {
    await migration[Symbol.asyncDispose]();
  }
}

describe('the API of Cognito in the midst of plan, apply, verify and rollback, with groups', () => {
  fault(
    'it is throttled, fails, resets connections or refuses expired credentials for 50 minutes',
    'Every command waits, goes on by itself and ends as if undisturbed.',
    async () => {
      const { results, members } = await throughOutages(0);
      for (let round = 0; round < ROUNDS; round += 1) {
        const got = await throughOutages(50, round);
        console.log(`50 minutes: ${got.ends.join(', ')}; ${got.writes} writes`);
        expect(got.ends.filter((end) => end.endsWith('unavailable'))).toEqual([]);
        expect({ results: got.results, members: got.members }).toEqual({ results, members });
      }
    },
    { timeoutMs },
  );

  fault(
    'it is throttled, fails, resets connections or refuses expired credentials for 70 minutes',
    'Every command gives up after an hour with exit code 3. Run again, it ends as if undisturbed.',
    async () => {
      const { results, members } = await throughOutages(0);
      const got = await throughOutages(70);
      console.log(`70 minutes: ${got.ends.join(', ')}; ${got.writes} writes`);
      expect(got.ends.filter((end) => end.endsWith('unavailable'))).toHaveLength(COMMANDS.length);
      for (const after of ['values after apply', 'values after rollback']) {
        expect(got.results[after], after).toEqual(results[after]);
      }
      expect(got.members).toEqual(members);
    },
    { timeoutMs },
  );
});
