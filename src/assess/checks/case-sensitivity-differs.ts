import { counted } from '../../words.js';
import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';

export const caseSensitivityDiffers = checkPair({
  id: 'case-sensitivity-differs',
  needs: { legacy: ['settings', 'users'], new: ['settings'] },
  find: (legacy, newPool) => {
    if (legacy.settings.caseSensitive === newPool.settings.caseSensitive) return undefined;
    const colliding = legacy.settings.caseSensitive ? legacy.users.duplicateUsernamesIgnoringCase.users : 0;
    const naming = (sensitive: boolean) => (sensitive ? 'distinguishes upper and lower case' : 'ignores case');
    return {
      severity: colliding > 0 ? 'blocker' : 'warning',
      title: 'The pools treat upper and lower case in usernames differently',
      seen: `The legacy pool ${naming(legacy.settings.caseSensitive)}, the new pool ${naming(newPool.settings.caseSensitive)}.${
        colliding > 0 ? ` ${counted(colliding, 'legacy user')} have usernames that differ only by case.` : ''
      }`,
      why: legacy.settings.caseSensitive
        ? 'Usernames that differ only by case are the same username in the new pool: the second user cannot be created.'
        : 'Users who type their username in a different case than it was created with are not found in the new pool.',
      fix: `Case sensitivity is fixed when a pool is created. Create the new pool again with create-user-pool --username-configuration CaseSensitive=${legacy.settings.caseSensitive}, or rename the affected users before they move.`,
      docs: guide('user-pool-case-sensitivity'),
    };
  },
});
