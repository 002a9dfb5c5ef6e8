import { describe, expect, it } from 'vitest';
import {
  collectUnobserved,
  compare,
  indexObserved,
  observedSink,
  readVerifyProblems,
  unobserved,
} from '../../../src/migrate/attributes/compare.js';
import type { VerifyResult } from '../../../src/migrate/results.js';
import { VERIFY_TABLES } from '../../../src/migrate/state/schema.js';
import { makePlanTables } from '../support/plan-tables.js';
import { state } from '../support/workspace.js';

const ATTRIBUTE = 'custom:legacy_sub';

interface Case {
  readonly outcome?: string;
  readonly rule?: string;
  /** What the plan gives the user; of a legacy user, unless it is `unknown`. */
  readonly planned?: string;
  /** What the plan's listing saw, and what is there now; `null`: no such user. */
  readonly before?: string;
  readonly now?: string | null;
  readonly sub?: string;
}

/** Users `u0`, `u1` and so on, observed in this order. */
function observed(cases: readonly Case[]) {
  const opened = state();
  const { db, meta } = opened;
  makePlanTables(db);
  db.exec(VERIFY_TABLES);
  const sink = observedSink(db, ATTRIBUTE);
  for (const [i, { outcome, rule = 'email', planned, before, now, sub = `n${i}` }] of cases.entries()) {
    if (outcome !== undefined) {
      if (planned !== undefined && planned !== 'unknown') {
        db.run("INSERT INTO legacy_users (pool, sub, name, verified) VALUES (1, ?, '', 0)", planned);
      }
      const sql = 'INSERT INTO new_users (id, username, sub, verified, value) VALUES (?, ?, ?, 0, ?)';
      db.run(sql, i + 1, `u${i}`, `n${i}`, before ?? null);
      const decided = 'INSERT INTO decisions (user, outcome, rule, value) VALUES (?, ?, ?, ?)';
      db.run(decided, i + 1, outcome, rule, planned ?? null);
    }
    if (now === null) continue;
    const attributes: Record<string, string> = now === undefined ? {} : { [ATTRIBUTE]: now };
    const user = { username: `u${i}`, sub, attributes, status: 'CONFIRMED', enabled: true };
    sink.add([{ ...user, createdAt: undefined, modifiedAt: undefined }]);
  }
  const problems = () => {
    meta.set('verified', { at: 0, result: {} as VerifyResult });
    return [...readVerifyProblems(opened)];
  };
  return { opened, db, sink, problems };
}

describe('what a user holds', () => {
  it.each<[string, Case, Partial<VerifyResult> & { newcomers?: number }]>([
    ['is right', { outcome: 'set', planned: 'l', now: 'l' }, { checked: 1, right: 1 }],
    ['is missing', { outcome: 'set', planned: 'l' }, { checked: 1, missing: 1 }],
    ['is wrong', { outcome: 'set', planned: 'l', now: 'other' }, { checked: 1, wrong: 1 }],
    ['is wrong where nothing was planned', { outcome: 'ambiguous', now: 'l' }, { checked: 1, wrong: 1 }],
    ['is a stranger’s', { outcome: 'set', planned: 'l', now: 'l', sub: 'x' }, { checked: 1, wrong: 1 }],
    [
      'does not prove a value that no listing knows',
      { outcome: 'set', planned: 'unknown', now: 'unknown' },
      { wrong: 1 },
    ],
    [
      'was written by an earlier plan',
      { outcome: 'ok', rule: 'written', planned: 'unknown', now: 'unknown' },
      { right: 1 },
    ],
    [
      'is foreseen to be wrong',
      { outcome: 'conflict', planned: 'l', before: 'b', now: 'b' },
      { checked: 1, wrong: 1, foreseen: 1 },
    ],
    [
      'has changed since, which nobody foresaw',
      { outcome: 'conflict', planned: 'l', before: 'b', now: 'c' },
      { wrong: 1 },
    ],
    ['is nothing, as planned', { outcome: 'new-born' }, { checked: 0 }],
    ['is a newcomer’s own', { now: 'n0' }, { checked: 0, newcomers: 1 }],
    ['is what a newcomer should not have', { now: 'x' }, { checked: 1, wrong: 1 }],
  ])('%s', async (_, one, expected) => {
    const { db } = observed([one]);
    await indexObserved(db);
    const { newcomers = 0, ...counts } = expected;
    const made = await compare(db);
    expect(made.result).toMatchObject(counts);
    expect(made.newcomers).toBe(newcomers);
    expect(made.result.foreseen).toBe(expected.foreseen);
  });

  it('is shared, in whatever case', async () => {
    const { db } = observed([{ now: 'ABC' }, { now: 'abc' }, { now: 'other' }]);
    await indexObserved(db);
    expect((await compare(db)).result).toMatchObject({ duplicates: 2 });
  });

  it('is what was observed last of a user who was listed twice', async () => {
    const { db, sink } = observed([{ outcome: 'set', planned: 'l', now: 'old' }]);
    const user = { username: 'u0', sub: 'n0', attributes: { [ATTRIBUTE]: 'l' }, status: 'CONFIRMED', enabled: true };
    sink.add([{ ...user, createdAt: undefined, modifiedAt: undefined }]);
    await indexObserved(db);
    expect((await compare(db)).result).toMatchObject({ checked: 1, right: 1 });
    expect(sink.known(['n0', 'n1'])).toEqual(new Set(['n0']));
  });
});

