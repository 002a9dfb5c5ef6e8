import { describe, expect, it } from 'vitest';
import { runPlan } from '../../src/migrate/plan.js';
import type { ProgressEvent } from '../../src/migrate/progress.js';
import { readReportRows, readStatus } from '../../src/migrate/report.js';
import type { PlanResult } from '../../src/migrate/results.js';
import type { PlanOptions } from '../../src/migrate/run-options.js';
import type { State } from '../../src/migrate/state/state.js';
import { AutoClock } from './support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, type FakeUser, failure } from './support/fake-directory.js';
import { state, statePath } from './support/workspace.js';

const HEX = '0123456789abcdef';
const CLOSED = { adminCreateUserOnly: true };

/** Person number i has the same username and verified e-mail address in every pool. */
const people = (pool: string, count: number, change: (user: FakeUser, i: number) => void = () => {}): FakeUser[] =>
  Array.from({ length: count }, (_, i) => {
    const user = {
      username: `user${i}`,
      sub: `${HEX[i % 16]}-${pool}-${i}`,
      attributes: { email: `p${i}@example.com`, email_verified: 'true' } as Record<string, string>,
    };
    change(user, i);
    return user;
  });

const withoutSub = (which: number) => (user: FakeUser, i: number) => {
  if (i === which) user.sub = undefined;
};

interface Pools {
  legacy?: FakeDirectoryOptions;
  fresh?: FakeDirectoryOptions;
}

function plan(opened: State, pools: Pools, options: Partial<PlanOptions> = {}) {
  const legacy = new FakeDirectory('old_1', { users: people('old', 10), ...pools.legacy });
  const fresh = new FakeDirectory('new_1', { users: people('new', 10), ...pools.fresh });
  const events: ProgressEvent[] = [];
  const run = () =>
    runPlan({
      state: opened,
      legacyPools: [legacy],
      newPool: fresh,
      clock: new AutoClock(),
      onProgress: (event) => events.push(structuredClone(event)),
      ...options,
    });
  return { legacy, fresh, events, run };
}

const outcomeOf = (opened: State) =>
  Object.fromEntries([...readReportRows(opened)].map(({ newUsername, outcome }) => [newUsername, outcome]));
const listCalls = (directory: FakeDirectory) => directory.calls.get('ListUsers') ?? 0;

describe('a plan', () => {
  it('says what would be written, and what that takes', async () => {
    const { run } = plan(state(), {
      fresh: {
        users: people('new', 12, (user, i) => {
          if (i === 0) user.attributes['custom:legacy_sub'] = '0-old-0';
        }),
      },
    });
    expect(await run()).toEqual({
      legacyUsers: 10,
      newUsers: 12,
      outcomes: {
        set: 9,
        ok: 1,
        conflict: 0,
        unexplained: 0,
        ambiguous: 0,
        contradiction: 0,
        duplicate: 0,
        unverified: 0,
        'new-born': 2,
      },
      notMigrated: 0,
      writes: 9,
      estimatedSeconds: 1,
      estimatedMau: 9,
      estimatedMauUsd: 0.14,
    } satisfies PlanResult);
  });

  it('uses the given rate and price', async () => {
    const { run } = plan(state(), {}, { rps: 2, mauPrice: 0.01 });
    expect(await run()).toMatchObject({ estimatedSeconds: 5, estimatedMauUsd: 0.1 });
  });

  it('calls nothing that changes a pool, and no user one by one', async () => {
    const { run, legacy, fresh } = plan(state(), {});
    await run();
    expect([...legacy.calls.keys()]).toEqual(['DescribeUserPool', 'ListUsers']);
    const foreseen = ['ListUserPoolClients', 'ListIdentityProviders'];
    expect([...fresh.calls.keys()]).toEqual(['DescribeUserPool', ...foreseen, 'ListUsers']);
  });

  it('keeps the read budget over all pools together', async () => {
    const clock = new AutoClock();
    const times: number[] = [];
    const slow = {
      clock,
      latencyMs: 200,
      before: (operation: string) => void (operation === 'ListUsers' && times.push(clock.now())),
    };
    const { run } = plan(
      state(),
      {
        legacy: { ...slow, users: people('old', 1000), pageSize: 4 },
        fresh: { ...slow, users: people('new', 1000), pageSize: 4 },
      },
      { clock, readRps: 15 },
    );
    await run();
    const seconds = (times.at(-1)! - times[0]!) / 1000;
    expect(times.length / seconds).toBeGreaterThan(15 * 0.95);
    const most = Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1000).length));
    expect(most).toBeLessThanOrEqual(17);
  });

  it('tells how far it is', async () => {
    const { run, events } = plan(state(), {});
    await run();
    const steps = events
      .filter(({ type }) => type !== 'step')
      .map((event) => (event.type === 'list' ? `list ${event.side} ${event.done}` : event.type));
    expect([...new Set(steps)]).toEqual([
      'list legacy false',
      'list new false',
      'list legacy true',
      'list new true',
      'match',
    ]);
    expect(events.at(-1)).toEqual({ type: 'match', users: 10, total: 10, done: true });
  });

  it('gives users without a sub one outcome each as well', async () => {
    const opened = state();
    const { run } = plan(opened, {
      legacy: { users: people('old', 3, withoutSub(0)) },
      fresh: { users: people('new', 3, withoutSub(1)) },
    });
    expect(await run()).toMatchObject({ legacyUsers: 3, newUsers: 3 });
    expect(outcomeOf(opened)).toEqual({ user0: 'unverified', user1: 'set', user2: 'set' });
  });

  it('knows a user who was deleted and made again while the pool was listed by the last sub', async () => {
    const opened = state();
    const { run, fresh } = plan(opened, {
      fresh: {
        users: people('new', 100),
        pageSize: 2,
        before: (_, { attempt }) => {
          if (attempt !== 20) return;
          fresh.users.delete('user0');
          fresh.users.set('user0', { username: 'user0', sub: 'f-again', attributes: {} });
        },
      },
    });
    await run();
    const rows = [...readReportRows(opened)].filter(({ newUsername }) => newUsername === 'user0');
    expect(rows.map(({ newSub }) => newSub)).toEqual(['f-again']);
  });

  it('stamps new-born users only when asked to', async () => {
    const users = people('new', 3);
    expect(await plan(state(), { legacy: { users: [] }, fresh: { users } }).run()).toMatchObject({ writes: 0 });
    const stamped = plan(state(), { legacy: { users: [] }, fresh: { users } }, { stampNewBorn: true });
    expect(await stamped.run()).toMatchObject({ outcomes: { 'new-born': 3 }, writes: 3 });
  });
});

