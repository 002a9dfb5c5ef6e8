import type { Sqlite } from './sqlite.js';

/** The tables of a plan: those of the legacy pools, and all of them. */
const LEGACY_TABLES = ['legacy_users', 'legacy_proofs'];
const TABLES = [
  ...LEGACY_TABLES,
  'new_users',
  'new_proofs',
  'decisions',
  'users_by_outcome',
  'pool_groups',
  'group_members',
  'planned_groups',
  'memberships',
];

const DRAFT = 'draft_';
/** Prefix of tables of a replaced plan, which are still to be dropped. */
const OLD = 'old_';

/** A plan that is being made. Its tables have their own names, so that the finished plan stays in use. */
export interface Draft {
  /** The number it gets when it is finished. */
  readonly plan: number;
  readonly phase: 'listing' | 'matching';
  readonly begunAt: number;
  readonly attribute: string;
  readonly listedFor: string;
  /** The listing of the legacy pools is reused from the finished plan, together with its tables. */
  readonly reusesLegacy: boolean;
  /** Whether sign-up was closed in every legacy pool each time this plan checked; `undefined` before the first check. */
  readonly legacyClosed?: boolean;
  /** How many writes had been rolled back when it was begun. What this state wrote is evidence, but no longer after a rollback. */
  readonly rolledBack: number;
}

interface Drafting {
  readonly db: Sqlite;
  readonly meta: { get(key: 'draft'): Draft | undefined };
}

/** The database as the plan being made sees it: names of plan tables mean the draft's tables. Its indexes carry the plan's number. */
export function draftOf({ db, meta }: Drafting): Sqlite {
  const draft = meta.get('draft');
  if (draft === undefined) return db;
  const names = new RegExp(`\\b(?:${draftTables(draft).join('|')})\\b`, 'g');
  const index = /\b((?:CREATE|DROP) INDEX(?: IF(?: NOT)? EXISTS)?) (\w+)\b(?!\.)/g;
  return db.translated((sql) =>
    sql.replace(index, (_, verb: string, name: string) => `${verb} ${name}_${draft.plan}`).replace(names, `${DRAFT}$&`),
  );
}

/** Replaces the finished plan with the draft. Must be called in a transaction. */
export function replacePlan(db: Sqlite, draft: Draft): void {
  const present = existingTables(db);
  for (const table of draftTables(draft)) {
    if (present.has(table)) db.exec(`ALTER TABLE ${table} RENAME TO ${OLD}${table}`);
    db.exec(`ALTER TABLE ${DRAFT}${table} RENAME TO ${table}`);
  }
}

/** Statements that drop the tables of replaced plans and, with `drafts`, of unfinished ones. */
export function leftovers(db: Sqlite, { drafts }: { readonly drafts: boolean }): readonly string[] {
  const present = existingTables(db);
  const prefixes = drafts ? [OLD, DRAFT] : [OLD];
  return prefixes
    .flatMap((prefix) => TABLES.map((table) => `${prefix}${table}`))
    .filter((table) => present.has(table))
    .map((table) => `DROP TABLE ${table}`);
}

function draftTables({ reusesLegacy }: Draft): readonly string[] {
  return reusesLegacy ? TABLES.filter((table) => !LEGACY_TABLES.includes(table)) : TABLES;
}

function existingTables(db: Sqlite): ReadonlySet<string> {
  const rows = db.all<readonly [string]>("SELECT name FROM sqlite_schema WHERE type = 'table'");
  return new Set(rows.map(([name]) => name));
}
