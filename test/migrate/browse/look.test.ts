import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { look } from '../../../src/migrate/browse/look.js';
import { readUserPage } from '../../../src/migrate/browse/user-pages.js';
import { readStatus } from '../../../src/migrate/report.js';
import { openState } from '../../../src/migrate/state/state.js';
import { pools, users } from '../support/pools-to-plan.js';
import { state, statePath } from '../support/workspace.js';

describe('look', () => {
  it('reads beside a plan that is being made, and sees the new one as soon as it is complete', async () => {
    const path = statePath();
    const { plan, newPool, clock } = pools();
    const opened = state(path);
    await plan(opened);
    const seen: (readonly [string, number, number])[] = [];
    for (const user of users('new', 5, 10)) newPool.users.set(user.username, { ...user });
    newPool.options = {
      clock,
      before: (operation) => {
        if (operation !== 'ListUsers') return;
        seen.push(
          look(path, (read) => [readStatus(read).phase, readUserPage(read).users.length, readUserPage(read).plan]),
        );
      },
    };
    await plan(opened);
    expect(new Set(seen.map((one) => one.join(' ')))).toEqual(new Set(['listing 10 1']));
    expect(look(path, (read) => [readUserPage(read).total, readUserPage(read).plan])).toEqual([15, 2]);
  });

  it('answers from one plan, although another takes effect between two reads', async () => {
    const path = statePath();
    const { plan } = pools();
    const opened = state(path);
    await plan(opened);
    look(path, (read) => {
      expect(readUserPage(read).plan).toBe(1);
      // As a plan does when it is complete, by another connection.
      opened.meta.set('plan', 2);
      expect(readUserPage(read).plan).toBe(1);
    });
    expect(look(path, (read) => read.meta.get('plan'))).toBe(2);
  });

  it('keeps the file open no longer than it reads: the last process leaves one file, and it may be replaced', async () => {
    const path = statePath();
    const first = state(path);
    await pools().plan(first);
    expect(look(path, (read) => readUserPage(read).total)).toBe(10);
    first.close();
    rmSync(path);
    const second = openState({ path, access: 'plan' });
    await pools(3, 3).plan(second);
    second.close();
    expect(look(path, (read) => readUserPage(read).total)).toBe(3);
  });

  it('says that there is no state file', () => {
    expect(() => look(statePath(), () => 1)).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_READY' }));
  });
});
