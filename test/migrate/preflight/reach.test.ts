import { describe, expect, it } from 'vitest';
import { DirectoryError } from '../../../src/directory/user-types.js';
import { reachPools } from '../../../src/migrate/preflight/reach.js';
import { Run } from '../../../src/migrate/run.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, failure } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';

const refusing =
  (refused: Readonly<Record<string, Error>>): NonNullable<FakeDirectoryOptions['before']> =>
  (operation) => {
    const error = refused[operation];
    if (error !== undefined) throw error;
  };
const missing = new DirectoryError('refused', 'DescribeUserPool', 'ResourceNotFoundException', 'no such pool');

function reach(before?: FakeDirectoryOptions['before']) {
  const clock = new AutoClock();
  const pools = [
    new FakeDirectory('old_1', { adminCreateUserOnly: true }),
    new FakeDirectory('new_1', before === undefined ? {} : { before }),
  ];
  return { pools, clock, reached: reachPools(pools, new Run({ state: state(), clock })) };
}

describe('before a plan, each pool is called', () => {
  it('once, for its settings', async () => {
    const { pools, reached } = reach();
    expect(await reached).toMatchObject([
      { userPoolId: 'old_1', description: { adminCreateUserOnly: true } },
      { userPoolId: 'new_1', description: { adminCreateUserOnly: false } },
    ]);
    for (const { calls } of pools) expect([...calls]).toEqual([['DescribeUserPool', 1]]);
  });

  it.each([
    ['denied', failure('credentials', 'DescribeUserPool')],
    ['not supported', failure('refused', 'DescribeUserPool', 'UnknownOperationException')],
  ])('with the call that a plan needs where its settings are %s', async (_, error) => {
    const { pools, reached } = reach(refusing({ DescribeUserPool: error }));
    expect((await reached)[1]?.description).toBeUndefined();
    expect([...(pools[1]?.calls ?? [])]).toEqual([
      ['DescribeUserPool', 1],
      ['ListUsers', 1],
    ]);
  });

  it('and ends the plan where it does not exist', async () => {
    await expect(reach(refusing({ DescribeUserPool: missing })).reached).rejects.toBe(missing);
  });

  it('and ends the plan where its users may not be listed either', async () => {
    const denied = failure('credentials', 'ListUsers');
    const before = refusing({ DescribeUserPool: failure('credentials', 'DescribeUserPool'), ListUsers: denied });
    await expect(reach(before).reached).rejects.toBe(denied);
  });

  it('and ends the plan in an outage, which is not taken for a missing permission', async () => {
    const { reached, clock } = reach(refusing({ DescribeUserPool: failure('unavailable', 'DescribeUserPool') }));
    const begun = clock.monotonic();
    await expect(reached).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(clock.monotonic() - begun).toBeGreaterThan(1000);
  });

  const hangs = (operation: string) => failure('unavailable', operation as 'ListUsers', 'TimeoutError');

  it('with the call that a plan needs where its settings are never answered, and after one attempt', async () => {
    const { pools, reached } = reach(refusing({ DescribeUserPool: hangs('DescribeUserPool') }));
    expect((await reached)[1]?.description).toBeUndefined();
    expect([...(pools[1]?.calls ?? [])]).toEqual([
      ['DescribeUserPool', 1],
      ['ListUsers', 1],
    ]);
  });

  it('and ends the plan after one attempt each where neither is answered', async () => {
    const { pools, reached } = reach(
      refusing({ DescribeUserPool: hangs('DescribeUserPool'), ListUsers: hangs('ListUsers') }),
    );
    await expect(reached).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    expect(pools[1]?.calls.get('ListUsers')).toBe(1);
  });
});
