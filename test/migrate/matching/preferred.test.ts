import { describe, expect, it } from 'vitest';
import type { Finding, Trust } from '../../../src/migrate/matching/decide.js';
import { decide } from '../../../src/migrate/matching/decide.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { readReportRows } from '../../../src/migrate/report.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeUser } from '../support/fake-directory.js';
import { type Change, user } from '../support/stamped-pools.js';
import { state } from '../support/workspace.js';

/** Legacy users are named by the number of their pool and a letter. */
const poolOf = (sub: string) => Number(sub[0]);
const email = (sub: string): Finding => ({ rule: 'email', sub, pool: poolOf(sub), strength: 'proof' });
const identity = (sub: string): Finding => ({ rule: 'identity', sub, pool: poolOf(sub), strength: 'proof' });
const username = (sub: string, emailsDiffer = false): Finding => ({
  rule: 'username',
  sub,
  pool: poolOf(sub),
  strength: 'username',
  emailsDiffer,
});

const pools = [1, 2, 3].map((id) => ({ id, userPoolId: `old_${id}` }));
const prefer = (...ids: number[]) => ids.flatMap((id) => pools.filter((pool) => pool.id === id));

function decided(findings: readonly Finding[], trust: Partial<Trust>) {
  const input = { sub: 'new', held: null, mapped: null, findings };
  const { outcome, value, detail } = decide(input, { trustUsernames: true, trustAttribute: false, ...trust });
  return [outcome, value, detail];
}

describe('of people with accounts in several legacy pools', () => {
  it.each<[string, readonly Finding[], readonly number[], string, string | null, string]>([
    [
      'the one in the preferred pool counts',
      [email('1a'), email('2a')],
      [2],
      'set',
      '2a',
      'email finds 1a, but not in the preferred legacy pool old_2',
    ],
    [
      'the first preferred pool that has them counts',
      [email('1a'), email('2a')],
      [3, 1, 2],
      'set',
      '1a',
      'email finds 2a, but not in the preferred legacy pool old_1',
    ],
    ['nobody counts without a preference', [email('1a'), email('2a')], [], 'ambiguous', null, ''],
    ['nobody counts where they are in other pools', [email('1a'), email('2a')], [3], 'ambiguous', null, ''],
    [
      'nobody counts where the preferred pool has two',
      [email('1a'), email('1b'), email('2a')],
      [1],
      'ambiguous',
      null,
      '',
    ],
    [
      'two in another pool do not matter',
      [email('1a'), email('2a'), email('2b')],
      [1],
      'set',
      '1a',
      'email finds 2a, email finds 2b, but not in the preferred legacy pool old_1',
    ],
    [
      'rules that disagree only across pools are settled',
      [identity('1a'), email('2a')],
      [2],
      'set',
      '2a',
      'identity finds 1a, but not in the preferred legacy pool old_2',
    ],
    [
      'rules that disagree in the preferred pool are not',
      [identity('1a'), email('1b'), username('2a')],
      [1],
      'contradiction',
      null,
      '',
    ],
    [
      'a namesake does not win over a proof in another pool',
      [username('1a'), email('2a')],
      [1],
      'contradiction',
      null,
      '',
    ],
    [
      'a proof wins over a namesake in another pool',
      [username('1a'), email('2a')],
      [2],
      'set',
      '2a',
      'username finds 1a, but not in the preferred legacy pool old_2',
    ],
    [
      'namesakes are settled where usernames are believed',
      [username('1a'), username('2a')],
      [1],
      'set',
      '1a',
      'username finds 2a, but not in the preferred legacy pool old_1',
    ],
    [
      'a namesake whose e-mail differs stays a contradiction',
      [username('1a', true), username('2a')],
      [1],
      'contradiction',
      null,
      '',
    ],
    ['one account needs no preference', [email('1a')], [2], 'set', '1a', ''],
    ['one account in the preferred pool is as any other', [email('1a'), username('1a')], [1], 'set', '1a', ''],
    [
      'the same account in the preferred pool is not passed over',
      [email('1a'), identity('1a'), email('2b'), username('2a')],
      [1],
      'set',
      '1a',
      'email finds 2b, username finds 2a, but not in the preferred legacy pool old_1',
    ],
    [
      'a proof and a namesake in the preferred pool are the same person',
      [identity('1a'), username('1a'), username('2b')],
      [1],
      'set',
      '1a',
      'username finds 2b, but not in the preferred legacy pool old_1',
    ],
    [
      'a namesake does not win over a proof beside another namesake',
      [username('1a'), email('2a'), username('2b')],
      [1],
      'ambiguous',
      null,
      '',
    ],
    [
      'who is passed over is listed in one order',
      [username('3c'), email('1a'), email('2b')],
      [1],
      'set',
      '1a',
      'email finds 2b, username finds 3c, but not in the preferred legacy pool old_1',
    ],
  ])('%s', (_, findings, preferred, outcome, value, detail) => {
    const result = decided(findings, { prefer: prefer(...preferred) });
    expect(result.slice(0, 2)).toEqual([outcome, value]);
    if (value !== null) expect(result[2]).toBe(detail);
  });

  it('namesakes are not settled where usernames in the preferred pool are not trusted', () => {
    const trustUsernames = new Map([[1, 'people can sign themselves up']]);
    const namesakes = [username('1a'), username('2a')];
    expect(decided(namesakes, { trustUsernames, prefer: prefer(1) })[0]).toBe('ambiguous');
    expect(decided(namesakes, { trustUsernames, prefer: prefer(2) }).slice(0, 2)).toEqual(['set', '2a']);
  });
});

