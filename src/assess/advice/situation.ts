import type { CheckOptions, Finding } from '../define-check.js';
import { providerOfLegacyPool } from '../facts/providers.js';
import { type Movers, moversOf } from '../forecast/movers.js';
import { copiedGroups } from '../groups.js';
import type { PoolParts, UserStatistics } from '../snapshot/pool-snapshot.js';

/** A pool with those of its parts that could be read. */
export type KnownParts = { readonly userPoolId: string; readonly region: string } & {
  readonly [P in 'settings' | 'providers' | 'resourceServers' | 'groups' | 'users']?: PoolParts[P] | undefined;
};

/** How the users of one legacy pool who have a password can come over. */
export type NativeWay = 'migration-at-sign-in' | 'federation-with-legacy-pool';

/** What the advice is made from. */
export interface Situation {
  readonly legacy: readonly (KnownParts & { readonly users: UserStatistics })[];
  readonly new: KnownParts | undefined;
  readonly options: Pick<CheckOptions, 'attribute' | 'tokenUse'>;
  readonly findings: readonly Finding[];
}

export const movers = ({ legacy, new: newPool, options }: Situation): Movers =>
  moversOf(
    legacy.map(({ users }) => users),
    newPool?.users,
    options.attribute,
  );

/** A second factor stops the trigger; so the legacy pool signs its users in itself, as the new pool's identity provider. */
export function nativeWay({ userPoolId, settings }: KnownParts, newPool: KnownParts | undefined): NativeWay {
  if (providerOfLegacyPool(newPool?.providers ?? [], userPoolId) !== undefined) return 'federation-with-legacy-pool';
  return settings?.mfa === 'ON' && !enrolsAgain(newPool) ? 'federation-with-legacy-pool' : 'migration-at-sign-in';
}

/** Set up for the migration trigger's `challenges: 'reset-and-enrol'`. */
export const enrolsAgain = (newPool: Pick<KnownParts, 'settings'> | undefined): boolean =>
  newPool?.settings?.mfa === 'ON' && newPool.settings.triggers.some(({ name }) => name === 'UserMigration');

/** Whether any legacy pool has groups to be copied; groups that could not be read may be there. */
export const mayHaveGroups = ({ legacy }: Situation): boolean =>
  legacy.some(({ userPoolId, groups }) => groups === undefined || copiedGroups({ userPoolId, groups }).length > 0);
