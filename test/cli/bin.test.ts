import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import {
  LEGACY_POOL,
  migrationPair,
  NEW_POOL,
  type Simulator,
  startSimulator,
} from '../support/cognito-simulator/index.js';
import { folder } from '../support/folder.js';
import { HAS } from '../support/tools.js';
import { everyOutcome } from './migration.js';
import { runBin, run as runHere } from './support.js';

const POOLS = ['--legacy-pool', LEGACY_POOL, '--new-pool', NEW_POOL];

async function simulated(...[options]: Parameters<typeof startSimulator>) {
  const simulator = await startSimulator({ quotas: null, ...options });
  // The SDK's own variable, as an operator would set it.
  const env = {
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: simulator.endpoint,
  };
  const cwd = folder();
  return {
    simulator,
    cwd,
    env,
    /** In this process: what is looked at is what a process does with the plan. */
    plan: () =>
      runHere([
        'plan',
        ...POOLS,
        '--legacy-endpoint',
        simulator.endpoint,
        '--new-endpoint',
        simulator.endpoint,
        '--state',
        join(cwd, 'cutover.db'),
      ]),
    start: (...args: string[]) => runBin(args, { cwd, env }),
    /** Below a shell, as npm starts it, in a process group of its own. */
    startInShell: (more: object, ...args: string[]) => runBin(args, { cwd, env: { ...env, ...more }, inShell: true }),
    startInto: (to: { stdout?: string; stderr?: string }, ...args: string[]) => runBin(args, { cwd, env, to }),
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}

const attempts = (simulator: Simulator, operation: string) => simulator.stats.of(operation).attempts;

describe('the command', { timeout: 60_000 }, () => {
  it('runs from the plan to the rollback, with the exit codes that scripts go by', async () => {
    await using there = await simulated({ pools: everyOutcome() });
    const codes: Record<string, number | null> = {};
    for (const line of [
      'status',
      `plan ${POOLS.join(' ')} --json`,
      'apply --yes --json',
      'verify --json',
      'report --csv r.csv',
      'rollback --yes',
      'apply',
    ]) {
      const { code, stdout } = await there.start(...line.split(' ')).ended;
      codes[line.split(' ')[0] + (line === 'apply' ? ' unasked' : '')] = code;
      if (line.includes('--json')) expect(stdout.trim().split('\n')).toHaveLength(1);
    }
    expect(codes).toEqual({ status: 2, plan: 1, apply: 0, verify: 1, report: 0, rollback: 0, 'apply unasked': 2 });
    expect(existsSync(join(there.cwd, 'cutover.db'))).toBe(true);
    expect(existsSync(join(there.cwd, 'r.csv'))).toBe(true);
  });

  it('ends with 3 when AWS refuses the credentials', async () => {
    const [legacy, fresh] = everyOutcome();
    await using there = await simulated({ pools: [{ ...legacy, deny: ['ListUsers'] }, fresh] });
    const { code, stdout, stderr } = await there.start('plan', ...POOLS, '--json').ended;
    expect(code).toBe(3);
    expect(JSON.parse(stdout).error.code).toBe('ERR_CREDENTIALS');
    expect(stderr).not.toContain('    at ');
  });

  it('reaches each pool with its own profile or role', async () => {
    const [legacy, fresh] = everyOutcome();
    const pools = [
      { ...legacy, accessKeys: ['AKIAOLD'] },
      { ...fresh, accessKeys: ['ASIA-Writer'] },
    ];
    await using there = await simulated({ pools });
    const credentials = join(there.cwd, 'credentials');
    writeFileSync(credentials, '[old-account]\naws_access_key_id = AKIAOLD\naws_secret_access_key = secret\n');
    const access = ['--legacy-profile', 'old-account', '--new-role-arn', 'arn:aws:iam::222233334444:role/Writer'];
    const env = { AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_ENDPOINT_URL: there.simulator.endpoint };
    const args = ['plan', ...POOLS, ...access, '--progress', 'ndjson'];
    const { code, stderr } = await runBin(args, { cwd: there.cwd, env }).ended;
    // The SDK has a warning for keys in the environment beside a profile; every line is a document nevertheless.
    const lines = stderr.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).type)).not.toContain('error');
    expect(code).toBe(1);
    expect(there.simulator.stats.accessKeys).toEqual({ [LEGACY_POOL]: ['AKIAOLD'], [NEW_POOL]: ['ASIA-Writer'] });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'finishes what is in flight on %s, ends with 130 and can go on',
    async (signal) => {
      await using there = await simulated({ pools: migrationPair({ users: 60 }) });
      await there.plan();
      const run = there.start('apply', '--yes', '--rps', '20', '--json');
      await vi.waitUntil(() => attempts(there.simulator, 'AdminUpdateUserAttributes') > 5, { timeout: 30_000 });
      run.child.kill(signal);
      const { code, stdout, stderr } = await run.ended;
      expect(code).toBe(130);
      expect(stderr).toContain('Stopping: finishing what is in flight');
      const document = JSON.parse(stdout);
      expect(document).toMatchObject({ failed: 0, error: { code: 'ERR_INTERRUPTED' } });
      expect(there.simulator.pool(NEW_POOL).journal).toHaveLength(document.written);

      const next = await there.start('apply', '--yes', '--rps', '1000', '--quota', '1000', '--json').ended;
      expect(JSON.parse(next.stdout)).toMatchObject({ written: 60 - document.written, remaining: 0 });
    },
  );

  it('stops at once on the second signal', async () => {
    await using there = await simulated({
      pools: migrationPair({ users: 20 }),
      faults: [{ kind: 'slow', operations: ['AdminUpdateUserAttributes'], ms: 60_000 }],
    });
    await there.plan();
    const run = there.start('apply', '--yes');
    await vi.waitUntil(() => attempts(there.simulator, 'AdminUpdateUserAttributes') > 0, { timeout: 30_000 });
    run.child.kill('SIGINT');
    await vi.waitUntil(() => run.output.stderr.includes('Stopping'), { timeout: 30_000 });
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('Stopped immediately.');
  });

  it.each([
    ['stops', false],
    ['goes on, where the terminal was closed,', true],
  ])('%s when npm, which passes no signal on, has ended', async (_, hungUp) => {
    await using there = await simulated({ pools: migrationPair({ users: 30 }) });
    await there.plan();
    const run = there.startInShell({ npm_command: 'exec' }, 'apply', '--yes', '--rps', '20', '--json');
    await vi.waitUntil(() => attempts(there.simulator, 'AdminUpdateUserAttributes') > 5, { timeout: 30_000 });
    // The whole group, as a terminal does it; a shell alone, as npm does.
    if (hungUp) process.kill(-(run.child.pid ?? 0), 'SIGHUP');
    else run.child.kill('SIGTERM');
    const { stdout } = await run.ended;
    const document = JSON.parse(stdout);
    if (hungUp) expect(document).toMatchObject({ written: 30, remaining: 0 });
    else expect(document).toMatchObject({ failed: 0, error: { code: 'ERR_INTERRUPTED' } });
    expect(there.simulator.pool(NEW_POOL).journal).toHaveLength(document.written);
  });

  it('continues after SIGHUP, with nobody reading what it says any more', async () => {
    await using there = await simulated({ pools: migrationPair({ users: 30 }) });
    await there.plan();
    const run = there.start('apply', '--yes', '--rps', '20');
    await vi.waitUntil(() => attempts(there.simulator, 'AdminUpdateUserAttributes') > 5, { timeout: 30_000 });
    run.child.kill('SIGHUP');
    run.child.stderr.destroy();
    run.child.stdin.destroy();
    const { code, stdout } = await run.ended;
    expect(there.simulator.pool(NEW_POOL).journal).toHaveLength(30);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Wrote 30 users')]);
  });

  it.runIf(HAS.pseudoTerminal)('continues where its terminal was closed, and so does a hook that prints', async () => {
    await using there = await simulated({ pools: migrationPair({ users: 30 }) });
    await there.plan();
    const [heard, code] = [join(there.cwd, 'heard'), join(there.cwd, 'code')];
    const [program, ...words] = there.start('status').child.spawnargs;
    const bin = [program, ...words.slice(0, -1)].join(' ');
    const hook = `echo told && echo $CUTOVER_EVENT >> ${heard}`;
    const line = `trap '' HUP; ${bin} apply --yes --rps 20 --hook '${hook}'; echo $? > ${code}`;
    const terminal = spawn('script', ['-qec', line, '/dev/null'], {
      cwd: there.cwd,
      env: {
        ...{ ...there.env, SHELL: '/bin/sh', PATH: process.env['PATH'] },
        ...{ AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret' },
      },
      stdio: 'ignore',
    });
    await vi.waitUntil(() => attempts(there.simulator, 'AdminUpdateUserAttributes') > 5, { timeout: 30_000 });
    terminal.kill('SIGKILL');
    await vi.waitUntil(() => existsSync(code) && readFileSync(code, 'utf8') !== '', { timeout: 30_000 });
    expect(there.simulator.pool(NEW_POOL).journal).toHaveLength(30);
    expect(readFileSync(heard, 'utf8').split('\n')).toEqual(['start', 'done', '']);
    // Its summary could not be written; and Node did not abort when it wanted the terminal back.
    expect(readFileSync(code, 'utf8').trim()).toBe('3');
  });

  it.runIf(HAS.fullDevice)('writes on where the disk of its log is full', async () => {
    await using there = await simulated({ pools: migrationPair({ users: 20 }) });
    await there.startInto({ stderr: '/dev/full' }, 'plan', ...POOLS).ended;
    const run = there.startInto(
      { stderr: '/dev/full' },
      'apply',
      '--yes',
      '--rps',
      '20',
      '--json',
      '--progress',
      'ndjson',
    );
    const { code, stdout } = await run.ended;
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ written: 20, remaining: 0 })]);
  });

  it.runIf(HAS.fullDevice)('says by its exit code that the result got lost, and nothing else', async () => {
    await using there = await simulated({ pools: migrationPair({ users: 20 }) });
    await there.plan();
    const { code, stderr } = await there.startInto({ stdout: '/dev/full' }, 'apply', '--yes', '--rps', '20', '--json')
      .ended;
    expect([code, stderr]).toEqual([3, expect.stringContaining('could not be written to standard output (ENOSPC)')]);
    expect(stderr).not.toContain('    at ');
    expect(JSON.parse((await there.start('apply', '--yes', '--json').ended).stdout)).toMatchObject({
      remaining: 0,
      written: 0,
    });
  });

  it('shows within two seconds what it does, while Cognito does not answer, and gives up soon', async () => {
    const run = runBin(['plan', ...POOLS, '--progress', 'ndjson', '--json'], {
      env: { AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: 'http://127.0.0.1:1' },
    });
    const { code, stdout, stderr } = await run.ended;
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string });
    expect(lines[0]).toMatchObject({ type: 'step', what: `Reading the settings of ${LEGACY_POOL}` });
    expect(lines.map(({ type }) => type)).toContain('waiting');
    expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'ERR_UNAVAILABLE' });
    expect([code, JSON.parse(stdout).error.code]).toEqual([3, 'ERR_UNAVAILABLE']);
  });

  it('takes a reader that has seen enough for no fault', async () => {
    const run = runBin(['--help']);
    run.child.stdout.destroy();
    const { code, stderr } = await run.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('says which packages are missing where the optional ones were left out', async () => {
    const refuse = `export const resolve = (name, context, next) => {
      if (name !== 'commander') return next(name, context);
      throw Object.assign(new Error("Cannot find package 'commander' imported from x"), { code: 'ERR_MODULE_NOT_FOUND' });
    };`;
    const hook = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(refuse)}`)});`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` };
    const { code, stdout, stderr } = await runBin(['plan', '--json'], { env }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('npm install cognito-cutover --include=optional');
    expect(JSON.parse(stdout).error.code).toBe('ERR_PACKAGE_MISSING');
  });
});
