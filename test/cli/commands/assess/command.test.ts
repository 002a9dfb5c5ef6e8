import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Assessment } from '../../../../src/assess/assess.js';
import { formatSnapshot } from '../../../../src/assess/snapshot/snapshot-file.js';
import { runProgram } from '../../../../src/cli/program.js';
import { type Clock, systemClock } from '../../../../src/clock.js';
import { LEGACY_ID, NEW_ID, newClient, pair } from '../../../assess/pools.js';
import { faultlessPools } from '../../../assess/simulated-pools.js';
import { type PoolOptions, type Simulator, startSimulator } from '../../../support/cognito-simulator/index.js';
import { folder } from '../../../support/folder.js';
import { CognitoLocal } from '../../../triggers/emulator.js';
import { type RunOptions, run, Screenful } from '../../support.js';

/** Time in which calls need not wait for their turn. The screen, which wakes up every ten seconds, sleeps on. */
function hastyClock(): Clock {
  let now = Date.now();
  return {
    now: () => now,
    sleep: async (ms, signal) => {
      if (ms >= 10_000 && signal !== undefined) return systemClock.sleep(ms, signal);
      now += ms;
      await nextTurn();
    },
  };
}

let simulator: Simulator;
let dir: string;

beforeEach(() => {
  dir = folder();
  return async () => simulator?.close();
});

async function simulate(
  change: { legacy?: Partial<PoolOptions>; new?: Partial<PoolOptions> } = {},
  faults: Parameters<typeof startSimulator>[0]['faults'] = [],
) {
  const [legacy, newPool] = faultlessPools();
  const pools = [
    { ...legacy, ...change.legacy },
    { ...newPool, ...change.new },
  ];
  simulator = await startSimulator({ quotas: null, pools, faults });
  return ['--legacy-pool', LEGACY_ID, '--legacy-endpoint', simulator.endpoint];
}
const andNew = () => ['--new-pool', NEW_ID, '--new-endpoint', simulator.endpoint];

const assess = (args: readonly string[], options: RunOptions = {}) =>
  run(['assess', ...args], { clock: hastyClock(), ...options });

async function json(args: readonly string[]): Promise<{ ending: string; assessment: Assessment }> {
  const { ending, stdout } = await assess([...args, '--json']);
  return { ending, assessment: JSON.parse(stdout) };
}

/** A snapshot on disk of a pair with these findings. */
function kept(snapshot = pair()): string {
  const path = join(dir, 'snapshot.json');
  writeFileSync(path, formatSnapshot(snapshot));
  return path;
}
const writable = () => kept(pair({ new: newClient({ writeAttributes: null }) }));
const merelyOdd = () => kept(pair({ legacy: { users: { linked: 1 } } }));

