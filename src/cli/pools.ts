import type { IdentifiedDirectory } from '../directory/command-line/user-directory.js';
import type { GroupDirectory } from '../directory/group-types.js';
import type { ImportService } from '../directory/import-types.js';
import type { UserDirectory } from '../directory/user-types.js';
import { ConfigurationError } from '../errors.js';
import { MigrationError } from '../migrate/migration-error.js';
import { sameLegacyPools } from '../migrate/state/planned-pools.js';
import type { State } from '../migrate/state/state.js';
import { refuse } from '../options.js';
import { type CommonSettings, defined } from './options/common.js';
import { nextPlan } from './options/next-plan.js';

/** The ids of the legacy pools named, if any are. */
function legacyPoolIds({ legacyPool }: Pick<CommonSettings, 'legacyPool'>): readonly string[] | undefined {
  return legacyPool?.map(({ userPoolId }) => userPoolId);
}

/** The ids of the legacy pools of a new plan, which must be named. */
export function requireLegacyPoolIds(settings: Pick<CommonSettings, 'legacyPool' | 'newPool'>): readonly string[] {
  const legacy = legacyPoolIds(settings);
  const { newPool } = settings;
  if (legacy === undefined) throw new ConfigurationError('--legacy-pool', 'is required: the pool users come from');
  if (newPool !== undefined && legacy.includes(newPool)) {
    throw new ConfigurationError('--new-pool', `${newPool} is the legacy pool too`);
  }
  return legacy;
}

/** The id of the new pool: the one that was planned, else the one that is named. */
function requireNewPoolId({ newPool }: CommonSettings, planned?: State['pools']): string {
  const id = planned?.new ?? newPool;
  if (id === undefined) throw new ConfigurationError('--new-pool', 'is required: the pool users move to');
  return id;
}

/** The ids of the pools of a new plan, both of which must be named. */
export function bothPoolIds(settings: CommonSettings): { legacy: readonly string[]; new: string } {
  return { legacy: requireLegacyPoolIds(settings), new: requireNewPoolId(settings) };
}

/** The pools, and the attribute, that a state file, an export or a snapshot was made for. */
export interface MadeFor {
  readonly legacyPools: readonly string[];
  /** `null` where the new pool did not exist yet. */
  readonly newPool: string | null;
  readonly attribute?: string;
}

/**
 * Refuses options that name other pools, or another attribute, than `where` was made for.
 * @throws ConfigurationError naming the option, with nothing read or written
 */
export function refuseOthers(
  settings: Pick<CommonSettings, 'legacyPool' | 'newPool' | 'attribute'>,
  made: MadeFor,
  where: string,
): void {
  const { newPool, attribute } = settings;
  const legacy = legacyPoolIds(settings);
  if (newPool !== undefined && newPool !== made.newPool) {
    refuse('--new-pool', `${made.newPool ?? 'none'}, as in ${where}`, newPool);
  }
  if (legacy !== undefined && !sameLegacyPools(legacy, made.legacyPools)) {
    refuse('--legacy-pool', `${made.legacyPools.join(', ')}, as in ${where}`, legacy.join(', '));
  }
  if (attribute !== undefined && made.attribute !== undefined && attribute !== made.attribute) {
    refuse('--attribute', `${made.attribute}, as in ${where}`, attribute);
  }
}

/** The state file, created where there is none, and the pools of a new plan, each also with its groups. */
export async function withNewPlan<T>(
  settings: CommonSettings,
  work: (opened: {
    state: State;
    legacyPools: readonly UserDirectory[];
    newPool: UserDirectory;
    groups: { legacyPools: readonly GroupDirectory[]; newPool: GroupDirectory };
  }) => Promise<T>,
  command = 'plan',
): Promise<T> {
  const ids = bothPoolIds(settings);
  const { createUserDirectory } = await import('../directory/command-line/user-directory.js');
  const { createGroupDirectory } = await import('../directory/command-line/group-directory.js');
  const legacy = ids.legacy.map((id) => legacyPoolOf(id, settings));
  const legacyPools = legacy.map(createUserDirectory);
  const newPool = createUserDirectory(newPoolOf(ids.new, settings));
  const groups = {
    legacyPools: legacy.map(createGroupDirectory),
    newPool: createGroupDirectory(newPoolOf(ids.new, settings)),
  };
  return closing([...legacyPools, newPool, ...groups.legacyPools, groups.newPool], async () => {
    const { openState } = await import('../migrate/state/state.js');
    const state = openState({ path: settings.state, access: 'plan', command });
    return closing([state], () => work({ state, legacyPools, newPool, groups }));
  });
}

