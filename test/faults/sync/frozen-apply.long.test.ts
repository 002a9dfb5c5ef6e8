import { describe, expect } from 'vitest';
import { NEW_POOL } from '../../support/cognito-simulator/index.js';
import { fault } from '../fault.js';
import { documentOf, startSyncTrial } from './sync-trial.js';

const RPS = 20;
const FROZEN_MS = 5000;

describe('apply in a process that is stopped', () => {
  fault(
    'the process of apply is frozen for seconds and goes on',
    'Its lock is not given to others meanwhile. Afterwards it does not catch up in a burst, and writes everybody once.',
    async () => {
      const trial = await startSyncTrial({ users: 200, seed: 8, writesPerSecond: RPS });
      await trial.run('plan');
      const times: number[] = [];
      trial.listeners.add((operation) => {
        if (operation === 'AdminUpdateUserAttributes') times.push(performance.now());
      });
      const apply = trial.start('apply');
      await trial.written(30);
      apply.child.kill('SIGSTOP');
      const stoppedAt = performance.now();
      const other = await trial.start('apply').ended;
      expect([other.code, documentOf(other)]).toEqual([
        2,
        { error: expect.objectContaining({ code: 'ERR_STATE_LOCKED', message: expect.stringContaining('(pid ') }) },
      ]);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, stoppedAt + FROZEN_MS - performance.now())));
      apply.child.kill('SIGCONT');
      const end = await apply.ended;
      expect([end.code, documentOf(end)], end.stderr).toEqual([
        0,
        expect.objectContaining({ failed: 0, remaining: 0 }),
      ]);
      const busiest = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length));
      console.log(`frozen: ${busiest} writes in the busiest second at ${RPS} per second`);
      // What arrives late, because this process or the network was slow, comes on top of a second's writes.
      expect(busiest).toBeLessThan(2 * RPS);
      expect(Math.max(...trial.writesOf().values())).toBe(1);
      expect(trial.simulator.pool(NEW_POOL).journal).toHaveLength(times.length);
    },
    { timeoutMs: 120_000 },
  );
});
