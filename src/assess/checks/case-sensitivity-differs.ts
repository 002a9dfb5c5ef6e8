import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { counted } from '../words.js';

export const caseSensitivityDiffers = checkPair({
  id: 'case-sensitivity-differs',
  needs: { legacy: ['settings', 'users'], new: ['settings'] },
  find: (legacy, newPool) => {
    if (legacy.settings.caseSensitive === newPool.settings.caseSensitive) return undefined;
    const colliding = legacy.settings.caseSensitive ? legacy.users.duplicateUsernamesIgnoringCase.users : 0;
    const naming = (sensitive: boolean) => (sensitive ? 'tells upper and lower case apart' : 'ignores case');
    return {
      severity: colliding > 0 ? 'blocker' : 'warning',
      title: 'The pools do not agree on upper and lower case in usernames',
      seen: `The legacy pool ${naming(legacy.settings.caseSensitive)}, the new pool ${naming(newPool.settings.caseSensitive)}.${
        colliding > 0 ? ` Usernames that differ by case alone: those of ${counted(colliding, 'legacy user')}.` : ''
      }`,
      why: legacy.settings.caseSensitive
        ? 'Users whose names differ by case alone become one name in the new pool: the second cannot be created.'
        : 'Users who type their name in another case than it was created with are not found in the new pool.',
      fix: `Case sensitivity is fixed when a pool is created: create-user-pool --username-configuration CaseSensitive=${legacy.settings.caseSensitive}. Or rename the users concerned before they move.`,
      docs: guide('user-pool-case-sensitivity'),
    };
  },
});
