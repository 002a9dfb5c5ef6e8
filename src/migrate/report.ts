import { readControl } from './control/control.js';
import { type ReportColumns, type ReportOptions, reportQuery } from './control/report-query.js';
import { MigrationError } from './migration-error.js';
import type { WriteStatus } from './outcomes.js';
import { usersLeft } from './progress.js';
import type { ReportRow, StatusResult } from './results.js';
import { countPlan, phaseOf } from './state/finished-plan.js';
import { LOCKS } from './state/locks.js';
import { keysetRows, type Sqlite } from './state/sqlite.js';
import type { State } from './state/state.js';

/** The period over which the speed of writing is measured. */
const SPEED_MS = 300_000;
/** Writes further apart than this belong to different runs, or to different hours of one run. */
const PAUSE_MS = 30_000;

/**
 * The progress of this state. Works while another command is running, on a state opened with `access: 'read'`.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY` if no plan has been started
 */
export function readStatus(state: State): StatusResult {
  const { db, meta, pools } = state;
  const phase = phaseOf(state);
  if (phase === undefined || pools === undefined) {
    throw new MigrationError('ERR_STATE_NOT_READY', `${state.path} contains no plan`, { fix: 'Run `plan` first.' });
  }
  const plannedAt = meta.get('plannedAt');
  const verified = meta.get('verified');
  const waits = meta.get('waiting') ?? {};
  // What a killed command waited for stays recorded, and does not concern the commands that are running now.
  const waiter = LOCKS.find((name) => waits[name] !== undefined && state.isBusy(name));
  const waiting = waiter && waits[waiter];
  const listing = readListing(db);
  const listingPerSecond = phase === 'listing' && state.isBusy('plan') ? meta.get('listingSpeed') : undefined;
  return {
    legacyPools: pools.legacy,
    newPool: pools.new,
    attribute: meta.get('attribute') ?? meta.get('draft')?.attribute ?? '',
    phase,
    running: state.running,
    workers: state.workers,
    waiting: waiting === undefined ? undefined : { reason: waiting.reason, since: new Date(waiting.since) },
    pace: readControl(state),
    listing,
    listingPerSecond,
    listingSecondsLeft: listingTime(listing, listingPerSecond),
    plannedAt: plannedAt === undefined ? undefined : new Date(plannedAt),
    plan: meta.get('result'),
    writes: readWrites(state),
    verified: verified === undefined ? undefined : { at: new Date(verified.at), result: verified.result },
    warnings: [...new Set([...(meta.get('warnings') ?? []), ...(meta.get('draftWarnings') ?? [])])],
  };
}

function readListing(db: Sqlite): StatusResult['listing'] {
  return db
    .all<readonly ['legacy' | 'new', string, number, number | null, number, number, number]>(
      `SELECT p.side, p.user_pool_id, coalesce(max(l.users), sum(s.users), 0), max(l.estimated), coalesce(sum(s.done), 0),
         count(s.prefix), coalesce(max(l.mode), '') = 'done'
       FROM pools p LEFT JOIN listings l ON l.pool = p.id AND l.purpose = 'plan' LEFT JOIN shards s ON s.listing = l.id
       GROUP BY p.id ORDER BY p.id`,
    )
    .map(([side, userPoolId, users, estimated, shardsDone, shards, done]) => {
      return { side, userPoolId, users, estimatedUsers: estimated ?? undefined, shardsDone, shards, done: done === 1 };
    });
}

/** Over all pools: they are listed one after the other. */
function listingTime(listing: StatusResult['listing'], perSecond: number | undefined): number | undefined {
  const left = listing
    .map(usersLeft)
    .reduce((sum, users) => (sum === undefined || users === undefined ? undefined : sum + users), 0);
  return left === undefined || perSecond === undefined || perSecond <= 0 ? undefined : Math.ceil(left / perSecond);
}

