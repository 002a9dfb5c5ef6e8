import { client, newParts } from '../../pools.js';

export const migrationClient = client({
  id: 'migration-id',
  name: 'user-migration',
  hasSecret: true,
  authFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  oauthFlows: [],
});

/** Half of the native users are in the new pool. */
export const half = { settings: { estimatedUsers: 600 }, users: { total: 600, native: 400 } };

export const migration = [...newParts.settings.triggers, { name: 'UserMigration', version: null }];
