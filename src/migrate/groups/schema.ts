/**
 * Groups and memberships, made anew for each plan. Legacy members stand in it as subs, new ones as usernames: what each side
 * is looked up by.
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
