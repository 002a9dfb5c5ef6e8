import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished } from 'vitest';
import { builtBin } from '../../support/cli-process.js';
import { fault } from '../fault.js';
import { documentOf, startSyncTrial } from './sync-trial.js';

/** `FAULT_FULL=30 npm run faults` fills the disk so often. */
const TIMES = Number(process.env['FAULT_FULL'] ?? 4);
const timeoutMs = 300_000;

/** A disk of 24 MB in memory. */
function smallDisk() {
  const home = mkdtempSync(join(tmpdir(), 'cutover-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', home]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', home]);
    rmdirSync(home);
  });
  const filler = join(home, 'filler');
  return {
    home,
    /** Leaves no byte free. */
    fill: () => void spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096'], { stdio: 'ignore' }),
    empty: () => rmSync(filler, { force: true }),
    setReadOnly: (isReadOnly: boolean) =>
      void execFileSync('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, home]),
  };
}

describe('the disk of the state', () => {
  fault(
    'the disk of the state becomes full at random moments of plan and apply',
    'The command ends with 3 and says so. Once there is space again, the same command continues: nothing is lost.',
    async () => {
      const undisturbed = await startSyncTrial({ users: 600, seed: 5 });
      const expected = await undisturbed.run('plan');
      expect(await undisturbed.run('apply')).toMatchObject({ failed: 0, skipped: 0, remaining: 0 });
      const disk = smallDisk();
      const trial = await startSyncTrial({ users: 600, seed: 5, home: disk.home });
      const ended: Record<string, number> = {};
      for (const command of ['plan', 'apply']) {
        for (let turn = 0; turn < TIMES; turn += 1) {
          let left = 1 + Math.floor(trial.random() * (command === 'plan' ? 12 : 80));
          const listener = () => {
            if (--left === 0) disk.fill();
          };
          trial.listeners.add(listener);
          const end = await trial.start(command).ended;
          trial.listeners.delete(listener);
          disk.empty();
          const key = `${command} ${end.code}`;
          ended[key] = (ended[key] ?? 0) + 1;
          expect([0, 1, 3], end.stderr).toContain(end.code);
          if (end.code === 3) expect(documentOf(end)).toMatchObject({ error: { code: 'ERR_STATE_STORAGE' } });
        }
        if (command === 'plan') {
          const { seconds: _, ...counts } = await trial.run('plan');
          expect(expected).toMatchObject(counts);
        }
      }
      await trial.run('apply');
      console.log(`full disk: ${JSON.stringify(ended)}`);
      expect(trial.values()).toEqual(undisturbed.values());
      // A write that could not be recorded is repeated.
      const most = Math.max(...trial.writesOf().values());
      expect(most).toBeLessThanOrEqual(1 + (ended['apply 3'] ?? 0));
      expect(await trial.run('verify')).toEqual(await undisturbed.run('verify'));
    },
    { needs: 'memoryDisk', timeoutMs },
  );

  fault(
    'the disk of the state is full or read-only when a command starts',
    'Commands that write end with 3 and name the file; status and report still answer. No pool is written to.',
    async () => {
      const disk = smallDisk();
      const trial = await startSyncTrial({ users: 60, seed: 6, home: disk.home });
      await trial.run('plan');
      for (const [breakIt, mendIt] of [
        [disk.fill, disk.empty],
        [() => disk.setReadOnly(true), () => disk.setReadOnly(false)],
      ] as const) {
        breakIt();
        for (const command of ['apply', 'verify', 'plan', 'rollback', 'pace']) {
          const more = command === 'pace' ? ['--pause'] : command === 'plan' ? ['--fresh'] : [];
          const end = await trial.start(command, more).ended;
          expect(end.stderr, command).not.toContain('    at ');
          expect([command, end.code, documentOf(end)], end.stderr).toEqual([
            command,
            3,
            expect.objectContaining({ error: expect.objectContaining({ code: 'ERR_STATE_STORAGE' }) }),
          ]);
        }
        for (const command of ['status', 'report']) expect(await trial.run(command)).toBeTruthy();
        mendIt();
      }
      expect(trial.writesOf().size).toBe(0);
      expect(await trial.run('apply')).toMatchObject({ remaining: 0, failed: 0 });
    },
    { needs: 'memoryDisk', timeoutMs },
  );

  fault(
    'ulimit -f keeps the files of a process from growing',
    'The command ends with 3 and says so; without the limit, the same command continues.',
    async () => {
      const trial = await startSyncTrial({ users: 600, seed: 7 });
      const words = [process.execPath, builtBin(), ...trial.argsOf('plan', ['--json'])];
      const env = { PATH: process.env['PATH'], AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret' };
      const child = spawn('sh', ['-c', 'ulimit -f 300; exec "$@"', 'sh', ...words], { env, cwd: trial.home });
      let stdout = '';
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      const [code] = await once(child, 'close');
      expect([code, stdout]).toEqual([3, expect.stringContaining('ERR_STATE_STORAGE')]);
      expect(await trial.run('plan')).toMatchObject({ newUsers: 605 });
    },
    { timeoutMs },
  );
});
