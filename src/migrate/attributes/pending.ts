import type { UserDirectory } from '../../directory/user-types.js';
import type { WriteJob } from '../calls/writer.js';
import type { WriteStatus } from '../outcomes.js';
import type { UserLookup } from '../recheck/lookup.js';
import type { Reading } from '../recheck/read-ahead.js';
import { freshly } from '../recheck/read-ahead.js';
import { IS_LEGACY_ID, judgeWrite, type PlannedUser } from '../recheck/still-planned.js';
import type { Journal, PlannedOperation } from '../state/journal.js';
import { amongChosen } from '../state/run-scope.js';
import { inSteps, keysetRows } from '../state/sqlite.js';
import type { State } from '../state/state.js';

/** An attribute to be written, and the user as the plan saw them. */
export interface AttributeWrite extends PlannedOperation, PlannedUser {}

/** Which of the plan's decisions are to be written. */
export interface PendingOptions {
  readonly overwrite: boolean;
  /** Only the users in the table `chosen`. */
  readonly isLimited: boolean;
}

/** The write of one user, who is checked again just before it is sent. */
export function attributeWrite(
  { subject: operation, found }: Reading<AttributeWrite>,
  {
    newPool,
    journal,
    lookup,
    inDoubt,
  }: {
    readonly newPool: UserDirectory;
    readonly journal: Journal;
    readonly lookup: UserLookup;
    /** Called for a failed write that may have been carried out. */
    readonly inDoubt: (operation: AttributeWrite) => void;
  },
): WriteJob {
  const { username, target, value } = operation;
  const seen = freshly(operation, found, lookup);
  const send = () => newPool.updateAttributes(username, { [target]: value });
  const job = journal.job(operation, send, () => inDoubt(operation));
  return { ...job, settled: () => seen((now) => judgeWrite(operation, now, target, job.mayHaveArrived())) };
}

/** Decisions that lead to a write, with the result of earlier runs of this plan. */
const DECIDED = `FROM decisions d CROSS JOIN new_users n ON n.id = d.user
  LEFT JOIN operations o ON o.plan = ? AND o.kind = 'attribute' AND o.username = n.username AND o.target = ?
  WHERE d.value IS NOT NULL`;

const outcomesToWrite = (overwrite: boolean): string =>
  `d.outcome IN ('set', 'new-born'${overwrite ? ", 'conflict'" : ''})`;

export function countPending(
  { db, meta }: State,
  { overwrite, isLimited }: PendingOptions,
  statuses: readonly WriteStatus[],
): number {
  return db.count(
    `SELECT count(*) ${DECIDED} AND ${outcomesToWrite(overwrite)} ${amongChosen(isLimited, 'n.username')}
     AND (o.id IS NULL OR o.status IN (SELECT value FROM json_each(?)))`,
    meta.get('plan') ?? 0,
    meta.get('attribute') ?? '',
    JSON.stringify(statuses),
  );
}

/**
 * Sorts the pending writes. Overwriting comes first, because the value it replaces may be the one that another user is to get. Then by
 * `sub`, so that one page of ListUsers contains many of the next users. Works in steps, because a million users take seconds.
 */
export async function queuePending({ db, meta }: State, { overwrite, isLimited }: PendingOptions): Promise<void> {
  db.exec(`DROP TABLE IF EXISTS temp.queue;
    CREATE TEMP TABLE queue (late INTEGER, sub TEXT, user INTEGER, PRIMARY KEY (late, sub, user)) WITHOUT ROWID`);
  const last = db.count('SELECT max(user) FROM decisions');
  const values = [meta.get('plan') ?? 0, meta.get('attribute') ?? ''];
  await inSteps(last, (from, to) =>
    db.run(
      `INSERT INTO temp.queue SELECT d.outcome <> 'conflict', coalesce(n.sub, ''), n.id
       ${DECIDED} AND ${outcomesToWrite(overwrite)} ${amongChosen(isLimited, 'n.username')}
       AND (o.id IS NULL OR o.status IN ('begun', 'failed')) AND d.user > ? AND d.user <= ?`,
      ...values,
      from,
      to,
    ),
  );
}

type Row = readonly [
  late: number,
  sub: string,
  user: number,
  username: string,
  value: string,
  before: string,
  enabled: number,
  isLegacyId: number,
  earlier: WriteStatus | null,
  error: string | null,
];

/** The writes that {@link queuePending} has sorted, in this order. */
export function* pendingOperations({ db, meta }: State, attribute: string): Generator<AttributeWrite> {
  const sql = `SELECT q.late, q.sub, q.user, n.username, d.value, coalesce(n.value, ''), n.enabled, ${IS_LEGACY_ID}, o.status, o.error
    FROM temp.queue q CROSS JOIN new_users n ON n.id = q.user CROSS JOIN decisions d ON d.user = q.user
    LEFT JOIN operations o ON o.plan = ? AND o.kind = 'attribute' AND o.username = n.username AND o.target = ?
    WHERE (q.late, q.sub, q.user) > (?, ?, ?) ORDER BY q.late, q.sub, q.user LIMIT ?`;
  const rows = keysetRows<Row>(db, sql, [meta.get('plan') ?? 0, attribute], [-1, '', 0]);
  for (const [, sub, , username, value, before, enabled, isLegacyId, earlier, error] of rows) {
    yield {
      ...{ kind: 'attribute', username, sub, target: attribute, value, before, enabled: enabled === 1 },
      isLegacyId: isLegacyId === 1,
      earlier: earlier ?? undefined,
      earlierError: error ?? undefined,
    };
  }
}
