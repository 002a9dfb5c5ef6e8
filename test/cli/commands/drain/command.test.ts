import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../../src/clock.js';
import { type CloudWatchOptions, seriesOf, startCloudWatch } from '../../../support/cloudwatch.js';
import {
  LEGACY_POOL,
  NEW_POOL,
  type PoolOptions,
  type SimulatorOptions,
} from '../../../support/cognito-simulator/index.js';
import { started } from '../../../support/cognito-simulator/testing.js';
import { folder } from '../../../support/folder.js';
import { type RunOptions, run } from '../../support.js';
import { type CountedRun, countedFile, DRAINED, NOW, STANDING } from './counted.js';

interface Document {
  readonly safeToClose: boolean;
  readonly reasons: readonly string[];
  readonly [field: string]: unknown;
}

const drain = (args: readonly string[], options: RunOptions = {}) =>
  run(['drain', ...args], { clock: STANDING, ...options });

async function json(args: readonly string[], options: RunOptions = {}) {
  const { ending, stdout, stderr } = await drain([...args, '--json'], options);
  return { ending, stderr, document: JSON.parse(stdout) as Document };
}

/** A store with what was counted, and a legacy pool to ask. */
async function setting(
  runs: readonly CountedRun[] = DRAINED,
  pool: Omit<PoolOptions, 'id'> = {},
  options: Omit<SimulatorOptions, 'pools'> = {},
) {
  const pools = [{ id: LEGACY_POOL, clients: [WEB], ...pool }];
  const { simulator } = await started({ quotas: null, pools, ...options });
  const from = ['--from', await countedFile(join(folder(), 'drain.ndjson'), runs)];
  return { simulator, from, pool: [...from, '--legacy-pool', LEGACY_POOL, '--legacy-endpoint', simulator.endpoint] };
}

const WEB = { ClientId: 'web-legacy', ClientName: 'web', RefreshTokenValidity: 30 };

describe('the answer', () => {
  it('is safe, with exit code 0, once nothing came for as long as refresh tokens live', async () => {
    const { from } = await setting();
    const { ending, stdout } = await drain([...from, '--refresh-lifetime', '30d']);
    expect(stdout).toMatch(/^Safe to close: nothing of the legacy pool is in use\.\n/);
    expect(ending).toBe('done');
    const { document } = await json([...from, '--refresh-lifetime', '30d']);
    expect(document).toMatchObject({ safeToClose: true, reasons: [], refreshLifetimeSeconds: 2_592_000, instances: 2 });
    expect(document).toMatchObject({ cloudwatch: null, sessions: null });
  });

  it.each<[string, readonly CountedRun[], readonly string[], RegExp]>([
    ['a legacy token came within that time', [{ instance: 'api-1', tokens: [{ agoMs: DAY_MS }] }], [], /still in use/],
    ['refresh tokens live longer than it was quiet', DRAINED, ['--refresh-lifetime', '45d'], /still in use/],
    [
      'an instance went silent',
      [...DRAINED, { instance: 'api-3', reportedAgoMs: DAY_MS }],
      [],
      /^api-3 stopped reporting/,
    ],
    ['fewer instances count than are expected', DRAINED, ['--expect-instances', '3'], /^2 instances of the 3 expected/],
  ])('is not yet, with exit code 1, if %s', async (_, runs, args, reason) => {
    const { from } = await setting(runs);
    const lifetime = args.includes('--refresh-lifetime') ? [] : ['--refresh-lifetime', '30d'];
    const { ending, document } = await json([...from, ...lifetime, ...args]);
    expect(document.reasons).toContainEqual(expect.stringMatching(reason));
    expect(document.safeToClose).toBe(false);
    expect(ending).toBe('attention');
  });

  it('lets no name from a store write to the terminal', async () => {
    const forged = { instance: 'x\nSafe to close\u001b[2K', reportedAgoMs: DAY_MS };
    const { from } = await setting([...DRAINED, forged]);
    const { stdout } = await drain([...from, '--refresh-lifetime', '30d']);
    expect(stdout).toContain(String.raw`  1.  x\u000aSafe to close\u001b[2K stopped reporting`);
    expect(stdout).not.toMatch(/^Safe/m);
  });

  it('is not yet if one of several stores cannot be read', async () => {
    const { from } = await setting();
    const missing = join(folder(), 'missing.ndjson');
    const { ending, document } = await json([...from, '--from', missing, '--refresh-lifetime', '30d']);
    expect(document.reasons).toEqual([expect.stringContaining('missing.ndjson cannot be read')]);
    expect(ending).toBe('attention');
  });

  it('is the verdict first, then the reasons, then what was counted', async () => {
    const tokens = [
      { agoMs: HOUR_MS / 4, sub: 'ann' },
      { agoMs: 3 * HOUR_MS, sub: 'bob' },
      { agoMs: 3 * DAY_MS, sub: 'bob', clientId: 'tv' },
      { agoMs: HOUR_MS / 4, pool: 'new' as const },
    ];
    const { from } = await setting([{ instance: 'api-1', tokens }]);
    const { stdout } = await drain([...from, '--refresh-lifetime', '30d']);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('Not yet: 2 reasons against closing the legacy pool.');
    expect(lines[1]).toMatch(/^ {2}1\. {2}Legacy tokens are still in use/);
    expect(lines[2]).toMatch(/^ {2}2\. {2}If nothing more comes, it is safe from 2026-03-31/);
    const cells = lines.map((line) => line.trim().split(/ {2,}/));
    expect(cells).toContainEqual(['last hour', '24 hours', '7 days', 'in all', 'last token']);
    expect(cells).toContainEqual([`${LEGACY_POOL} (legacy)`, '1', '2', '3', '3', '15 min ago']);
    expect(cells).toContainEqual(['users', '1', '2', '2', '2']);
    expect(cells).toContainEqual(['web-legacy', '1', '2', '2', '2', '15 min ago']);
    expect(cells).toContainEqual(['tv', '0', '0', '1', '1', '3 d ago']);
    expect(cells).toContainEqual([`${NEW_POOL} (new)`, '1', '1', '1', '1', '15 min ago']);
    expect(cells).toContainEqual(['valid', `the latest token of ${LEGACY_POOL} until 2026-03-01 13:15 UTC`]);
    expect(cells).toContainEqual(['instance', 'api-1: counting, last reported 0 s ago']);
  });
});

