import { BY_OUTCOME_TABLE } from '../state/schema.js';
import type { Statements } from '../state/sqlite.js';
import type { Policy } from './policy.js';
import { EMAIL_VERIFIED, PHONE_VERIFIED } from './verification.js';

/** Creates the indexes of legacy users for matching. Of users who were listed more than once, keeps the last entry. */
export function prepareLegacyUsers(db: Statements, policy: Policy): void {
  db.exec('CREATE INDEX IF NOT EXISTS legacy_sub ON legacy_users (sub, pool)');
  db.exec(`DELETE FROM legacy_users WHERE id IN (
    SELECT old.id FROM legacy_users old JOIN (
      SELECT sub, pool, max(id) AS last FROM legacy_users WHERE sub IS NOT NULL GROUP BY sub, pool HAVING count(*) > 1
    ) twice ON old.sub = twice.sub AND old.pool = twice.pool AND old.id <> twice.last)`);
  db.exec(`DELETE FROM legacy_users WHERE sub IS NULL AND id NOT IN (
    SELECT max(id) FROM legacy_users WHERE sub IS NULL GROUP BY pool, name, exact_name)`);
  db.exec('CREATE INDEX IF NOT EXISTS legacy_proofs_hash ON legacy_proofs (hash)');
  if (policy.rules.includes('username')) {
    db.exec('CREATE INDEX IF NOT EXISTS legacy_name ON legacy_users (name)');
  }
  if (policy.rules.includes('email')) {
    db.exec(`CREATE INDEX IF NOT EXISTS legacy_email ON legacy_users (email, verified & ${EMAIL_VERIFIED} DESC)
      WHERE email IS NOT NULL`);
  }
  if (policy.rules.includes('phone')) {
    db.exec(`CREATE INDEX IF NOT EXISTS legacy_phone ON legacy_users (phone, verified & ${PHONE_VERIFIED} DESC)
      WHERE phone IS NOT NULL`);
  }
}

/** The same for new users. */
export function prepareNewUsers(db: Statements): void {
  db.exec('CREATE INDEX IF NOT EXISTS new_username ON new_users (username)');
  db.exec('CREATE INDEX IF NOT EXISTS new_sub ON new_users (sub)');
  db.exec(`DELETE FROM new_users WHERE id IN (
    SELECT old.id FROM new_users old JOIN (
      SELECT username, max(id) AS last FROM new_users GROUP BY username HAVING count(*) > 1
    ) twice ON old.username = twice.username AND old.id <> twice.last)`);
  db.exec(`DELETE FROM new_users WHERE id IN (
    SELECT old.id FROM new_users old JOIN (
      SELECT sub, max(id) AS last FROM new_users WHERE sub IS NOT NULL GROUP BY sub HAVING count(*) > 1
    ) twice ON old.sub = twice.sub AND old.id <> twice.last)`);
  db.exec('CREATE INDEX IF NOT EXISTS new_folded ON new_users (folded) WHERE folded IS NOT NULL');
  db.exec('CREATE INDEX IF NOT EXISTS new_proofs_user ON new_proofs (user)');
}

/** Lists the users of each outcome by username, when every outcome is decided. */
export function listByOutcome(db: Statements): void {
  db.exec(BY_OUTCOME_TABLE);
  db.exec('DELETE FROM users_by_outcome');
  db.exec(`INSERT INTO users_by_outcome SELECT d.outcome, n.username FROM decisions d CROSS JOIN new_users n ON n.id = d.user
    ORDER BY d.outcome, n.username`);
}
