import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hookCommand } from '../../../src/cli/run-control/hook-command.js';
import { folder } from '../../support/folder.js';

const FACTS = { written: 12, failed: 1, skipped: 2, total: 40, reason: 'paused' };
const run = { command: 'apply', state: 'cutover.db', env: { PATH: process.env['PATH'], OWN: 'kept' } };

describe('the command given with --hook', () => {
  it('finds the facts in its environment, beside what was there', async () => {
    const path = join(folder(), 'seen');
    await hookCommand(`env > ${path}`, run)('waiting', FACTS);
    const seen = Object.fromEntries(
      readFileSync(path, 'utf8')
        .split('\n')
        .map((line) => line.split('=', 2)),
    );
    expect(seen).toMatchObject({
      CUTOVER_EVENT: 'waiting',
      CUTOVER_COMMAND: 'apply',
      CUTOVER_STATE: 'cutover.db',
      CUTOVER_REASON: 'paused',
      CUTOVER_WRITTEN: '12',
      CUTOVER_FAILED: '1',
      CUTOVER_SKIPPED: '2',
      CUTOVER_TOTAL: '40',
      OWN: 'kept',
    });
  });

  it.each([
    ['exit 7', '`exit 7` ended with exit code 7'],
    ['/nowhere/at-all 2>/dev/null', '`/nowhere/at-all 2>/dev/null` ended with exit code 127'],
    ['kill -9 $$', '`kill -9 $$` was ended by SIGKILL'],
  ])('%j is told as a failure', async (command, message) => {
    await expect(hookCommand(command, run)('start', FACTS)).rejects.toThrow(message);
  });

  it('is ended when it hangs', async () => {
    await expect(hookCommand('exec sleep 600', run, 50)('start', FACTS)).rejects.toThrow('was ended by SIGTERM');
  });
});
