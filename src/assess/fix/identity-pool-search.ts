import { type PoolAddress, shellWord } from './calls.js';

/**
 * Prints each identity pool that trusts the user pool. The parameters are a document, because with `--max-results`, which the call
 * requires, the AWS CLI returns one page only; it is built again from each page, as version 1 and version 2 page differently.
 */
export function identityPoolSearch({ userPoolId, region }: PoolAddress): string {
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
