import type { UserSink } from '../listing/record.js';
import { storedValue, VALUE_COLUMNS } from '../matching/held-value.js';
import type { VerifyProblem, VerifyResult } from '../results.js';
import type { Sqlite } from '../state/sqlite.js';
import { insertRows } from '../state/sqlite.js';
import type { State } from '../state/state.js';

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

/** Every user of plan and pool, with the value they should have and what became of it. */
const COMPARED = `
  SELECT n.username AS username, n.sub AS sub, e.expected AS expected, o.value AS actual,
    CASE WHEN o.value IS e.expected OR (o.is_uuid AND o.folded = lower(e.expected)) THEN 'right' WHEN o.value IS NULL THEN 'missing' ELSE 'wrong' END AS verdict
  FROM (
    SELECT user, CASE
      WHEN outcome IN ('set', 'ok', 'conflict') THEN value
      WHEN outcome = 'new-born' THEN coalesce(value, (SELECT n.value FROM new_users n WHERE n.id = user))
    END AS expected FROM decisions
  ) e
  JOIN new_users n ON n.id = e.user
  JOIN observed o ON o.username = n.username AND o.sub IS n.sub
  WHERE e.expected IS NOT NULL OR o.value IS NOT NULL`;

export function compare(db: Sqlite): VerifyResult {
  const verdicts = new Map(
    db.all<readonly [string, number]>(`SELECT verdict, count(*) FROM (${COMPARED}) GROUP BY verdict`),
  );
  const [right = 0, wrong = 0, missing = 0] = ['right', 'wrong', 'missing'].map((name) => verdicts.get(name));
  const duplicates = db.count(`SELECT coalesce(sum(holders), 0) FROM (
    SELECT count(*) AS holders FROM observed WHERE folded IS NOT NULL GROUP BY folded HAVING count(*) > 1)`);
  return { checked: right + wrong + missing, right, wrong, missing, duplicates };
}

/** What the last verification found wrong or missing, in the order of usernames, read as it is asked for. */
export function* readVerifyProblems(state: State, limit = Number.MAX_SAFE_INTEGER): Generator<VerifyProblem> {
  if (state.meta.get('verified') === undefined) return;
  const sql = `SELECT username, sub, expected, actual, verdict FROM (${COMPARED})
    WHERE verdict <> 'right' AND username > ? ORDER BY username LIMIT ?`;
  let last = '';
  for (let left = limit; left > 0; ) {
    const rows = state.db.all<readonly [string, string | null, string | null, string | null, 'wrong' | 'missing']>(
      sql,
      last,
      Math.min(left, 500),
    );
    if (rows.length === 0) return;
    for (const [newUsername, newSub, expected, actual, problem] of rows) {
      yield { newUsername, newSub: newSub ?? '', expected: expected ?? '', actual: actual ?? '', problem };
      last = newUsername;
    }
    left -= rows.length;
  }
}
