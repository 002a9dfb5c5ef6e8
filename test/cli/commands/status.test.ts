import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { migrationPair } from '../../support/cognito-simulator/index.js';
import { FakeClock } from '../../support/fake-clock.js';
import { folder } from '../../support/folder.js';
import { startMigration } from '../migration.js';
import { run, Screenful } from '../support.js';

describe('status', () => {
  it('tells how far it is after each step, and what is next', async () => {
    await using migration = await startMigration(migrationPair({ users: 10 }));
    const status = async () => (await migration.command('status')).stdout;
    await migration.command('plan');
    expect(await status()).toMatch(/phase +planned, nothing written yet\n/);
    expect(await status()).toMatch(/Next:\n {2}cognito-cutover apply /);
    await migration.command('apply', ['--yes', '--max-writes', '4']);
    expect(await status()).toMatch(/phase +applying stopped half way\n/);
    expect(await status()).toMatch(/writes +4 of 10, 6 remain\n/);
    await migration.command('verify');
    await migration.command('apply', ['--yes']);
    // What was verified is not what is written since.
    expect(await status()).toMatch(/Next:\n {2}cognito-cutover verify /);
    await migration.command('verify');
    expect(await status()).toMatch(/verified +.* UTC: 10 of 10 right\n/);
    expect(await status()).not.toContain('Next:');
    await migration.command('rollback', ['--yes']);
    expect(await status()).toMatch(/phase +rolled back\n/);
  });

  it('prints the same fields every time, null where it does not know yet, and asks no pool', async () => {
    await using migration = await startMigration(migrationPair({ users: 10 }));
    await migration.command('plan');
    migration.simulator.stats.reset();
    const { ending, document } = await migration.json('status');
    expect(ending).toBe('done');
    expect(document).toMatchObject({
      legacyPools: ['eu-west-1_Legacy'],
      newPool: 'eu-west-1_New',
      attribute: 'custom:legacy_sub',
      phase: 'planned',
      running: false,
      workers: [],
      plannedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      plan: { newUsers: 10, writes: 10 },
      writes: { total: 10, written: 0, remaining: 10, firstAt: null, perSecond: null, secondsLeft: null },
      verified: null,
      warnings: [],
    });
    expect(migration.simulator.stats.operations).toEqual({});
  });

  it('says how to continue a plan that stopped, with the pools of the state', async () => {
    const stop = new AbortController();
    await using migration = await startMigration(migrationPair({ users: 200 }), {
      onRequest: ({ operation, poolId }) => {
        if (operation === 'ListUsers' && poolId === 'eu-west-1_New') stop.abort(new Error('stopped'));
      },
    });
    await migration.command('plan', [], { signal: stop.signal });
    const { stdout } = await run(['status', '--state', migration.state]);
    expect(stdout).toMatch(/phase +listing stopped half way\n/);
    expect(stdout).not.toContain('time left');
    const pools = '--legacy-pool eu-west-1_Legacy --new-pool eu-west-1_New';
    expect(stdout).toContain(
      `Continue with:\n  cognito-cutover plan ${pools} --state ${migration.state}\nAdd the other options of that plan`,
    );
    const { stderr } = await run(['apply', '--state', migration.state, '--dry-run']);
    expect(stderr).toContain(
      `Run \`cognito-cutover plan ${pools} --state ${migration.state}\` again with its other options`,
    );
  });

  it('works beside a running command, which a second writer does not', async () => {
    await using migration = await startMigration(migrationPair({ users: 10 }));
    await migration.command('plan');
    const { openState } = await import('../../../src/migrate/state/state.js');
    const held = openState({ path: migration.state, access: 'write' });
    expect((await migration.json('status')).document).toMatchObject({
      running: true,
      workers: [{ command: 'apply', pid: process.pid, since: expect.stringMatching(/^\d{4}-.*Z$/) }],
    });
    expect((await migration.command('status')).stdout).toMatch(/ at work +`apply` \(pid \d+, since \d\d:\d\d UTC\)\n/);
    const second = await migration.json('apply', ['--yes']);
    expect(second).toMatchObject({ ending: 'usage', document: { error: { code: 'ERR_STATE_LOCKED' } } });
    held.close();
    expect((await migration.json('apply', ['--yes'])).document).toMatchObject({ written: 10 });
  });

  it('is shown again and again with --watch, until it is interrupted', async () => {
    await using migration = await startMigration(migrationPair({ users: 10 }));
    await migration.command('plan');
    const clock = new FakeClock();
    const stop = new AbortController();
    const watching = migration.command('status', ['--watch'], { clock, signal: stop.signal });
    await vi.waitUntil(() => clock.sleeping > 0);
    await migration.command('apply', ['--yes']);
    const looks = clock.sleeping;
    await clock.advance(30_000);
    await vi.waitUntil(() => clock.sleeping >= looks);
    stop.abort(new Error('stopped'));
    const { ending, stdout } = await watching;
    expect(ending).toBe('done');
    expect(stdout.split('Cutover from').length).toBeGreaterThanOrEqual(4);
    expect(stdout).toMatch(/phase +planned, nothing written yet[\s\S]*\n\nCutover from[\s\S]*phase +applied/);
  });

  it.each([
    ['its reader is gone', false],
    ['its terminal was closed', true],
  ])('is not watched any longer where %s', async (_, isTTY) => {
    await using migration = await startMigration(migrationPair({ users: 3 }));
    await migration.command('plan');
    const clock = new FakeClock();
    const hangUp = new AbortController();
    const [stdin, stdout, stderr] = [new PassThrough(), new Screenful(isTTY), new Screenful()];
    const signal = new AbortController().signal;
    const watching = runProgram(['status', '--watch', '--state', migration.state], {
      ...{ stdin, stdout, stderr, env: {}, clock, signal, hangUp: hangUp.signal },
    });
    await vi.waitUntil(() => clock.sleeping > 0);
    if (isTTY) hangUp.abort();
    else stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await watching).toBe('done');
  });

  it('is drawn over itself on a terminal, cut to its height and folded to its width', async () => {
    await using migration = await startMigration(migrationPair({ users: 3 }));
    await migration.command('plan');
    const clock = new FakeClock();
    const stop = new AbortController();
    const stdout = Object.assign(new Screenful(true, 40), { rows: 6 });
    const watching = runProgram(['status', '--watch', '--state', migration.state], {
      ...{
        stdin: new PassThrough(),
        stdout,
        stderr: new Screenful(),
        env: { NO_COLOR: '1' },
        clock,
        signal: stop.signal,
      },
    });
    await vi.waitUntil(() => clock.sleeping > 0);
    const [, frame = ''] = stdout.text.split('\x1b[2J\x1b[H');
    expect(frame.startsWith('\x1b[HCutover from')).toBe(true);
    expect(frame.endsWith('\x1b[K\n\x1b[J')).toBe(true);
    const lines = stripVTControlCharacters(frame).split('\n');
    expect(lines.slice(0, -1)).toHaveLength(5);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40);
    stop.abort(new Error('stopped'));
    expect(await watching).toBe('done');
    // What stays on the screen is whole.
    const last = stdout.text.slice(stdout.text.lastIndexOf('Cutover from'));
    expect(last).toContain('Next:\n  cognito-cutover apply');
    for (const line of last.split('\n').filter((one) => !one.includes('cognito-cutover'))) {
      expect(line.length, line).toBeLessThanOrEqual(40);
    }
  });

  it('is not watched as JSON', async () => {
    const { ending, stderr } = await run(['status', '--watch', '--json']);
    expect([ending, stderr]).toEqual([
      'usage',
      expect.stringContaining('--watch: cannot be given together with --json'),
    ]);
  });

  it('says that there is no state file', async () => {
    const { ending, stderr } = await run(['status', '--state', `${folder()}/none.db`]);
    expect({ ending, stderr }).toEqual({ ending: 'usage', stderr: expect.stringContaining('none.db') });
  });
});