describe('the lifetime of refresh tokens', () => {
  it('is the longest of the app clients of the pool, whatever the unit', async () => {
    const clients = [
      { ...WEB, RefreshTokenValidity: 60, TokenValidityUnits: { RefreshToken: 'minutes' as const } },
      { ClientId: 'tv', ClientName: 'tv', RefreshTokenValidity: 35 },
    ];
    const { pool } = await setting(DRAINED, { clients });
    const { ending, document } = await json(pool);
    expect(document).toMatchObject({ safeToClose: true, refreshLifetimeSeconds: 35 * 86_400 });
    expect(ending).toBe('done');
  });

  it('is not read if it is given', async () => {
    const { pool, simulator } = await setting();
    const { document } = await json([...pool, '--refresh-lifetime', '0']);
    expect(document).toMatchObject({ safeToClose: true, refreshLifetimeSeconds: 0 });
    expect(simulator.stats.operations).toEqual({});
  });

  it('is a reason against if nobody says it', async () => {
    const { from } = await setting();
    const { ending, document } = await json(from);
    expect(document.reasons).toEqual([expect.stringContaining('--refresh-lifetime')]);
    expect(document).toMatchObject({ safeToClose: false, refreshLifetimeSeconds: null });
    expect(ending).toBe('attention');
  });

  it.each([['ListUserPoolClients'], ['DescribeUserPoolClient']])(
    'is a reason against if %s is not allowed, and names the permission',
    async (operation) => {
      const { pool } = await setting(DRAINED, { deny: [operation] });
      const { ending, document } = await json(pool);
      expect(document.reasons).toContainEqual(expect.stringContaining(`permission cognito-idp:${operation}`));
      expect(document.safeToClose).toBe(false);
      expect(ending).toBe('attention');
    },
  );

  it('is not known if it cannot be read of one of several pools', async () => {
    const other = 'eu-west-1_Other0001';
    const { simulator } = await started({
      quotas: null,
      pools: [
        { id: LEGACY_POOL, clients: [WEB] },
        { id: other, clients: [WEB], deny: ['ListUserPoolClients'] },
      ],
    });
    const { from } = await setting();
    const pools = ['--legacy-pool', LEGACY_POOL, '--legacy-pool', other, '--legacy-endpoint', simulator.endpoint];
    const { document } = await json([...from, ...pools]);
    expect(document).toMatchObject({ safeToClose: false, refreshLifetimeSeconds: null });
    expect(document.reasons).toContainEqual(expect.stringContaining(`The app clients of ${other} cannot be read`));
  });

  it.each(['30', '1w', '-1d', 'soon'])('is refused as %s', async (value) => {
    const { from } = await setting();
    const { ending, stderr } = await drain([...from, '--refresh-lifetime', value]);
    expect(stderr).toContain('--refresh-lifetime: expected a time like 30d or 12h');
    expect(ending).toBe('usage');
  });
});

