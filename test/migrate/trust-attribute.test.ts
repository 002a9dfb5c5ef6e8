import { describe, expect, it } from 'vitest';
import { runApply } from '../../src/migrate/apply.js';
import { estimateApply } from '../../src/migrate/estimate.js';
import { runPlan } from '../../src/migrate/plan.js';
import { readCertainUsers } from '../../src/migrate/publish/publish.js';
import { readNotMigrated, readStatus } from '../../src/migrate/report.js';
import { runRollback } from '../../src/migrate/rollback.js';
import type { State } from '../../src/migrate/state/state.js';
import { runVerify } from '../../src/migrate/verify.js';
import { AutoClock } from './support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, type FakeUser, failure } from './support/fake-directory.js';
import { BEN, client, closed, EVE, legacyPools, NAME, planned, user, VICTIM } from './support/stamped-pools.js';
import { state } from './support/workspace.js';

const trust = { trustAttribute: true };

describe('a trusted attribute', () => {
  it('settles a user whom nothing else explains, whichever pool they come from', async () => {
    const users = [user('ann', { value: VICTIM }), user('moved', { value: EVE, email: 'new@x.org' })];
    const { became, result } = await planned(users, trust);
    expect(became).toEqual({ ann: 'ok attribute', moved: 'ok attribute' });
    expect(result).toMatchObject({ notMigrated: 1, writes: 0 });
    expect(result.stamped).toBeUndefined();
  });

  it('is not trusted unless asked for, and the plan counts whom it would settle', async () => {
    const users = [user('ann', { value: VICTIM }), user('mallory', { value: 'no-sub' })];
    const { became, result } = await planned(users);
    expect(became).toEqual({ ann: 'unexplained', mallory: 'unexplained' });
    expect(result).toMatchObject({ stamped: { trustable: 1, providers: {} }, notMigrated: 3 });
  });

  it.each<[string, FakeUser[], Record<string, string>]>([
    [
      'a value that a second user copied',
      [user('ann', { value: VICTIM }), user('mallory', { value: VICTIM })],
      { ann: 'unexplained', mallory: 'unexplained' },
    ],
    [
      'a value that a second user copied in upper case',
      [user('ann', { value: VICTIM }), user('mallory', { value: VICTIM.toUpperCase() })],
      { ann: 'unexplained', mallory: 'unexplained' },
    ],
    [
      'a copy of a value that its owner is proven to hold, who stays right',
      [user('ann', { value: VICTIM, email: 'victim@x.org' }), user('mallory', { value: VICTIM })],
      { ann: 'ok email', mallory: 'unexplained' },
    ],
    [
      'the value of somebody who is proven and does not hold it yet: nobody gets it',
      [user('ann', { email: 'victim@x.org' }), user('mallory', { value: VICTIM })],
      { ann: 'duplicate email', mallory: 'duplicate attribute' },
    ],
    [
      'a value that the verified e-mail of its holder contradicts',
      [user('ann', { value: VICTIM, email: 'ben@x.org' })],
      { ann: 'conflict email' },
    ],
    [
      'a value that an unverified e-mail contradicts',
      [user('ann', { value: VICTIM, attributes: { email: 'ben@x.org', email_verified: 'false' } })],
      { ann: 'unexplained' },
    ],
    ['a value that the username contradicts', [user('ben', { value: VICTIM })], { ben: 'unexplained' }],
    [
      'a value that came with a sign-up which was never confirmed',
      [user('ann', { value: VICTIM, status: 'UNCONFIRMED' })],
      { ann: 'unexplained' },
    ],
    ['a value that is nobody’s sub', [user('ann', { value: 'victim' })], { ann: 'unexplained' }],
    [
      'the own sub, where a legacy user has it too',
      [user('ann', { sub: VICTIM, value: VICTIM })],
      { ann: 'unexplained' },
    ],
  ])('does not settle %s', async (_, users, expected) => {
    expect((await planned(users, trust)).became).toEqual(expected);
  });

  it('tells of a shared value, however many hold it, quickly', async () => {
    const users = Array.from({ length: 20_000 }, (_, i) => user(`u${i}`, { value: VICTIM }));
    const { result, details } = await planned(users, trust);
    expect(result.outcomes).toMatchObject({ unexplained: 20_000 });
    expect(details['u7']).toContain('another new user has the same value');
  }, 30_000);

  it('keeps who is settled: published, right, written by nobody and taken back by nobody', async () => {
    const users = [user('ann', { value: VICTIM }), user('ben', { email: 'ben@x.org' })];
    const { opened, newPool, clock } = await planned(users, trust);
    const run = { state: opened, newPool, clock };
    expect([...readCertainUsers(opened)]).toEqual([
      { newSub: 'ann-sub', legacyId: VICTIM },
      { newSub: 'ben-sub', legacyId: BEN },
    ]);
    expect([...readNotMigrated(opened)]).toEqual([EVE]);
    expect(estimateApply(opened).writes).toBe(1);
    expect(await runApply({ ...run, overwrite: true })).toMatchObject({ written: 1 });
    expect(await runVerify(run)).toMatchObject({ checked: 2, right: 2, wrong: 0 });
    expect(await runRollback(run)).toMatchObject({ removed: 1, changed: 0 });
    expect(newPool.value('ann')).toBe(VICTIM);
    expect(newPool.writes.map(({ username }) => username)).toEqual(['ben', 'ben']);
  });

  it.each<[string, FakeDirectoryOptions, RegExp]>([
    ['an app client has no list', { clients: [client(undefined)] }, /app client web \(c1\)/],
    ['an app client lists it', { clients: [client(['email', NAME])] }, /app client web/],
    [
      'an identity provider is mapped onto it',
      { providers: [{ name: 'Old_Pool', mappedAttributes: [NAME] }] },
      /identity provider Old_Pool/,
    ],
  ])('is refused while %s, before the plan there is gets lost', async (_, pool, writers) => {
    const { opened, clock } = await planned([user('ann', { value: VICTIM })]);
    const before = readStatus(opened);
    const newPool = new FakeDirectory('new_1', { ...closed, ...pool });
    const run = runPlan({ state: opened, legacyPools: legacyPools(), newPool, clock, ...trust });
    await expect(run).rejects.toMatchObject({ code: 'ERR_ATTRIBUTE', message: expect.stringMatching(writers) });
    await expect(run).rejects.toThrow(
      /^--trust-attribute is refused: custom:legacy_sub of pool new_1 can be written by/,
    );
    expect(newPool.calls.has('ListUsers')).toBe(false);
    expect(readStatus(opened)).toEqual(before);
  });

  it('is refused where somebody could write it while the pools were listed, and continues without it', async () => {
    const opened = state();
    const newPool: FakeDirectory = new FakeDirectory('new_1', {
      ...closed,
      users: [user('mallory')],
      before: (operation) => {
        if (operation !== 'ListUsers') return;
        newPool.options = { ...newPool.options, clients: [client(undefined)] };
        newPool.users.get('mallory')!.attributes[NAME] = VICTIM;
      },
    });
    const run = { state: opened, legacyPools: legacyPools(), newPool, clock: new AutoClock() };
    await expect(runPlan({ ...run, ...trust })).rejects.toMatchObject({ code: 'ERR_ATTRIBUTE' });
    expect(readStatus(opened).phase).toBe('matching');
    expect(await runPlan(run)).toMatchObject({ outcomes: { ok: 0, unexplained: 1 } });
  });

  it.each(['ListUserPoolClients', 'DescribeUserPoolClient', 'ListIdentityProviders', 'DescribeIdentityProvider'])(
    'is refused where %s may not be called: what cannot be read is not a no',
    async (operation) => {
      for (const [kind, code] of [
        ['credentials', 'ERR_CREDENTIALS'],
        ['unavailable', 'ERR_UNAVAILABLE'],
        ['invalid', 'ERR_UNAVAILABLE'],
        ['answer', 'ERR_UNAVAILABLE'],
      ] as const) {
        const before = (called: string) => {
          if (called === operation) throw failure(kind, operation);
        };
        const newPool = new FakeDirectory('new_1', { ...closed, before });
        const run = runPlan({ state: state(), legacyPools: legacyPools(), newPool, clock: new AutoClock(), ...trust });
        await expect(run).rejects.toMatchObject({ code, fix: expect.any(String) });
        await expect(run).rejects.toThrow(
          `--trust-attribute is refused: cannot read who can write custom:legacy_sub of pool new_1: ${operation}`,
        );
      }
    },
  );
});

