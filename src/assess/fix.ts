import type { AppClient, SchemaAttribute } from './snapshot.js';

/** A pool as the AWS CLI has to be told of it. */
interface PoolAddress {
  readonly userPoolId: string;
  readonly region: string;
}

/**
 * What DescribeUserPoolClient answers and UpdateUserPoolClient does not take. Everything else is sent back: a field that is
 * new to both is kept, and one that is new to the answer alone makes the CLI refuse the call instead of losing a setting.
 */
const CLIENT_ANSWER_ONLY = 'del(.ClientSecret, .ClientType, .CreationDate, .LastModifiedDate)';

/** The same for the pool; and Cognito refuses the old name of TemporaryPasswordValidityDays beside the new one. */
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
  '# An update resets what it leaves out: this reads everything, changes one thing and writes everything back.\n' +
  '# Needs jq and an up-to-date AWS CLI (an old one drops settings it does not know).';

/** One word of a POSIX shell, whatever it holds. */
export const shellWord = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;

type OptionValue = string | number | true | readonly string[];

/**
 * `aws cognito-idp COMMAND --user-pool-id … --region … --option value`; `true` is a flag, an empty list is left out. Lists
 * are JSON: version 1 of the CLI would fetch an address that stands by itself.
 */
export function awsCall(
  pool: PoolAddress,
  command: string,
  options: Readonly<Record<string, OptionValue>> = {},
): string {
  const all: Record<string, OptionValue> = { 'user-pool-id': pool.userPoolId, region: pool.region, ...options };
  const words = Object.entries(all).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    if (typeof value === 'object') return value.length === 0 ? [] : [`--${name}`, shellWord(JSON.stringify(value))];
    return [`--${name}`, shellWord(`${value}`)];
  });
  return ['aws cognito-idp', command, ...words].join(' ');
}

/** The same with all parameters in one JSON document: for names that may look like an address or a file to the CLI. */
export function awsJsonCall(pool: PoolAddress, command: string, input: Readonly<Record<string, unknown>>): string {
  const json = shellWord(JSON.stringify({ UserPoolId: pool.userPoolId, ...input }));
  return `aws cognito-idp ${command} --region ${shellWord(pool.region)} --cli-input-json ${json}`;
}

/** Describe, change, update, for app clients. `change` is a jq assignment over the description. */
export function clientUpdates(
  pool: PoolAddress,
  changes: readonly { readonly client: AppClient; readonly change: string }[],
): string {
  const calls = changes.map(({ client, change }) => {
    const file = `client-${client.id}.json`;
    const program = `.UserPoolClient | ${CLIENT_ANSWER_ONLY} | ${change}`;
    return [
      `${awsCall(pool, 'describe-user-pool-client', { 'client-id': client.id, output: 'json' })} \\`,
      `  | jq ${shellWord(program)} > ${shellWord(file)}`,
      `aws cognito-idp update-user-pool-client --region ${shellWord(pool.region)} --cli-input-json file://${file}`,
    ].join('\n');
  });
  return [MERGE_NOTE, ...calls].join('\n');
}

/** Describe, change, update, for the pool's own settings. `change` is a jq assignment over the description. */
export function poolUpdate(pool: PoolAddress, change: string): string {
  const program = `.UserPool | ${POOL_ANSWER_ONLY} | ${change}`;
  return [
    MERGE_NOTE,
    `${awsCall(pool, 'describe-user-pool', { output: 'json' })} \\`,
    `  | jq ${shellWord(program)} > user-pool.json`,
    `aws cognito-idp update-user-pool --region ${shellWord(pool.region)} --cli-input-json file://user-pool.json`,
  ].join('\n');
}

/** As many attributes as one call of AddCustomAttributes takes. */
const ATTRIBUTES_PER_CALL = 25;

/** AddCustomAttributes for attributes as another pool has them. */
export function addCustomAttributes(pool: PoolAddress, attributes: readonly SchemaAttribute[]): string {
  const calls: string[] = [];
  for (let from = 0; from < attributes.length; from += ATTRIBUTES_PER_CALL) {
    const added = attributes.slice(from, from + ATTRIBUTES_PER_CALL).map(toInput);
    calls.push(awsCall(pool, 'add-custom-attributes', { 'custom-attributes': JSON.stringify(added) }));
  }
  return calls.join('\n');
}

function toInput({ name, type, mutable, minimum, maximum }: SchemaAttribute): object {
  const kind = type === 'String' ? 'Length' : 'Value';
  const limits = {
    ...(minimum === null ? {} : { [`Min${kind}`]: `${minimum}` }),
    ...(maximum === null ? {} : { [`Max${kind}`]: `${maximum}` }),
  };
  const limited = (type === 'String' || type === 'Number') && Object.keys(limits).length > 0;
  return {
    Name: name.replace(/^custom:/, ''),
    AttributeDataType: type,
    Mutable: mutable,
    ...(limited ? { [`${type}AttributeConstraints`]: limits } : {}),
  };
}
