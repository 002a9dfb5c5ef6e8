import { describe, expect, it } from 'vitest';
import { checkPolicy } from '../../../src/migrate/matching/policy.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { usernameTrust } from '../../../src/migrate/preflight/sign-up.js';
import { readReportRows, readStatus } from '../../../src/migrate/report.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import type { State } from '../../../src/migrate/state/state.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, failure } from '../support/fake-directory.js';
import { user } from '../support/stamped-pools.js';
import { state } from '../support/workspace.js';

const CLOSED = { adminCreateUserOnly: true };
type Before = NonNullable<FakeDirectoryOptions['before']>;

const fails =
  (...[kind, exception]: [Parameters<typeof failure>[0], string?]): Before =>
  (operation) => {
    if (operation === 'DescribeUserPool') throw failure(kind, operation, ...(exception ? [exception] : []));
  };

/** Plans two namesakes; answers what the new one came to, and what was warned of. */
async function planned(
  legacy: FakeDirectoryOptions,
  fresh: FakeDirectoryOptions,
  options: Partial<PlanOptions> = {},
  opened: State = state(),
) {
  const legacyPools = [new FakeDirectory('old_1', { users: [user('ann', { sub: 'old' })], ...legacy })];
  const newPool = new FakeDirectory('new_1', { users: [user('ann', { sub: 'new' })], ...fresh });
  await runPlan({ state: opened, legacyPools, newPool, match: ['username'], clock: new AutoClock(), ...options });
  const [row] = [...readReportRows(opened)];
  return { opened, outcome: row?.outcome, detail: row?.detail, warnings: readStatus(opened).warnings };
}

describe('usernames', () => {
  it.each<[string, boolean, boolean, string]>([
    ['the new pool', true, false, ': people can sign themselves up in pool new_1'],
    ['the legacy pool', false, true, ': people can sign themselves up in pool old_1'],
    ['both', false, false, ': people can sign themselves up in pool old_1 and pool new_1'],
  ])('are not trusted where people can sign themselves up in %s, which is said', async (_, legacy, fresh, reason) => {
    const { outcome, detail } = await planned({ adminCreateUserOnly: legacy }, { adminCreateUserOnly: fresh });
    expect([outcome, detail]).toEqual(['unverified', `username finds old, but nothing verified confirms it${reason}`]);
  });

  it('are judged by the legacy pool they are found in', async () => {
    const legacyPools = [
      new FakeDirectory('old_1', { users: [user('ann', { sub: 'old1' })], ...CLOSED }),
      new FakeDirectory('old_2', { users: [user('ben', { sub: 'old2' })] }),
    ];
    const users = [user('ann', { sub: 'new1' }), user('ben', { sub: 'new2' })];
    const { opened } = await planned({}, { users, ...CLOSED }, { legacyPools });
    expect([...readReportRows(opened)].map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ['set', ''],
      [
        'unverified',
        'username finds old2, but nothing verified confirms it: people can sign themselves up in pool old_2',
      ],
    ]);
  });

  it('are no longer trusted where a pool was opened since the last plan, which is said', async () => {
    const { opened } = await planned(CLOSED, CLOSED);
    const again = await planned({}, CLOSED, {}, opened);
    expect([again.outcome, again.warnings]).toEqual([
      'unverified',
      [
        'Since the last plan, people can sign themselves up in pool old_1: usernames that nothing verified confirms are no longer trusted.',
      ],
    ]);
    expect((await planned({}, CLOSED, {}, opened)).warnings).toEqual([]);
  });

  it('are trusted, or not, as the option says, whatever the pools say', () => {
    const pools = [{ id: 1, side: 'legacy' as const, directory: new FakeDirectory('old_1'), signUp: undefined }];
    expect(usernameTrust(checkPolicy({ trustUsernames: true }), pools)).toBe(true);
    expect(usernameTrust(checkPolicy({ trustUsernames: false }), pools)).toBe(false);
    expect([...(usernameTrust(checkPolicy({}), pools) as ReadonlyMap<number, string>)]).toEqual([
      [1, 'it is not known whether people can sign themselves up in pool old_1'],
    ]);
  });
});

