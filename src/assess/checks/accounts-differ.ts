import { checkPair } from '../define-check.js';
import { arnOf } from '../facts/addresses.js';
import { guide } from '../finding.js';

export const accountsDiffer = checkPair({
  id: 'accounts-differ',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const before = legacy.settings.account;
    const after = newPool.settings.account;
    if (before === null || after === null || before === after) return undefined;
    return {
      severity: 'info',
      title: 'The pools are in different AWS accounts',
      seen: `Legacy pool: ${before}. New pool: ${after}.`,
      why: 'Each pool has its own quotas, which helps. Functions in one account that call the pool in the other account need a role there.',
      fix: [
        'cognito-cutover: set --legacy-profile or --legacy-role-arn, and --new-profile or --new-role-arn.',
        `# Triggers: their roles in account ${after} need sts:AssumeRole on a role in account ${before}. That role must trust them and allow these actions on ${arnOf(legacy)}:`,
        '# user migration: cognito-idp:AdminInitiateAuth, cognito-idp:AdminGetUser, cognito-idp:DescribeUserPool',
        '# pre sign-up and post confirmation: cognito-idp:ListUsers',
        '# post confirmation with copyGroups: cognito-idp:AdminListGroupsForUser',
      ].join('\n'),
      docs: guide('security-iam'),
    };
  },
});
