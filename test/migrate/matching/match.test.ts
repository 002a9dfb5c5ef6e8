import { describe, expect, it } from 'vitest';
import type { Trust } from '../../../src/migrate/matching/evidence.js';
import { match, preferredPools } from '../../../src/migrate/matching/match.js';
import { checkPolicy, type MatchOptions } from '../../../src/migrate/matching/policy.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import { Aside } from '../../../src/migrate/state/aside.js';
import type { PlannedPool } from '../../../src/migrate/state/planned-pools.js';
import { FakeDirectory } from '../support/fake-directory.js';
import { makePlanTables } from '../support/plan-tables.js';
import { state } from '../support/workspace.js';

const TRUST: Trust = { trustUsernames: true, trustAttribute: false };

/** Legacy users and new users of these names, whose usernames are trusted. */
function pools({ legacy, fresh }: { legacy: readonly string[]; fresh: readonly string[] }) {
  const { db } = state();
  makePlanTables(db);
  const insertLegacy = 'INSERT INTO legacy_users (pool, sub, name, verified) VALUES (1, ?, ?, 0)';
  for (const name of legacy) db.run(insertLegacy, `old-${name}`, name);
  const insertNew = 'INSERT INTO new_users (sub, username, verified, is_uuid) VALUES (?, ?, 0, 0)';
  for (const name of fresh) db.run(insertNew, `new-${name}`, name);
  const events: ProgressEvent[] = [];
  const matched = async (
    options: MatchOptions = {},
    {
      signal,
      report = (event) => void events.push(event),
    }: { signal?: AbortSignal; report?: (event: ProgressEvent) => void } = {},
  ) => {
    const progress = { users: 0, total: 0 };
    const how = { signal, report, db, aside: new Aside(db), progress };
    await match(how, checkPolicy({ match: ['username'], ...options }), TRUST);
    return db.all(
      'SELECT n.username, d.outcome, d.value FROM decisions d JOIN new_users n ON n.id = d.user ORDER BY n.id',
    );
  };
  return { db, events, matched };
}

describe('matching', () => {
  it('decides about every new user, and then about those who claim the same legacy user', async () => {
    const { db, matched } = pools({ legacy: ['ann', 'bob'], fresh: ['ann', 'cy'] });
    db.run("INSERT INTO new_users (sub, username, name, verified, is_uuid) VALUES ('new-bob', 'bob', NULL, 0, 0)");
    db.run("INSERT INTO legacy_proofs (hash, user) SELECT 'h', id FROM legacy_users WHERE name = 'bob'");
    db.run("INSERT INTO new_proofs (user, rule, hash) SELECT id, 'identity', 'h' FROM new_users WHERE username = 'cy'");
    expect(await matched({ match: ['identity', 'username'] })).toEqual([
      ['ann', 'set', 'old-ann'],
      ['cy', 'duplicate', 'old-bob'],
      ['bob', 'duplicate', 'old-bob'],
    ]);
  });

  it('begins from the start after an interruption', async () => {
    const { db, matched } = pools({ legacy: ['ann'], fresh: ['ann', 'bob'] });
    await matched();
    db.run("UPDATE new_users SET username = 'x' WHERE username = 'ann'");
    expect(await matched()).toEqual([
      ['x', 'new-born', null],
      ['bob', 'new-born', null],
    ]);
  });

  it('says how far it is, of how many users', async () => {
    const { events, matched } = pools({ legacy: [], fresh: ['ann', 'bob', 'cy'] });
    await matched();
    expect(events).toEqual([
      { type: 'match', users: 3, total: 3, done: false },
      { type: 'match', users: 3, total: 3, done: true },
    ]);
  });

  it('stops when it is interrupted, before it looks at those who claim the same', async () => {
    const { db, matched } = pools({ legacy: ['ann'], fresh: ['ann'] });
    const stop = new AbortController();
    const reason = new Error('stop');
    const report = () => stop.abort(reason);
    await expect(matched({ stampNewBorn: true }, { signal: stop.signal, report })).rejects.toBe(reason);
    const indexes = db.all("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = 'decisions_value'");
    expect(indexes).toEqual([]);
  });
});

it('preferred pools are numbered as in the state, in the order of preference', () => {
  const planned = ['old_1', 'old_2', 'new_1'].map(
    (id, index): PlannedPool => ({
      ...{ id: index + 1, side: id === 'new_1' ? 'new' : 'legacy', directory: new FakeDirectory(id) },
    }),
  );
  expect(preferredPools(checkPolicy({ prefer: ['old_2', 'old_1', 'elsewhere'] }), planned)).toEqual([
    { id: 2, userPoolId: 'old_2' },
    { id: 1, userPoolId: 'old_1' },
  ]);
});