it('problems are told in the order of usernames, with a reason where the value alone is none', async () => {
  const { opened, db, problems } = observed([
    { outcome: 'set', planned: 'l0' },
    { outcome: 'set', planned: 'l1', now: 'l1', sub: 'x' },
    { outcome: 'set', planned: 'l2', now: 'l2' },
  ]);
  expect([...readVerifyProblems(opened)]).toEqual([]);
  await indexObserved(db);
  expect(problems()).toEqual([
    { newUsername: 'u0', newSub: 'n0', expected: 'l0', actual: '', problem: 'missing' },
    {
      ...{ newUsername: 'u1', newSub: 'x', expected: 'l1', actual: 'l1', problem: 'wrong' },
      reason: 'another sub has this username',
    },
  ]);
  expect([...readVerifyProblems(opened, { limit: 1 })]).toHaveLength(1);
});

describe('problems of the plan and of users who came after it', () => {
  const cases = [
    { now: 'a' },
    { outcome: 'set', planned: 'l1' },
    { outcome: 'ok', planned: 'l2', now: 'l2' },
    { outcome: 'set', planned: 'l3', now: 'b' },
    { now: 'c' },
  ];

  it('are one list in the order of usernames, or only those of one kind', async () => {
    const { opened, db, problems } = observed(cases);
    await indexObserved(db);
    const names = (all: Iterable<{ newUsername: string }>) => [...all].map(({ newUsername }) => newUsername);
    expect(names(problems())).toEqual(['u0', 'u1', 'u3', 'u4']);
    expect(names(readVerifyProblems(opened, { problem: 'wrong' }))).toEqual(['u0', 'u3', 'u4']);
    expect(names(readVerifyProblems(opened, { problem: 'missing' }))).toEqual(['u1']);
    expect(names(readVerifyProblems(opened, { limit: 2 }))).toEqual(['u0', 'u1']);
  });

  it('are read in the order of an index, a portion at a time, and never sorted', async () => {
    const { db, problems } = observed(cases);
    await indexObserved(db);
    db.exec('CREATE INDEX IF NOT EXISTS new_username ON new_users (username)');
    const all = db.all.bind(db);
    const asked: Parameters<typeof all>[] = [];
    db.all = ((...query: Parameters<typeof all>) => {
      asked.push(query);
      return all(...query);
    }) as typeof db.all;
    problems();
    const steps = asked.flatMap(([sql, ...values]) =>
      all<readonly [number, number, number, string]>(`EXPLAIN QUERY PLAN ${sql}`, ...values).map(
        ([, , , step]) => step,
      ),
    );
    expect(steps.join('\n')).toContain('SEARCH n USING INDEX new_username');
    expect(steps.join('\n')).not.toContain('ORDER BY');
  });
});

it('users whom the listing lacks are those who hold something, or should', async () => {
  const { db } = observed([
    { outcome: 'set', planned: 'l0', now: null },
    { outcome: 'ambiguous', before: 'b', now: null },
    { outcome: 'ambiguous', now: null },
    { outcome: 'set', planned: 'l3', now: 'l3', sub: 'other' },
    { outcome: 'set', planned: 'l4', now: 'l4' },
  ]);
  await indexObserved(db);
  await collectUnobserved(db);
  expect([...unobserved(db)]).toEqual([
    { username: 'u0', sub: 'n0' },
    { username: 'u1', sub: 'n1' },
    { username: 'u3', sub: 'n3' },
  ]);
});
