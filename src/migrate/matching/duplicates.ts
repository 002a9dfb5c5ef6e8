import type { Statements } from '../state/sqlite.js';

/** Outcomes that claim a legacy user before the claims are compared. */
const CLAIMS = "('set', 'ok', 'conflict')";

/** The maximum subs named in a detail. */
const MOST_NAMED = 3;

/**
 * The second half of the decision, over all users at once: no two users may get the same legacy id. If several new users claim one
 * legacy user, all are `duplicate`, except the one to whom the mapping file gives it, or the only one who holds it if this state
 * wrote it: a stranger who matches the legacy user later must not take the id away. A value that another user already holds is not written
 * either, whatever that user's outcome, unless both are `conflict`: overwriting both corrects both.
 */
export function settleClaims(db: Statements, stampNewBorn: boolean): void {
  db.exec('CREATE INDEX IF NOT EXISTS decisions_value ON decisions (value) WHERE value IS NOT NULL');
  markSeveralClaims(db);
  doubtOwnSubs(db);
  if (stampNewBorn) stampOwnSubs(db);
  markHeldValues(db);
  doubtClaimedValues(db);
}

function markSeveralClaims(db: Statements): void {
  db.exec(`
    CREATE TEMP TABLE contested AS
      SELECT value, count(*) AS claims, CASE
        WHEN max(rule = 'mapping') THEN 'mapping'
        WHEN sum(rule = 'written') = 1 AND sum(outcome = 'ok') = 1 THEN 'written'
      END AS kept FROM decisions
      WHERE outcome IN ${CLAIMS} GROUP BY value HAVING count(*) > 1;
    CREATE INDEX temp.contested_value ON contested (value);
    CREATE TEMP TABLE claimants AS
      SELECT d.user AS user, d.value AS value, d.rule AS rule, c.kept AS kept, coalesce(n.sub, n.username) AS sub,
        row_number() OVER (PARTITION BY d.value ORDER BY coalesce(n.sub, n.username)) AS place, c.claims AS claims,
        max(CASE d.rule WHEN 'written' THEN coalesce(n.sub, n.username) END) OVER (PARTITION BY d.value) AS holder
      FROM contested c JOIN decisions d ON d.value = c.value AND d.outcome IN ${CLAIMS} JOIN new_users n ON n.id = d.user;
    CREATE INDEX temp.claimants_value ON claimants (value, place);
    UPDATE decisions SET outcome = 'duplicate', detail = c.detail FROM (
      SELECT user, CASE kept WHEN 'mapping' THEN 'the mapping file gives this legacy user to another new user'
        WHEN 'written' THEN 'the value is already held by ' || holder
        ELSE 'matched by ' || claims || ' new users: ' || (
          SELECT group_concat(sub, ', ') FROM (
            SELECT sub FROM claimants other WHERE other.value = claimants.value AND other.place <= ${MOST_NAMED} ORDER BY place)
        ) || CASE WHEN claims > ${MOST_NAMED} THEN ', …' ELSE '' END END AS detail
      FROM claimants WHERE rule IS NOT kept
    ) c WHERE decisions.user = c.user;
    DROP TABLE claimants;
    DROP TABLE contested;
  `);
}

/** A user who holds their own sub is new-born, unless it is also a legacy user's sub: APIs then take them for that user. */
function doubtOwnSubs(db: Statements): void {
  db.exec(`UPDATE decisions SET outcome = 'unexplained', detail = 'the attribute holds the sub of this user, which is also the sub of a legacy user'
    WHERE outcome = 'new-born' AND EXISTS (
      SELECT 1 FROM new_users n JOIN legacy_users l ON l.sub = n.sub WHERE n.id = decisions.user AND n.value IS NOT NULL)`);
}

/** New-born users get their own sub, unless it is also a legacy user's sub: they would become that user. */
function stampOwnSubs(db: Statements): void {
  db.exec(`
    UPDATE decisions SET outcome = 'unverified', detail = 'the sub of this user is also the sub of a legacy user'
      WHERE outcome = 'new-born' AND EXISTS (
        SELECT 1 FROM new_users n JOIN legacy_users l ON l.sub = n.sub WHERE n.id = decisions.user);
    UPDATE decisions SET value = (SELECT n.sub FROM new_users n WHERE n.id = decisions.user)
      WHERE outcome = 'new-born' AND (SELECT n.value FROM new_users n WHERE n.id = decisions.user) IS NULL;
  `);
}

/**
 * A conflict that becomes a duplicate is not overwritten and keeps its value, so the user who was to get that value becomes a
 * duplicate too. Chains may be as long as the pool: the recursion follows each link once.
 */
function markHeldValues(db: Statements): void {
  db.exec(`
    CREATE TEMP TABLE held AS
      SELECT d.user AS user, holder.id AS holder, coalesce(holder.sub, holder.username) AS sub,
        d.outcome = 'conflict' AND (SELECT outcome FROM decisions WHERE user = holder.id) = 'conflict' AS swaps
      FROM decisions d JOIN new_users holder ON holder.folded = lower(d.value) AND holder.id <> d.user
      WHERE d.value IS NOT NULL AND d.outcome IN ('set', 'conflict', 'new-born');
    CREATE INDEX temp.held_holder ON held (holder);
    CREATE TEMP TABLE stuck (user INTEGER PRIMARY KEY);
    WITH RECURSIVE reached (user) AS (
      SELECT user FROM held WHERE NOT swaps UNION SELECT held.user FROM reached JOIN held ON held.holder = reached.user
    ) INSERT INTO stuck SELECT user FROM reached;
    UPDATE decisions SET outcome = 'duplicate', detail = 'the value is already held by ' || blocked.sub FROM (
      SELECT user, min(sub) AS sub FROM held
      WHERE user IN (SELECT user FROM stuck) AND (NOT swaps OR holder IN (SELECT user FROM stuck)) GROUP BY user
    ) blocked WHERE decisions.user = blocked.user;
    DROP TABLE stuck;
    DROP TABLE held;
  `);
}

/** A user who holds a value that a rule gives to another new user would not be `ok` with `trustAttribute`. */
function doubtClaimedValues(db: Statements): void {
  db.exec(`UPDATE decisions SET trustable = 0, detail = detail || '; another new user matches this legacy user'
    WHERE trustable = 1 AND EXISTS (SELECT 1 FROM new_users n JOIN decisions d ON d.value = n.value_id WHERE n.id = decisions.user)`);
}