describe('a plan of several legacy pools', () => {
  const contact = (who: Change = {}) => ({ email: 'anna@x.org', ...who });
  const legacy = (id: string, users: readonly FakeUser[]) => new FakeDirectory(id, { users });
  const anna = (pool: number, count = 1) =>
    Array.from({ length: count }, (_, i) => user(`a${pool}-${i}`, contact({ sub: `${pool}-anna-${i}` })));

  const planned = async (options: Partial<PlanOptions>, counts = [1, 1], opened = state()) => {
    const legacyPools = counts.map((count, i) => legacy(`old_${i + 1}`, anna(i + 1, count)));
    const newPool = new FakeDirectory('new_1', { users: [user('anna', contact())] });
    const run = { state: opened, legacyPools, newPool, clock: new AutoClock(), ...options };
    await runPlan(run);
    const [row] = [...readReportRows(opened)];
    return `${row?.outcome} ${row?.legacySub}`.trim();
  };

  it('takes the account in the preferred pool', async () => {
    expect(await planned({})).toBe('ambiguous');
    expect(await planned({ prefer: ['old_1'] })).toBe('set 1-anna-0');
    expect(await planned({ prefer: ['old_2', 'old_1'] })).toBe('set 2-anna-0');
  });

  it.each(['email', 'phone', 'username', 'attribute:custom:staff', 'identity'] as const)(
    'finds it among very many, by %s',
    async (rule) => {
      const who = (name: string, sub: string) =>
        user(name, {
          sub,
          email: 'anna@x.org',
          identities: [['Google', '7']],
          attributes: { 'custom:staff': '7', phone_number: '+461', phone_number_verified: 'true' },
        });
      const legacyPools = ['old_1', 'old_2', 'old_3'].map((id, pool) => {
        const users = Array.from({ length: pool === 1 ? 1 : 9 }, (_, i) => who(`Anna${i}`, `${pool}-${i}`));
        // Usernames are unique in a pool, and a fake directory holds one of each.
        return legacy(id, rule === 'username' ? [who('anna', `${pool}-0`)] : users);
      });
      const options = {
        match: [rule],
        legacyPools,
        prefer: ['old_2'],
        trustProviderEmail: ['Google'],
        trustUsernames: true,
      };
      const newPool = new FakeDirectory('new_1', { users: [who('anna', 'new')] });
      const contacts = ['email', 'phone'].includes(rule) ? {} : { trustProviderEmail: [] };
      expect(await planned({ ...options, newPool, ...contacts })).toBe('set 1-0');
    },
  );

  it('stays undecided where the preferred pool has several', async () => {
    expect(await planned({ prefer: ['old_1'] }, [2, 5])).toBe('ambiguous');
    expect(await planned({ prefer: ['old_1'] }, [1, 9])).toBe('set 1-anna-0');
  });

  it('does not depend on the order in which the pools are given', async () => {
    const opened = state();
    const pools = [legacy('old_1', anna(1)), legacy('old_2', anna(2))];
    expect(await planned({ legacyPools: pools, prefer: ['old_2'] }, [], opened)).toBe('set 2-anna-0');
    const turned = pools.toReversed();
    expect(await planned({ legacyPools: turned, prefer: ['old_2'] }, [], opened)).toBe('set 2-anna-0');
    expect(opened.pools).toEqual({ legacy: ['old_1', 'old_2'], new: 'new_1' });
    const others = planned({ legacyPools: [...turned, legacy('old_3', [])] }, [], opened);
    await expect(others).rejects.toMatchObject({ code: 'ERR_STATE_INVALID' });
  });

  it('continues after an interruption with the pools in another order', async () => {
    const opened = state();
    const pools = [legacy('old_1', anna(1)), legacy('old_2', anna(2))];
    const controller = new AbortController();
    const stopped = planned(
      {
        legacyPools: pools,
        signal: controller.signal,
        onProgress: (event) => void (event.type === 'list' && event.userPoolId === 'old_2' && controller.abort()),
      },
      [],
      opened,
    );
    await expect(stopped).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    const before = pools[0]?.calls.get('ListUsers');
    expect(await planned({ legacyPools: pools.toReversed(), prefer: ['old_1'] }, [], opened)).toBe('set 1-anna-0');
    expect(pools[0]?.calls.get('ListUsers')).toBe(before);
  });
});
