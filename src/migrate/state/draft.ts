import type { Sqlite } from './sqlite.js';

/** What `plan` makes of the legacy pools, and what it makes of everything. */
const LEGACY_TABLES = ['legacy_users', 'legacy_proofs'];
const TABLES = [
  ...LEGACY_TABLES,
  'new_users',
  'new_proofs',
  'decisions',
  'pool_groups',
  'group_members',
  'planned_groups',
  'memberships',
];

const DRAFT = 'draft_';
/** Tables of a plan that another one has taken the place of, and that are yet to be dropped. */
const OLD = 'old_';

/** A plan that is being made. Its tables have names of their own, so that the finished one goes on answering. */
export interface Draft {
  /** The number it gets when it is finished. */
  readonly plan: number;
  readonly phase: 'listing' | 'matching';
  readonly begunAt: number;
  readonly attribute: string;
  readonly listedFor: string;
  /** The legacy pools were listed by the finished plan, whose tables of them it keeps. */
  readonly reusesLegacy: boolean;
  /** Nobody could sign up in a legacy pool whenever this plan looked; `undefined` before it did. */
  readonly legacyClosed?: boolean;
  /** Writes that had been taken back when it was begun: what was written is evidence, and no longer once it is taken back. */
  readonly rolledBack: number;
}

interface Drafting {
  readonly db: Sqlite;
  readonly meta: { get(key: 'draft'): Draft | undefined };
}

/** The database as the plan that is being made sees it: a plan's tables are the draft's. Its indexes are numbered like the plan. */
export function draftOf({ db, meta }: Drafting): Sqlite {
  const draft = meta.get('draft');
  if (draft === undefined) return db;
  const names = new RegExp(`\\b(?:${draftTables(draft).join('|')})\\b`, 'g');
  const index = /\b((?:CREATE|DROP) INDEX(?: IF(?: NOT)? EXISTS)?) (\w+)\b(?!\.)/g;
  return db.translated((sql) =>
    sql.replace(index, (_, verb: string, name: string) => `${verb} ${name}_${draft.plan}`).replace(names, `${DRAFT}$&`),
  );
}

/** Puts the draft in the place of the finished plan. To be called in a transaction. */
export function replacePlan(db: Sqlite, draft: Draft): void {
  const present = existingTables(db);
  for (const table of draftTables(draft)) {
    if (present.has(table)) db.exec(`ALTER TABLE ${table} RENAME TO ${OLD}${table}`);
    db.exec(`ALTER TABLE ${DRAFT}${table} RENAME TO ${table}`);
  }
}

/** Statements that drop what replaced plans and, with `drafts`, unfinished ones left. */
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
