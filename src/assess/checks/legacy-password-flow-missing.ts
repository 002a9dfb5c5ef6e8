import { listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { clientLabel, MIGRATION_CLIENT_NAME } from '../facts/app-clients.js';
import { guide } from '../finding.js';
import { awsCall } from '../fix/calls.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

/** The flow that the migration trigger uses. A client with the old name ADMIN_NO_SRP_AUTH may refuse it. */
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
      seen: `The new pool has a user migration trigger, but no app client of the legacy pool allows ${FLOW}.${
        others.length === 0
          ? ''
          : ` These app clients allow users to sign in with a password, which is a different flow: ${listed(others.map(clientLabel))}.`
      }`,
      why: 'The trigger checks passwords in the legacy pool with AdminInitiateAuth (ADMIN_USER_PASSWORD_AUTH), through an app client that allows this flow. Without one, every sign-in of a user who has not moved fails.',
      fix: `${awsCall(legacy, 'create-user-pool-client', {
        'client-name': MIGRATION_CLIENT_NAME,
        'generate-secret': true,
        'explicit-auth-flows': [FLOW, 'ALLOW_REFRESH_TOKEN_AUTH'],
        'prevent-user-existence-errors': 'ENABLED',
      })}
# Give its id and secret to the trigger only. The trigger's role needs these permissions on the legacy pool: cognito-idp:AdminInitiateAuth, cognito-idp:AdminGetUser, cognito-idp:DescribeUserPool.`,
      docs: guide('cognito-user-pools-import-using-lambda'),
    };
  },
});
