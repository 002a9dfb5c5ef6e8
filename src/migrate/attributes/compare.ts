import type { UserSink } from '../listing/listing-record.js';
import type { Subject } from '../recheck/lookup.js';
import type { VerifyProblem, VerifyResult } from '../results.js';
import { Aside } from '../state/aside.js';
import { STORED_COLUMNS, storedValue } from '../state/schema.js';
import { compareTexts, inSteps, insertRows, keysetRows, type Sqlite } from '../state/sqlite.js';
import type { State } from '../state/state.js';

export function observedSink(db: Sqlite, attribute: string): UserSink {
  return {
    add: (users) =>
      insertRows(
        db,
        'observed',
        ['sub', 'username', ...STORED_COLUMNS],
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

/** Prepares the observed users for comparison. If a user was listed twice, the last entry counts. */
export async function indexObserved(db: Sqlite): Promise<void> {
  await new Aside(db).run((script) => {
    script.exec('CREATE INDEX observed_username ON observed (username)');
    script.exec(`DELETE FROM observed WHERE id IN (
      SELECT old.id FROM observed old JOIN (
        SELECT username, max(id) AS last FROM observed GROUP BY username HAVING count(*) > 1
      ) twice ON old.username = twice.username AND old.id <> twice.last)`);
    script.exec('CREATE INDEX observed_folded ON observed (folded) WHERE folded IS NOT NULL');
  });
}

/** The value that a user should have by the plan; nothing if that is not certain. */
const EXPECTED = `CASE WHEN d.outcome IN ('set', 'ok', 'conflict') THEN d.value
  WHEN d.outcome = 'new-born' THEN coalesce(d.value, n.value) END`;

/**
 * Whether the planned value occurs in the plan's listings; without this check, a damaged state file would confirm itself. A value that
 * an earlier plan wrote may belong to a legacy user who has been deleted since.
 */
const IS_KNOWN = `(outcome = 'new-born' OR EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = expected)
  OR '+' || rule || '+' LIKE '%+written+%')`;

const OBSERVED = 'CROSS JOIN observed o ON o.username = n.username';
/** Users between two ids. */
const BY_ID = `decisions d CROSS JOIN new_users n ON n.id = d.user ${OBSERVED} WHERE d.user > ?1 AND d.user <= ?2`;
/** Users after a username, in the order of the index on it: a portion of them costs no more than its rows. */
const BY_NAME = `new_users n CROSS JOIN decisions d ON d.user = n.id ${OBSERVED} WHERE n.username > ?2`;

/** Users of the plan, with what was observed under their usernames. */
const seen = (
  which: string,
) => `SELECT n.username AS username, o.sub AS sub, ${EXPECTED} AS expected, o.value AS actual, n.value AS before, o.folded AS folded,
    o.is_uuid AS is_uuid, o.sub IS NOT n.sub AS is_stranger, d.outcome AS outcome, d.rule AS rule
  FROM ${which}`;

/** Users of the plan, who has their username now, and the value they should have. */
const planned = (which: string) => `SELECT username, sub, expected, actual,
    CASE WHEN is_stranger THEN 'another sub has this username'
      WHEN expected IS NOT NULL AND NOT ${IS_KNOWN}
        THEN 'the planned value is not a legacy sub of the listing: the state file is damaged' END AS reason,
    CASE WHEN is_stranger THEN 'wrong' WHEN actual IS NULL THEN 'missing'
      WHEN expected IS NULL OR NOT (actual = expected OR (is_uuid AND folded = lower(expected))) THEN 'wrong'
      WHEN ${IS_KNOWN} THEN 'right' ELSE 'wrong' END AS verdict
  FROM (${seen(which)}) WHERE expected IS NOT NULL OR (actual IS NOT NULL AND NOT is_stranger)`;

/** Wrong or missing as the plan said, and not changed since: a person has to decide about these users. */
const FORESEEN = `SELECT 'foreseen', count(*) FROM (${seen(BY_ID)}) WHERE NOT is_stranger AND actual IS before
  AND outcome IN ('conflict', 'unexplained', 'ambiguous', 'contradiction', 'duplicate', 'unverified')
  AND (expected IS NOT NULL OR actual IS NOT NULL)
  AND NOT coalesce(actual = expected OR (is_uuid AND folded = lower(expected)), 0)`;

/** Missing because the last thing that this state did to the user was to roll its write back. */
const ROLLED_BACK = `SELECT 'rolled-back', count(*) FROM (${seen(BY_ID)}) seen WHERE NOT is_stranger AND expected IS NOT NULL AND actual IS NULL
  AND (SELECT status FROM operations u WHERE u.kind = 'attribute' AND u.username = seen.username AND u.sub IS seen.sub ORDER BY u.id DESC LIMIT 1) = 'rolled-back'`;

/** Users who have a value and about whom the plan says nothing. */
const newcomers = (which: string) => `FROM observed o WHERE ${which} AND o.value IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM new_users n CROSS JOIN decisions d ON d.user = n.id
  WHERE n.username = o.username AND (n.sub IS o.sub OR ${EXPECTED} IS NOT NULL))`;

/** The legacy sub of somebody who is not mapped to a new user, as a migration trigger writes it; or the user's own sub. */
const IS_LIKELY = `(o.value_id IS o.sub OR (
  EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = o.value_id)
  AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.value = o.value_id)))`;

/** Compares what was observed with the plan. `newcomers` appeared after the plan, and their values may be right. */
export async function compare(db: Sqlite): Promise<{ readonly result: VerifyResult; readonly newcomers: number }> {
  const counts = new Map<string, number>();
  const add = async (table: string, sql: string) => {
    const last = db.count(`SELECT max(${table === 'decisions' ? 'user' : 'id'}) FROM ${table}`);
    await inSteps(last, (from, to) => {
      for (const [name, users] of db.all<readonly [string, number]>(sql, from, to)) {
        counts.set(name, (counts.get(name) ?? 0) + users);
      }
    });
  };
  await add('decisions', `SELECT verdict, count(*) FROM (${planned(BY_ID)}) GROUP BY verdict`);
  await add('decisions', FORESEEN);
  await add('decisions', ROLLED_BACK);
  await add(
    'observed',
    `SELECT CASE WHEN ${IS_LIKELY} THEN 'newcomer' ELSE 'wrong' END, count(*) ${newcomers('o.id > ?1 AND o.id <= ?2')} GROUP BY 1`,
  );
  const [right = 0, wrong = 0, missing = 0] = ['right', 'wrong', 'missing'].map((name) => counts.get(name));
  const duplicates = await new Aside(db).count(`SELECT coalesce(sum(holders), 0) FROM (
    SELECT count(*) AS holders FROM observed WHERE folded IS NOT NULL GROUP BY folded HAVING count(*) > 1)`);
  const foreseen = counts.get('foreseen') ?? 0;
  const rolledBack = counts.get('rolled-back') ?? 0;
  const result = {
    ...{ checked: right + wrong + missing, right, wrong, missing, duplicates },
    ...(foreseen > 0 ? { foreseen } : {}),
    ...(rolledBack > 0 ? { rolledBack } : {}),
  };
  return { result, newcomers: counts.get('newcomer') ?? 0 };
}

/** Collects users of the plan who should have a value, or had one, and who are missing from the listing of the pool. */
export async function collectUnobserved(db: Sqlite): Promise<void> {
  db.exec(
    'DROP TABLE IF EXISTS temp.unobserved; CREATE TEMP TABLE unobserved (id INTEGER PRIMARY KEY, username TEXT, sub TEXT)',
  );
  const last = db.count('SELECT max(user) FROM decisions');
  await inSteps(last, (from, to) =>
    db.run(
      `INSERT INTO temp.unobserved SELECT n.id, n.username, coalesce(n.sub, '')
       FROM decisions d CROSS JOIN new_users n ON n.id = d.user
       WHERE d.user > ? AND d.user <= ? AND (d.value IS NOT NULL OR n.value IS NOT NULL)
         AND NOT EXISTS (SELECT 1 FROM observed o WHERE o.username = n.username AND o.sub IS n.sub)`,
      from,
      to,
    ),
  );
}

/** Treats the users that the plan listed as observed, except those whom this plan wrote or tried to write. */
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

/** The users found by {@link collectUnobserved}. */
export function* unobserved(db: Sqlite): Generator<Subject> {
  const sql = 'SELECT id, username, sub FROM temp.unobserved WHERE id > ? ORDER BY id LIMIT ?';
  for (const [, username, sub] of keysetRows<readonly [number, string, string]>(db, sql, [], [0])) {
    yield { username, sub };
  }
}

type Problem = VerifyProblem['problem'];

const PROBLEMS: readonly Problem[] = ['wrong', 'missing'];

/**
 * What the last verification found wrong or missing, or only one of it, in the order of usernames, read on demand. A user who came
 * after the plan is `wrong`, with the username that the plan lacks.
 */
export function* readVerifyProblems(
  { db, meta }: State,
  { problem, limit = Number.MAX_SAFE_INTEGER }: { readonly problem?: Problem; readonly limit?: number } = {},
): Generator<VerifyProblem> {
  if (meta.get('verified') === undefined) return;
  const wanted = JSON.stringify(problem === undefined ? PROBLEMS : [problem]);
  const of = (sql: string) => keysetRows<ProblemRow>(db, sql, [wanted], [''], limit);
  let left = limit;
  for (const row of inOrder(of(PLANNED_PROBLEMS), of(NEWCOMER_PROBLEMS))) {
    const [newUsername, newSub, expected, actual, found, reason] = row;
    const one = { newUsername, newSub: newSub ?? '', expected: expected ?? '', actual: actual ?? '', problem: found };
    yield reason === null ? one : { ...one, reason };
    left -= 1;
    if (left === 0) return;
  }
}

const PLANNED_PROBLEMS = `SELECT username, sub, expected, actual, verdict, reason FROM (${planned(BY_NAME)})
  WHERE verdict IN (SELECT value FROM json_each(?1)) ORDER BY username LIMIT ?3`;
const NEWCOMER_PROBLEMS = `SELECT o.username, o.sub, NULL, o.value, 'wrong',
    'appeared after the plan with a value that nothing in the plan confirms'
  ${newcomers('o.username > ?2')} AND NOT ${IS_LIKELY} AND 'wrong' IN (SELECT value FROM json_each(?1))
  ORDER BY o.username LIMIT ?3`;

/** Merges rows that are ordered by username. Reads no more of each than is asked for. */
function* inOrder(one: Iterator<ProblemRow>, other: Iterator<ProblemRow>): Generator<ProblemRow> {
  let [first, second] = [one.next(), other.next()];
  while (first.done !== true || second.done !== true) {
    if (second.done === true || (first.done !== true && compareTexts(first.value[0], second.value[0]) <= 0)) {
      yield first.value;
      first = one.next();
    } else {
      yield second.value;
      second = other.next();
    }
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
