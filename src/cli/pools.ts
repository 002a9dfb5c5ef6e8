import type { GroupDirectory } from '../directory/group-types.js';
import type { UserDirectory } from '../directory/user-types.js';
import { ConfigurationError } from '../errors.js';
import type { State } from '../migrate/state/state.js';
import { refuse } from '../options.js';
import { type CommonSettings, defined } from './options/common.js';

/** The ids of the legacy pools named, if any are. */
export function legacyPoolIds({ legacyPool }: Pick<CommonSettings, 'legacyPool'>): readonly string[] | undefined {
  return legacyPool?.map(({ userPoolId }) => userPoolId);
}

/** The legacy pools as they must be named for a new plan. */
export function requireLegacyPoolIds(settings: Pick<CommonSettings, 'legacyPool' | 'newPool'>): readonly string[] {
  const legacy = legacyPoolIds(settings);
  const { newPool } = settings;
  if (legacy === undefined) throw new ConfigurationError('--legacy-pool', 'is required: the pool users come from');
  if (newPool !== undefined && legacy.includes(newPool)) {
    throw new ConfigurationError('--new-pool', `${newPool} is the legacy pool too`);
  }
  return legacy;
}

/** The ids of the pools of a new plan, both of which must be named. */
export function bothPoolIds(settings: CommonSettings): { legacy: readonly string[]; new: string } {
  const legacy = requireLegacyPoolIds(settings);
  const { newPool } = settings;
  if (newPool === undefined) throw new ConfigurationError('--new-pool', 'is required: the pool users move to');
  return { legacy, new: newPool };
}

/** @throws ConfigurationError naming `--legacy-pool` when pools are named and are not these */
export function refuseOtherLegacyPools(
  settings: Pick<CommonSettings, 'legacyPool'>,
  expected: readonly string[],
  where: string,
): void {
  const named = legacyPoolIds(settings);
  if (named === undefined || [...named].sort().join() === [...expected].sort().join()) return;
  refuse('--legacy-pool', `${expected.join(', ')}, as in ${where}`, named.join(', '));
}

/** The state file, created where there is none, and the pools of a new plan, each also seen by its groups. */
export async function withNewPlan<T>(
  settings: CommonSettings,
  work: (opened: {
    state: State;
    legacyPools: readonly UserDirectory[];
    newPool: UserDirectory;
    groups: { legacyPools: readonly GroupDirectory[]; newPool: GroupDirectory };
  }) => Promise<T>,
): Promise<T> {
  const ids = bothPoolIds(settings);
  const { createUserDirectory } = await import('../directory/command-line/user-directory.js');
  const { createGroupDirectory } = await import('../directory/command-line/group-directory.js');
  const legacy = ids.legacy.map((id) => legacyPoolAddress(id, settings));
  const legacyPools = legacy.map(createUserDirectory);
  const newPool = createUserDirectory(newPoolAddress(ids.new, settings));
  const groups = {
    legacyPools: legacy.map(createGroupDirectory),
    newPool: createGroupDirectory(newPoolAddress(ids.new, settings)),
  };
  return closing([...legacyPools, newPool, ...groups.legacyPools, groups.newPool], async () => {
    const { openState } = await import('../migrate/state/state.js');
    const state = openState({ path: settings.state, access: 'plan' });
    return closing([state], () => work({ state, legacyPools, newPool, groups }));
  });
}

/** The state file of a plan that exists. Works beside every running command that was not given the same `access`. */
export async function withState<T>(
  settings: CommonSettings,
  access: 'write' | 'verify' | 'publish' | 'control' | 'read',
  work: (state: State) => Promise<T>,
): Promise<T> {
  const { openState } = await import('../migrate/state/state.js');
  const state = openState({ path: settings.state, access });
  return closing([state], async () => {
    await refuseOtherThanPlanned(settings, state);
    return work(state);
  });
}

/** The state file of a plan that exists and its new pool, which need not be named again; with groups where it has some. */
export async function withPlannedPool<T>(
  settings: CommonSettings,
  work: (opened: { state: State; newPool: UserDirectory; newGroups?: GroupDirectory }) => Promise<T>,
  access: 'write' | 'verify' = 'write',
): Promise<T> {
  return withState(settings, access, async (state) => {
    const id = state.pools?.new ?? settings.newPool;
    if (id === undefined) throw new ConfigurationError('--new-pool', 'is required: the pool users move to');
    const { createUserDirectory } = await import('../directory/command-line/user-directory.js');
    const newPool = createUserDirectory(newPoolAddress(id, settings));
    const { plansGroups, wroteGroups } = await import('../migrate/groups/needed.js');
    if (!plansGroups(state) && !wroteGroups(state)) return closing([newPool], () => work({ state, newPool }));
    const { createGroupDirectory } = await import('../directory/command-line/group-directory.js');
    const newGroups = createGroupDirectory(newPoolAddress(id, settings));
    return closing([newPool, newGroups], () => work({ state, newPool, newGroups }));
  });
}

/** How a legacy pool is reached: as it says itself, else as the options say for all. */
export function legacyPoolAddress(userPoolId: string, settings: Omit<CommonSettings, 'state'>) {
  const { legacyRegion: region, legacyProfile: profile, legacyRoleArn: roleArn, legacyEndpoint: endpoint } = settings;
  const own = settings.legacyPool?.find((pool) => pool.userPoolId === userPoolId);
  return { ...defined({ region, profile, roleArn, endpoint }), ...own, userPoolId };
}

function newPoolAddress(userPoolId: string, settings: CommonSettings) {
  const { newRegion: region, newProfile: profile, newRoleArn: roleArn, newEndpoint: endpoint } = settings;
  return { userPoolId, ...defined({ region, profile, roleArn, endpoint }) };
}

/** Pools or an attribute that are not those of the state file are a mistake in either: nothing is read or written then. */
async function refuseOtherThanPlanned(settings: CommonSettings, state: State): Promise<void> {
  if (state.pools === undefined) return;
  const { newPool, attribute } = settings;
  if (newPool !== undefined && newPool !== state.pools.new) {
    refuse('--new-pool', `${state.pools.new}, the pool of ${state.path}`, newPool);
  }
  refuseOtherLegacyPools(settings, state.pools.legacy, state.path);
  const { readStatus } = await import('../migrate/report.js');
  const planned = readStatus(state).attribute;
  if (attribute !== undefined && attribute !== planned) {
    refuse('--attribute', `${planned}, as in ${state.path}`, attribute);
  }
}

async function closing<T>(parts: readonly { close(): void }[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    for (const part of parts) part.close();
  }
}
