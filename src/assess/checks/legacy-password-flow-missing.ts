import { checkPair } from '../define-check.js';
import { clientLabel, MIGRATION_CLIENT_NAME } from '../facts/app-clients.js';
import { guide } from '../finding.js';
import { awsCall } from '../fix/calls.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';
import { listed } from '../words.js';

/** What the migration trigger signs in with. A client of the old name ADMIN_NO_SRP_AUTH may refuse it. */
const FLOW = 'ALLOW_ADMIN_USER_PASSWORD_AUTH';

export const legacyPasswordFlowMissing = checkPair({
  id: 'legacy-password-flow-missing',
  needs: { legacy: ['clients'], new: ['settings'] },
  uses: { legacy: ['users'] },
  fixIn: 'legacy',
  find: (legacy, newPool) => {
    if (!mayHaveNativeUsers(legacy.users)) return undefined;
    if (!newPool.settings.triggers.some(({ name }) => name === 'UserMigration')) return undefined;
    const own = legacy.clients.filter(({ dynamic }) => !dynamic);
    if (own.some(({ authFlows }) => authFlows.includes(FLOW))) return undefined;
    const others = own.filter(({ authFlows }) => authFlows.some((flow) => flow.endsWith('USER_PASSWORD_AUTH')));
    return {
      severity: 'warning',
      title: 'The migration trigger cannot check passwords in the legacy pool',
      seen: `The new pool has a user migration trigger, and no app client of the legacy pool has ${FLOW}.${
        others.length === 0 ? '' : ` Password sign-ins of users are another flow: ${listed(others.map(clientLabel))}.`
      }`,
      why: 'The trigger asks the legacy pool whether the password is right with AdminInitiateAuth (ADMIN_USER_PASSWORD_AUTH), through an app client of that pool that allows it. Every sign-in that needs it fails.',
      fix: `${awsCall(legacy, 'create-user-pool-client', {
        'client-name': MIGRATION_CLIENT_NAME,
        'generate-secret': true,
        'explicit-auth-flows': [FLOW, 'ALLOW_REFRESH_TOKEN_AUTH'],
        'prevent-user-existence-errors': 'ENABLED',
      })}
# Give its id and secret to the trigger alone. Its role needs, on the legacy pool: cognito-idp:AdminInitiateAuth, cognito-idp:AdminGetUser, cognito-idp:DescribeUserPool.`,
      docs: guide('cognito-user-pools-import-using-lambda'),
    };
  },
});
