/** What the AWS CLI needs to find a pool. */
export interface PoolAddress {
  readonly userPoolId: string;
  readonly region: string;
}

/** Quotes a value, if necessary, so that a POSIX shell reads it as one word. */
export const shellWord = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;

type OptionValue = string | number | true | readonly string[];

/**
 * `aws cognito-idp COMMAND --user-pool-id … --region … --option value`. `true` is a flag, and an empty list is left out. Lists
 * are JSON, because version 1 of the CLI fetches a value that is a URL.
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

/** The same with all parameters in one JSON document, for names that the CLI could mistake for a URL or a file. */
export function awsJsonCall(pool: PoolAddress, command: string, input: Readonly<Record<string, unknown>>): string {
  const json = shellWord(JSON.stringify({ UserPoolId: pool.userPoolId, ...input }));
  return `aws cognito-idp ${command} --region ${shellWord(pool.region)} --cli-input-json ${json}`;
}
