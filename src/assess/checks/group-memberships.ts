import { checkPair } from '../define-check.js';
import { copiedGroups } from '../facts/providers.js';
import { guide } from '../finding.js';
import { counted, listed } from '../words.js';

export const groupMemberships = checkPair({
  id: 'group-memberships',
  needs: { legacy: ['groups'], new: ['groups'] },
  find: (legacy, newPool) => {
    const present = new Set(newPool.groups.map(({ name }) => name));
    const shared = copiedGroups(legacy).filter(({ name }) => present.has(name));
    if (shared.length === 0) return undefined;
    return {
      severity: 'info',
      title: 'Memberships of groups move only when they are moved',
      seen: `In both pools: ${counted(shared.length, 'group')}: ${listed(shared.map(({ name }) => name))}. Who is in them was not read.`,
      why: 'A user of the new pool starts without groups, however they come. APIs that ask for a group refuse them until the memberships are there.',
      fix: 'cognito-cutover plan --groups, then cognito-cutover apply, which adds the memberships that are missing. For first federated sign-ins besides: copyGroups: true in the post confirmation trigger.',
      docs: guide('cognito-user-pools-user-groups'),
    };
  },
});
