import { counted } from '../../words.js';
import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { triggersSet } from '../fix/triggers.js';
import { leftOf } from '../forecast/movers.js';

export const postConfirmationTriggerMissing = checkPair({
  id: 'post-confirmation-trigger-missing',
  needs: { legacy: ['users'], new: ['settings', 'providers'] },
  uses: { new: ['users'] },
  find: (legacy, newPool, context) => {
    const { attribute } = context.options;
    const { triggers, adminCreateUserOnly } = newPool.settings;
    if (triggers.some(({ name }) => name === 'PostConfirmation')) return undefined;
    const { federated } = leftOf(legacy.users, newPool.users, context);
    if (federated === 0 && newPool.providers.length === 0 && adminCreateUserOnly) return undefined;
    const arrivals = [
      ...(federated > 0
        ? [`${counted(federated, 'legacy user')} of identity providers, who are not in the new pool yet`]
        : []),
      ...(federated === 0 && newPool.providers.length > 0
        ? ['every user who signs in through an identity provider for the first time']
        : []),
      ...(adminCreateUserOnly ? [] : ['every user who signs up']),
    ];
    return {
      severity: federated > 0 ? 'blocker' : 'warning',
      title: 'Users who arrive through an identity provider or sign up get no legacy id',
      seen: `The new pool has no post confirmation trigger. The trigger is needed for ${arrivals.join(', and for ')}.`,
      why: `Cognito creates such a user with a new sub and without ${attribute}. Until plan and apply have processed the user, APIs refuse them (ERR_LEGACY_ID_MISSING) or treat them as a new user.`,
      fix: `${triggersSet(newPool, ['PostConfirmation'])}
# The function: createPostConfirmationTrigger from cognito-cutover/triggers. With copyGroups: true it also copies the user's groups.
# Its role needs cognito-idp:ListUsers on both pools, and cognito-idp:AdminUpdateUserAttributes and cognito-idp:AdminDisableUser on the new one. With copyGroups it also needs cognito-idp:AdminListGroupsForUser on the legacy pool and cognito-idp:AdminAddUserToGroup on the new one; with a store, dynamodb:GetItem and dynamodb:PutItem on its table.`,
      docs: guide('user-pool-lambda-post-confirmation'),
    };
  },
});
