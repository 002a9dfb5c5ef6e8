import { fold, readUuid } from '../../users/fold.js';
import type { SqlValue } from './sqlite.js';

/** Marks the file as ours, https://www.sqlite.org/pragma.html#pragma_application_id. */
export const APPLICATION_ID = 0x43_43_75_74;

/** Increased with every change of the tables, including those that each plan creates again, because an existing plan is read as it is. */
export const SCHEMA_VERSION = 5;

/**
 * Added to the version while a run is working. Changes may then be in the side file, and a copy of this file alone is not the whole
 * state.
 */
export const IN_USE = 0x1_0000;

/** The mapping files of the plan that is being made. Created again for each plan. */
export const MAPPING_TABLE = `CREATE TABLE mapping (
  new_username TEXT PRIMARY KEY,
  legacy_sub TEXT NOT NULL,
  new_sub TEXT,
  decided INTEGER NOT NULL,
  row INTEGER NOT NULL,
  place TEXT NOT NULL
) WITHOUT ROWID;
`;

/**
 * For what `status` and the dashboard ask every two seconds: with these, a million operations are counted in a tenth of a second. A
 * state of an older version gets them when a command next writes to a pool; until then, the same queries take longer.
 */
export const PROGRESS_INDEXES = `CREATE INDEX IF NOT EXISTS operations_progress ON operations (kind, status, plan, begun_at, ended_at);
CREATE INDEX IF NOT EXISTS operations_overwriting ON operations (plan) WHERE before <> '';
DROP INDEX IF EXISTS operations_status;`;

/**
 * The users of each outcome in the order of their usernames: pages of them are read from it. A copy of what `decisions` says, made when
 * a plan is complete. {@link MetaValues.listedByOutcome} names the plan that it belongs to.
 */
export const BY_OUTCOME_TABLE = `CREATE TABLE IF NOT EXISTS users_by_outcome (
  outcome TEXT NOT NULL,
  username TEXT NOT NULL,
  PRIMARY KEY (outcome, username)
) WITHOUT ROWID`;

/**
 * The tables of a state. Personal data is stored only as keyed hashes (`hash-key.ts`), except for usernames of the new pool, which its
 * API requires.
 *
 * While a pool is listed, its users are only appended. The indexes that matching needs are created afterwards, and users who were listed
 * twice are removed then (`match-indexes.ts`). This keeps the transaction of one page small.
 */
export const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE pools (
  id INTEGER PRIMARY KEY,
  side TEXT NOT NULL CHECK (side IN ('legacy', 'new')),
  user_pool_id TEXT NOT NULL UNIQUE
);

CREATE TABLE listings (
  id INTEGER PRIMARY KEY,
  purpose TEXT NOT NULL CHECK (purpose IN ('plan', 'verify')),
  pool INTEGER NOT NULL REFERENCES pools (id),
  mode TEXT NOT NULL DEFAULT 'probe' CHECK (mode IN ('probe', 'shards', 'whole', 'complement', 'done')),
  probe TEXT NOT NULL DEFAULT '[]',
  estimated INTEGER,
  users INTEGER,
  UNIQUE (purpose, pool)
);

CREATE TABLE shards (
  listing INTEGER NOT NULL REFERENCES listings (id) ON DELETE CASCADE,
  prefix TEXT NOT NULL,
  token TEXT,
  done INTEGER NOT NULL DEFAULT 0,
  users INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (listing, prefix)
) WITHOUT ROWID;