describe('--cloudwatch', () => {
  const at = (agoMs: number) => NOW - agoMs;
  const quiet = { [seriesOf('SignInSuccesses', 'web-legacy')]: { [at(90 * DAY_MS)]: 3 } };
  const counting = (recorded: NonNullable<CloudWatchOptions['recorded']>[string]): CloudWatchOptions => ({
    recorded: { [LEGACY_POOL]: { ...quiet, ...recorded } },
  });

  it('is safe where AWS counted nothing within the lifetime, and once did', async () => {
    await startCloudWatch(counting({}));
    const { pool } = await setting();
    const { ending, document } = await json([...pool, '--cloudwatch']);
    expect(document).toMatchObject({ safeToClose: true, reasons: [] });
    expect(document['cloudwatch']).toEqual([
      { userPoolId: LEGACY_POOL, since: '2026-01-30T12:00:00.000Z', known: true, clients: [] },
    ]);
    expect(ending).toBe('done');
  });

  it.each([
    ['a sign-in', seriesOf('SignInSuccesses', 'web-legacy'), '1 sign-in of app client web-legacy'],
    ['a refresh', seriesOf('TokenRefreshSuccesses', 'web-legacy'), '1 token refresh of app client web-legacy'],
    ['a sign-in through a provider', seriesOf('FederationSuccesses', 'web-legacy', 'Okta'), '1 sign-in of app client'],
    ['a sign-in by an administrator', seriesOf('SignInSuccesses', 'Admin'), '1 sign-in by administrators'],
  ])('takes %s for a reason, and knows from when on it no longer is one', async (_, series, reason) => {
    await startCloudWatch(counting({ [series]: { [at(2 * DAY_MS)]: 1 } }));
    const providers = [{ ProviderName: 'Okta', ProviderType: 'OIDC' as const }];
    const { pool } = await setting(DRAINED, { providers });
    const { ending, document } = await json([...pool, '--cloudwatch']);
    expect(document.reasons[0]).toContain(reason);
    expect(document).toMatchObject({ safeToClose: false, earliest: '2026-03-29T14:00:00.000Z' });
    expect(ending).toBe('attention');
  });

  it('counts no failed attempts', async () => {
    await startCloudWatch(counting({ [seriesOf('SignInSuccesses', 'web-legacy')]: { [at(DAY_MS)]: 0 } }));
    const { pool } = await setting();
    expect((await json([...pool, '--cloudwatch'])).document.safeToClose).toBe(true);
  });

  it('never takes a pool without any data for a quiet one', async () => {
    await startCloudWatch();
    const { pool } = await setting();
    const { ending, document } = await json([...pool, '--cloudwatch']);
    expect(document.reasons).toEqual([expect.stringContaining(`CloudWatch has no data of ${LEGACY_POOL}`)]);
    expect(ending).toBe('attention');
  });

  it('names the permission that is missing', async () => {
    await startCloudWatch({
      answer: () => ({ status: 400, body: { __type: 'AccessDeniedException', message: 'no' } }),
    });
    const { pool } = await setting();
    const { ending, document } = await json([...pool, '--cloudwatch']);
    expect(document.reasons).toEqual([expect.stringContaining('permission cloudwatch:GetMetricData')]);
    expect(document['cloudwatch']).toEqual([]);
    expect(ending).toBe('attention');
  });

  it('asks about the legacy pool that was counted, if none is named', async () => {
    const { requests } = await startCloudWatch(counting({}));
    const { simulator, from } = await setting();
    const endpoint = ['--legacy-endpoint', simulator.endpoint];
    const { document } = await json([...from, ...endpoint, '--cloudwatch']);
    expect(document).toMatchObject({ safeToClose: true, refreshLifetimeSeconds: 2_592_000 });
    expect(JSON.stringify(requests)).not.toContain(NEW_POOL);
  });

  it('is a reason against if no legacy pool is known', async () => {
    const { from } = await setting([{ instance: 'api-1', tokens: [{ pool: 'new', agoMs: HOUR_MS }] }]);
    const { document } = await json([...from, '--cloudwatch', '--refresh-lifetime', '30d']);
    expect(document.reasons).toContainEqual(expect.stringContaining('AWS was not asked'));
  });
});

