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

const MERGE_NOTE =
  '# An update resets every setting that it leaves out: this reads all settings, changes some and writes all of them back.\n' +
  '# It needs jq and an up-to-date AWS CLI (an old AWS CLI drops settings that it does not know).';

interface Update {
  /** The call that reads the current object. */
  readonly describe: string;
  /** The jq program that turns the answer into the input of the update. */
  readonly program: string;
  readonly file: string;
  readonly command: string;
}

const lines = ({ region }: PoolAddress, { describe, program, file, command }: Update): string =>
  [
    `${describe} \\`,
    `  | jq ${shellWord(program)} > ${shellWord(file)}`,
    `aws cognito-idp ${command} --region ${shellWord(region)} --cli-input-json file://${file}`,
  ].join('\n');

/** Describe, change, update, for app clients. `change` is a jq assignment over the description. */
export function clientUpdates(
  pool: PoolAddress,
  changes: readonly { readonly client: AppClient; readonly change: string }[],
): string {
  const calls = changes.map(({ client, change }) =>
    lines(pool, {
      describe: awsCall(pool, 'describe-user-pool-client', { 'client-id': client.id, output: 'json' }),
      program: `.UserPoolClient | ${CLIENT_ANSWER_ONLY} | ${change}`,
      file: `client-${client.id}.json`,
      command: 'update-user-pool-client',
    }),
  );
  return [MERGE_NOTE, ...calls].join('\n');
}

/** Describe, change, update, for the pool's own settings. `change` is a jq assignment over the description. */
export const poolUpdate = (pool: PoolAddress, change: string): string =>
  `${MERGE_NOTE}\n${lines(pool, {
    describe: awsCall(pool, 'describe-user-pool', { output: 'json' }),
    program: `.UserPool | ${POOL_ANSWER_ONLY} | ${change}`,
    file: 'user-pool.json',
    command: 'update-user-pool',
  })}`;

/** The same for second factors and passkeys, which are set together. */
export const mfaUpdate = (pool: PoolAddress, change: string): string =>
  `${MERGE_NOTE}\n${lines(pool, {
    describe: awsCall(pool, 'get-user-pool-mfa-config', { output: 'json' }),
    program: `.UserPoolId = ${JSON.stringify(pool.userPoolId)} | ${change}`,
    file: 'user-pool-mfa.json',
    command: 'set-user-pool-mfa-config',
  })}`;

/**
 * The same for the attribute mappings of identity providers. The details of a provider hold its secret, so they are not sent;
 * Cognito then leaves them unchanged.
 */
export function mappingUpdates(
  pool: PoolAddress,
  changes: readonly { readonly provider: IdentityProvider; readonly change: string }[],
): string {
  const calls = changes.map(({ provider, change }, at) =>
    lines(pool, {
      describe: awsCall(pool, 'describe-identity-provider', { 'provider-name': provider.name, output: 'json' }),
      program: `.IdentityProvider | {UserPoolId, ProviderName, AttributeMapping} | ${change}`,
      file: `identity-provider-${at + 1}.json`,
      command: 'update-identity-provider',
    }),
  );
  return [MERGE_NOTE, ...calls].join('\n');
}
