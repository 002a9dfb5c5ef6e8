import { counted, listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { copiedGroups } from '../facts/providers.js';
import { guide } from '../finding.js';
import { awsJsonCall } from '../fix/calls.js';

export const groupRoles = checkPair({
  id: 'group-roles',
  needs: { legacy: ['groups'], new: ['groups'] },
  find: (legacy, newPool) => {
    const present = new Map(newPool.groups.map(({ name, hasRole }) => [name, hasRole]));
    const without = copiedGroups(legacy).filter(({ name, hasRole }) => hasRole && present.get(name) === false);
    if (without.length === 0) return undefined;
    return {
      severity: 'info',
      title: 'Groups have an IAM role in the legacy pool only',
      seen: `${counted(without.length, 'group')}: ${listed(without.map(({ name }) => name))}.`,
      why: 'An identity pool that takes the role from the token gives these users a different role. The trust policy of the role refers to the identity pool of the legacy pool.',
      fix: `cognito-cutover plan --groups --copy-roles\n# Or set the role of each group:\n${awsJsonCall(newPool, 'update-group', { GroupName: without[0]?.name ?? '', RoleArn: 'ARN_OF_THE_ROLE' })}`,
      docs: guide('cognito-user-pools-user-groups'),
    };
  },
});
