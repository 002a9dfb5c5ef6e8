import type { UserDirectory } from '../../directory/types.js';
import type { WriteStatus } from '../results.js';
import type { Journal, PlannedOperation } from '../state/journal.js';
import type { State } from '../state/state.js';

const ROWS_PER_READ = 500;

export function* attributeWrites(operations: Iterable<PlannedOperation>, newPool: UserDirectory, journal: Journal) {
  for (const operation of operations) {
    const { username, target, value } = operation;
    yield journal.job(operation, () => newPool.updateAttributes(username, { [target]: value }));
  }
}

/** Decisions that lead to a write, with what earlier runs of this plan made of them. */
const PENDING = `FROM decisions d JOIN new_users n ON n.id = d.user
  LEFT JOIN operations o ON o.plan = ? AND o.kind = 'attribute' AND o.username = n.username AND o.target = ?
  WHERE d.value IS NOT NULL AND d.outcome IN`;

/** Overwriting comes first: what it frees may be what others are to get. */
function outcomesToWrite(overwrite: boolean): readonly string[] {
  return overwrite ? ["('conflict')", "('set', 'new-born')"] : ["('set', 'new-born')"];
}

export function countPending({ db, meta }: State, overwrite: boolean, statuses: readonly WriteStatus[]): number {
  let pending = 0;
  for (const outcomes of outcomesToWrite(overwrite)) {
    pending += db.count(
      `SELECT count(*) ${PENDING} ${outcomes} AND (o.id IS NULL OR o.status IN (SELECT value FROM json_each(?)))`,
      meta.get('plan') ?? 0,
      meta.get('attribute') ?? '',
      JSON.stringify(statuses),
    );
  }
  return pending;
}

export function* pendingOperations(
  { db, meta }: State,
  overwrite: boolean,
  attribute: string,
): Generator<PlannedOperation> {
  const plan = meta.get('plan') ?? 0;
  for (const outcomes of outcomesToWrite(overwrite)) {
    const sql = `SELECT d.user, n.username, coalesce(n.sub, ''), d.value, coalesce(n.value, ''), o.status ${PENDING} ${outcomes}
      AND d.user > ? AND (o.id IS NULL OR o.status IN ('begun', 'failed')) ORDER BY d.user LIMIT ${ROWS_PER_READ}`;
    for (let last = 0; ; ) {
      const rows = db.all<readonly [number, string, string, string, string, WriteStatus | null]>(
        sql,
        plan,
        attribute,
        last,
      );
      if (rows.length === 0) break;
      for (const [user, username, sub, value, before, earlier] of rows) {
        yield { kind: 'attribute', username, sub, target: attribute, value, before, earlier: earlier ?? undefined };
        last = user;
      }
    }
  }
}
