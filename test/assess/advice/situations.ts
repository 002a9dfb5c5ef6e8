import type { Situation } from '../../../src/assess/advice/situation.js';
import type { PoolSettings, UserStatistics } from '../../../src/assess/snapshot/pool-snapshot.js';
import { context, LEGACY_ID, legacyParts, NEW_ID } from '../pools.js';

export interface SituationChanges {
  readonly users?: Partial<UserStatistics>;
  readonly settings?: Partial<PoolSettings>;
  /** `null`: there is no new pool yet. */
  readonly newRegion?: string | null;
  readonly newSettings?: Partial<PoolSettings>;
  readonly newUsers?: Partial<UserStatistics>;
}

/** One legacy pool and the new one, in one Region and without findings, except for the changes. */
export function situation(changes: SituationChanges = {}): Situation {
  const { settings } = legacyParts;
  const { newRegion = 'eu-west-1' } = changes;
  const newPool = {
    userPoolId: NEW_ID,
    region: newRegion ?? '',
    settings: { ...settings, ...changes.newSettings },
    users: changes.newUsers === undefined ? undefined : { ...legacyParts.users, ...changes.newUsers },
  };
  return {
    legacy: [
      {
        userPoolId: LEGACY_ID,
        region: 'eu-west-1',
        settings: { ...settings, ...changes.settings },
        users: { ...legacyParts.users, ...changes.users },
      },
    ],
    new: newRegion === null ? undefined : newPool,
    options: context.options,
    findings: [],
  };
}