describe('a value in another case, which verifiers read as the same', () => {
  const upper = VICTIM.toUpperCase();

  it('is told of, and not written a second time', async () => {
    const users = [user('mallory', { value: upper }), user('victim2', { email: 'victim@x.org' })];
    const { became, details, result } = await planned(users);
    expect(became).toEqual({ mallory: 'unexplained', victim2: 'duplicate email' });
    expect(details).toEqual({
      mallory: `the attribute holds "${upper}", the sub of a legacy user in another case; another new user matches this legacy user`,
      victim2: 'the value is already held by mallory-sub',
    });
    expect(result.stamped).toBeUndefined();
  });

  it('is told of where the right user holds the same, and verify counts both', async () => {
    const users = [user('mallory', { value: upper }), user('victim2', { email: 'victim@x.org', value: VICTIM })];
    const { opened, newPool, clock, became, details } = await planned(users);
    expect(became).toEqual({ mallory: 'unexplained', victim2: 'ok email' });
    expect(details['mallory']).toContain('another new user has the same value');
    expect(await runVerify({ state: opened, newPool, clock })).toMatchObject({ right: 1, wrong: 1, duplicates: 2 });
  });

  it('is right for the right user, who is published, verified and not written', async () => {
    const { opened, newPool, clock, became, details, result } = await planned([
      user('victim2', { email: 'victim@x.org', value: upper }),
    ]);
    expect(became).toEqual({ victim2: 'ok email' });
    expect(details['victim2']).toBe('the value differs in upper and lower case');
    expect([...readCertainUsers(opened)]).toEqual([{ newSub: 'victim2-sub', legacyId: VICTIM }]);
    expect(result).toMatchObject({ notMigrated: 2, writes: 0 });
    expect(estimateApply(opened, { overwrite: true }).writes).toBe(0);
    const verified = await runVerify({ state: opened, newPool, clock });
    expect(verified).toMatchObject({ checked: 1, right: 1, duplicates: 0 });
  });

  it('is trusted like the value itself, and the stamp of a provider is recognised', async () => {
    const users = [user('ann', { value: upper, identities: [['Old_Pool', VICTIM]] })];
    expect((await planned(users)).result.stamped).toEqual({ trustable: 1, providers: { Old_Pool: 1 } });
    const { opened, became, result } = await planned(users, trust);
    expect(became).toEqual({ ann: 'ok attribute' });
    expect([...readCertainUsers(opened)]).toEqual([{ newSub: 'ann-sub', legacyId: VICTIM }]);
    expect(result.notMigrated).toBe(2);
  });
});

describe('a plan that continues with other options', () => {
  const users = [user('Old_Pool_x', { value: VICTIM, identities: [['Old_Pool', VICTIM]] })];
  const stopped = async (opened: State) => {
    const controller = new AbortController();
    const run = planned(
      users,
      {
        signal: controller.signal,
        onProgress: (event) => void (event.type === 'list' && event.side === 'new' && event.done && controller.abort()),
      },
      opened,
    );
    await expect(run).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  };

  it('decides by the ones given last, without listing again where they do not change what is listed', async () => {
    const opened = state();
    await stopped(opened);
    const { became, newPool } = await planned(users, { trustAttribute: true }, opened);
    expect(became).toEqual({ Old_Pool_x: 'ok attribute' });
    expect(newPool.calls.has('ListUsers')).toBe(false);
  });

  it('lists again where another provider is the legacy pool', async () => {
    const opened = state();
    await stopped(opened);
    const { became, newPool } = await planned(users, { legacyProvider: 'Old_Pool' }, opened);
    expect(became).toEqual({ Old_Pool_x: 'ok identity' });
    expect(newPool.calls.has('ListUsers')).toBe(true);
  });
});
