import { describe, expect, it } from 'vitest';
import { Journal } from '../../../src/migrate/state/journal.js';
import {
  amongChosen,
  checkScope,
  chooseUsers,
  inScope,
  isEverything,
  PLANNED_NAMES,
  WRITTEN_NAMES,
} from '../../../src/migrate/state/run-scope.js';
import { makePlanTables } from '../support/plan-tables.js';
import { state } from '../support/workspace.js';

function setUp() {
  const opened = state();
  const { db } = opened;
  makePlanTables(db);
  db.run("INSERT INTO new_users (username, verified) VALUES ('ann', 0), ('bob', 0)");
  for (const [plan, username] of [
    [1, 'ann'],
    [2, 'ann'],
    [2, 'cleo'],
  ] as const) {
    const operation = {
      kind: 'member',
      username,
      sub: '',
      target: 'g',
      value: '',
      before: '',
      earlier: undefined,
    } as const;
    const journal = new Journal(db, plan, { now: () => plan * 1000 });
    journal.begin(operation);
    journal.end(operation, 'written');
  }
  const choose = (names: readonly string[], known: readonly string[] = [PLANNED_NAMES]) =>
    chooseUsers(
      db,
      'only',
      names.map((newUsername, index) => ({ newUsername, line: index + 2 })),
      known,
    );
  return { opened, db, choose };
}

describe('the users a run is limited to', () => {
  it('are chosen by name, each once', async () => {
    const { db, choose } = setUp();
    expect(await choose(['ann', 'ann'])).toBe(true);
    expect(db.count(`SELECT count(*) FROM new_users WHERE 1 ${amongChosen(true, 'username')}`)).toBe(1);
    expect(db.count(`SELECT count(*) FROM new_users WHERE 1 ${amongChosen(false, 'username')}`)).toBe(2);
  });

  it('may be those that were written, though the plan lacks them', async () => {
    const { choose } = setUp();
    expect(await choose(['cleo'], [PLANNED_NAMES, WRITTEN_NAMES])).toBe(true);
    await expect(choose(['cleo'])).rejects.toThrow('only: line 2: this state has no such user of the new pool');
  });

  it('are refused by line where they are unknown, ten of them by name', async () => {
    const { choose } = setUp();
    const names = ['ann', ...Array.from({ length: 12 }, (_, i) => `x${i}`)];
    await expect(choose(names)).rejects.toThrow(/^only: line 3, .*line 12 and 2 more: /);
    await expect(choose([])).rejects.toThrow('only: does not name any user');
  });

  it('are all where nobody is named', async () => {
    expect(await chooseUsers(state().db, 'only', undefined, [])).toBe(false);
  });
});

describe('the part that a rollback takes back', () => {
  it.each([
    [{}, false, true, 3],
    [{ plan: 2 }, false, false, 2],
    [{ since: new Date(1500) }, false, false, 2],
    [{}, true, false, 2],
    [{ plan: 2 }, true, false, 1],
  ])('%j, limited to users %s: everything %s', async (options, isLimited, everything, count) => {
    const { opened, db, choose } = setUp();
    opened.meta.set('plan', 2);
    if (isLimited) await choose(['ann']);
    const scope = checkScope(opened, options, isLimited);
    expect(isEverything(scope)).toBe(everything);
    expect(db.count(`SELECT count(*) FROM operations o WHERE ${inScope('o', scope)}`)).toBe(count);
  });

  it.each([
    [{ plan: 3 }, 'plan'],
    [{ plan: 0 }, 'plan'],
    [{ since: new Date(Number.NaN) }, 'since'],
  ])('must be one: %j', (options, option) => {
    const { opened } = setUp();
    opened.meta.set('plan', 2);
    expect(() => checkScope(opened, options, false)).toThrow(`${option}: expected`);
  });
});