function readWrites({ db, meta }: State): StatusResult['writes'] {
  const plan = meta.get('plan') ?? 0;
  const rows = db.all<readonly [WriteStatus, number, number, number | null]>(OPERATIONS_OF_A_PLAN, plan);
  const of = (status: WriteStatus) => rows.reduce((sum, [one, count]) => sum + (one === status ? count : 0), 0);
  const ended = of('written') + of('failed') + of('skipped') + of('rolled-back');
  // Overwritten conflicts are operations, but they are not counted in the plan's writes. The plus makes SQLite use the index on those
  // few that replaced a value.
  const overwritten =
    meta.get('plannedAt') === undefined
      ? 0
      : db.count(
          `SELECT count(*) FROM operations o CROSS JOIN new_users n ON n.username = o.username
           CROSS JOIN decisions d ON d.user = n.id AND d.outcome = 'conflict'
           WHERE o.plan = ? AND +o.kind = 'attribute' AND o.before <> ''`,
          plan,
        );
  const total = (meta.get('result')?.writes ?? 0) + overwritten;
  const firstAt = Math.min(...rows.map(([, , begun]) => begun));
  const lastAt = Math.max(...rows.map(([, , , end]) => end ?? Number.NEGATIVE_INFINITY));
  const remaining = Math.max(0, total - ended);
  const perSecond = Number.isFinite(lastAt) ? speedUntil(db, lastAt) : undefined;
  return {
    total,
    written: of('written'),
    failed: of('failed'),
    skipped: of('skipped'),
    remaining,
    inFlight: of('begun'),
    rolledBack: of('rolled-back'),
    firstAt: Number.isFinite(firstAt) ? new Date(firstAt) : undefined,
    lastAt: Number.isFinite(lastAt) ? new Date(lastAt) : undefined,
    perSecond,
    secondsLeft: perSecond === undefined ? undefined : Math.ceil(remaining / perSecond),
  };
}

/** Every kind and status is named, so that the index `operations_progress` answers it alone. */
const OPERATIONS_OF_A_PLAN = `SELECT status, count(*), min(begun_at), max(ended_at) FROM operations
  WHERE plan = ? AND kind IN ('attribute', 'group', 'member')
    AND status IN ('begun', 'written', 'failed', 'skipped', 'rolled-back') GROUP BY kind, status`;

/** Since the last pause: the time between two runs says nothing about the speed of the second. */
function speedUntil(db: Sqlite, end: number): number | undefined {
  const [count, from] = db.get<readonly [number, number | null]>(
    `WITH recent AS (SELECT ended_at AS at, ended_at - lag(ended_at) OVER (ORDER BY ended_at) AS pause FROM operations WHERE ended_at > ?)
     SELECT count(*), min(at) FROM recent WHERE at >= coalesce((SELECT max(at) FROM recent WHERE pause > ?), 0)`,
    end - SPEED_MS,
    PAUSE_MS,
  ) ?? [0, null];
  return from === null || end <= from ? undefined : Math.round(((count - 1) / (end - from)) * 1e5) / 100;
}

/**
 * The users of the finished plan, in the order of their usernames, read on demand.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`
 */
export function* readReportRows(state: State, options: ReportOptions = {}): Generator<ReportRow> {
  const { limit, after = '' } = options;
  countPlan(state);
  const { sql, values } = reportQuery(state, options);
  for (const row of keysetRows<ReportColumns>(state.db, sql, values, [after], limit)) {
    const [newUsername, newSub, legacySub, outcome, rule, detail, write, error] = row;
    const one = { newUsername, newSub, legacySub, outcome, rule, detail, write: write ?? undefined };
    yield error === null ? one : { ...one, error };
  }
}

/** `sub`s of the legacy users whom no new user matches, read on demand. */
export function* readNotMigrated(state: State, limit?: number): Generator<string> {
  countPlan(state);
  const sql = `SELECT l.sub FROM legacy_users l WHERE l.sub > ? AND NOT EXISTS (
    SELECT 1 FROM decisions d WHERE d.value = l.sub AND d.outcome IN ('set', 'ok', 'conflict', 'duplicate')) ORDER BY l.sub LIMIT ?`;
  for (const [sub] of keysetRows<readonly [string]>(state.db, sql, [], [''], limit)) yield sub;
}
