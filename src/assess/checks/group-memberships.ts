import { counted, listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { copiedGroups } from '../facts/providers.js';
import { guide } from '../finding.js';

export const groupMemberships = checkPair({
  id: 'group-memberships',
  needs: { legacy: ['groups'], new: ['groups'] },
  find: (legacy, newPool) => {
    const present = new Set(newPool.groups.map(({ name }) => name));
    const shared = copiedGroups(legacy).filter(({ name }) => present.has(name));
    if (shared.length === 0) return undefined;
    return {
      severity: 'info',
      title: 'Group memberships do not move by themselves',
      seen: `${counted(shared.length, 'group')} in both pools: ${listed(shared.map(({ name }) => name))}. Their members were not read.`,
      why: 'Every user starts in the new pool without groups. APIs that require a group refuse them until the memberships exist.',
      fix: 'Run cognito-cutover plan --groups, then cognito-cutover apply, which adds the missing memberships. For first federated sign-ins, also set copyGroups: true in the post confirmation trigger.',
      docs: guide('cognito-user-pools-user-groups'),
    };
  },
});
