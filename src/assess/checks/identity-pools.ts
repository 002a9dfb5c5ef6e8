import { counted, listed } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { type PoolAddress, shellWord } from '../fix/calls.js';

export const identityPools = checkPool({
  id: 'identity-pools',
  side: 'legacy',
  needs: [],
  uses: ['groups'],
  find: (pool) => {
    const withRole = pool.groups?.filter(({ hasRole }) => hasRole).map(({ name }) => name) ?? [];
    return {
      // No call to a user pool can rule identity pools out. Roles of groups are a sign of one, and nothing is a sign of none.
      severity: withRole.length > 0 ? 'warning' : 'info',
      title:
        withRole.length > 0
          ? 'Identity pools probably trust the legacy pool'
          : 'Identity pools may trust the legacy pool: assess cannot tell',
      seen: `${signs(pool.groups === undefined, withRole)} Only the identity pools themselves say which user pools they trust, and assess does not read them.`,
      why: 'To an identity pool, a login of the new pool is somebody new: the user gets another identity id. What belongs to the old id (S3 prefixes, DynamoDB keys and IoT policies by cognito-identity.amazonaws.com:sub) is then out of reach, and the user finds everything empty. The old id can be kept only while people still have sessions of the legacy pool: linked then, or recorded to be linked later.',
      fix: search(pool),
      docs: guide('amazon-cognito-integrating-user-pools-with-identity-pools'),
    };
  },
});

function signs(isUnread: boolean, withRole: readonly string[]): string {
  if (isUnread) return 'The groups of the pool could not be read.';
  if (withRole.length === 0) return 'No group of the pool has an IAM role, which would be a sign of an identity pool.';
  const have = withRole.length === 1 ? 'has' : 'have';
  return `${counted(withRole.length, 'group')} ${have} an IAM role, which is what identity pools give to members: ${listed(withRole)}.`;
}

/**
 * Prints each identity pool that trusts the user pool. The parameters are a document, because with `--max-results`, which the call
 * requires, the AWS CLI returns one page only; it is built again from each page, as version 1 and version 2 page differently.
 */
function search({ userPoolId, region }: PoolAddress): string {
  const ours = `endswith(${JSON.stringify(`/${userPoolId}`)})`;
  const trusting = [
    `select(any((.CognitoIdentityProviders // [])[].ProviderName, (.OpenIdConnectProviderARNs // [])[]; ${ours}))`,
    `{IdentityPoolId, IdentityPoolName, ClientIds: [(.CognitoIdentityProviders // [])[] | select(.ProviderName | ${ours}).ClientId]}`,
  ].join(' | ');
  const at = `--region ${shellWord(region)}`;
  return [
    '# Prints the identity pools that trust the legacy pool, one per line; no line: none in this account and Region.',
    '# An identity pool can be in another account or Region: repeat this wherever you have some.',
    '# It needs jq, cognito-identity:ListIdentityPools and cognito-identity:DescribeIdentityPool.',
    `input='{"MaxResults":60}'`,
    'while test -n "$input"; do',
    `  page=$(aws cognito-identity list-identity-pools ${at} --cli-input-json "$input" --output json) || { echo 'NOT ALL IDENTITY POOLS WERE READ' >&2; break; }`,
    `  for id in $(printf '%s\\n' "$page" | jq -r '.IdentityPools[].IdentityPoolId'); do`,
    `    one=$(aws cognito-identity describe-identity-pool ${at} --identity-pool-id "$id" --output json) || echo "NOT READ: $id" >&2`,
    `    printf '%s\\n' "$one" | jq -c ${shellWord(trusting)}`,
    '  done',
    `  input=$(printf '%s\\n' "$page" | jq -c 'select(.NextToken) | {MaxResults: 60, NextToken}')`,
    'done',
    '# If it prints any: https://github.com/cognito-cutover/cognito-cutover/blob/main/docs/identity-pools.md',
  ].join('\n');
}
