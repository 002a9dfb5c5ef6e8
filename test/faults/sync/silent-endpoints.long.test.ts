import { copyFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { runBin } from '../../cli/support.js';
import { folder } from '../../support/folder.js';
import { fault } from '../fault.js';
import { listenForTest } from '../requests/broken-servers.js';
import { documentOf, startSyncTrial } from './sync-trial.js';

/** No name but the loopback address is looked up in a process that loads it. */
const NO_NAMES = new URL('../../support/loopback-only.mjs', import.meta.url).href;
const ELSEWHERE = 'http://cognito.example.com:9229';

describe('an endpoint that does not answer', () => {
  fault(
    'the endpoint of a pool accepts connections and never answers, or its name cannot be looked up',
    'plan and apply end with 3 after about ten seconds, name the address and the option, and write nothing. The corrected command goes on with the same state.',
    async () => {
      const silent = `http://127.0.0.1:${await listenForTest(createServer(() => {}))}`;
      const env = { NODE_OPTIONS: `--import ${NO_NAMES}` };
      const trial = await startSyncTrial({ users: 60 });
      const before = trial.values();
      await trial.run('plan');
      const copies = folder();
      const failed = async (command: string, side: 'legacy' | 'new', address: string) => {
        // Each on a state of its own: two commands of a kind are refused on one.
        const state = join(copies, `${command} ${side} ${address === silent}.db`);
        if (command !== 'plan') copyFileSync(trial.state, state);
        const option = `--${side}-endpoint`;
        const argsWith = (endpoint: string | undefined) => {
          const words = trial.argsOf(command, ['--json']);
          const values: Readonly<Record<string, string | undefined>> = { [option]: endpoint, '--state': state };
          return words.map((word, at) => values[words[at - 1] ?? ''] ?? word);
        };
        const ended = await runBin(argsWith(address), { env }).ended;
        expect([command, address, ended.code], ended.stderr).toEqual([command, address, 3]);
        const { error } = documentOf(ended) as { error: { code: string; message: string; fix: string } };
        expect(error.code).toBe('ERR_UNAVAILABLE');
        expect(error.message).toContain(address);
        expect(error.fix).toContain(option);
        expect(ended.stderr).not.toContain('    at ');
        return () => runBin(argsWith(undefined)).ended;
      };
      const corrected = await Promise.all([
        failed('plan', 'legacy', silent),
        failed('plan', 'new', ELSEWHERE),
        failed('apply', 'new', silent),
        failed('apply', 'new', ELSEWHERE),
      ]);
      expect(trial.values()).toEqual(before);
      const ends = await Promise.all([corrected[0]?.(), corrected[2]?.()]);
      for (const end of ends) expect([0, 1], end?.stderr).toContain(end?.code);
      expect(Object.keys(trial.values()).length).toBeGreaterThan(Object.keys(before).length);
    },
    { timeoutMs: 120_000 },
  );
});
