import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { triggersSet } from '../fix/triggers.js';
import { leftOf } from '../forecast/movers.js';
import { counted } from '../words.js';

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
        ? ['everybody whom an identity provider sends for the first time']
        : []),
      ...(adminCreateUserOnly ? [] : ['everybody who signs up']),
    ];
    return {
      severity: federated > 0 ? 'blocker' : 'warning',
      title: 'People who come through an identity provider or sign up get no legacy id',
      seen: `The new pool has no post confirmation trigger. It would serve ${arrivals.join(', and ')}.`,
      why: `Cognito makes such a user at the first sign-in, with a new sub and without ${attribute}. The APIs refuse them (ERR_LEGACY_ID_MISSING), or take them for somebody new, until plan and apply have seen them.`,
      fix: `${triggersSet(newPool, ['PostConfirmation'])}
# The function: createPostConfirmationTrigger of cognito-cutover/triggers; copyGroups: true brings their groups along.
# Its role needs cognito-idp:ListUsers on both pools, cognito-idp:AdminUpdateUserAttributes and cognito-idp:AdminDisableUser on the new one; with copyGroups cognito-idp:AdminListGroupsForUser on the legacy pool and cognito-idp:AdminAddUserToGroup on the new one; with a store dynamodb:GetItem and dynamodb:PutItem on its table.`,
      docs: guide('user-pool-lambda-post-confirmation'),
    };
  },
});
