import type { UserSink } from '../listing/record.js';
import { storedValue, VALUE_COLUMNS } from '../matching/held-value.js';
import type { VerifyProblem, VerifyResult } from '../results.js';
import { Aside } from '../state/aside.js';
import { insertRows, type Sqlite } from '../state/sqlite.js';
import type { State } from '../state/state.js';
import type { Subject } from './lookup.js';

export function observedSink(db: Sqlite, attribute: string): UserSink {
  return {
    add: (users) =>
      insertRows(
        db,
        'observed',
        ['sub', 'username', ...VALUE_COLUMNS],
        users.flatMap(({ sub, username, attributes }) => [
          sub ?? null,
          username,
          ...storedValue(attributes[attribute]),
        ]),
      ),
    known: (subs) => {
      const sql = 'SELECT DISTINCT sub FROM observed WHERE sub IN (SELECT value FROM json_each(?))';
      return new Set(db.all<readonly [string]>(sql, JSON.stringify(subs)).map(([sub]) => sub));
    },
  };
}

/** What the plan says each user should hold: nothing where that is not certain. */
const EXPECTED = `SELECT user, rule, outcome, CASE
    WHEN outcome IN ('set', 'ok', 'conflict') THEN value
    WHEN outcome = 'new-born' THEN coalesce(value, (SELECT n.value FROM new_users n WHERE n.id = user))
  END AS expected FROM decisions`;

/**
 * The plan's own value is one that its listings know: a damaged state file would otherwise prove itself. What an earlier plan wrote may
 * be of a legacy user who was deleted since.
 */
const IS_KNOWN = `(e.expected IS NULL OR e.outcome = 'new-born' OR '+' || e.rule || '+' LIKE '%+written+%'
  OR EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = e.expected))`;

/** Every user of the plan who is still there, and who has their username now, with the value they should have. */
const PLANNED = `
  SELECT n.username AS username, o.sub AS sub, e.expected AS expected, o.value AS actual,
    CASE WHEN o.sub IS NOT n.sub THEN 'another sub has this username'
      WHEN NOT ${IS_KNOWN} THEN 'the planned value is not a legacy sub of the listing: the state file is damaged' END AS reason,
    CASE WHEN o.sub IS NOT n.sub OR NOT ${IS_KNOWN} THEN 'wrong'
      WHEN o.value IS e.expected OR (o.is_uuid AND o.folded = lower(e.expected)) THEN 'right'
      WHEN o.value IS NULL THEN 'missing' ELSE 'wrong' END AS verdict
  FROM (${EXPECTED}) e
  JOIN new_users n ON n.id = e.user
  JOIN observed o ON o.username = n.username
  WHERE e.expected IS NOT NULL OR (o.value IS NOT NULL AND o.sub IS n.sub)`;

/** Users who carry a value and of whom the plan says nothing. */
const NEWCOMERS = `FROM observed o WHERE o.value IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM new_users n JOIN (${EXPECTED}) e ON e.user = n.id
  WHERE n.username = o.username AND (n.sub IS o.sub OR e.expected IS NOT NULL))`;

/** The legacy sub of somebody to whom the plan gives no user, as a migration trigger writes it; or the user's own. */
const IS_LIKELY = `(o.value_id IS o.sub OR (
  EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = o.value_id)
  AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.value = o.value_id)))`;

const COMPARED = `${PLANNED} UNION ALL
  SELECT o.username, o.sub, NULL, o.value,
    'appeared after the plan, with a value that is not theirs by anything the plan knows', 'wrong'
  ${NEWCOMERS} AND NOT ${IS_LIKELY}`;

/** Wrong or missing, and the plan says so: a person has to decide about these users. */
const FORESEEN = `FROM (${EXPECTED}) e JOIN new_users n ON n.id = e.user JOIN observed o ON o.username = n.username AND o.sub IS n.sub
  WHERE e.outcome IN ('conflict', 'unexplained', 'ambiguous', 'contradiction', 'duplicate', 'unverified')
  AND (e.expected IS NOT NULL OR o.value IS NOT NULL) AND o.value IS NOT e.expected
  AND NOT coalesce(o.is_uuid AND o.folded = lower(e.expected), 0)`;

