import { providerOfLegacyPool } from '../facts/providers.js';
import type { PoolParts } from '../snapshot/pool-snapshot.js';

/** A pool with those of its parts that could be read. */
export type KnownParts = { readonly userPoolId: string; readonly region: string } & {
  readonly [P in 'settings' | 'providers' | 'resourceServers' | 'groups' | 'users']?: PoolParts[P] | undefined;
};

/** How the users of one legacy pool who have a password can move. */
export type NativeWay = 'migration-at-sign-in' | 'federation-with-legacy-pool';

/** Required MFA stops the migration trigger. The legacy pool then becomes an identity provider of the new pool. */
export function nativeWay({ userPoolId, settings }: KnownParts, newPool: KnownParts | undefined): NativeWay {
  if (providerOfLegacyPool(newPool?.providers ?? [], userPoolId) !== undefined) return 'federation-with-legacy-pool';
  return settings?.mfa === 'ON' && !enrolsAgain(newPool) ? 'federation-with-legacy-pool' : 'migration-at-sign-in';
}

/** Whether the pool is set up for the migration trigger's `challenges: 'reset-and-enrol'`. */
export const enrolsAgain = (newPool: Pick<KnownParts, 'settings'> | undefined): boolean =>
  newPool?.settings?.mfa === 'ON' && newPool.settings.triggers.some(({ name }) => name === 'UserMigration');