/** The state file of a plan that exists. `command`: what others are told is at work. Works beside every running command that has another `access`. */
export async function withState<T>(
  settings: CommonSettings,
  access: 'write' | 'verify' | 'publish' | 'control' | 'read',
  work: (state: State) => Promise<T>,
  command?: string,
): Promise<T> {
  const { openState } = await import('../migrate/state/state.js');
  const state = openState({ path: settings.state, access, ...defined({ command }) });
  return closing([state], async () => {
    if (state.pools === undefined) return work(state);
    const { readStatus } = await import('../migrate/report.js');
    const made = readStatus(state);
    refuseOthers(settings, made, state.path);
    try {
      return await work(state);
    } catch (error) {
      // Most commands know the pools from the state; a plan must be told.
      if (error instanceof MigrationError && error.fix !== undefined) {
        error.fix = error.fix.replace(/`plan\b/, () => `\`${nextPlan(made, settings)}`);
      }
      throw error;
    }
  });
}

/** A finished plan and its new pool. */
export interface OpenedPlan {
  readonly state: State;
  readonly newPool: IdentifiedDirectory;
  readonly newGroups?: GroupDirectory;
}

/** The state file of a plan that exists and its new pool, which need not be named again; with groups where it has some. */
export async function withPlannedPool<T>(
  settings: CommonSettings,
  work: (opened: OpenedPlan) => Promise<T>,
  access: 'write' | 'verify' = 'write',
  command?: string,
): Promise<T> {
  const withPool = async (state: State) => {
    const address = newPoolOf(requireNewPoolId(settings, state.pools), settings);
    const { createUserDirectory } = await import('../directory/command-line/user-directory.js');
    const newPool = createUserDirectory(address);
    const { plansGroups, wroteGroups } = await import('../migrate/groups/needed.js');
    if (!plansGroups(state) && !wroteGroups(state)) return closing([newPool], () => work({ state, newPool }));
    const { createGroupDirectory } = await import('../directory/command-line/group-directory.js');
    const newGroups = createGroupDirectory(address);
    return closing([newPool, newGroups], () => work({ state, newPool, newGroups }));
  };
  return withState(settings, access, withPool, command);
}

/** The state file of a plan that exists, its legacy pools, and the user imports of its new pool. */
export async function withPlannedExport<T>(
  settings: CommonSettings,
  work: (opened: {
    readonly state: State;
    readonly legacyPools: readonly UserDirectory[];
    readonly service: ImportService;
  }) => Promise<T>,
): Promise<T> {
  return withState(settings, 'read', async (state) => {
    const legacyIds = state.pools?.legacy ?? legacyPoolIds(settings) ?? [];
    const newPoolId = requireNewPoolId(settings, state.pools);
    const { createUserDirectory } = await import('../directory/command-line/user-directory.js');
    const { createImportJobs } = await import('../directory/command-line/import-jobs.js');
    const legacyPools = legacyIds.map((id) => createUserDirectory(legacyPoolOf(id, settings)));
    const service = createImportJobs(newPoolOf(newPoolId, settings));
    return closing([...legacyPools, service], () => work({ state, legacyPools, service }));
  });
}

/** The new pool of an export, and its user imports. */
export async function withImport<T>(
  userPoolId: string,
  settings: CommonSettings,
  work: (opened: { readonly directory: IdentifiedDirectory; readonly service: ImportService }) => Promise<T>,
): Promise<T> {
  const { createUserDirectory } = await import('../directory/command-line/user-directory.js');
  const { createImportJobs } = await import('../directory/command-line/import-jobs.js');
  const directory = createUserDirectory(newPoolOf(userPoolId, settings));
  const service = createImportJobs(newPoolOf(userPoolId, settings));
  return closing([service, directory], () => work({ directory, service }));
}

/** The same addresses, so that failures name the options of their pool. */
const legacyPoolOf = (userPoolId: string, settings: CommonSettings) =>
  ({ ...legacyPoolAddress(userPoolId, settings), side: 'legacy' }) as const;
const newPoolOf = (userPoolId: string, settings: CommonSettings) =>
  ({ ...newPoolAddress(userPoolId, settings), side: 'new' }) as const;

type LegacySettings = Pick<
  CommonSettings,
  'legacyPool' | 'legacyRegion' | 'legacyProfile' | 'legacyRoleArn' | 'legacyEndpoint'
>;

/** How a legacy pool is reached: by its own settings, otherwise by the options for all. */
export function legacyPoolAddress(userPoolId: string, settings: LegacySettings) {
  const { legacyRegion: region, legacyProfile: profile, legacyRoleArn: roleArn, legacyEndpoint: endpoint } = settings;
  const own = settings.legacyPool?.find((pool) => pool.userPoolId === userPoolId);
  return { ...defined({ region, profile, roleArn, endpoint }), ...own, userPoolId };
}

/** How the new pool is reached. */
export function newPoolAddress(userPoolId: string, settings: Omit<CommonSettings, 'state'>) {
  const { newRegion: region, newProfile: profile, newRoleArn: roleArn, newEndpoint: endpoint } = settings;
  return { userPoolId, ...defined({ region, profile, roleArn, endpoint }) };
}

async function closing<T>(parts: readonly { close(): void }[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    for (const part of parts) part.close();
  }
}
