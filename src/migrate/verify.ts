import { systemClock } from '../clock.js';
import { Pace } from './calls/pace.js';
import { asMigrationError, interruptedOr } from './calls/repeated.js';
import { groupsIf, plansGroups } from './groups/needed.js';
import { verifyGroups } from './groups/verify.js';
import { checkReadRps, listPool, reportListed } from './listing/list-pool.js';
import type { UserSink } from './listing/record.js';
import { storedValue, VALUE_COLUMNS } from './matching/held-value.js';
import { insertRows } from './matching/users.js';
import type { VerifyOptions } from './options.js';
import { countPlan } from './plan-phases.js';
import type { VerifyProblem, VerifyResult } from './results.js';
import { checkPools } from './state/pools.js';
import { VERIFY_TABLES } from './state/schema.js';
import type { Sqlite } from './state/sqlite.js';
import type { State } from './state/state.js';

/**
 * Reads the new pool again, always from the beginning, and compares each user's value with the plan. Needs
 * `cognito-idp:ListUsers` on the new pool; with groups `ListGroups` and `ListUsersInGroup`, too.
 * @throws {@link MigrationError}
 */
export async function runVerify(options: VerifyOptions): Promise<VerifyResult> {
  try {
    return await verify(options);
  } catch (error) {
    throw interruptedOr(asMigrationError(error), options.signal);
  }
}

async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const { state, newPool, readRps, clock = systemClock, signal, onProgress } = options;
  const { db, meta } = state;
  const pace = new Pace(checkReadRps(readRps), clock);
  checkPools(state, newPool);
  const { newUsers } = countPlan(state);
  const newGroups = groupsIf(plansGroups(state), state, options.newGroups);
  const pool = db.count("SELECT id FROM pools WHERE side = 'new'");
  db.transaction(() => {
    db.exec(VERIFY_TABLES);
    db.run("DELETE FROM listings WHERE purpose = 'verify'");
    meta.delete('verified');
  });
  const warn = (message: string) => {
    meta.addWarning(message);
    onProgress?.({ type: 'warning', message });
  };
  const where = { state, purpose: 'verify', pool, side: 'new', directory: newPool } as const;
  const sink = observedSink(db, meta.get('attribute') ?? '');
  await listPool({ ...where, sink, estimatedUsers: newUsers, pace, clock, signal, warn, onProgress });
  db.exec(`CREATE INDEX observed_username ON observed (username);
    DELETE FROM observed WHERE id IN (
      SELECT old.id FROM observed old JOIN (
        SELECT username, max(id) AS last FROM observed GROUP BY username HAVING count(*) > 1
      ) twice ON old.username = twice.username AND old.id <> twice.last);
    CREATE INDEX observed_folded ON observed (folded) WHERE folded IS NOT NULL`);
  reportListed({ ...where, onProgress }, db.count('SELECT count(*) FROM observed'));
  const groups = newGroups && (await verifyGroups(newGroups, { db, pace, clock, signal, onProgress }));
  const result = { ...compare(db), ...(groups === undefined ? {} : { groups }) };
  meta.set('verified', { at: clock.now(), result });
  const newcomers = db.count(`SELECT count(*) FROM observed o WHERE value IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM new_users n WHERE n.username = o.username AND n.sub IS o.sub)`);
  if (newcomers > 0) {
    warn(`${newcomers} users who carry a value appeared after the plan and could not be compared: plan again.`);
  }
  return result;
}

function observedSink(db: Sqlite, attribute: string): UserSink {
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

function compare(db: Sqlite): VerifyResult {
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
