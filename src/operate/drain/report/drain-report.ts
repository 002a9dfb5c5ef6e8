import { DAY_MS } from '../../../clock.js';
import { LAST_MOMENT } from '../count/drain-counter.js';
import type { DrainContent, DrainInstance, DrainRecord, DrainReport, DrainTrace } from '../drain-types.js';
import { type Coverage, coverageOf } from './coverage.js';
import { checkDrainQuestion, type DrainQuestion } from './drain-question.js';
import { REASONS, unknownInstances } from './drain-reasons.js';
import { type DrainSums, sumUp } from './drain-sums.js';
import { isDrainInstance, isDrainRecord, isMoment } from './stored-values.js';

/** What a report is made of. */
export interface DrainReportInput extends DrainContent, DrainQuestion {
  /** Milliseconds since the epoch, as all moments here. */
  readonly now: number;
  /** The stores keep nothing that was counted before. Default: they keep all. */
  readonly readFrom?: number | undefined;
  /** No store could be read, so nothing is known of any instance. */
  readonly unread?: boolean | undefined;
  /** Further reasons not to close the pool, a sentence each: a store that cannot be read. */
  readonly troubles?: readonly string[] | undefined;
  /** What else shows that the pool was in use: what AWS counted. Default: nothing. */
  readonly blockers?: readonly Blocker[] | undefined;
}

/** Something after which it must have been quiet for the whole window. */
export interface Blocker {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly reason: string;
}

/** The latest of them; earlier ones would be forgiven earlier. */
const MOST_GAPS_NAMED = 3;

/**
 * Whether the legacy pools may be closed, by what was counted. They may, once nothing was accepted from them, and everything was counted, for
 * as long as their tokens and refresh tokens live. What is not known is a reason against it.
 *
 * @throws `ConfigurationError`
 */
export function drainReport(input: DrainReportInput): DrainReport {
  checkDrainQuestion(input);
  const { now, expectInstances, refreshTokenSeconds, legacyPools = [] } = input;
  const instances = input.instances.filter(isDrainInstance);
  const records = input.records.filter(isDrainRecord);
  const isSinceKnown = input.since === undefined || isMoment(input.since);
  const damaged =
    input.instances.length + input.records.length - instances.length - records.length + (isSinceKnown ? 0 : 1);
  const sums = sumUp(records, now);
  const coverage = coverageOf(instances, now, expectInstances);
  const traces = instances.flatMap(({ legacy }) => legacy);

  const troubles = input.troubles ?? [];
  const uncounted = [
    ...troubles,
    ...(damaged === 0 ? [] : [REASONS.damaged(damaged)]),
    // A store that cannot be read is a reason already; that nobody reported to it would be a guess.
    ...(input.unread === true && troubles.length > 0 ? [] : unknownInstances(coverage, expectInstances)),
  ];
  const lifetimeMs = tokenLifetimeMs(input.tokenSeconds, traces);
  const refreshMs = (refreshTokenSeconds ?? 0) * 1000;
  const windowMs = Math.max(lifetimeMs, refreshMs);
  const readFrom = Math.max(input.readFrom ?? 0, keptSince(instances, now));
  const unknown = [
    ...uncounted,
    ...(now - readFrom < windowMs ? [REASONS.retention(readFrom, windowMs)] : []),
    ...(instances.length === 0 ? [] : unknownPools(sums, records, traces, legacyPools)),
    ...(refreshTokenSeconds === undefined ? [REASONS.refreshUnknown] : []),
  ];
  const starts = startOf(coverage, input);
  // Nobody has seen when a token ends that came in unseen until then. With its refresh token another one is got at the last moment.
  const unseen = [...(input.blockers ?? []), ...unjudgedOf(instances), ...starts].map(({ at, reason }) => ({
    at: at + Math.min(lifetimeMs, refreshMs),
    reason,
  }));
  const blockers = [...usageOf(sums, traces, legacyPools, now - windowMs), ...unseen];
  const quietSince = Math.min(greatest(blockers.map(({ at }) => at)), LAST_MOMENT);
  const waits = blockers.filter(({ at }) => at + windowMs > now).map(({ reason }) => reason);
  const earliest = Math.min(quietSince + windowMs, LAST_MOMENT);
  const isKnown = unknown.length === 0;
  return {
    safeToClose: isKnown && waits.length === 0,
    reasons: [
      ...unknown,
      ...waits,
      ...(isKnown && waits.length > 0 ? [REASONS.wait(earliest, quietSince, windowMs)] : []),
    ],
    pools: sums.pools,
    clients: sums.clients,
    instances: new Set(instances.map(({ instance }) => instance)).size,
    since: uncounted.length === 0 ? new Date(Math.max(readFrom, ...starts.map(({ at }) => at))).toISOString() : null,
    earliest: isKnown ? new Date(earliest).toISOString() : null,
    runs: coverage.runs,
  };
}

