import type { WriteStatus } from '../outcomes.js';
import type { StatusResult } from '../results.js';
import { countPlan } from '../state/finished-plan.js';
import type { OperationKind } from '../state/journal.js';
import type { State } from '../state/state.js';
import { countForAPerson, OUTCOMES_FOR_A_PERSON } from './attention.js';

/** What became of the planned writes of one kind. `planned` is the sum of the others. */
export interface WriteTally {
  readonly planned: number;
  readonly written: number;
  readonly skipped: number;
  readonly failed: number;
  readonly rolledBack: number;
  /** Neither of these: not yet sent, or sent by a killed run. */
  readonly left: number;
}

/** What a report adds up. */
export interface ReportCounts {
  /** Of the finished plan, even while another plan is being made. */
  readonly phase: StatusResult['phase'];
  readonly values: WriteTally;
  /** Groups to create, and memberships to add. Only of a plan with groups. */
  readonly groups?: WriteTally;
  readonly memberships?: WriteTally;
  /** Users who have a failed write. One user may have several. */
  readonly failedUsers: number;
  /** Users who have a write that was skipped. */
  readonly skippedUsers: number;
  /** The first groups that Cognito refused to create, and why. */
  readonly failedGroups: readonly { readonly name: string; readonly error: string }[];
  /** Users who need a person, each counted once. */
  readonly needPerson: number;
}

const MOST_GROUPS_NAMED = 50;

/**
 * The sums of a report. `status` must have been read from the same state, frozen.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY` if no plan is finished
 */
export function countReport(state: State, { phase, writes }: Pick<StatusResult, 'phase' | 'writes'>): ReportCounts {
  const { db, meta } = state;
  const { outcomes, groups } = countPlan(state);
  const plan = meta.get('plan') ?? 0;
  const counts = new Map(
    db
      .all<readonly [OperationKind, WriteStatus, number]>(
        `SELECT kind, status, count(*) FROM operations WHERE plan = ? AND kind IN ('attribute', 'group', 'member')
           AND status IN ('begun', 'written', 'failed', 'skipped', 'rolled-back') GROUP BY kind, status`,
        plan,
      )
      .map(([kind, status, count]) => [`${kind} ${status}`, count]),
  );
  const tally = (kind: OperationKind, planned: number): WriteTally => {
    const of = (status: WriteStatus) => counts.get(`${kind} ${status}`) ?? 0;
    const ended = {
      written: of('written'),
      skipped: of('skipped'),
      failed: of('failed'),
      rolledBack: of('rolled-back'),
    };
    const left = Math.max(0, planned - ended.written - ended.skipped - ended.failed - ended.rolledBack);
    return { planned, ...ended, left };
  };
  const users = (status: WriteStatus) =>
    db.count(
      "SELECT count(DISTINCT username) FROM operations WHERE plan = ? AND kind IN ('attribute', 'member') AND status = ?",
      plan,
      status,
    );
  const { toCreate = 0, memberships = 0 } = groups ?? {};
  return {
    phase: meta.get('phase') ?? phase,
    values: tally('attribute', writes.total - toCreate - memberships),
    ...(groups && { groups: tally('group', toCreate), memberships: tally('member', memberships) }),
    failedUsers: users('failed'),
    skippedUsers: users('skipped'),
    failedGroups: db
      .all<readonly [string, string]>(
        `SELECT target, coalesce(error, '') FROM operations WHERE plan = ? AND kind = 'group' AND status = 'failed'
         ORDER BY target LIMIT ${MOST_GROUPS_NAMED}`,
        plan,
      )
      .map(([name, error]) => ({ name, error })),
    needPerson: countForAPerson(outcomes) + db.count(OTHERS, plan, JSON.stringify(OUTCOMES_FOR_A_PERSON)),
  };
}

/** Users who need a person although their outcome does not say so. */
const OTHERS = `SELECT count(*) FROM (
    SELECT n.id AS user FROM operations o CROSS JOIN new_users n ON n.username = o.username
    WHERE o.plan = ? AND o.kind IN ('attribute', 'member') AND o.status = 'failed'
    UNION SELECT user FROM memberships WHERE status = 'over-limit'
  ) others CROSS JOIN decisions d ON d.user = others.user
  WHERE d.outcome NOT IN (SELECT value FROM json_each(?))`;