describe('settings that cannot be read', () => {
  it.each(['old_1', 'new_1'])('never make a username trusted on the first plan: %s', async (pool) => {
    const denied = { ...CLOSED, before: fails('credentials') };
    const [legacy, fresh] = pool === 'old_1' ? [denied, CLOSED] : [CLOSED, denied];
    const { outcome, detail, warnings } = await planned(legacy, fresh);
    expect(outcome).toBe('unverified');
    expect(detail).toContain(`it is not known whether people can sign themselves up in pool ${pool}`);
    expect(warnings).toEqual([
      `The settings of pool ${pool} cannot be read (cognito-idp:DescribeUserPool): its size is not known, usernames are not trusted.`,
    ]);
  });

  it.each<[string, Before]>([
    ['denied', fails('credentials')],
    ['not offered', fails('refused', 'UnknownOperationException')],
  ])('are those of the last plan, which is said: %s', async (_, before) => {
    const { opened, outcome } = await planned(CLOSED, CLOSED);
    expect(outcome).toBe('set');
    const again = await planned({ ...CLOSED, before }, { ...CLOSED, before }, {}, opened);
    expect(again.outcome).toBe('set');
    expect(again.warnings).toEqual(
      ['old_1', 'new_1'].map((pool) =>
        expect.stringMatching(
          new RegExp(
            `^The settings of pool ${pool} cannot be read .cognito-idp:DescribeUserPool.: the settings that plan read at 2026-01-15T12:00:0\\S+Z are used.$`,
          ),
        ),
      ),
    );
  });

  it('are those of the last plan also where these did not trust', async () => {
    const { opened } = await planned({}, CLOSED);
    const again = await planned({ ...CLOSED, before: fails('credentials') }, CLOSED, {}, opened);
    expect([again.outcome, again.detail]).toEqual([
      'unverified',
      'username finds old, but nothing verified confirms it: people can sign themselves up in pool old_1',
    ]);
  });

  it.each<[string, Before, string]>([
    ['throttling', fails('throttled'), 'ERR_UNAVAILABLE'],
    ['an outage', fails('unavailable'), 'ERR_UNAVAILABLE'],
    ['an answer that is none', fails('answer'), 'ERR_UNAVAILABLE'],
    ['expired credentials', fails('credentials', 'ExpiredTokenException'), 'ERR_CREDENTIALS'],
    ['no credentials', fails('credentials', 'CredentialsProviderError'), 'ERR_CREDENTIALS'],
  ])('end the plan where that may pass: %s', async (_, before, code) => {
    const { opened } = await planned(CLOSED, CLOSED);
    for (const [legacy, fresh] of [
      [{ ...CLOSED, before }, CLOSED],
      [CLOSED, { ...CLOSED, before }],
    ] as const) {
      await expect(planned(legacy, fresh, {}, opened)).rejects.toMatchObject({ code });
    }
  });
});

describe('a PreSignUp trigger', () => {
  const trigger = { ...CLOSED, preSignUpTrigger: true };

  it.each(['email', 'phone'] as const)('in either pool is warned of where addresses count: %s', async (rule) => {
    const { warnings } = await planned(trigger, trigger, { match: [rule] });
    expect(warnings).toEqual(
      ['old_1', 'new_1'].map((pool) =>
        expect.stringMatching(
          new RegExp(`^The PreSignUp trigger of pool ${pool} .*autoVerifyEmail.*--match mapping,identity\\.$`),
        ),
      ),
    );
  });

  it('is not warned of where they do not, nor where there is none', async () => {
    expect((await planned(trigger, trigger)).warnings).toEqual([]);
    expect((await planned(CLOSED, CLOSED, { match: ['email'] })).warnings).toEqual([]);
  });

  it('is warned of where the settings cannot be read', async () => {
    const denied = { ...trigger, before: fails('credentials') };
    const { warnings, opened } = await planned(CLOSED, denied, { match: ['email'] });
    expect(warnings).toEqual([expect.stringContaining('whether it has a PreSignUp trigger')]);
    await planned(CLOSED, trigger, { match: ['email'] }, opened);
    expect((await planned(CLOSED, denied, { match: ['email'] }, opened)).warnings).toHaveLength(2);
  });
});
