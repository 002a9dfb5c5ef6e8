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
      why: 'Each pool has quotas of its own, which is good. Functions of one account that call the other pool need a role there.',
      fix: [
        `cognito-cutover: --legacy-profile or --legacy-role-arn, and the same for new.`,
        `# The triggers: their roles in account ${after} need sts:AssumeRole on a role of account ${before} that trusts them and allows, on ${arnOf(legacy)}:`,
        '# user migration: cognito-idp:AdminInitiateAuth, cognito-idp:AdminGetUser, cognito-idp:DescribeUserPool',
        '# pre sign-up and post confirmation: cognito-idp:ListUsers',
        '# post confirmation with copyGroups: cognito-idp:AdminListGroupsForUser',
      ].join('\n'),
      docs: guide('security-iam'),
    };
  },
});
