import { setImmediate as othersFirst } from 'node:timers/promises';
import type { ProgressEvent } from '../progress.js';
import type { Aside } from '../state/aside.js';
import type { PlannedPool } from '../state/planned-pools.js';
import type { SqlValue } from '../state/sqlite.js';
import { insertRows, type Sqlite } from '../state/sqlite.js';
import { matchRows } from './candidates.js';
import { decide } from './decide.js';
import { settleClaims } from './duplicates.js';
import type { Trust } from './evidence.js';
import type { LegacyPool } from './legacy-pool.js';
import { listByOutcome } from './match-indexes.js';
import type { Policy } from './policy.js';

const DECISION_COLUMNS = ['user', 'outcome', 'rule', 'value', 'detail', 'trustable'];

/** The preferred legacy pools as the state numbers them. */
export function preferredPools({ prefer }: Policy, pools: readonly PlannedPool[]): readonly LegacyPool[] {
  return prefer.flatMap((userPoolId) => {
    const pool = pools.find(({ directory }) => directory.userPoolId === userPoolId);
    return pool === undefined ? [] : [{ id: pool.id, userPoolId }];
  });
}

interface Matching {
  readonly signal: AbortSignal | undefined;
  readonly report: (event: ProgressEvent) => void;
  readonly db: Sqlite;
  readonly aside: Aside;
  readonly progress: { users: number; total: number };
}

/** Decides about every new user, in portions, and lets other work run in between. */
export async function match(
  { signal, report, db, aside, progress }: Matching,
  policy: Policy,
  trust: Trust,
): Promise<void> {
  progress.total = await aside.count('SELECT count(*) FROM new_users');
  await aside.run((script) => {
    script.exec('DROP INDEX IF EXISTS decisions_value');
    script.exec('DELETE FROM decisions');
  });
  for (const rows of matchRows(db, policy, trust.prefer)) {
    const decisions: SqlValue[] = [];
    for (const row of rows) {
      const { outcome, rule, value, detail, trustable = false } = decide(row, trust);
      decisions.push(row.id, outcome, rule, value, detail, trustable ? 1 : 0);
    }
    db.transaction(() => insertRows(db, 'decisions', DECISION_COLUMNS, decisions));
    progress.users += rows.length;
    report({ type: 'match', ...progress, done: false });
    await othersFirst();
    signal?.throwIfAborted();
  }
  // Not in one transaction: if it is interrupted, the users are matched again.
  await aside.run((script) => {
    settleClaims(script, policy.stampNewBorn);
    listByOutcome(script);
  });
  report({ type: 'match', ...progress, done: true });
}
