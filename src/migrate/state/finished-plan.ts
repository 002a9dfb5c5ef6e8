import { createHash } from 'node:crypto';
import { setImmediate as othersFirst } from 'node:timers/promises';
import { HOUR_MS } from '../../clock.js';
import { ConfigurationError } from '../../errors.js';
import { checkNumber } from '../../options.js';
import { counted } from '../../words.js';
import { MigrationError } from '../migration-error.js';
import type { StatusResult } from '../results.js';
import { keysetPortions, RESTORE, type Sqlite, type SqlValue } from './sqlite.js';
import type { State } from './state.js';

/**
 * The numbers of the finished plan.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`
 */
export function countPlan(state: State): NonNullable<StatusResult['plan']> {
  const result = state.meta.get('result');
  if (result !== undefined) return result;
  throw new MigrationError('ERR_STATE_NOT_READY', `${state.path} contains no finished plan`, {
    fix: 'Run `plan` first.',
  });
}

/** Requires a finished plan that was not rolled back, and no plan that is being made. */
export function requirePlan(state: State): void {
  const phase = state.meta.get('phase');
  if (phase === 'rolling-back' || phase === 'rolled-back') {
    throw new MigrationError('ERR_STATE_NOT_READY', `the plan in ${state.path} was rolled back`, {
      fix: 'Run `plan` again.',
    });
  }
  if (state.meta.get('draft') !== undefined) {
    throw new MigrationError('ERR_STATE_NOT_READY', `the plan in ${state.path} is not finished`, {
      fix: 'Run `plan` again with its other options: it continues where it stopped.',
    });
  }
  countPlan(state);
}

/** The number of the finished plan. */
export const planNumber = ({ meta }: State): number => meta.get('plan') ?? 0;

/**
 * Makes sure that the plan that was judged is the one that is applied: another plan may have taken effect since.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`
 */
export function requirePlanNumber(state: State, plan: number | undefined): void {
  if (plan === undefined || plan === planNumber(state)) return;
  throw new MigrationError('ERR_STATE_NOT_READY', `another plan took effect in ${state.path} in the meantime`, {
    fix: 'Run the same command again, and do not run another plan at the same time.',
  });
}

/** Rows of a plan that are read at a time. Nothing else runs meanwhile. */
const ROWS = 5000;

/** All that is written to pools and stores: to whom, which value, and which groups. Each row begins with its key. */
const QUERIES = [
  `SELECT d.user, d.outcome, d.rule, d.value, n.username, n.sub, n.value, n.enabled
   FROM decisions d LEFT JOIN new_users n ON n.id = d.user WHERE d.user > ? ORDER BY d.user LIMIT ${ROWS}`,
  `SELECT id, name, description, precedence, role, present FROM planned_groups WHERE id > ? ORDER BY id LIMIT ${ROWS}`,
  `SELECT id, planned_group, user, status FROM memberships WHERE id > ? ORDER BY id LIMIT ${ROWS}`,
];

/**
 * A SHA-256 of what a plan says. SQLite does not notice a changed bit within a row: a user id that changes gives one person the value of
 * another, and every value is still that of somebody.
 */
export async function planDigest(db: Sqlite, attribute: string): Promise<string> {
  const hash = createHash('sha256').update(attribute);
  for (const sql of QUERIES) {
    const read = (after: SqlValue) => db.all(sql, after);
    for (const rows of keysetPortions(read, ([key]) => key ?? null, -1 as SqlValue)) {
      hash.update(JSON.stringify(rows));
      await othersFirst();
    }
  }
  return hash.digest('base64');
}

/**
 * Makes sure that the finished plan is as it was made, before anything is written from it.
 * @throws {@link MigrationError} `ERR_STATE_INVALID`
 */
export async function requireIntactPlan({ db, meta, path }: State): Promise<void> {
  const digest = await planDigest(db, meta.get('attribute') ?? '');
  if (digest === meta.get('digest')) return;
  throw new MigrationError('ERR_STATE_INVALID', `${path} is damaged: its plan is not the one that was made`, {
    fix: RESTORE,
  });
}

/** How old the finished plan is, in milliseconds; `undefined` where there is none. */
interface PlanAge {
  /** Since it was finished. */
  readonly planned: number;
  /** Since its listing was begun: what the plan knows about users is this old. */
  readonly listed: number;
  /** The same for the legacy pools: longer if their listing was reused. */
  readonly legacyListed: number;
}

export function planAge({ meta }: State, now: number): PlanAge | undefined {
  const plannedAt = meta.get('plannedAt');
  if (plannedAt === undefined) return undefined;
  const begunAt = meta.get('begunAt') ?? plannedAt;
  return {
    planned: now - plannedAt,
    listed: now - begunAt,
    legacyListed: now - (meta.get('legacyListedAt') ?? begunAt),
  };
}

/** The phase of the plan being made, unless a command is working on the finished one. */
export function phaseOf(state: State): StatusResult['phase'] | undefined {
  const finished = state.meta.get('phase');
  const draft = state.meta.get('draft');
  if (draft === undefined) return finished;
  return finished !== undefined && state.isBusy('main') ? finished : draft.phase;
}

const DEFAULT_MAX_PLAN_AGE_HOURS = 24;

/** How much the clocks of two machines may differ. */
export const SKEW_MS = 300_000;

/**
 * The age, in hours, from which a person is asked about a plan or an export of it.
 * @throws {@link ConfigurationError}
 */
export function checkMaxPlanAge(maxPlanAge: number | undefined): number {
  return checkNumber('maxPlanAge', maxPlanAge, { min: 0, max: 87_600, fallback: DEFAULT_MAX_PLAN_AGE_HOURS });
}

/** No limit allows such a plan. */
const FROM_THE_FUTURE = 'The plan is dated in the future: a clock was changed, so its age is unknown.';

/**
 * Why the finished plan may no longer match the pools; `undefined` if it is recent enough.
 * @throws {@link ConfigurationError} if the limit is not a number of hours
 */
export function doubtAboutAge({ meta }: State, now: number, maxPlanAgeHours: number | undefined): string | undefined {
  const most = checkMaxPlanAge(maxPlanAgeHours);
  const plannedAt = meta.get('plannedAt');
  if (plannedAt === undefined) return undefined;
  // What a plan knows about users is as old as its listing, which may have been interrupted for days.
  const age = now - Math.min(plannedAt, meta.get('begunAt') ?? plannedAt);
  if (now - plannedAt < -SKEW_MS) return FROM_THE_FUTURE;
  return age > most * HOUR_MS ? `The plan is ${inWords(age)} old; users may have changed since then.` : undefined;
}

/** @throws {@link ConfigurationError} for a doubtful plan, if there is nobody to ask */
export function refuseOldPlan(doubt: string): never {
  const otherwise = doubt === FROM_THE_FUTURE ? '' : ', or allow an older plan with --max-plan-age (in hours)';
  throw new ConfigurationError('maxPlanAge', `${doubt} Plan again${otherwise}.`);
}

function inWords(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  return hours < 72 ? counted(hours, 'hour') : `${Math.floor(hours / 24)} days`;
}
