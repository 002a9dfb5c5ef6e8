import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { LEGACY_POOL, migrationPair, NEW_POOL } from '../../support/cognito-simulator/index.js';
import { folder } from '../../support/folder.js';
import { startMigration } from '../migration.js';
import { run } from '../support.js';

/** Two pools, planned; and `pace` as an operator runs it beside. */
async function planned(users: number) {
  const migration = await startMigration(migrationPair({ users }));
  await migration.command('plan');
  const pace = async (...args: string[]) => {
    const { ending, stdout } = await run(['pace', '--state', migration.state, ...args, '--json']);
    return { ending, ...(JSON.parse(stdout) as object) };
  };
  return { ...migration, pace, [Symbol.asyncDispose]: () => migration[Symbol.asyncDispose]() };
}

describe('pace', () => {
  it('shows what is set, and sets it', async () => {
    await using there = await planned(2);
    expect(await there.pace()).toEqual({ ending: 'done', rps: null, paused: false, running: false });
    expect(await there.pace('--rps', '5')).toMatchObject({ rps: 5, paused: false });
    expect(await there.pace('--pause')).toMatchObject({ rps: 5, paused: true });
    expect(await there.pace()).toMatchObject({ rps: 5, paused: true });
    const status = (await there.command('status')).stdout;
    expect(status).toMatch(/paused +nothing is written until `cognito-cutover pace --resume`/);
    expect(status).toMatch(/pace +at most 5\/s/);
    expect(await there.pace('--resume', '--rps', '20')).toMatchObject({ rps: 20, paused: false });
  });

  it('reaches a running apply, which says why it waits', async () => {
    await using there = await planned(60);
    const applying = there.command('apply', ['--yes', '--rps', '20'], { clock: systemClock });
    const written = () => there.simulator.pool(NEW_POOL).journal.length;
    await vi.waitUntil(() => written() > 5, { timeout: 30_000 });
    expect(await there.pace('--pause')).toMatchObject({ paused: true, running: true });
    await vi.waitUntil(async () => (await there.command('status')).stdout.includes('waiting'), { timeout: 30_000 });
    const status = (await there.command('status')).stdout;
    expect(status).toMatch(/waiting +paused; `cognito-cutover pace --resume` continues, since \d{4}-/);
    expect(written()).toBeLessThan(60);
    await there.pace('--resume');
    const { ending, stderr } = await applying;
    expect(ending).toBe('done');
    expect(written()).toBe(60);
    expect(stderr).toMatch(/waiting since \d\d:\d\d UTC: paused; `cognito-cutover pace --resume` continues\n/);
    expect(stderr).toContain('continuing\n');
  });

  it.each([
    [['--rps', '26'], 'ERR_CONFIGURATION', '--rps: 26 is more than the 25 writes a second'],
    [['--pause', '--resume'], 'ERR_CONFIGURATION', '--pause: cannot be given together with --resume'],
    [['--rps', '0'], 'ERR_CONFIGURATION', '--rps: expected a number from 0.1'],
  ])('%j is refused', async (args, code, message) => {
    await using there = await planned(1);
    expect(await there.pace(...args)).toMatchObject({
      ending: 'usage',
      error: { code, message: expect.stringContaining(message) },
    });
  });

  it('takes no rate from a config file that is for other commands', async () => {
    await using there = await planned(1);
    const path = join(folder(), 'cutover.json');
    writeFileSync(path, JSON.stringify({ legacyPool: LEGACY_POOL, newPool: NEW_POOL, rps: 20 }));
    expect(await there.pace('--config', path)).toMatchObject({ rps: null });
  });

  it('needs a state', async () => {
    const { ending, stderr } = await run(['pace', '--state', join(folder(), 'none.db')]);
    expect([ending, stderr]).toEqual(['usage', expect.stringContaining('there is no state')]);
  });
});