describe('--sessions', () => {
  const users = ['ann', 'bob', 'cat'].map((username) => ({ username }));
  const session = (ClientId: string) => ({ ClientId, SessionType: 'TOKEN' as const, LastActiveDate: new Date(NOW) });

  it('is safe where nobody has a session', async () => {
    const { pool, simulator } = await setting(DRAINED, { users, sessions: {} });
    const { ending, document } = await json([...pool, '--sessions', '--yes']);
    expect(document).toMatchObject({ safeToClose: true, reasons: [] });
    expect(document['sessions']).toEqual([
      { userPoolId: LEGACY_POOL, tracked: true, users: 3, usersWithSessions: 0, complete: true, clients: [] },
    ]);
    expect(simulator.stats.of('AdminListUserSessions').attempts).toBe(3);
    expect(ending).toBe('done');
  });

  it('takes a live session for a reason, with all of its pages', async () => {
    const sessions = { bob: [session('web-legacy'), session('tv'), session('web-legacy')] };
    const { pool } = await setting(DRAINED, { users, sessions });
    const { ending, document } = await json([...pool, '--sessions', '--yes']);
    expect(document.reasons[0]).toBe(
      `1 user of ${LEGACY_POOL} has live sessions (2 sessions of web-legacy, 1 session of tv), with which they can get new tokens.`,
    );
    expect(JSON.stringify(document)).not.toContain('bob');
    expect(ending).toBe('attention');
  });

  it('stops asking once it is clear that the pool is in use', async () => {
    const many = Array.from({ length: 300 }, (_, at) => ({ username: `user${at}` }));
    const sessions = Object.fromEntries(many.map(({ username }) => [username, [session('web-legacy')]]));
    const { pool, simulator } = await setting(DRAINED, { users: many, sessions });
    const { document } = await json([...pool, '--sessions', '--yes', '--sessions-rps', '1000']);
    expect(document.reasons[0]).toMatch(/^At least 120 users/);
    expect(simulator.stats.of('AdminListUserSessions').attempts).toBe(120);
  });

  it('is a reason against where the pool does not track sessions', async () => {
    const { pool, simulator } = await setting(DRAINED, { users });
    const { ending, document } = await json([...pool, '--sessions', '--yes']);
    expect(document.reasons).toEqual([expect.stringContaining('the pool does not track sessions')]);
    expect(simulator.stats.operations).not.toHaveProperty('ListUsers');
    expect(ending).toBe('attention');
  });

  it('says before what it takes, and asks nobody about a user without a yes', async () => {
    const { pool, simulator } = await setting(DRAINED, { users, sessions: {} });
    const { ending, stdout, stderr } = await drain([...pool, '--sessions', '--sessions-rps', '2'], { answer: 'n' });
    expect(stderr).toMatch(/about 3 users, 2 s at 2 calls per second/);
    expect(stderr).toContain('AWS does not say whether this makes the users monthly active');
    expect(stdout).toContain(`Nobody was asked about the live sessions of ${LEGACY_POOL}`);
    expect(simulator.stats.operations).not.toHaveProperty('AdminListUserSessions');
    expect(ending).toBe('attention');
  });

  it('is refused at once where nobody can be asked', async () => {
    const { pool } = await setting();
    const { ending, stderr } = await drain([...pool, '--sessions']);
    expect(stderr).toContain('--yes: is required');
    expect(ending).toBe('usage');
  });

  it('passes over users who were deleted since they were listed', async () => {
    const { pool } = await setting(
      DRAINED,
      { users, sessions: {} },
      {
        onRequest: ({ operation, input }, core) => {
          if (operation === 'AdminListUserSessions') core.pool(LEGACY_POOL).deleteUser(`${input['Username']}`);
        },
      },
    );
    const { document } = await json([...pool, '--sessions', '--yes']);
    expect(document['sessions']).toMatchObject([{ users: 3, usersWithSessions: 0, complete: true }]);
    expect(document.safeToClose).toBe(true);
  });

  it('ends with 130 when it is interrupted in the middle', async () => {
    const stop = new AbortController();
    const { pool, simulator } = await setting(
      DRAINED,
      { users, sessions: {} },
      {
        onRequest: ({ operation }) => {
          if (operation === 'AdminListUserSessions') stop.abort(new Error('stopped'));
        },
      },
    );
    const { ending, stdout } = await drain([...pool, '--sessions', '--yes'], { signal: stop.signal });
    expect(ending).toBe('interrupted');
    expect(stdout).toBe('');
    expect(simulator.stats.of('AdminListUserSessions').attempts).toBeLessThanOrEqual(3);
  });
});