${MAPPING_TABLE}
CREATE TABLE operations (
  id INTEGER PRIMARY KEY,
  plan INTEGER NOT NULL,
  kind TEXT NOT NULL,
  username TEXT NOT NULL,
  sub TEXT NOT NULL,
  target TEXT NOT NULL,
  value TEXT NOT NULL,
  before TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('begun', 'written', 'failed', 'skipped', 'rolled-back')),
  begun_at INTEGER NOT NULL,
  ended_at INTEGER,
  undo_begun_at INTEGER,
  error TEXT,
  checksum INTEGER,
  UNIQUE (plan, kind, username, target)
);
${PROGRESS_INDEXES}
CREATE INDEX operations_username ON operations (kind, username);
CREATE INDEX operations_ended ON operations (ended_at);
`;

/**
 * The value of an attribute: as it was read, in lower case, and as verifiers read it (`value_id`). Verifiers ignore the case of UUIDs and
 * compare everything else exactly.
 */
const VALUE_COLUMNS = `value TEXT,
  folded TEXT,
  is_uuid INTEGER NOT NULL DEFAULT 0,
  value_id TEXT AS (CASE WHEN is_uuid THEN folded ELSE value END)`;

/** Of the legacy pools. Created again for each plan that lists them. */
export const LEGACY_TABLES = `
CREATE TABLE legacy_users (
  id INTEGER PRIMARY KEY,
  pool INTEGER NOT NULL,
  sub TEXT,
  name TEXT NOT NULL,
  exact_name TEXT,
  email TEXT,
  phone TEXT,
  verified INTEGER NOT NULL,
  provider TEXT
);
CREATE TABLE legacy_proofs (hash TEXT NOT NULL, user INTEGER NOT NULL);
`;

/** Created again for each plan. */
export const PLAN_TABLES = `
CREATE TABLE new_users (
  id INTEGER PRIMARY KEY,
  sub TEXT,
  username TEXT NOT NULL,
  name TEXT,
  exact_name TEXT,
  email TEXT,
  phone TEXT,
  verified INTEGER NOT NULL,
  provider TEXT,
  value_provider TEXT,
  unconfirmed INTEGER NOT NULL DEFAULT 0,
  enabled INTEGER NOT NULL DEFAULT 1,
  ${VALUE_COLUMNS}
);
CREATE TABLE new_proofs (user INTEGER NOT NULL, rule TEXT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE decisions (
  user INTEGER PRIMARY KEY,
  outcome TEXT NOT NULL,
  rule TEXT NOT NULL,
  value TEXT,
  detail TEXT NOT NULL DEFAULT '',
  trustable INTEGER NOT NULL DEFAULT 0
);
`;

/** Created again for each verification. */
export const VERIFY_TABLES = `
DROP TABLE IF EXISTS observed;
CREATE TABLE observed (id INTEGER PRIMARY KEY, sub TEXT, username TEXT NOT NULL, ${VALUE_COLUMNS});
`;

/**
 * Groups and memberships, created again for each plan. Legacy members are stored by sub, new members by username, because that is how
 * each side is looked up.
 */
export const GROUP_TABLES = `
CREATE TABLE pool_groups (
  id INTEGER PRIMARY KEY,
  purpose TEXT NOT NULL,
  pool INTEGER NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  precedence INTEGER,
  role TEXT,
  wanted INTEGER NOT NULL,
  token TEXT,
  done INTEGER NOT NULL DEFAULT 0,
  UNIQUE (purpose, pool, name)
);
CREATE TABLE group_members (
  pool_group INTEGER NOT NULL,
  member TEXT NOT NULL,
  PRIMARY KEY (pool_group, member)
) WITHOUT ROWID;
CREATE TABLE planned_groups (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  description TEXT,
  precedence INTEGER,
  role TEXT,
  present INTEGER NOT NULL
);
CREATE TABLE memberships (
  id INTEGER PRIMARY KEY,
  planned_group INTEGER NOT NULL,
  user INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('add', 'present', 'over-limit')),
  UNIQUE (planned_group, user)
);
`;

/** The columns for {@link storedValue}. */
export const STORED_COLUMNS = ['value', 'folded', 'is_uuid'];

/**
 * A value as it is stored. SQLite's driver cuts text at a NUL when it reads it. Whatever follows an id after a NUL would be lost, and the
 * rest would pass for the id.
 */
export function storedValue(read: string | undefined): readonly [SqlValue, SqlValue, SqlValue] {
  if (!read) return [null, null, 0];
  const value = read.replaceAll('\0', '\ufffd');
  const uuid = readUuid(value);
  return [value, uuid ?? fold(value), uuid === undefined ? 0 : 1];
}
