import { listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { copiedGroups } from '../facts/providers.js';
import { guide } from '../finding.js';
import { awsJsonCall } from '../fix/calls.js';

export const groupPrecedenceDiffers = checkPair({
  id: 'group-precedence-differs',
  needs: { legacy: ['groups'], new: ['groups'] },
  find: (legacy, newPool) => {
    const present = new Map(newPool.groups.map((group) => [group.name, group]));
    const differing = copiedGroups(legacy).flatMap((before) => {
      const after = present.get(before.name);
      return after === undefined || after.precedence === before.precedence ? [] : [{ before, after }];
    });
    if (differing.length === 0) return undefined;
    return {
      severity: 'info',
      title: 'Groups have a different precedence in the new pool',
      seen: `${listed(differing.map(({ before, after }) => `${before.name}: ${after.precedence ?? 'none'} instead of ${before.precedence ?? 'none'}`))}.`,
      why: "Precedence decides which group's role is the preferred role in the token of a user in several groups.",
      fix: differing
        .map(({ before }) =>
          before.precedence === null
            ? `# ${before.name}: update-group cannot remove a precedence. Delete the group and create it again.`
            : awsJsonCall(newPool, 'update-group', { GroupName: before.name, Precedence: before.precedence }),
        )
        .join('\n'),
      docs: guide('cognito-user-pools-user-groups'),
    };
  },
});
