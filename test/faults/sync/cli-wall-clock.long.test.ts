import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../src/clock.js';
import { startMigration } from '../../cli/migration.js';
import { migrationPair, NEW_POOL } from '../../support/cognito-simulator/index.js';
import { fault } from '../fault.js';
import { QuickClock } from './quick-clock.js';

/** Each command, with the call at which the clock is set, and which of them. */
const COMMANDS = [
  ['plan', [], 'ListUsers', 3],
  ['apply', ['--yes'], 'AdminUpdateUserAttributes', 9],
  ['verify', [], 'ListUsers', 2],
  ['rollback', ['--yes'], 'AdminDeleteUserAttributes', 9],
] as const;

/** Runs every command, and sets the clock in the midst of each. It is right again before the next. */
async function throughSteps(stepMs: number) {
  const calls = { left: 0, awaited: '' };
  const clock = new QuickClock(4);
  await using migration = await startMigration(migrationPair({ users: 60, newBorn: 5, shares: { mapped: 0.1 } }), {
    onRequest: ({ operation }) => {
      if (operation === calls.awaited && --calls.left === 0) clock.setWallClock(stepMs);
    },
  });
  const results: Record<string, unknown> = {};
  for (const [command, more, operation, count] of COMMANDS) {
    // A plan that was dated by a wrong clock is in the future, or a day old.
    if (command === 'apply' && ![0, -HOUR_MS].includes(stepMs)) {
      const { ending, stderr } = await migration.command('apply', ['--yes'], { clock });
      expect([ending, stderr]).toEqual(['usage', expect.stringMatching(/--max-plan-age: .* Plan again/)]);
      expect(migration.simulator.pool(NEW_POOL).journal).toEqual([]);
      await migration.command('plan', [], { clock });
    }
    Object.assign(calls, { awaited: operation, left: count });
    const { ending, document } = await migration.json(command, more, { clock });
    expect(calls.left, command).toBeLessThanOrEqual(0);
    if (command === 'apply') {
      const status = await migration.json('status', [], { clock });
      const { writes } = status.document as { writes: { perSecond: number | null; remaining: number } };
      expect([status.ending, writes.remaining]).toEqual(['done', 0]);
      expect(writes.perSecond ?? 0).toBeGreaterThanOrEqual(0);
      const file = join(migration.dir, 'mapping.ndjson');
      await migration.command('publish', ['--to', file], { clock });
      results['published'] = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.includes('newSub')).length;
    }
    clock.setWallClock(-stepMs);
    const { seconds: _, attempts: __, ...rest } = document as Record<string, unknown>;
    results[command] = { ending, ...rest };
    results[`values after ${command}`] = migration.values();
  }
  return { ...results, writes: migration.simulator.pool(NEW_POOL).journal.length };
}

describe('the clock of the machine that runs the script', () => {
  fault(
    'the wall clock is set forward or back an hour or a day in the midst of plan, apply, verify and rollback',
    'Every command ends as if the clock were right, and nobody is written twice or skipped. A plan that is dated in the future, or a day too early, is refused by apply --yes: plan again.',
    async () => {
      const usual = await throughSteps(0);
      expect(usual).toMatchObject({ apply: { ending: 'done', failed: 0, skipped: 0, remaining: 0 } });
      for (const step of [HOUR_MS, -HOUR_MS, DAY_MS, -DAY_MS]) {
        expect([step, await throughSteps(step)]).toEqual([step, usual]);
      }
    },
    { timeoutMs: 120_000 },
  );
});
