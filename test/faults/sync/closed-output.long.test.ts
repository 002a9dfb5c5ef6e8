import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { builtBin } from '../../support/cli-process.js';
import { fault } from '../fault.js';
import { startSyncTrial } from './sync-trial.js';

describe('a reader that has seen enough', () => {
  fault(
    'standard output is closed by head -1, or by a reader that ends at once, during plan, apply, verify, report and status',
    'Each does all of its work and ends with its usual exit code, without an error; with --json it ends with 3, because the result is lost.',
    async () => {
      const trial = await startSyncTrial({ users: 60, seed: 12 });
      const piped = async (reader: string, command: string, more: readonly string[] = []) => {
        const code = join(trial.home, `${command} ${reader}`);
        // Its errors go past the reader.
        const script = `{ "$@"; echo $? >"$CODE"; } | ${reader}`;
        const words = [process.execPath, builtBin(), ...trial.argsOf(command, more)];
        const child = spawn('sh', ['-c', script, 'sh', ...words], {
          cwd: trial.home,
          env: {
            PATH: process.env['PATH'],
            AWS_ACCESS_KEY_ID: 'AKIATEST',
            AWS_SECRET_ACCESS_KEY: 'secret',
            CODE: code,
          },
        });
        let stderr = '';
        let stdout = '';
        child.stderr.on('data', (text) => {
          stderr += text;
        });
        child.stdout.on('data', (text) => {
          stdout += text;
        });
        await once(child, 'close');
        expect(stderr, command).not.toMatch(/ {4}at |EPIPE(?!\))/);
        return { code: Number(readFileSync(code, 'utf8')), stdout, stderr };
      };
      const html = join(trial.home, 'report.html');
      const usual: Readonly<Record<string, number>> = { plan: 1, apply: 0, verify: 1, report: 0, status: 0 };
      for (const [command, expected] of Object.entries(usual)) {
        const more = { report: ['--html', html], plan: ['--fresh'] }[command] ?? [];
        const through = async (reader: string) => {
          const { code, stdout, stderr } = await piped(reader, command, more);
          expect([command, reader, code], stderr).toEqual([command, reader, expected]);
          expect(stdout.split('\n').length, stdout).toBeLessThanOrEqual(2);
          expect(stderr).not.toContain('error:');
        };
        // One at a time works on the state.
        await through('head -1');
        if (command !== 'plan') await through('exec <&-; true');
      }
      expect(readFileSync(html, 'utf8')).toContain('</html>');
      expect(await trial.run('apply')).toMatchObject({ written: 0, remaining: 0 });
      for (const command of ['apply', 'status']) {
        const { code, stderr } = await piped('exec <&-; true', command, ['--json']);
        expect([command, code], stderr).toEqual([command, 3]);
        expect(stderr).toContain('the result could not be written to standard output (EPIPE)');
      }
    },
    { timeoutMs: 120_000 },
  );
});
