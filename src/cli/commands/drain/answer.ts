import type { UserDirectoryOptions } from '../../../directory/command-line/user-directory.js';
import type { DrainStore } from '../../../operate/drain/drain-types.js';
import { activityBlockers, unknownActivity } from '../../../operate/drain/report/aws-activity.js';
import { sessionReasons } from '../../../operate/drain/report/live-sessions.js';
import { readDrainReport } from '../../../operate/drain/report/read-report.js';
import type { CommandContext } from '../../define-command.js';
import { legacyPoolAddress } from '../../pools.js';
import type { AskAbout } from '../confirm.js';
import { type DrainSettings, longestRefresh, type PoolEvidence, readPoolEvidence } from './pool-evidence.js';
import type { DrainResult } from './result.js';

const NO_POOL = 'AWS was not asked, because no legacy pool is known. Name it with --legacy-pool.';

/**
 * What the instances counted, together with what AWS knows where that is asked for. Whatever cannot be read is a reason in the answer.
 * @throws ConfigurationError; MigrationError after an interruption
 */
export async function answerDrain(
  stores: readonly DrainStore[],
  settings: DrainSettings,
  ask: AskAbout,
  context: CommandContext,
): Promise<DrainResult> {
  const { clock } = context;
  const { refreshLifetime, expectInstances, cloudwatch, sessions } = settings;
  const evidence: PoolEvidence[] = [];
  for (const pool of await legacyPools(stores, settings, context)) {
    evidence.push(await readPoolEvidence(pool, settings, ask, context));
  }
  const refreshTokenSeconds = refreshLifetime === undefined ? longestOf(evidence) : refreshLifetime / 1000;
  const activity = evidence.flatMap((pool) => pool.activity ?? []);
  const live = evidence.flatMap((pool) => pool.sessions ?? []);
  const report = await readDrainReport({
    ...{ stores, clock, refreshTokenSeconds, expectInstances },
    legacyPools: settings.legacyPool?.map(({ userPoolId }) => userPoolId),
    blockers: activity.flatMap(activityBlockers),
    troubles: [
      ...((cloudwatch || sessions) && evidence.length === 0 ? [NO_POOL] : []),
      ...evidence.flatMap(({ troubles }) => troubles),
      ...activity.flatMap(unknownActivity),
      ...live.flatMap(sessionReasons),
    ],
  });
  return {
    ...report,
    refreshLifetimeSeconds: refreshTokenSeconds ?? null,
    cloudwatch: cloudwatch ? activity : null,
    sessions: sessions ? live : null,
  };
}

/** The legacy pools that are named; if none is, and AWS is to be asked, those whose tokens were counted. */
async function legacyPools(
  stores: readonly DrainStore[],
  settings: DrainSettings,
  { clock }: CommandContext,
): Promise<readonly UserDirectoryOptions[]> {
  const { legacyPool, refreshLifetime, cloudwatch, sessions } = settings;
  const asksAws = cloudwatch || sessions || (legacyPool !== undefined && refreshLifetime === undefined);
  if (!asksAws) return [];
  const ids =
    legacyPool?.map(({ userPoolId }) => userPoolId) ??
    Object.entries((await readDrainReport({ stores, clock })).pools).flatMap(([id, { pool }]) =>
      pool === 'legacy' ? [id] : [],
    );
  return ids.map((id) => ({ ...legacyPoolAddress(id, settings), side: 'legacy' as const }));
}

/** `undefined` if it is not known of a pool, or of all. */
function longestOf(evidence: readonly PoolEvidence[]): number | undefined {
  const each = evidence.map(({ clients }) => longestRefresh(clients));
  const known = each.filter((seconds) => seconds !== undefined);
  return known.length === 0 || known.length < each.length ? undefined : Math.max(...known);
}
