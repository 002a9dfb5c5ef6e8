import { counted } from '../../words.js';
import { checkPair } from '../define-check.js';
import { providerOfLegacyPool } from '../facts/providers.js';
import { guide } from '../finding.js';
import { triggersSet } from '../fix/triggers.js';
import { leftOf } from '../forecast/movers.js';

export const userMigrationTriggerMissing = checkPair({
  id: 'user-migration-trigger-missing',
  needs: { legacy: ['settings', 'users'], new: ['settings'] },
  uses: { new: ['users', 'providers'] },
  find: (legacy, newPool, context) => {
    // If all users have a second factor, the trigger moves nobody: mfa-stops-migration reports that instead.
    if (legacy.settings.mfa === 'ON' || newPool.settings.triggers.some(({ name }) => name === 'UserMigration')) {
      return undefined;
    }
    if (providerOfLegacyPool(newPool.providers ?? [], legacy.userPoolId) !== undefined) return undefined;
    const { native } = leftOf(legacy.users, newPool.users, context);
    const left = Math.min(native, legacy.users.ableToSignIn);
    if (left === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Users cannot move by signing in',
      seen: `The new pool has no user migration trigger, and ${counted(left, 'legacy user')} who can sign in with a password ${left === 1 ? 'is' : 'are'} not in the new pool yet.`,
      why: 'The new pool does not have these users and refuses their correct passwords. Without the trigger, they have to be imported before applications switch over, and all of them have to reset their password.',
      fix: `${triggersSet(newPool, ['UserMigration'])}
# The function: createUserMigrationTrigger from cognito-cutover/triggers, with an app client of the legacy pool that allows ALLOW_ADMIN_USER_PASSWORD_AUTH and that nothing else uses.
# Its role needs cognito-idp:AdminInitiateAuth, cognito-idp:AdminGetUser and cognito-idp:DescribeUserPool on the legacy pool, and cognito-idp:DescribeUserPool on the new one.
# Applications have to send the password (USER_PASSWORD_AUTH, or the sign-in pages): the trigger does not run for SRP.`,
      docs: guide('cognito-user-pools-import-using-lambda'),
    };
  },
});
