import type { PopulationShares } from './generated.js';
import type { PoolOptions } from './pool.js';

export interface MigrationPairOptions {
  /** Users of the legacy pool. */
  users: number;
  /** How many of them the new pool lacks. @defaultValue 0 */
  notMigrated?: number;
  /** Users whom only the new pool has. @defaultValue 0 */
  newBorn?: number;
  /** What is odd about the users of the new pool; `federated` holds for both. */
  shares?: Partial<PopulationShares>;
  usernames?: 'number' | 'sub';
}

export const LEGACY_POOL = 'eu-west-1_Legacy';
export const NEW_POOL = 'eu-west-1_New';

/** Two generated pools in the middle of a migration: the attribute exists, and no app client can write it. */
export function migrationPair(options: MigrationPairOptions): [PoolOptions, PoolOptions] {
  const { users, notMigrated = 0, newBorn = 0, shares = {}, usernames = 'number' } = options;
  const { federated = 0 } = shares;
  return [
    { id: LEGACY_POOL, generated: { count: users, usernames, shares: { federated } } },
    {
      id: NEW_POOL,
      generated: {
        count: users - notMigrated + newBorn,
        firstPerson: notMigrated,
        usernames,
        shares,
        legacy: { poolId: LEGACY_POOL },
      },
      settings: { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } },
      customAttributes: ['legacy_sub'],
      clients: [
        {
          ClientId: 'web',
          ClientName: 'web',
          ReadAttributes: ['email', 'email_verified', 'custom:legacy_sub'],
          WriteAttributes: ['email'],
        },
      ],
    },
  ];
}
