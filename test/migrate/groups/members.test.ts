import { describe, expect, it } from 'vitest';
import type { DirectoryErrorKind } from '../../../src/directory/user-types.js';
import { state } from '../support/workspace.js';
import { failure } from './support/fake-groups.js';
import { apply, members, names, plan, pools, rollback } from './support/two-pools.js';

describe('adding members', () => {
  it.each<[DirectoryErrorKind, object]>([
    ['user-not-found', { skipped: 1, failed: 0 }],
    ['group-not-found', { skipped: 1, failed: 0 }],
    ['invalid', { skipped: 0, failed: 1 }],
  ])('does not end for one that cannot be: %s', async (kind, counts) => {
    const all = pools(3, [{ name: 'a', members: names(3) }]);
    const opened = state();
    await plan(opened, all);
    let once = true;
    all.newGroups.options = {
      before: (operation) => {
        if (operation !== 'AdminAddUserToGroup' || !once) return;
        once = false;
        throw failure(kind, operation);
      },
    };
    expect(await apply(opened, all, { concurrency: 1 })).toMatchObject({ written: 6, remaining: 0, ...counts });
  });

  it('slows down when throttled, and loses nothing', async () => {
    const all = pools(100, [{ name: 'a', members: names(100) }]);
    const opened = state();
    await plan(opened, all);
    all.newGroups.options = {
      before: (operation, { attempt }) => {
        if (operation === 'AdminAddUserToGroup' && attempt % 5 === 0) throw failure('throttled', operation);
      },
    };
    const result = await apply(opened, all);
    expect(result).toMatchObject({ written: 201, failed: 0, remaining: 0 });
    expect(result.throttled).toBeGreaterThan(20);
    expect(members(all, 'a')).toHaveLength(100);
  });

  it('is undone once, whichever plans added it', async () => {
    const all = pools(2, [{ name: 'a', members: ['u0'] }], [{ name: 'a', members: ['u1'] }]);
    const opened = state();
    await plan(opened, all);
    await apply(opened, all);
    // Somebody takes the user out, and the next plan puts them in again.
    all.newGroups.groups.get('a')?.members.delete('u0');
    await plan(opened, all);
    await apply(opened, all);
    all.newGroups.calls.clear();
    expect(await rollback(opened, all)).toMatchObject({ removed: 3, remaining: 0 });
    expect(all.newGroups.calls.get('AdminRemoveUserFromGroup')).toBe(1);
    expect(members(all, 'a')).toEqual(['u1']);
  });
});
