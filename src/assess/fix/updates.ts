import type { AppClient, IdentityProvider } from '../snapshot/pool-snapshot.js';
import { awsCall, type PoolAddress, shellWord } from './calls.js';

/**
 * Fields that DescribeUserPoolClient returns and UpdateUserPoolClient does not accept. All others are sent back: a field that
 * is new to both is kept, and a field that is new to the answer only makes the CLI refuse the call instead of losing a setting.
 */
const CLIENT_ANSWER_ONLY = 'del(.ClientSecret, .ClientType, .CreationDate, .LastModifiedDate)';

/** The same for the pool. Cognito also refuses the old name of TemporaryPasswordValidityDays together with the new one. */
const POOL_ANSWER_ONLY = `.UserPoolId = .Id | .PoolName = .Name | del(${[
  '.Id',
  '.Name',
  '.Arn',
  '.Status',
  '.CreationDate',
  '.LastModifiedDate',
  '.SchemaAttributes',
  '.AliasAttributes',
  '.UsernameAttributes',
  '.UsernameConfiguration',
  '.EstimatedNumberOfUsers',
  '.Domain',
  '.CustomDomain',
  '.SmsConfigurationFailure',
  '.EmailConfigurationFailure',
  '.AdminCreateUserConfig.UnusedAccountValidityDays',
].join(', ')})`;

/** What can be changed this way. `read` turns the answer of `describe` into an input of `update`. */
export const UPDATES = {
  pool: { describe: 'describe-user-pool', update: 'update-user-pool', read: `.UserPool | ${POOL_ANSWER_ONLY}` },
  // The answer does not name the pool.
  mfa: { describe: 'get-user-pool-mfa-config', update: 'set-user-pool-mfa-config', read: '.UserPoolId = $pool' },
  client: {
    describe: 'describe-user-pool-client',
    update: 'update-user-pool-client',
    read: `.UserPoolClient | ${CLIENT_ANSWER_ONLY}`,
  },
  // The details of a provider hold its secret, so they are not sent; Cognito then leaves them unchanged.
  provider: {
    describe: 'describe-identity-provider',
    update: 'update-identity-provider',
    read: '.IdentityProvider | {UserPoolId, ProviderName, AttributeMapping}',
  },
} as const;

export type UpdateKind = keyof typeof UPDATES;

/** How the AWS CLI names the object in a pool. */
export const NAMED_BY = { client: 'client-id', provider: 'provider-name' } as const;

export const UPDATE_NOTE =
  '# An update resets every setting that it leaves out: this reads all settings, changes some and writes all of them back.\n' +
  '# It needs jq and an up-to-date AWS CLI (an old AWS CLI drops settings that it does not know).';

/** The jq program of an update, up to its change. */
export const updateProgram = (kind: UpdateKind, userPoolId: string): string =>
  `${UPDATES[kind].read.replace('$pool', JSON.stringify(userPoolId))} | `;

/** Describe, change, update. `change` is a jq assignment over the description. */
function update(
  pool: PoolAddress,
  kind: UpdateKind,
  { name, file, change }: { readonly name?: object; readonly file: string; readonly change: string },
): string {
  return [
    `${awsCall(pool, UPDATES[kind].describe, { ...name, output: 'json' })} \\`,
    `  | jq ${shellWord(updateProgram(kind, pool.userPoolId) + change)} > ${shellWord(file)}`,
    `aws cognito-idp ${UPDATES[kind].update} --region ${shellWord(pool.region)} --cli-input-json ${shellWord(`file://${file}`)}`,
  ].join('\n');
}

/** Describe, change, update, for app clients. `change` is a jq assignment over the description. */
export function clientUpdates(
  pool: PoolAddress,
  changes: readonly { readonly client: AppClient; readonly change: string }[],
): string {
  const calls = changes.map(({ client, change }) =>
    update(pool, 'client', { name: { [NAMED_BY.client]: client.id }, file: `client-${client.id}.json`, change }),
  );
  return [UPDATE_NOTE, ...calls].join('\n');
}

/** The same for the pool's own settings. */
export const poolUpdate = (pool: PoolAddress, change: string): string =>
  `${UPDATE_NOTE}\n${update(pool, 'pool', { file: 'user-pool.json', change })}`;

/** The same for second factors and passkeys, which are set together. */
export const mfaUpdate = (pool: PoolAddress, change: string): string =>
  `${UPDATE_NOTE}\n${update(pool, 'mfa', { file: 'user-pool-mfa.json', change })}`;

/** The same for the attribute mappings of identity providers. */
export function mappingUpdates(
  pool: PoolAddress,
  changes: readonly { readonly provider: IdentityProvider; readonly change: string }[],
): string {
  const calls = changes.map(({ provider, change }, at) =>
    update(pool, 'provider', {
      name: { [NAMED_BY.provider]: provider.name },
      file: `identity-provider-${at + 1}.json`,
      change,
    }),
  );
  return [UPDATE_NOTE, ...calls].join('\n');
}
