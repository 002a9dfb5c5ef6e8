import type { UserDirectory } from '../../directory/types.js';
import type { WriteJob } from '../calls/writer.js';
import type { WriteStatus } from '../results.js';
import type { Journal, PlannedOperation } from '../state/journal.js';
import type { State } from '../state/state.js';
import { amongChosen } from './chosen.js';
import { type Found, MOST_AGE_MS, type UserLookup } from './lookup.js';
import type { Reading } from './read-ahead.js';
import { judgeWrite, type PlannedUser } from './still-planned.js';

const ROWS_PER_READ = 500;

/** An attribute to be written, with the user as the plan saw them. */
export interface AttributeWrite extends PlannedOperation, PlannedUser {}

/** What {@link pendingOperations} and {@link countPending} are limited to. */
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

/** Hands out what was read, read again where it has become too old. */
export function freshly(subject: PlannedUser, first: Found, lookup: UserLookup) {
  let found = first;
  return async <T>(judge: (found: Found) => T): Promise<T> => {
    if (lookup.ageOf(found) > MOST_AGE_MS) found = await lookup.one(subject);
    return judge(found);
  };
}

/** Decisions that lead to a write, with what earlier runs of this plan made of them. */
const DECIDED = `CROSS JOIN decisions d ON d.user = n.id
  LEFT JOIN operations o ON o.plan = ? AND o.kind = 'attribute' AND o.username = n.username AND o.target = ?
  WHERE d.value IS NOT NULL AND d.outcome IN`;

/** The value of a decision is one that the listings know. Anything else is what a flipped bit left in the file. */
export const IS_LEGACY_ID = `CASE d.outcome WHEN 'new-born' THEN d.value = n.sub
  ELSE EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = d.value) END`;

/** Overwriting comes first: what it frees may be what others are to get. */
function outcomesToWrite(overwrite: boolean): readonly string[] {
  return overwrite ? ["('conflict')", "('set', 'new-born')"] : ["('set', 'new-born')"];
}

export function countPending(
  { db, meta }: State,
  { overwrite, isLimited }: PendingOptions,
  statuses: readonly WriteStatus[],
): number {
  let pending = 0;
  for (const outcomes of outcomesToWrite(overwrite)) {
    pending += db.count(
      `SELECT count(*) FROM new_users n ${DECIDED} ${outcomes} ${amongChosen(isLimited, 'n.username')}
       AND (o.id IS NULL OR o.status IN (SELECT value FROM json_each(?)))`,
      meta.get('plan') ?? 0,
      meta.get('attribute') ?? '',
      JSON.stringify(statuses),
    );
  }
  return pending;
}

type Row = readonly [
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

/** In the order of subs, so that a page of ListUsers holds many of those that come next. */
export function* pendingOperations(
  { db, meta }: State,
  { overwrite, isLimited }: PendingOptions,
  attribute: string,
): Generator<AttributeWrite> {
  const plan = meta.get('plan') ?? 0;
  const select = `SELECT n.id, n.username, coalesce(n.sub, ''), d.value, coalesce(n.value, ''), n.enabled,
    ${IS_LEGACY_ID}, o.status, o.error FROM new_users n`;
  const open = `${amongChosen(isLimited, 'n.username')} AND (o.id IS NULL OR o.status IN ('begun', 'failed'))`;
  for (const outcomes of outcomesToWrite(overwrite)) {
    const bySub = `${select} INDEXED BY new_sub_${plan} ${DECIDED} ${outcomes} ${open}
      AND n.sub > ? ORDER BY n.sub LIMIT ${ROWS_PER_READ}`;
    yield* inTurn('', ({ sub }) => sub, bySub);
    const withoutSub = `${select} ${DECIDED} ${outcomes} ${open}
      AND n.sub IS NULL AND n.username > ? ORDER BY n.username LIMIT ${ROWS_PER_READ}`;
    yield* inTurn('', ({ username }) => username, withoutSub);
  }

  function* inTurn(from: string, keyOf: (one: AttributeWrite) => string, sql: string): Generator<AttributeWrite> {
    for (let last = from; ; ) {
      const rows = db.all<Row>(sql, plan, attribute, last);
      for (const [, username, sub, value, before, enabled, isLegacyId, earlier, error] of rows) {
        const one = {
          ...{ kind: 'attribute', username, sub, target: attribute, value, before, enabled: enabled === 1 },
          isLegacyId: isLegacyId === 1,
          earlier: earlier ?? undefined,
          earlierError: error ?? undefined,
        };
        last = keyOf(one);
        yield one;
      }
      if (rows.length < ROWS_PER_READ) return;
    }
  }
}
