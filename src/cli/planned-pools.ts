import type { ImportService } from '../directory/import-types.js';
import type { UserDirectory } from '../directory/user-types.js';
import { ConfigurationError } from '../errors.js';
import type { State } from '../migrate/state/state.js';
import { type CommonSettings, defined } from './options/common.js';
import { legacyPoolAddress, legacyPoolIds, withState } from './pools.js';

/** The state of a plan that exists, its legacy pools, and the user imports of its new pool. */
export async function withPlannedPools<T>(
  settings: CommonSettings,
  work: (opened: {
    readonly state: State;
    readonly legacyPools: readonly UserDirectory[];
    readonly service: ImportService;
  }) => Promise<T>,
): Promise<T> {
  return withState(settings, 'read', async (state) => {
    const legacyIds = state.pools?.legacy ?? legacyPoolIds(settings) ?? [];
    const newId = state.pools?.new ?? settings.newPool;
    if (newId === undefined) throw new ConfigurationError('--new-pool', 'is required: the pool users move to');
    const { createUserDirectory } = await import('../directory/command-line/user-directory.js');
    const legacyPools = legacyIds.map((id) => createUserDirectory(legacyPoolAddress(id, settings)));
    const service = await openImportService(newId, settings);
    try {
      return await work({ state, legacyPools, service });
    } finally {
      for (const part of [...legacyPools, service]) part.close();
    }
  });
}

/** The new pool's settings as the options name them. */
export type NewPoolSettings = Pick<CommonSettings, 'newRegion' | 'newProfile' | 'newRoleArn' | 'newEndpoint'>;

/** How the new pool is reached. */
export function newPoolAddress(userPoolId: string, settings: NewPoolSettings) {
  const { newRegion: region, newProfile: profile, newRoleArn: roleArn, newEndpoint: endpoint } = settings;
  return { userPoolId, ...defined({ region, profile, roleArn, endpoint }) };
}

export async function openImportService(
  userPoolId: string,
  settings: NewPoolSettings,
): Promise<ImportService & { close(): void }> {
  const { createImportJobs } = await import('../directory/command-line/import-jobs.js');
  return createImportJobs(newPoolAddress(userPoolId, settings));
}
