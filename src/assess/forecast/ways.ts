import { providerOfLegacyPool } from '../facts/providers.js';
import type { PoolParts } from '../snapshot/pool-snapshot.js';

/** A pool with those of its parts that could be read. */
export type KnownParts = { readonly userPoolId: string; readonly region: string } & {
  readonly [P in 'settings' | 'providers' | 'resourceServers' | 'groups' | 'users']?: PoolParts[P] | undefined;
};

/** How the users of one legacy pool who have a password can come over. */
export type NativeWay = 'migration-at-sign-in' | 'federation-with-legacy-pool';

/** A second factor stops the trigger; so the legacy pool signs its users in itself, as the new pool's identity provider. */
export function nativeWay({ userPoolId, settings }: KnownParts, newPool: KnownParts | undefined): NativeWay {
  if (providerOfLegacyPool(newPool?.providers ?? [], userPoolId) !== undefined) return 'federation-with-legacy-pool';
  return settings?.mfa === 'ON' && !enrolsAgain(newPool) ? 'federation-with-legacy-pool' : 'migration-at-sign-in';
}

/** Set up for the migration trigger's `challenges: 'reset-and-enrol'`. */
export const enrolsAgain = (newPool: Pick<KnownParts, 'settings'> | undefined): boolean =>
  newPool?.settings?.mfa === 'ON' && newPool.settings.triggers.some(({ name }) => name === 'UserMigration');
