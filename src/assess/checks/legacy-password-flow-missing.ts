import { checkPair } from '../check.js';
import { guide } from '../docs.js';
import { awsCall } from '../fix.js';

const PASSWORD_FLOWS = [
  'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  'ALLOW_USER_PASSWORD_AUTH',
  'ADMIN_NO_SRP_AUTH',
  'USER_PASSWORD_AUTH',
];

export const legacyPasswordFlowMissing = checkPair({
  id: 'legacy-password-flow-missing',
  needs: { legacy: ['clients'], new: ['settings'] },
  fixIn: 'legacy',
  find: (legacy, newPool) => {
    if (!newPool.settings.triggers.some(({ name }) => name === 'UserMigration')) return undefined;
    if (legacy.clients.some(({ authFlows }) => authFlows.some((flow) => PASSWORD_FLOWS.includes(flow)))) {
      return undefined;
    }
    return {
      severity: 'warning',
      title: 'The migration trigger cannot check passwords in the legacy pool',
      seen: 'The new pool has a user migration trigger, and no app client of the legacy pool allows a password flow.',
      why: 'The trigger asks the legacy pool whether the password is right, through an app client of that pool that allows it.',
      fix: awsCall(legacy, 'create-user-pool-client', {
        'client-name': 'user-migration',
        'generate-secret': true,
        'explicit-auth-flows': ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
        'prevent-user-existence-errors': 'ENABLED',
      }),
      docs: guide('cognito-user-pools-import-using-lambda'),
    };
  },
});
