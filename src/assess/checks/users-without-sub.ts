import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { counted } from '../words.js';

export const usersWithoutSub = checkPool({
  id: 'users-without-sub',
  needs: ['users'],
  find: (pool) => {
    if (pool.users.withoutSub === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Users without a sub',
      seen: `Listed without a sub attribute: ${counted(pool.users.withoutSub, 'user')}.`,
      why: 'There is no identifier to keep for them: they cannot be mapped.',
      fix: `Find out what they are (emulators and restored pools make such users) and leave them out:\naws cognito-idp list-users --user-pool-id ${pool.userPoolId} --region ${pool.region} --query "Users[?!not_null(Attributes[?Name=='sub'].Value | [0])].Username"`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
