import type { GroupDirectory } from '../../directory/group-types.js';
import type { WriteJob } from '../calls/writer.js';
import type { WriteStatus } from '../outcomes.js';
import type { UserLookup } from '../recheck/lookup.js';
import type { Reading } from '../recheck/read-ahead.js';
import { freshly } from '../recheck/read-ahead.js';
import { IS_LEGACY_ID, judgeMember, type PlannedUser } from '../recheck/still-planned.js';
import { type Journal, type PlannedOperation, SHOWN_LATE_MS } from '../state/journal.js';
import { amongChosen } from '../state/run-scope.js';
import { keysetRows } from '../state/sqlite.js';
import { plansGroups } from './needed.js';
import { type GroupWrites, operationOf, PENDING_MEMBERS, RETRIED } from './pending.js';

/** A user to be added to a group. */
export interface MemberWrite extends PlannedUser {
  readonly operation: PlannedOperation;
  readonly isJustWritten: boolean;
}

/** The group was created by this state, or by others after the plan. If that failed, its members have to wait. */
const WAS_CREATED = `EXISTS (SELECT 1 FROM operations c WHERE c.plan = ?1 AND c.kind = 'group' AND c.username = ''
  AND c.target = g.name AND c.status IN ('written', 'skipped'))`;

/** The attribute needs no write, or no longer needs one. If its write failed, the memberships have to wait as well. */
const IS_SETTLED = "(d.outcome = 'ok' OR a.status IN ('written', 'skipped'))";

/** Group by group, so that successive calls concern different users, each of whom has a quota. */
export function* memberOperations(
  { state, clock, isLimited, dryRun }: GroupWrites,
  attribute: string,
): Generator<MemberWrite> {
  if (!plansGroups(state)) return;
  const plan = state.meta.get('plan') ?? 0;
  const isReady = dryRun ? '1' : `(g.present = 1 OR ${WAS_CREATED}) AND ${IS_SETTLED}`;
  const sql = `SELECT m.id, n.username, coalesce(n.sub, ''), g.name, o.status, o.error, d.value, coalesce(n.value, ''), n.enabled,
      ${IS_LEGACY_ID}, CASE a.status WHEN 'written' THEN a.ended_at END
    FROM ${PENDING_MEMBERS} AND ${isReady} ${amongChosen(isLimited, 'n.username')} AND m.id > ?4 ORDER BY m.id LIMIT ?5`;
  const rows = keysetRows<Row>(state.db, sql, [plan, RETRIED, attribute], [0]);
  for (const [, username, sub, group, earlier, error, value, before, enabled, isLegacyId, writtenAt] of rows) {
    yield {
      ...{ username, sub, value, before, enabled: enabled === 1, isLegacyId: isLegacyId === 1 },
      isJustWritten: dryRun || (writtenAt !== null && clock.now() - writtenAt < SHOWN_LATE_MS),
      operation: operationOf('member', {
        ...{ username, sub, target: group, earlier, earlierError: error ?? undefined },
      }),
    };
  }
}

type Row = readonly [
  id: number,
  username: string,
  sub: string,
  group: string,
  earlier: WriteStatus | null,
  error: string | null,
  value: string,
  before: string,
  enabled: number,
  isLegacyId: number,
  writtenAt: number | null,
];

/** Adds one user to a group. The user is checked again just before. */
export function memberAddition(
  { subject, found }: Reading<MemberWrite>,
  {
    journal,
    directory,
    lookup,
    attribute,
  }: {
    readonly journal: Journal;
    readonly directory: GroupDirectory;
    readonly lookup: UserLookup;
    readonly attribute: string;
  },
): WriteJob {
  const { operation, isJustWritten } = subject;
  const seen = freshly(subject, found, lookup);
  return {
    ...journal.job(operation, () => directory.addMember(operation.target, operation.username)),
    settled: () => seen((now) => judgeMember(subject, now, attribute, isJustWritten)),
  };
}