describe('assess of simulated pools', () => {
  it('finds nothing where nothing is wrong, and writes nothing', async () => {
    const pools = await simulate();
    const { ending, assessment } = await json([...pools, ...andNew()]);
    expect(ending).toBe('done');
    expect(assessment.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(assessment.summary).toMatchObject({ blocker: 0, warning: 0 });
    expect(assessment.pools.map(({ users }) => users?.total)).toEqual([200, 200]);
    expect(simulator.pool(LEGACY_ID).journal).toEqual([]);
    expect(simulator.pool(NEW_ID).journal).toEqual([]);
  });

  it('finds a client that can write the attribute, says so in text, and ends with attention', async () => {
    const client = { ClientId: 'web-new', ClientName: 'web', ReadAttributes: ['email', 'custom:legacy_sub'] };
    const pools = await simulate({ new: { clients: [client] } });
    const { ending, stdout, stderr } = await assess([...pools, ...andNew()]);
    expect(ending).toBe('attention');
    expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(48);
    expect(stdout).toContain('BLOCKER Users can write custom:legacy_sub themselves attribute-writable');
    expect(stdout).toContain('web (web-new), without a write list');
    expect(stdout).toMatch(/1 blocker, no warnings, \d+ notes?, \d+ checks passed/);
    expect(stderr).toMatch(/legacy pool: 100%/i);
  });

  it('assesses a legacy pool alone', async () => {
    const { ending, assessment } = await json(await simulate());
    expect(ending).toBe('done');
    expect(assessment.pools).toHaveLength(1);
    expect(assessment.cost?.ways.map(({ way }) => way)).toEqual(['migration-trigger', 'csv-import']);
  });

  it('takes several legacy pools', async () => {
    const [legacy, newPool] = faultlessPools();
    simulator = await startSimulator({ quotas: null, pools: [legacy, newPool] });
    const { assessment } = await json([
      ...['--legacy-pool', LEGACY_ID, '--legacy-pool', NEW_ID, '--legacy-endpoint', simulator.endpoint],
    ]);
    expect(assessment.pools.map(({ side, userPoolId }) => `${side} ${userPoolId}`)).toEqual([
      `legacy ${LEGACY_ID}`,
      `legacy ${NEW_ID}`,
    ]);
  });

  it.each([
    ['DescribeUserPoolClient', 'attribute-writable'],
    ['DescribeUserPool', 'attribute-missing'],
    ['DescribeIdentityProvider', 'attribute-mapped-from-provider'],
    ['ListUsers', 'duplicate-emails'],
  ])('does not take a denied %s for a good sign', async (operation, check) => {
    const pools = await simulate({ new: { deny: [operation] } });
    const { ending, assessment } = await json([...pools, ...andNew()]);
    expect(ending).toBe('attention');
    expect(assessment.notDetermined).toContainEqual({
      id: check,
      missing: expect.arrayContaining([
        { userPoolId: NEW_ID, permission: `cognito-idp:${operation}`, reason: 'denied' },
      ]),
    });
    const { stdout } = await assess([...pools, ...andNew()]);
    expect(stdout).toContain(`cognito-idp:${operation} on ${NEW_ID} is denied:`);
  });

  it('continues through throttling, broken connections and errors that pass', async () => {
    const pools = await simulate({}, [
      { kind: 'throttle', share: 0.2 },
      { kind: 'drop-before', share: 0.1 },
      { kind: 'internal-error', share: 0.1 },
    ]);
    const { ending, assessment } = await json([...pools, ...andNew()]);
    expect(ending).toBe('done');
    expect(assessment.pools.map(({ users }) => users?.total)).toEqual([200, 200]);
  });

  it('counts every user once in a listing that repeats, stutters and expires', async () => {
    const listing = { emptyPages: 0.2, shortPages: 0.3, repeats: 0.3 };
    const pools = await simulate({ legacy: { listing }, new: { listing: { ignoreFilter: true } } });
    const { assessment } = await json([...pools, ...andNew()]);
    expect(assessment.pools.map(({ users }) => users?.total)).toEqual([200, 200]);
  });

  it('says what is wrong where a pool does not exist, or nothing may be called', async () => {
    await simulate();
    const gone = ['--legacy-pool', 'eu-west-1_Gone00001', '--legacy-endpoint', simulator.endpoint];
    const missing = await assess(gone);
    expect(missing.ending).toBe('usage');
    expect(missing.stderr).toContain('eu-west-1_Gone00001');
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
    const anonymous = await assess(['--legacy-pool', LEGACY_ID, '--legacy-endpoint', simulator.endpoint]);
    expect(anonymous.ending).toBe('unavailable');
  });

  it('stops when it is told to', async () => {
    const pools = await simulate();
    const stop = new AbortController();
    stop.abort(new Error('stopped by SIGINT'));
    expect((await assess(pools, { signal: stop.signal })).ending).toBe('interrupted');
  });
});

it('calls what the documented IAM policy allows, and nothing else', async () => {
  const called = new Set<string>();
  simulator = await startSimulator({
    quotas: null,
    pools: faultlessPools(),
    onRequest: ({ operation }) => void called.add(`cognito-idp:${operation}`),
  });
  await assess(['--legacy-pool', LEGACY_ID, '--legacy-endpoint', simulator.endpoint, ...andNew()]);
  const policy = JSON.parse(readFileSync(new URL('../../../../docs/iam/assess.json', import.meta.url), 'utf8'));
  // The simulator has no replicas and no quotas to be asked about.
  expect([...called, 'cognito-idp:ListUserPoolReplicas'].sort()).toEqual(policy.Statement[0].Action);
  expect(policy.Statement[1]).toMatchObject({ Action: ['cognito-idp:GetProvisionedLimit'], Resource: '*' });
});

describe('a snapshot', () => {
  it('kept and judged again gives the same findings without the pools', async () => {
    const pools = await simulate({ new: { groups: [] } });
    const file = join(dir, 'kept.json');
    const live = await json([...pools, ...andNew(), '--save-snapshot', file]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toMatch(/provider-secret|@example/);
    simulator.stats.reset();
    const again = await json(['--snapshot', file]);
    expect(again.assessment.findings).toEqual(live.assessment.findings);
    expect(again.assessment.findings.map(({ id }) => id)).toContain('groups-missing');
    expect(simulator.stats.of('DescribeUserPool').attempts).toBe(0);
  });

  it.each([
    [['--save-snapshot', 'x.json'], '--save-snapshot: cannot be given together with --snapshot'],
    [['--legacy-pool', 'eu-west-1_Other'], `--legacy-pool: expected ${LEGACY_ID}, as in`],
    [['--new-pool', 'eu-west-1_Other'], `--new-pool: expected ${NEW_ID}, as in`],
  ])('is not judged with %j', async (more, message) => {
    const { ending, stderr } = await assess(['--snapshot', kept(), ...more]);
    expect(ending).toBe('usage');
    expect(stderr).toContain(message);
  });

  it('is refused where it is not there, or is none', async () => {
    const missing = await assess(['--snapshot', join(dir, 'missing.json')]);
    expect([missing.ending, missing.stderr]).toEqual(['usage', expect.stringContaining('(ENOENT)')]);
    writeFileSync(join(dir, 'other.json'), '{"version": 1}');
    const other = await assess(['--snapshot', join(dir, 'other.json')]);
    expect([other.ending, other.stderr]).toEqual(['usage', expect.stringContaining('is not a snapshot')]);
  });

  it('can be judged for other options', async () => {
    const path = kept();
    const other = await json(['--snapshot', path, '--attribute', 'custom:old_id']);
    expect(other.assessment.findings.map(({ id }) => id)).toContain('attribute-missing');
    const cheap = await json(['--snapshot', path, '--mau-price', '0.001', '--rps', '25']);
    expect(cheap.assessment.cost).toMatchObject({ mauPrice: 0.001, rps: 25, priceSource: 'given' });
    const priced = await json(['--snapshot', path, '--legacy-mau-price', '0.002']);
    expect(priced.assessment.cost?.legacyPrices).toMatchObject([{ mauPrice: 0.002, priceSource: 'given' }]);
    const mapped = await json(['--snapshot', path, '--provider-map', 'Google=Other']);
    expect(mapped.assessment.findings.map(({ id }) => id)).toContain('federated-users-provider-missing');
  });
});

describe('--fail-on', () => {
  it.each([
    ['a blocker', writable, [], 'attention'],
    ['a blocker', writable, ['--fail-on', 'blocker'], 'attention'],
    ['a warning', merelyOdd, [], 'done'],
    ['a warning', merelyOdd, ['--fail-on', 'blocker'], 'done'],
    ['a warning', merelyOdd, ['--fail-on', 'warning'], 'attention'],
    ['notes alone', kept, ['--fail-on', 'warning'], 'done'],
  ] as const)('with %s', async (_what, snapshot, more, ending) => {
    expect((await assess(['--snapshot', snapshot(), ...more])).ending).toBe(ending);
  });
});

describe('bad input', () => {
  it.each([
    [[], '--legacy-pool: is required'],
    [['--legacy-pool', LEGACY_ID, '--new-pool', LEGACY_ID], `--new-pool: ${LEGACY_ID} is the legacy pool too`],
    [['--legacy-pool', LEGACY_ID, '--legacy-pool', LEGACY_ID], 'each only once'],
    [['--legacy-pool', 'nonsense'], 'a user pool id'],
    [['--fail-on', 'info'], "'blocker' or 'warning'"],
    [['--token-use', 'both'], "'id' or 'access' or 'any'"],
    [['--save-snapshots', 'x'], 'unknown option'],
  ])('%j is refused', async (args, message) => {
    const { ending, stderr } = await assess(args);
    expect(ending).toBe('usage');
    expect(stderr).toContain(message);
  });
});

describe('the report', () => {
  it('takes two screens, and with --all it is everything', async () => {
    const path = writable();
    const brief = await assess(['--snapshot', path]);
    expect(brief.stdout).toContain(`  cognito-cutover assess --all --snapshot ${path}\n`);
    expect(brief.stdout).not.toContain('update_cognito');
    const all = await assess(['--snapshot', path, '--all']);
    expect(all.stdout).toContain('      update_cognito client eu-west-1 ');
    expect(all.stdout).toContain('Settings that differ');
    expect([brief.ending, all.ending]).toEqual(['attention', 'attention']);
  });

  it('fits the terminal, and leaves commands whole', async () => {
    const stdout = new Screenful(true, 60);
    const { signal } = new AbortController();
    await runProgram(['assess', '--snapshot', writable(), '--all'], {
      ...{
        stdin: new PassThrough(),
        stdout,
        stderr: new Screenful(),
        env: { NO_COLOR: '1' },
        clock: hastyClock(),
        signal,
      },
    });
    const lines = stdout.text.split('\n');
    expect(lines).toContainEqual(expect.stringMatching(/^ {6}update_cognito client .*'$/));
    expect(lines.filter((line) => line.startsWith('  Why:')).every((line) => line.length <= 60)).toBe(true);
  });

  it('names the pools in the command for the rest, or what was saved of them', async () => {
    const pools = await simulate();
    const read = await assess([...pools, ...andNew()]);
    expect(read.stdout).toContain(`cognito-cutover assess --all --legacy-pool ${LEGACY_ID} `);
    expect(read.stdout).toContain('(this reads the pools again; --save-snapshot FILE avoids that):');
    const saved = join(dir, "it's saved.json");
    const kept = await assess([...pools, ...andNew(), '--save-snapshot', saved]);
    expect(kept.stdout).toContain(`assess --all --snapshot '${saved.replace("'", "'\\''")}'`);
    expect(kept.stdout).not.toContain('reads the pools again');
  });

  it('is written as a page that only its owner can read', async () => {
    const path = join(dir, 'assess.html');
    const { ending } = await assess(['--snapshot', writable(), '--html', path]);
    expect(ending).toBe('attention');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toContain('Users can write custom:legacy_sub themselves');
  });

  it('lets no name move the cursor of a terminal', async () => {
    const hostile = '\u001b[2J\u001b]0;owned\u0007 and \u202ereversed';
    const { stdout } = await assess(['--snapshot', kept(pair({ legacy: { settings: { name: hostile } } }))]);
    expect(stdout).toContain('\\u001b[2J\\u001b]0;owned\\u0007 and \\u202ereversed');
    expect(['\u001b', '\u0007', '\u202e'].filter((character) => stdout.includes(character))).toEqual([]);
  });
});

describe('assess of cognito-local', () => {
  let emulator: CognitoLocal;
  let sdk: CognitoIdentityProviderClient;
  beforeAll(async () => {
    emulator = await CognitoLocal.start({});
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    sdk = new CognitoIdentityProviderClient({ endpoint: emulator.endpoint, region: 'local', credentials });
  });
  afterAll(async () => {
    sdk.destroy();
    await emulator.stop();
  });

  it('judges what the emulator has, and names what it has not', async () => {
    const create = async (name: string) => {
      const { UserPool } = await sdk.send(new CreateUserPoolCommand({ PoolName: name }));
      const UserPoolId = UserPool?.Id ?? '';
      await sdk.send(new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'web' }));
      return UserPoolId;
    };
    const legacy = await create('old');
    const next = await create('new');
    await sdk.send(new CreateGroupCommand({ UserPoolId: legacy, GroupName: 'admins' }));
    const where = ['endpoint', 'region'].flatMap((name) => {
      const value = name === 'region' ? 'eu-west-1' : emulator.endpoint;
      return [`--legacy-${name}`, value, `--new-${name}`, value];
    });
    const { assessment } = await json(['--legacy-pool', legacy, '--new-pool', next, ...where]);
    const ids = assessment.findings.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['attribute-missing', 'attribute-writable', 'groups-missing']));
    expect(assessment.notDetermined).toContainEqual({
      id: 'attribute-mapped-from-provider',
      missing: [{ userPoolId: next, permission: 'cognito-idp:ListIdentityProviders', reason: 'not-supported' }],
    });
  });
});