describe('people are recognised', () => {
  const bare = (pool: string, attributes: Record<string, string>, username = pool): FakeUser[] => [
    { username, sub: `0-${pool}`, attributes },
  ];
  const google = (providerName: string) => ({ identities: JSON.stringify([{ providerName, userId: '42' }]) });

  it.each<[string, FakeUser[], FakeUser[], Partial<PlanOptions>, string]>([
    ['by identity', bare('old', google('Google')), bare('new', google('Google')), {}, 'set'],
    ['not by another provider', bare('old', google('Google')), bare('new', google('Okta')), {}, 'new-born'],
    [
      'by identity at a provider that is named anew',
      bare('old', google('Google')),
      bare('new', google('Okta')),
      { providerMap: { Google: 'Okta' } },
      'set',
    ],
    [
      'by an attribute both have',
      bare('old', { 'custom:staff': '7' }),
      bare('new', { 'custom:staff': '7' }),
      { match: ['attribute:custom:staff'] },
      'set',
    ],
    [
      'by phone only when asked to',
      bare('old', { phone_number: '+461', phone_number_verified: 'true' }),
      bare('new', { phone_number: '+461', phone_number_verified: 'true' }),
      {},
      'new-born',
    ],
    [
      'by phone',
      bare('old', { phone_number: '+461', phone_number_verified: 'true' }),
      bare('new', { phone_number: '+461', phone_number_verified: 'true' }),
      { match: ['phone'] },
      'set',
    ],
    [
      'by an e-mail address in other case',
      bare('old', { email: 'Ann@Example.org', email_verified: 'true' }),
      bare('new', { email: 'ann@example.ORG', email_verified: 'true' }),
      {},
      'set',
    ],
    [
      'not by an address that only looks like it: the Kelvin sign is no k',
      bare('old', { email: 'kim@example.org', email_verified: 'true' }),
      bare('new', { email: '\u212Aim@example.org', email_verified: 'true' }),
      {},
      'new-born',
    ],
    [
      'not by identities that cannot be read',
      bare('old', { identities: '[{' }),
      bare('new', { identities: '[{' }),
      {},
      'new-born',
    ],
  ])('%s', async (_, old, fresh, options, outcome) => {
    const opened = state();
    await plan(opened, { legacy: { users: old }, fresh: { users: fresh } }, options).run();
    expect(outcomeOf(opened)).toEqual({ new: outcome });
  });

  it.each([
    ['trusted where people cannot sign themselves up', CLOSED, CLOSED, {}, 'set'],
    ['not trusted where they can', {}, {}, {}, 'unverified'],
    ['not trusted where they can in the new pool', CLOSED, {}, {}, 'unverified'],
    ['not trusted where they can in the legacy pool', {}, CLOSED, {}, 'unverified'],
    ['trusted on request', {}, {}, { trustUsernames: true }, 'set'],
    ['not trusted, on request', CLOSED, CLOSED, { trustUsernames: false }, 'unverified'],
  ])('by usernames %s', async (_, legacy, fresh, options, outcome) => {
    const opened = state();
    const users = (pool: string) => ({ users: bare(pool, {}, 'ann') });
    await plan(opened, { legacy: { ...users('old'), ...legacy }, fresh: { ...users('new'), ...fresh } }, options).run();
    expect(outcomeOf(opened)).toEqual({ ann: outcome });
  });

  it('not by usernames where the settings may not be read, and that is said', async () => {
    const opened = state();
    const denied = (operation: string) => {
      if (operation === 'DescribeUserPool') throw failure('credentials', operation);
    };
    await plan(opened, {
      legacy: { users: bare('old', {}, 'ann') },
      fresh: { users: bare('new', {}, 'ann'), adminCreateUserOnly: true, before: denied },
    }).run();
    expect(outcomeOf(opened)).toEqual({ ann: 'unverified' });
    expect(readStatus(opened).warnings).toEqual([expect.stringContaining('cognito-idp:DescribeUserPool')]);
  });
});

