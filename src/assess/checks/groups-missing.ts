import { counted, listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { copiedGroups } from '../facts/providers.js';
import { guide } from '../finding.js';

export const groupsMissing = checkPair({
  id: 'groups-missing',
  needs: { legacy: ['groups'], new: ['groups'] },
  find: (legacy, newPool) => {
    const present = new Set(newPool.groups.map(({ name }) => name));
    const missing = copiedGroups(legacy).filter(({ name }) => !present.has(name));
    if (missing.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Groups of the legacy pool do not exist in the new one',
      seen: `${counted(missing.length, 'group')}: ${listed(missing.map(({ name }) => name))}.`,
      why: 'Users lose these groups when they move, and APIs that require a group refuse them.',
      fix: 'Run cognito-cutover plan --groups, then cognito-cutover apply, which creates the groups and the memberships.',
      docs: guide('cognito-user-pools-user-groups'),
    };
  },
});
