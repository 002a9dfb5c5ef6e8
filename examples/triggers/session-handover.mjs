import { createDynamoDbOnceStore } from 'cognito-cutover/stores/dynamodb';
import { createSessionHandover } from 'cognito-cutover/triggers';
import { onFault } from './settings.mjs';
import { withStore } from './store.mjs';

const { LEGACY_USER_POOL_ID, LEGACY_ISSUER, LEGACY_APP_CLIENT_IDS, HANDOVER_CLIENT_IDS, USED_TOKENS_TABLE } =
  process.env;

// One function for the define, create and verify triggers of custom authentication.
export const { handler } = createSessionHandover({
  legacyPool: {
    userPoolId: LEGACY_USER_POOL_ID,
    // The apps whose sessions are handed over, separated by commas. Never those of others.
    clientIds: LEGACY_APP_CLIENT_IDS?.split(','),
    // Only for an emulator.
    ...(LEGACY_ISSUER ? { issuers: [LEGACY_ISSUER] } : {}),
  },
  // The new pool's app clients that may be handed a session. Without them, every client with ALLOW_CUSTOM_AUTH may.
  ...(HANDOVER_CLIENT_IDS ? { clientIds: HANDOVER_CLIENT_IDS.split(',') } : {}),
  once: createDynamoDbOnceStore({ tableName: USED_TOKENS_TABLE }),
  ...withStore,
  // Asks the pool that calls whether the user is enabled and has a second factor.
  newPool: {},
  // Users who signed in more than 30 days ago are refused, however often they refreshed: set maxSignInAgeSeconds if your sessions last longer.
  onRefused: (refusal) => console.warn('refused', refusal.code, refusal.reason),
  onFault,
});