describe('an interrupted plan', () => {
  const large = (pool: string) => ({ users: people(pool, 600), pageSize: 5 });

  it('continues, asks for no recorded page again, and ends like an undisturbed one', async () => {
    const path = statePath();
    const controller = new AbortController();
    const first = state(path);
    const broken = plan(
      first,
      {
        legacy: large('old'),
        fresh: { ...large('new'), before: (_, { attempt }) => void (attempt === 60 && controller.abort()) },
      },
      { signal: controller.signal },
    );
    await expect(broken.run()).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(readStatus(first)).toMatchObject({ phase: 'listing', plan: undefined });
    first.close();

    const second = state(path);
    const resumed = plan(second, { legacy: large('old'), fresh: large('new') });
    const result = await resumed.run();
    expect(listCalls(resumed.legacy)).toBe(0);
    expect(listCalls(broken.fresh) + listCalls(resumed.fresh)).toBeLessThanOrEqual(1 + 16 * 8);

    const undisturbed = state();
    expect(await plan(undisturbed, { legacy: large('old'), fresh: large('new') }).run()).toEqual(result);
    expect([...readReportRows(second)]).toEqual([...readReportRows(undisturbed)]);
  });

  it('begins again with other options that listing depends on', async () => {
    const opened = state();
    const broken = plan(opened, {
      fresh: {
        before: (op) => {
          if (op === 'ListUsers') throw failure('credentials');
        },
      },
    });
    await expect(broken.run()).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' });
    const again = plan(opened, {}, { match: ['phone'] });
    await again.run();
    expect(listCalls(again.legacy)).toBe(1);
  });

  it('says when it continues with a day-old listing', async () => {
    const opened = state();
    const clock = new AutoClock();
    const broken = plan(
      opened,
      {
        fresh: {
          before: (op) => {
            if (op === 'ListUsers') throw failure('credentials');
          },
        },
      },
      { clock },
    );
    await expect(broken.run()).rejects.toThrow();
    await clock.sleep(25 * 3_600_000);
    await plan(opened, {}, { clock }).run();
    expect(readStatus(opened).warnings).toEqual([expect.stringContaining('more than a day ago')]);
  });

  it('stops cleanly at a full disk, and continues when there is room', async () => {
    const opened = state();
    opened.db.exec('PRAGMA max_page_count = 40');
    const full = plan(opened, { legacy: large('old'), fresh: large('new') });
    await expect(full.run()).rejects.toMatchObject({
      code: 'ERR_STATE_STORAGE',
      message: expect.stringContaining('disk is full'),
    });
    opened.db.exec('PRAGMA max_page_count = 1000000');
    const resumed = plan(opened, { legacy: large('old'), fresh: large('new') });
    expect(await resumed.run()).toMatchObject({ newUsers: 600, outcomes: { set: 600 } });
  });
});

describe('a finished plan', () => {
  it('is made again from the pools as they are now', async () => {
    const opened = state();
    await plan(opened, {}).run();
    const second = plan(opened, { fresh: { users: people('new', 4) } });
    expect(await second.run()).toMatchObject({ newUsers: 4, outcomes: { set: 4 }, notMigrated: 6 });
    expect(listCalls(second.legacy)).toBe(1);
  });

  it('is not lost to a faulty mapping file', async () => {
    const opened = state();
    await plan(opened, {}).run();
    const row = { newUsername: 'user0', legacySub: '1-old-1' };
    const faulty = plan(
      opened,
      {},
      {
        mapping: [
          { ...row, line: 2 },
          { ...row, line: 3 },
        ],
      },
    );
    await expect(faulty.run()).rejects.toThrow('line 3');
    expect(readStatus(opened).phase).toBe('planned');
  });
});

