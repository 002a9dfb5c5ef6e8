import { counted } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';

export const usersWithoutSub = checkPool({
  id: 'users-without-sub',
  needs: ['users'],
  find: (pool) => {
    if (pool.users.withoutSub === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Some users have no sub',
      seen: `Listed without a sub attribute: ${counted(pool.users.withoutSub, 'user')}.`,
      why: 'These users have no identifier to keep, so they cannot be mapped.',
      fix: `Find out what they are (emulators and restored pools create such users) and leave them out:\naws cognito-idp list-users --user-pool-id ${pool.userPoolId} --region ${pool.region} --query "Users[?!not_null(Attributes[?Name=='sub'].Value | [0])].Username"`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
