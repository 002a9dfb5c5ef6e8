import { describe, expect, it } from 'vitest';
import { CertainUsers, countRemovals, Publication } from '../../../src/migrate/state/publication.js';
import type { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { makePlanTables } from '../support/plan-tables.js';
import { state } from '../support/workspace.js';

const NAME = 'redis://store';

/** Users `n0`, `n1` and so on, whom the plan gives the legacy users of the same numbers. */
function planned(count: number) {
  const { db } = state();
  makePlanTables(db);
  for (let i = 0; i < count; i += 1) {
    db.run("INSERT INTO legacy_users (pool, sub, name, verified) VALUES (1, ?, '', 0)", `l${i}`);
    db.run('INSERT INTO new_users (username, sub, verified) VALUES (?, ?, 0)', `u${i}`, `n${i}`);
    db.run("INSERT INTO decisions (user, outcome, rule, value) VALUES (?, 'set', 'email', ?)", i + 1, `l${i}`);
  }
  return db;
}

const opened = (db: Sqlite) => new Publication(db, NAME);

const give = (db: Sqlite, user: number, legacy: string) =>
  db.run('UPDATE decisions SET value = ? WHERE user = ?', legacy, user + 1);

/** What is to be put, in portions of two, all of which arrive. */
function putAll(publication: Publication): string[][] {
  const portions: string[][] = [];
  for (const users of publication.toPut(2)) {
    publication.put(users);
    portions.push(users.map(({ newSub, legacyId }) => `${newSub}=${legacyId}`));
  }
  return portions;
}

describe('what is published', () => {
  it('is put once, in portions, in the order of subs', () => {
    const db = planned(5);
    expect([...new CertainUsers(db)]).toHaveLength(5);
    const publication = opened(db);
    expect(publication.count()).toEqual({ users: 5, toPut: 5, published: 0, toDelete: 0, removed: 0 });
    expect(putAll(publication)).toEqual([['n0=l0', 'n1=l1'], ['n2=l2', 'n3=l3'], ['n4=l4']]);
    expect(publication.count()).toEqual({ users: 5, toPut: 0, published: 5, toDelete: 0, removed: 0 });
    expect(putAll(publication)).toEqual([]);
    publication.distrust();
    expect(publication.count()).toMatchObject({ users: 5, toPut: 5, toDelete: 0 });
  });

  it('is put again where it may not have arrived, or has another value', () => {
    const db = planned(3);
    putAll(opened(db));
    give(db, 0, 'l1');
    db.run("UPDATE published SET stored = 0 WHERE sub = 'n2'");
    const publication = opened(db);
    expect(publication.count()).toEqual({ users: 3, toPut: 2, published: 3, toDelete: 0, removed: 1 });
    expect(putAll(publication)).toEqual([['n0=l1', 'n2=l2']]);
  });

  it('is recorded before it is put, and counts as stored only after it', () => {
    const db = planned(3);
    const recorded = () => db.all('SELECT sub, value, stored FROM published ORDER BY sub');
    const publication = opened(db);
    const [first = []] = [publication.toPut(2).next().value ?? []];
    expect(recorded()).toEqual([
      ['n0', 'l0', 0],
      ['n1', 'l1', 0],
    ]);
    publication.put(first);
    expect(recorded()).toEqual([
      ['n0', 'l0', 1],
      ['n1', 'l1', 1],
    ]);
  });

  it('is taken back where the plan no longer stands by it, and never put again', () => {
    const db = planned(3);
    putAll(opened(db));
    give(db, 1, 'nobody');
    db.run("UPDATE published SET stored = 0 WHERE sub = 'n1'");
    expect(countRemovals(db, NAME)).toEqual({ published: 3, removed: 1 });
    const publication = opened(db);
    expect(putAll(publication)).toEqual([]);
    expect([...publication.toDelete(10)]).toEqual([['n1']]);
    publication.deleted(['n1']);
    expect([...publication.toDelete(10)]).toEqual([]);
    expect(countRemovals(db, NAME)).toEqual({ published: 2, removed: 0 });
  });

  it('is what the plan said when it was read, whatever becomes of the plan meanwhile', () => {
    const db = planned(5);
    const publication = opened(db);
    const portions = publication.toPut(2);
    portions.next();
    give(db, 3, 'l4');
    db.exec('DROP TABLE legacy_users');
    expect(portions.next().value).toEqual([
      { newSub: 'n2', legacyId: 'l2' },
      { newSub: 'n3', legacyId: 'l3' },
    ]);
  });

  it('is nothing before the first time, and nothing of another store', () => {
    const { db } = state();
    expect(countRemovals(db, NAME)).toEqual({ published: 0, removed: 0 });
    const other = planned(1);
    putAll(opened(other));
    expect(countRemovals(other, 'another')).toEqual({ published: 0, removed: 0 });
  });
});
