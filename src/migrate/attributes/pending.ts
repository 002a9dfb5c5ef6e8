import { setImmediate as othersFirst } from 'node:timers/promises';
import type { UserDirectory } from '../../directory/user-types.js';
import type { WriteJob } from '../calls/writer.js';
import type { WriteStatus } from '../outcomes.js';
import type { UserLookup } from '../recheck/lookup.js';
import type { Reading } from '../recheck/read-ahead.js';
import { freshly } from '../recheck/read-ahead.js';
import { IS_LEGACY_ID, judgeWrite, type PlannedUser } from '../recheck/still-planned.js';
import type { Journal, PlannedOperation } from '../state/journal.js';
import { amongChosen } from '../state/run-scope.js';
import type { State } from '../state/state.js';

const ROWS_PER_READ = 500;

/** An attribute to be written, with the user as the plan saw them. */
export interface AttributeWrite extends PlannedOperation, PlannedUser {}

/** Which of the plan's decisions are to be written. */
export interface PendingOptions {
  readonly overwrite: boolean;
  /** Only the users in the table `chosen`. */
  readonly isLimited: boolean;
}

/** The write of one user, who is looked at again just before it is sent. */
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
    /** Told of a failed write that may have been carried out. */
    readonly inDoubt: (operation: AttributeWrite) => void;
  },
): WriteJob {
  const { username, target, value } = operation;
  const seen = freshly(operation, found, lookup);
  const send = () => newPool.updateAttributes(username, { [target]: value });
  const job = journal.job(operation, send, () => inDoubt(operation));
  return { ...job, settled: () => seen((now) => judgeWrite(operation, now, target, job.mayHaveArrived())) };
}

/** Decisions that lead to a write, with what earlier runs of this plan made of them. */
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

/** Decisions looked at without letting others run. */
const DECISIONS_PER_STEP = 20_000;

/**
 * Puts what is to be written in the order in which it is: overwriting comes first, since what it frees may be what others are to get;
 * then by `sub`, so that a page of ListUsers holds many of those that come next. In steps, for a million take seconds.
 */
export async function queuePending({ db, meta }: State, { overwrite, isLimited }: PendingOptions): Promise<void> {
  db.exec(`DROP TABLE IF EXISTS temp.queue;
    CREATE TEMP TABLE queue (late INTEGER, sub TEXT, user INTEGER, PRIMARY KEY (late, sub, user)) WITHOUT ROWID`);
  const last = db.count('SELECT max(user) FROM decisions');
  const values = [meta.get('plan') ?? 0, meta.get('attribute') ?? ''];
  for (let from = 0; from <= last; from += DECISIONS_PER_STEP) {
    db.run(
      `INSERT INTO temp.queue SELECT d.outcome <> 'conflict', coalesce(n.sub, ''), n.id
       ${DECIDED} AND ${outcomesToWrite(overwrite)} ${amongChosen(isLimited, 'n.username')}
       AND (o.id IS NULL OR o.status IN ('begun', 'failed')) AND d.user > ? AND d.user <= ?`,
      ...values,
      from,
      from + DECISIONS_PER_STEP,
    );
    await othersFirst();
  }
}

type Row = readonly [
  late: number,
  id: number,
  username: string,
  sub: string,
  value: string,
  before: string,
  enabled: number,
  isLegacyId: number,
  earlier: WriteStatus | null,
  error: string | null,
];

/** What {@link queuePending} has found, in its order. */
export function* pendingOperations({ db, meta }: State, attribute: string): Generator<AttributeWrite> {
  const sql = `SELECT q.late, q.user, n.username, q.sub, d.value, coalesce(n.value, ''), n.enabled, ${IS_LEGACY_ID}, o.status, o.error
    FROM temp.queue q CROSS JOIN new_users n ON n.id = q.user CROSS JOIN decisions d ON d.user = q.user
    LEFT JOIN operations o ON o.plan = ? AND o.kind = 'attribute' AND o.username = n.username AND o.target = ?
    WHERE (q.late, q.sub, q.user) > (?, ?, ?) ORDER BY q.late, q.sub, q.user LIMIT ${ROWS_PER_READ}`;
  const plan = meta.get('plan') ?? 0;
  for (let last: readonly [number, string, number] = [-1, '', 0]; ; ) {
    const rows = db.all<Row>(sql, plan, attribute, ...last);
    if (rows.length === 0) return;
    for (const [late, id, username, sub, value, before, enabled, isLegacyId, earlier, error] of rows) {
      last = [late, sub, id];
      yield {
        ...{ kind: 'attribute', username, sub, target: attribute, value, before, enabled: enabled === 1 },
        isLegacyId: isLegacyId === 1,
        earlier: earlier ?? undefined,
        earlierError: error ?? undefined,
      };
    }
  }
}