export function compare(db: Sqlite): VerifyResult {
  const verdicts = new Map(
    db.all<readonly [string, number]>(`SELECT verdict, count(*) FROM (${COMPARED}) GROUP BY verdict`),
  );
  const [right = 0, wrong = 0, missing = 0] = ['right', 'wrong', 'missing'].map((name) => verdicts.get(name));
  const duplicates = db.count(`SELECT coalesce(sum(holders), 0) FROM (
    SELECT count(*) AS holders FROM observed WHERE folded IS NOT NULL GROUP BY folded HAVING count(*) > 1)`);
  const foreseen = db.count(`SELECT count(*) ${FORESEEN}`);
  return { checked: right + wrong + missing, right, wrong, missing, duplicates, ...(foreseen > 0 ? { foreseen } : {}) };
}

/** Users who came after the plan, and whose value may be theirs. */
export function countNewcomers(db: Sqlite): number {
  return db.count(`SELECT count(*) ${NEWCOMERS} AND ${IS_LIKELY}`);
}

/** Takes what the plan listed for what is there, but for those whom this plan wrote, or tried to. */
export async function takeFromPlan({ db, meta }: State): Promise<void> {
  await new Aside(db).run((script) =>
    script.run(
      `INSERT INTO observed (sub, username, value, folded, is_uuid)
       SELECT sub, username, value, folded, is_uuid FROM new_users n WHERE NOT EXISTS (
         SELECT 1 FROM operations o WHERE o.kind = 'attribute' AND o.username = n.username AND o.plan = ?)`,
      meta.get('plan') ?? 0,
    ),
  );
}

/** Users of the plan who should hold a value, or held one, and whom the listing of the pool did not bring. In the order of subs. */
export function* unobserved({ db, meta }: State): Generator<Subject> {
  const select = `SELECT n.username, coalesce(n.sub, '') FROM new_users n`;
  const open = `CROSS JOIN decisions d ON d.user = n.id WHERE (d.value IS NOT NULL OR n.value IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM observed o WHERE o.username = n.username AND o.sub IS n.sub)`;
  const queries: readonly [string, (one: Subject) => string][] = [
    [
      `${select} INDEXED BY new_sub_${meta.get('plan')} ${open} AND n.sub > ? ORDER BY n.sub LIMIT 500`,
      ({ sub }) => sub,
    ],
    [
      `${select} ${open} AND n.sub IS NULL AND n.username > ? ORDER BY n.username LIMIT 500`,
      ({ username }) => username,
    ],
  ];
  for (const [sql, keyOf] of queries) {
    for (let last = ''; ; ) {
      const rows = db.all<readonly [string, string]>(sql, last);
      for (const [username, sub] of rows) {
        const one = { username, sub };
        last = keyOf(one);
        yield one;
      }
      if (rows.length < 500) break;
    }
  }
}

/** What the last verification found wrong or missing, in the order of usernames, read as it is asked for. */
export function* readVerifyProblems(state: State, limit = Number.MAX_SAFE_INTEGER): Generator<VerifyProblem> {
  if (state.meta.get('verified') === undefined) return;
  const sql = `SELECT username, sub, expected, actual, verdict, reason FROM (${COMPARED})
    WHERE verdict <> 'right' AND username > ? ORDER BY username LIMIT ?`;
  let last = '';
  for (let left = limit; left > 0; ) {
    const rows = state.db.all<ProblemRow>(sql, last, Math.min(left, 500));
    if (rows.length === 0) return;
    for (const [newUsername, newSub, expected, actual, problem, reason] of rows) {
      const one = { newUsername, newSub: newSub ?? '', expected: expected ?? '', actual: actual ?? '', problem };
      yield reason === null ? one : { ...one, reason };
      last = newUsername;
    }
    left -= rows.length;
  }
}

type ProblemRow = readonly [
  newUsername: string,
  newSub: string | null,
  expected: string | null,
  actual: string | null,
  problem: 'wrong' | 'missing',
  reason: string | null,
];
