import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { runBin } from '../../cli/support.js';
import { state } from '../../migrate/support/workspace.js';
import { fault } from '../fault.js';
import { documentOf, startSyncTrial } from './sync-trial.js';

/** `FAULT_ROUNDS=20 npm run faults` starts all of them so often. */
const ROUNDS = Number(process.env['FAULT_ROUNDS'] ?? 2);

/** What a command may be refused for while others work on the same state. */
const REFUSED = ['ERR_STATE_LOCKED', 'ERR_STATE_NOT_READY'];

describe('commands on one state at once', () => {
  fault(
    'every command is started twice on one state, all at the same time',
    'Each does its work, or is refused with 2. The state stays whole, a rollback takes everything back, and a new plan and apply make all right.',
    async () => {
      const trial = await startSyncTrial({ users: 60, seed: 9, writesPerSecond: 25 });
      const before = trial.values();
      const file = join(trial.home, 'mapping.ndjson');
      await trial.run('plan');
      const ends: Record<string, number> = {};
      for (let round = 0; round < ROUNDS; round += 1) {
        const commands: [string, readonly string[]][] = [
          ['plan', []],
          ['apply', []],
          ['verify', []],
          ['rollback', []],
          ['publish', ['--to', file]],
          ['status', []],
          ['report', []],
          ['pace', ['--rps', '20']],
        ];
        const dashboard = runBin(['dashboard', '--state', trial.state, '--port', '0']);
        const running = [...commands, ...commands].map(([command, more]) => ({
          command,
          ended: trial.start(command, more).ended,
        }));
        for (const { command, ended } of running) {
          const end = await ended;
          expect([0, 1, 2], `${command}: ${end.stderr}`).toContain(end.code);
          const { error } = documentOf(end) as { error?: { code: string } };
          if (error !== undefined) expect(REFUSED, `${command}: ${end.stderr}`).toContain(error.code);
          const key = `${command} ${error?.code ?? 'done'}`;
          ends[key] = (ends[key] ?? 0) + 1;
        }
        dashboard.child.kill('SIGTERM');
        const { code, stderr } = await dashboard.ended;
        expect([0, 130], stderr).toContain(code);
      }
      console.log(`at once: ${JSON.stringify(ends)}`);
      for (const command of ['status', 'report']) expect(ends[`${command} done`]).toBe(2 * ROUNDS);
      expect(state(trial.state, 'read').db.all('PRAGMA integrity_check')).toEqual([['ok']]);
      await trial.run('rollback');
      expect(trial.values()).toEqual(before);
      await trial.run('plan', ['--fresh']);
      expect(await trial.run('apply')).toMatchObject({ failed: 0, remaining: 0 });
      const verified = await trial.run('verify');
      // Some users of the pools have another value from the beginning.
      expect(verified).toMatchObject({ missing: 0, wrong: verified['foreseen'] });
    },
    { timeoutMs: 300_000 },
  );
});
