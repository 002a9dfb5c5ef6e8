import { describe, expect, it } from 'vitest';
import { countPending, pendingOperations, queuePending } from '../../../src/migrate/attributes/pending.js';
import { Journal, type PlannedOperation } from '../../../src/migrate/state/journal.js';
import { chooseUsers, PLANNED_NAMES } from '../../../src/migrate/state/run-scope.js';
import { makePlanTables } from '../support/plan-tables.js';
import { state } from '../support/workspace.js';

const ATTRIBUTE = 'custom:legacy_sub';

/** Users of these outcomes, their subs in the reverse order; the plan has this number. */
function planned(outcomes: readonly string[], plan = 1) {
  const opened = state();
  const { db, meta } = opened;
  makePlanTables(db);
  meta.set('plan', plan);
  meta.set('attribute', ATTRIBUTE);
  for (const [i, outcome] of outcomes.entries()) {
    db.run("INSERT INTO legacy_users (pool, sub, name, verified) VALUES (1, ?, '', 0)", `l${i}`);
    db.run('INSERT INTO new_users (username, sub, verified) VALUES (?, ?, 0)', `u${i}`, `n${9 - i}`);
    const value = outcome === 'unverified' ? null : outcome === 'new-born' ? `n${9 - i}` : `l${i}`;
    db.run("INSERT INTO decisions (user, outcome, rule, value) VALUES (?, ?, 'email', ?)", i + 1, outcome, value);
  }
  const operation = (i: number): PlannedOperation => ({
    ...{ kind: 'attribute', username: `u${i}`, sub: '', target: ATTRIBUTE, value: '', before: '', earlier: undefined },
  });
  const left = async (options: { overwrite?: boolean; isLimited?: boolean } = {}) => {
    await queuePending(opened, { overwrite: false, isLimited: false, ...options });
    return [...pendingOperations(opened, ATTRIBUTE)].map(({ username }) => username);
  };
  return { opened, db, operation, left };
}

describe('what an apply writes', () => {
  const OUTCOMES = ['set', 'conflict', 'ok', 'new-born', 'unverified', 'set'];

  it('is what is certain, by sub; and on request first what is overwritten', async () => {
    const { opened, left } = planned(OUTCOMES);
    expect(await left()).toEqual(['u5', 'u3', 'u0']);
    expect(await left({ overwrite: true })).toEqual(['u1', 'u5', 'u3', 'u0']);
    const count = (overwrite: boolean) => countPending(opened, { overwrite, isLimited: false }, ['begun', 'failed']);
    expect([count(false), count(true)]).toEqual([3, 4]);
  });

  it('is what no run of this plan has settled', async () => {
    const { opened, db, operation, left } = planned(['set', 'set', 'set', 'set'], 2);
    const journal = new Journal(db, 2, { now: () => 1 });
    for (const i of [0, 1, 2]) journal.begin(operation(i));
    journal.end(operation(0), 'written');
    journal.end(operation(1), 'failed', 'InvalidParameterException');
    new Journal(db, 1, { now: () => 1 }).begin(operation(3));
    expect(await left()).toEqual(['u3', 'u2', 'u1']);
    const [, begun, failed] = [...pendingOperations(opened, ATTRIBUTE)];
    expect(begun).toMatchObject({ earlier: 'begun', isLegacyId: true });
    expect(failed).toMatchObject({ earlier: 'failed', earlierError: 'InvalidParameterException' });
    expect(countPending(opened, { overwrite: false, isLimited: false }, [])).toBe(1);
  });

  it('is less where it is limited to some users', async () => {
    const { db, left } = planned(['set', 'set', 'set']);
    await chooseUsers(db, 'only', [{ newUsername: 'u1', line: 2 }], [PLANNED_NAMES]);
    expect(await left({ isLimited: true })).toEqual(['u1']);
  });

  it('tells a value that the listing does not know', async () => {
    const { opened, db, left } = planned(['set', 'new-born']);
    db.run("UPDATE decisions SET value = 'damaged'");
    await left();
    expect([...pendingOperations(opened, ATTRIBUTE)].map(({ isLegacyId }) => isLegacyId)).toEqual([false, false]);
  });
});
