import type { Clock } from '../../clock.js';
import type { GroupDirectory, PoolGroup } from '../../directory/group-types.js';
import { DirectoryError } from '../../directory/user-types.js';
import { Pace } from '../calls/pace.js';
import { GROUP_RPS } from '../calls/quotas.js';
import type { WriteJob } from '../calls/writer.js';
import type { WriteStatus } from '../outcomes.js';
import type { Journal, OperationKind, PlannedOperation } from '../state/journal.js';
import { amongChosen } from '../state/run-scope.js';
import type { State } from '../state/state.js';
import { sameGroup } from './decide-groups.js';
import { groupFromRow } from './list-groups.js';
import { plansGroups } from './needed.js';

/** Groups that are still to be created, with the result of earlier runs of this plan. */
const PENDING_GROUPS = `FROM planned_groups g
  LEFT JOIN operations o ON o.plan = ? AND o.kind = 'group' AND o.username = '' AND o.target = g.name
  WHERE g.present = 0 AND (o.id IS NULL OR o.status IN (SELECT value FROM json_each(?)))`;

/** If a run is limited to chosen users: only groups that one of them is to be in. */
const hasChosen = (isLimited: boolean): string =>
  isLimited
    ? `AND EXISTS (SELECT 1 FROM memberships m CROSS JOIN new_users n ON n.id = m.user
        WHERE m.planned_group = g.id AND m.status = 'add' ${amongChosen(isLimited, 'n.username')})`
    : '';

/** Memberships that are still to be added; `a` is the write of the user's attribute. Values: plan, statuses, attribute. */
export const PENDING_MEMBERS = `memberships m CROSS JOIN planned_groups g ON g.id = m.planned_group
  CROSS JOIN new_users n ON n.id = m.user CROSS JOIN decisions d ON d.user = m.user
  LEFT JOIN operations o ON o.plan = ?1 AND o.kind = 'member' AND o.username = n.username AND o.target = g.name
  LEFT JOIN operations a ON a.plan = ?1 AND a.kind = 'attribute' AND a.username = n.username AND a.target = ?3
  WHERE m.status = 'add' AND (o.id IS NULL OR o.status IN (SELECT value FROM json_each(?2)))`;

export interface PendingGroups {
  readonly groups: number;
  readonly members: number;
  /** Users who only get memberships. The others become active by the write of their attribute. */
  readonly users: number;
}

/** Counts group operations that have no status, or one of these. */
export function countPendingGroups(state: State, statuses: readonly WriteStatus[], isLimited = false): PendingGroups {
  if (!plansGroups(state)) return { groups: 0, members: 0, users: 0 };
  const values = [state.meta.get('plan') ?? 0, JSON.stringify(statuses)];
  const members = `FROM ${PENDING_MEMBERS} ${amongChosen(isLimited, 'n.username')}`;
  const attribute = state.meta.get('attribute') ?? '';
  return {
    groups: state.db.count(`SELECT count(*) ${PENDING_GROUPS} ${hasChosen(isLimited)}`, ...values),
    members: state.db.count(`SELECT count(*) ${members}`, ...values, attribute),
    users: state.db.count(`SELECT count(DISTINCT m.user) ${members} AND d.outcome = 'ok'`, ...values, attribute),
  };
}

export interface GroupWrites {
  readonly state: State;
  readonly journal: Journal;
  readonly directory: GroupDirectory;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** Only the users in the table `chosen`, and the groups they are to be in. */
  readonly isLimited: boolean;
  /** Nothing is written. Groups and attributes are treated as if they had been. */
  readonly dryRun: boolean;
}

/** Creates the groups that are missing. */
export function* groupCreations({
  state,
  journal,
  directory,
  clock,
  warn,
  isLimited,
}: GroupWrites): Generator<WriteJob> {
  if (!plansGroups(state)) return;
  const pace = new Pace(GROUP_RPS, clock);
  const rows = state.db.all<readonly [string, string | null, number | null, string | null, WriteStatus | null]>(
    `SELECT g.name, g.description, g.precedence, g.role, o.status ${PENDING_GROUPS} ${hasChosen(isLimited)} ORDER BY g.id`,
    state.meta.get('plan') ?? 0,
    RETRIED,
  );
  for (const [name, description, precedence, role, earlier] of rows) {
    const group = groupFromRow([name, description, precedence, role]);
    const operation = operationOf('group', { target: name, value: groupToText(group), earlier });
    let perhapsCreated = earlier === 'begun';
    const send = async () => {
      await pace.acquire();
      try {
        await directory.createGroup(group);
      } catch (error) {
        if (!(error instanceof DirectoryError)) throw error;
        if (error.kind === 'unavailable' || error.kind === 'answer') perhapsCreated = true;
        if (error.kind !== 'group-exists') throw error;
        // A call without an answer may have been carried out. If the group is as requested, this state created it.
        const there = perhapsCreated ? await directory.getGroup(name) : undefined;
        if (there !== undefined && sameGroup(there, group)) return;
        warn(`The group ${name} appeared in the new pool after the plan was made. It is not changed.`);
        throw error;
      }
    };
    const job = journal.job(operation, send);
    const end: WriteJob['end'] = (status, error) => {
      job.end(status, error);
      if (status === 'failed') warn(`The group ${name} could not be created (${error}). The next apply tries again.`);
    };
    yield { ...job, end };
  }
}

export const RETRIED = JSON.stringify(['begun', 'failed'] satisfies WriteStatus[]);

export function operationOf(
  kind: OperationKind,
  { earlier, ...more }: Partial<Omit<PlannedOperation, 'earlier'>> & { target: string; earlier: WriteStatus | null },
): PlannedOperation {
  return { kind, username: '', sub: '', value: '', before: '', ...more, earlier: earlier ?? undefined };
}

/** How the journal stores a group that was created, so that rollback can tell whether somebody changed it. */
function groupToText({ description, precedence, roleArn }: PoolGroup): string {
  return JSON.stringify({ description, precedence, roleArn });
}

export function groupFromText(name: string, text: string): PoolGroup {
  return { description: undefined, precedence: undefined, roleArn: undefined, ...JSON.parse(text), name };
}
