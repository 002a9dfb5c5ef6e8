import { GROUP_TABLES, LEGACY_TABLES, PLAN_TABLES } from '../../../src/migrate/state/schema.js';
import type { Sqlite } from '../../../src/migrate/state/sqlite.js';

/** The tables of a plan, empty, whatever was in them. */
export function makePlanTables(db: Sqlite): void {
  const tables = `${LEGACY_TABLES} ${PLAN_TABLES} ${GROUP_TABLES}`;
  for (const [, name] of tables.matchAll(/CREATE TABLE (\w+)/g)) db.exec(`DROP TABLE IF EXISTS ${name}`);
  db.exec(tables);
}