describe('a mapping file', () => {
  const row = (newUsername: string, legacySub: string, line: number) => ({ newUsername, legacySub, line });

  it('wins over everything, and over other claims to its legacy users', async () => {
    const opened = state();
    const { run } = plan(opened, {}, { mapping: [row('user0', '1-old-1', 2)] });
    await run();
    const rows = [...readReportRows(opened)].filter(({ newUsername }) => /user[01]$/.test(newUsername));
    expect(rows).toMatchObject([
      { newUsername: 'user0', legacySub: '1-old-1', outcome: 'set', rule: 'mapping' },
      {
        newUsername: 'user1',
        outcome: 'duplicate',
        detail: 'the mapping file gives this legacy user to another new user',
      },
    ]);
  });

  it.each([
    [
      'the same new user twice',
      [row('user0', 'a', 2), row('user0', 'b', 3)],
      'mapping: line 3: the same new user as line 2',
    ],
    [
      'the same legacy user twice',
      [row('user0', 'a', 2), row('user1', 'a', 3)],
      'mapping: line 3: the same legacy user as line 2',
    ],
    ['an empty value', [row('user0', '', 2)], 'mapping: line 2: an empty value'],
    ['an unknown new user', [row('nobody', '1-old-1', 2)], 'mapping: line 2: no such user in the new pool'],
    ['an unknown legacy user', [row('user0', 'nobody', 2)], 'mapping: line 2: no such user in a legacy pool'],
  ])('with %s is refused by line', async (_, mapping, message) => {
    const opened = state();
    await expect(plan(opened, {}, { mapping }).run()).rejects.toThrow(message);
    expect(() => [...readReportRows(opened)]).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_READY' }));
  });

  it('may be large: its rows are read as they come', async () => {
    const opened = state();
    async function* rows() {
      for (let i = 0; i < 3000; i += 1) yield row(`user${i}`, `${HEX[i % 16]}-old-${i}`, i + 2);
    }
    const { run } = plan(
      opened,
      {
        legacy: { users: people('old', 3000) },
        fresh: {
          users: people('new', 3000, (user) => {
            user.attributes = {};
          }),
        },
      },
      { mapping: rows() },
    );
    expect(await run()).toMatchObject({ outcomes: { set: 3000 } });
  });
});

describe('options that cannot be meant', () => {
  it.each<[string, Partial<PlanOptions>, string]>([
    ['no rule', { match: [] }, 'match'],
    ['an unknown rule', { match: ['mail' as 'email'] }, 'match'],
    ['a rule twice', { match: ['email', 'email'] }, 'match'],
    ['an attribute with a rule of its own', { match: ['attribute:email'] }, 'match'],
    ['the mapping attribute itself', { match: ['attribute:custom:legacy_sub'] }, 'match'],
    ['a standard attribute to write', { attribute: 'email' }, 'attribute'],
    ['a rate below zero', { rps: -1 }, 'rps'],
    ['no reads', { readRps: 0 }, 'readRps'],
    ['a price below zero', { mauPrice: -1 }, 'mauPrice'],
    ['no legacy pool', { legacyPools: [] }, 'legacyPools'],
    ['the same pool twice', { legacyPools: [new FakeDirectory('new_1')] }, 'legacyPools'],
    ['a preferred pool that is no legacy pool', { prefer: ['old_2'] }, 'prefer'],
    ['a preferred pool twice', { prefer: ['old_1', 'old_1'] }, 'prefer'],
    ['a trusted provider without a name', { trustProviderEmail: [''] }, 'trustProviderEmail'],
    ['trusted providers that are not a list', { trustProviderEmail: 'Okta' as never }, 'trustProviderEmail'],
    ['a trusted provider without a rule', { match: ['identity'], trustProviderEmail: ['Okta'] }, 'trustProviderEmail'],
    ['a mapping file without its rule', { match: ['email'], mapping: [] }, 'mapping'],
  ])('%s: are refused before anything is asked', async (_, options, option) => {
    const { run, legacy, fresh } = plan(state(), {}, options);
    await expect(run()).rejects.toMatchObject({ code: 'ERR_CONFIGURATION', option });
    expect([legacy.calls.size, fresh.calls.size]).toEqual([0, 0]);
  });
});