/** Since when all instances keep what they count: one whose store keeps it for a shorter time has given up the rest. */
const keptSince = (instances: readonly DrainInstance[], now: number): number =>
  greatest(instances.map(({ retentionDays }) => (retentionDays === undefined ? 0 : now - retentionDays * DAY_MS)));

function tokenLifetimeMs(given: number | undefined, traces: readonly DrainTrace[]): number {
  if (given !== undefined) return given * 1000;
  const longest = greatest(traces.map(({ longestLifetime }) => longestLifetime));
  return longest === 0 ? DAY_MS : longest;
}

/** The last token, and the end of the latest one. */
function usageOf(
  { pools, clients }: DrainSums,
  traces: readonly DrainTrace[],
  named: readonly string[],
  from: number,
): Blocker[] {
  const isLegacy = (userPoolId: string) => pools[userPoolId]?.pool !== 'new' || named.includes(userPoolId);
  const ofPools = Object.entries(pools).flatMap(([id, pool]) => (isLegacy(id) ? [pool] : []));
  const ofTraces = traces.filter(({ userPoolId }) => isLegacy(userPoolId));
  const lastToken = greatest([
    ...ofPools.map((pool) => momentOf(pool.lastToken)),
    ...ofTraces.map((trace) => trace.lastToken),
  ]);
  const expiry = greatest([
    ...ofPools.map((pool) => momentOf(pool.latestExpiry)),
    ...ofTraces.map((trace) => trace.latestExpiry),
  ]);
  if (lastToken === 0) return [];
  const recent = clients.filter(
    ({ userPoolId, ...client }) =>
      isLegacy(userPoolId) && Math.max(momentOf(client.lastToken), momentOf(client.latestExpiry)) > from,
  );
  return [{ at: Math.max(lastToken, expiry), reason: REASONS.stillUsed(lastToken, expiry, recent) }];
}

/** 0 if there is none. There may be more of them than a call takes arguments. */
const greatest = (moments: readonly number[]): number => moments.reduce((one, other) => Math.max(one, other), 0);

/** 0 stands for never. */
const momentOf = (iso: string | null): number => (iso === null ? 0 : Date.parse(iso));

/** A token that came when it could not be judged: by the latest of all instances. */
function unjudgedOf(instances: readonly DrainInstance[]): Blocker[] {
  const at = greatest(instances.map(({ unjudgedAt = 0 }) => unjudgedAt));
  return at === 0 ? [] : [{ at, reason: REASONS.unjudged(at) }];
}

/** Since when, and with which gaps, all has been counted. */
function startOf({ start, gaps }: Coverage, { since = 0, expectInstances }: DrainReportInput): Blocker[] {
  const named = gaps.slice(0, MOST_GAPS_NAMED).map((gap) => ({ at: gap.until, reason: REASONS.gap(gap) }));
  if (start === undefined) return named;
  if (isMoment(since) && since > start.at) return [...named, { at: since, reason: REASONS.storeBegan(since) }];
  return [...named, { at: start.at, reason: REASONS.started(start.at, start.instance, expectInstances) }];
}

/** Whatever makes it doubtful which pools are meant, or whether anything is counted at all. */
function unknownPools(
  { pools }: DrainSums,
  records: readonly DrainRecord[],
  traces: readonly DrainTrace[],
  named: readonly string[],
): string[] {
  const seen = [
    ...new Set([
      ...Object.entries(pools).flatMap(([id, { pool }]) => (pool === 'legacy' ? [id] : [])),
      ...traces.map(({ userPoolId }) => userPoolId),
    ]),
  ];
  const twoSides = seen.filter((id) => records.some(({ userPoolId, pool }) => userPoolId === id && pool === 'new'));
  const notLegacy = named.filter((id) => pools[id]?.pool === 'new');
  const unseen = named.filter((id) => !seen.includes(id));
  const unnamed = seen.filter((id) => !named.includes(id));
  return [
    ...(twoSides.length === 0 ? [] : [REASONS.twoSides(twoSides)]),
    ...(notLegacy.length === 0 ? [] : [REASONS.notLegacy(notLegacy)]),
    ...(unseen.length > 0 && unnamed.length > 0 && notLegacy.length === 0 ? [REASONS.otherPools(unseen, unnamed)] : []),
    ...(seen.length === 0 && records.length === 0 ? [REASONS.nothingCounted] : []),
    ...(seen.length === 0 && records.length > 0 && named.length === 0 ? [REASONS.noLegacyPool] : []),
  ];
}
