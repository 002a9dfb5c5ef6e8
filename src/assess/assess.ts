import type { PoolSide } from '../errors.js';
import { type Recommendation, recommend } from './advice/recommendation.js';
import { CHECKS } from './checks/index.js';
import { type CheckContext, type CheckResult, type MissingPart, poolsOf } from './define-check.js';
import { type Finding, SEVERITIES, type Severity } from './finding.js';
import { type Cost, estimateCost } from './forecast/cost.js';
import { estimateRecency, type Recency } from './forecast/recency.js';
import type { KnownParts } from './forecast/ways.js';
import type { Part, PoolSnapshot, Snapshot, UserStatistics } from './snapshot/pool-snapshot.js';
import { type ClientRow, clientTable } from './tables/client-table.js';
import { type MfaSummary, summariseMfa } from './tables/mfa-summary.js';
import { type SettingRow, settingsTable } from './tables/settings-table.js';

/** One pool and its users. */
interface PoolOverview {
  readonly side: PoolSide;
  readonly userPoolId: string;
  readonly region: string;
  /** `null` if it could not be read. */
  readonly name: string | null;
  readonly users: UserStatistics | null;
}

/** A check that could not be made. */
interface Undetermined {
  readonly id: string;
  readonly missing: readonly MissingPart[];
}

/** The result of `assess`. Plain JSON. */
export interface Assessment {
  /** When the pools were read, ISO 8601. */
  readonly takenAt: string;
  readonly attribute: string;
  readonly pools: readonly PoolOverview[];
  /** The number of findings of each severity, and of checks that passed or could not be made. */
  readonly summary: Readonly<Record<Severity | 'passed' | 'notDetermined', number>>;
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly notDetermined: readonly Undetermined[];
  readonly settings: readonly SettingRow[];
  /** One table per legacy pool; empty without a new pool. */
  readonly clients: readonly { readonly legacyPool: string; readonly rows: readonly ClientRow[] }[];
  readonly mfa: readonly MfaSummary[];
  /** This and the next two are `null` if the users could not be listed. */
  readonly recency: Recency | null;
  readonly cost: Cost | null;
  readonly recommendation: Recommendation | null;
}

/** Assesses a snapshot. Pure. */
export function assess(snapshot: Snapshot, context: CheckContext): Assessment {
  const results = CHECKS.flatMap((check) => check.run(snapshot, context));
  const findings = SEVERITIES.flatMap((severity) =>
    results.flatMap((result) => result.findings).filter((finding) => finding.severity === severity),
  );
  return {
    takenAt: new Date(snapshot.takenAt).toISOString(),
    attribute: context.options.attribute,
    pools: poolsOf(snapshot).map(({ pool, side }) => ({
      side,
      userPoolId: pool.userPoolId,
      region: pool.region,
      name: known(pool.settings)?.name ?? null,
      users: known(pool.users) ?? null,
    })),
    summary: summarise(results),
    findings,
    notDetermined: results.filter(({ missing }) => missing.length > 0).map(({ id, missing }) => ({ id, missing })),
    settings: settingsTable(poolsOf(snapshot).map(({ pool }) => pool)),
    clients: clientTables(snapshot, context),
    mfa: snapshot.legacy.flatMap((pool) => {
      const settings = known(pool.settings);
      const mfa = known(pool.mfa);
      const users = known(pool.users);
      if (settings === undefined || mfa === undefined || users === undefined) return [];
      return [summariseMfa({ userPoolId: pool.userPoolId, settings, mfa, users })];
    }),
    ...ofUsers(snapshot, context, findings),
  };
}

/** The parts that need the users of every legacy pool. */
function ofUsers(
  { legacy, new: newPool }: Snapshot,
  { options }: CheckContext,
  findings: readonly Finding[],
): Pick<Assessment, 'recency' | 'cost' | 'recommendation'> {
  const pools = legacy.flatMap((pool) => {
    const users = known(pool.users);
    return users === undefined ? [] : [{ ...knownParts(pool), users }];
  });
  if (pools.length < legacy.length) return { recency: null, cost: null, recommendation: null };
  const next = newPool === null ? undefined : knownParts(newPool);
  return {
    recency: estimateRecency(pools.map(({ users }) => users)),
    cost: estimateCost(pools, next, options),
    recommendation: recommend({ legacy: pools, new: next, options, findings }),
  };
}

const knownParts = ({ userPoolId, region, ...parts }: PoolSnapshot): KnownParts => ({
  userPoolId,
  region,
  settings: known(parts.settings),
  providers: known(parts.providers),
  resourceServers: known(parts.resourceServers),
  groups: known(parts.groups),
  users: known(parts.users),
});

function clientTables({ legacy, new: newPool }: Snapshot, { options }: CheckContext): Assessment['clients'] {
  const newClients = newPool === null ? undefined : known(newPool.clients);
  if (newClients === undefined) return [];
  return legacy.flatMap(({ userPoolId, clients }) => {
    const present = known(clients);
    return present === undefined
      ? []
      : [{ legacyPool: userPoolId, rows: clientTable(present, newClients, options.attribute) }];
  });
}

function summarise(results: readonly CheckResult[]): Assessment['summary'] {
  const summary = { blocker: 0, warning: 0, info: 0, passed: 0, notDetermined: 0 };
  for (const { findings, missing } of results) {
    if (missing.length > 0) summary.notDetermined++;
    else if (findings.length === 0) summary.passed++;
    for (const { severity } of findings) summary[severity]++;
  }
  return summary;
}

/** A part, if it was read. */
const known = <T>(part: Part<T>): T | undefined => (part.known === 'yes' ? part.value : undefined);
