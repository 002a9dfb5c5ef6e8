/** A pool as the AWS CLI has to be told of it. */
export interface PoolAddress {
  readonly userPoolId: string;
  readonly region: string;
}

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