describe('--gone', () => {
  const SILENT: readonly CountedRun[] = [...DRAINED, { instance: 'api-3', reportedAgoMs: 40 * DAY_MS }];

  it('is noted after a yes, and no longer waited for', async () => {
    const { from } = await setting(SILENT);
    const args = [...from, '--refresh-lifetime', '30d'];
    expect((await json(args)).document.reasons).toEqual([expect.stringMatching(/^api-3 stopped reporting/)]);
    const at = ['--gone-at', new Date(NOW - 39 * DAY_MS).toISOString()];
    const { ending, stdout, stderr } = await drain([...args, '--gone', 'api-3', ...at], { answer: 'y' });
    expect(stderr).toContain('api-3 last reported 40 d ago');
    expect(stderr).toContain('legacy tokens may have come unseen until 2026-01-21 12:30 UTC');
    expect(stderr).toContain('Note that api-3 ended for good?');
    expect(stdout).toContain('Safe to close');
    expect(stdout).toContain('api-3: said to be gone, last reported 40 d ago');
    expect(ending).toBe('done');
    expect((await json(args)).document.safeToClose).toBe(true);
  });

  it('is believed by now only: an instance without its store may have accepted tokens until then', async () => {
    const { from } = await setting(SILENT);
    const args = [...from, '--refresh-lifetime', '30d'];
    const { document, ending } = await json([...args, '--gone', 'api-3', '--yes']);
    expect(document.reasons[0]).toMatch(/^api-3 ended without writing .* until 2026-03-01 12:30:00 UTC/);
    expect(ending).toBe('attention');
    const later = { clock: { ...STANDING, now: () => NOW + DAY_MS } };
    expect((await json([...args, '--gone', 'api-3', '--yes'], later)).document.reasons.join()).toContain(
      'until 2026-03-01 12:30:00 UTC',
    );
  });

  it.each([
    [['--gone', 'api-3', '--gone-at', '2026-03-01T12:31:00Z'], 'is in the future'],
    [['--gone', 'api-3', '--gone-at', '2026-02-01'], 'expected a time with its time zone'],
    [['--gone-at', '2026-02-01T00:00:00Z'], 'name it with --gone'],
  ])('is refused as %j', async (args, words) => {
    const { from } = await setting(SILENT);
    const { ending, stderr } = await drain([...from, ...args, '--yes']);
    expect(stderr).toContain(words);
    expect(ending).toBe('usage');
  });

  it('changes nothing after a no', async () => {
    const { from } = await setting(SILENT);
    const args = [...from, '--refresh-lifetime', '30d'];
    const { ending } = await drain([...args, '--gone', 'api-3'], { answer: 'n' });
    expect(ending).toBe('attention');
    expect((await json(args)).document.safeToClose).toBe(false);
  });

  it('is refused for a name that no store knows, with nothing noted of the others', async () => {
    const { from } = await setting(SILENT);
    const args = [...from, '--refresh-lifetime', '30d'];
    const { ending, stderr } = await drain([...args, '--gone', 'api-3', '--gone', 'api-4', '--yes']);
    expect(stderr).toContain('--gone: no instance api-4 has reported; known are api-1, api-2, api-3');
    expect(ending).toBe('usage');
    expect((await json(args)).document.safeToClose).toBe(false);
  });

  it('needs a yes where nobody can be asked', async () => {
    const { from } = await setting(SILENT);
    expect((await drain([...from, '--gone', 'api-3'])).ending).toBe('usage');
  });
});

it('is refused without a store, and with one that it cannot read by its address', async () => {
  expect(await drain([])).toMatchObject({ ending: 'usage', stderr: expect.stringContaining('--from: is required') });
  expect((await drain(['--from', 'mysql://cache'])).ending).toBe('usage');
});
