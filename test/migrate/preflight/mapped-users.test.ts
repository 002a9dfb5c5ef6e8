import { describe, expect, it } from 'vitest';
import type { MappingRow } from '../../../src/migrate/outcomes.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { readReportRows } from '../../../src/migrate/report.js';
import type { State } from '../../../src/migrate/state/state.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, failure } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';

const users = (pool: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    username: `user${index}`,
    sub: `${index % 10}-${pool}-${index}.`,
    attributes: {},
  }));

function setUp(options: FakeDirectoryOptions = {}, count = 20) {
  const legacyPool = new FakeDirectory('old_1', { ...options, users: users('old', count) });
  const newPool = new FakeDirectory('new_1', { ...options, users: users('new', count) });
  const plan = (opened: State, mapping: readonly MappingRow[]) =>
    runPlan({ state: opened, legacyPools: [legacyPool], newPool, mapping, clock: new AutoClock() });
  return { legacyPool, newPool, plan };
}

const row = (index: number, line = index + 2): MappingRow => ({
  newUsername: `user${index}`,
  legacySub: `${index % 10}-old-${index}.`,
  line,
});
const rows = (count: number) => Array.from({ length: count }, (_, index) => row(index));
const listCalls = ({ calls }: FakeDirectory) => calls.get('ListUsers') ?? 0;

describe('a mapping file that names a user who is gone', () => {
  it('is refused by line before anything is listed, and the finished plan keeps answering', async () => {
    const opened = state();
    const { plan, newPool, legacyPool } = setUp();
    await plan(opened, rows(3));
    newPool.users.delete('user1');
    legacyPool.users.delete('user2');
    const before = listCalls(newPool) + listCalls(legacyPool);
    await expect(plan(opened, rows(3))).rejects.toMatchObject({
      option: 'mapping',
      message: expect.stringContaining('line 3: no such user in the new pool; line 4: no such user in a legacy pool'),
    });
    expect(listCalls(newPool) + listCalls(legacyPool) - before).toBe(6);
    expect([...readReportRows(opened)]).toHaveLength(20);
    expect(opened.meta.get('draft')).toBeUndefined();
  });

  it('is not refused early by a pool that does not filter', async () => {
    const { plan } = setUp({ ignoresFilter: true }, 200);
    expect(await plan(state(), rows(150))).toMatchObject({ outcomes: { set: 150 } });
  });

  it('is not refused early by a pool that does not know the filter', async () => {
    const { plan } = setUp({
      before: (_, { request }) => {
        if (request?.username !== undefined) throw failure('invalid');
      },
    });
    expect(await plan(state(), rows(5))).toMatchObject({ outcomes: { set: 5 } });
  });

  it('is looked at over pages that are empty', async () => {
    const { plan, newPool } = setUp();
    const late = new Set<string>();
    newPool.options = {
      ...newPool.options,
      page: (page, { username, token }) => {
        if (username === undefined || token !== undefined) return page;
        late.add(username);
        return { users: [], nextToken: '@0' };
      },
    };
    expect(await plan(state(), rows(5))).toMatchObject({ outcomes: { set: 5 } });
    expect(late.size).toBe(5);
  });

  it('with many rows, asks only for those the finished plan does not know, and at most 500', async () => {
    const opened = state();
    const { plan, newPool, legacyPool } = setUp({}, 700);
    const searches = { new: 0, legacy: 0 };
    newPool.options = {
      before: (_, { request }) => {
        if (request?.username !== undefined) searches.new += 1;
      },
    };
    legacyPool.options = {
      before: (_, { request }) => {
        if ((request?.subPrefix?.length ?? 0) > 2) searches.legacy += 1;
      },
    };
    await plan(opened, rows(600));
    expect(searches).toEqual({ new: 500, legacy: 500 });
    newPool.users.delete('user1');
    const withStranger = [...rows(600), { newUsername: 'nobody', legacySub: row(650).legacySub, line: 999 }];
    await expect(plan(opened, withStranger)).rejects.toThrow('line 999: no such user in the new pool');
    expect(searches).toEqual({ new: 501, legacy: 501 });
  });

  it('and is told so after the listing, is listed no second time', async () => {
    const opened = state();
    const { plan, newPool, legacyPool } = setUp({ ignoresFilter: true }, 200);
    await expect(plan(opened, [{ ...row(1), newUsername: 'nobody' }])).rejects.toThrow('line 3: no such user');
    newPool.options = { ...newPool.options, ignoresFilter: false };
    legacyPool.options = { ...legacyPool.options, ignoresFilter: false };
    const before = listCalls(newPool) + listCalls(legacyPool);
    expect(await plan(opened, rows(2))).toMatchObject({ outcomes: { set: 2 } });
    expect(listCalls(newPool) + listCalls(legacyPool) - before).toBe(4);
  });
});
