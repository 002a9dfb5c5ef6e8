import { ConfigurationError } from '../../errors.js';
import { DEFAULT_READ_RPS, DEFAULT_RPS, USER_UPDATE_QUOTA } from '../../migrate/calls/quotas.js';
import { isPlainObject } from '../../options.js';
import { DEFAULT_ATTRIBUTE } from '../../users/legacy-id-names.js';
import type { PoolOptions } from '../../verify/types.js';
import {
  addressCheck,
  type Check,
  type CliOptions,
  commandLineOnly,
  countOption,
  fileOption,
  flagOption,
  hidden,
  matching,
  numberOption,
  type Settings,
  severalOption,
  valueOption,
  withDefault,
} from './option.js';

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html, and emulators. */
export const poolId = matching(/^[\w-]{1,48}_[0-9a-zA-Z]{1,48}$/, 'a user pool id like eu-west-1_Ab12Cd34e');
const region = matching(/^[a-z][a-z\d]*(-[a-z\d]+)*$/, 'a Region like eu-west-1');
const profile = matching(/^\S(.*\S)?$/, 'the name of a profile of the AWS configuration');
export const roleArn = matching(
  /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/,
  'a role like arn:aws:iam::123456789012:role/Name',
);
const attribute = matching(/^custom:[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,20}$/u, 'custom: and a name of 1 to 20 characters');

const endpoint = addressCheck('an address like http://localhost:9229');

/** A legacy pool as the options name it. What it leaves out comes from `--legacy-profile` and the other `--legacy-…` options. */
export interface LegacyPoolSetting {
  readonly userPoolId: string;
  readonly region?: string;
  readonly profile?: string;
  readonly roleArn?: string;
  readonly endpoint?: string;
}

const POOL_KEYS: Readonly<Record<string, Check<string>>> = { userPoolId: poolId, region, profile, roleArn, endpoint };

/** What a verifier is told about a pool, under the names that it has there. Only commands that verify tokens read it. */
export const VERIFIED_POOL_KEYS = [
  'clientIds',
  'issuers',
  'jwksUri',
  'jwks',
  'clientAliases',
  'audience',
  'tokenUse',
] as const satisfies readonly (keyof PoolOptions)[];

const isVerifiers = (key: string): boolean => (VERIFIED_POOL_KEYS as readonly string[]).includes(key);

/** A pool id, or in the config file an object that also says how this pool is reached, and what a verifier is told about it. */
export const legacyPool: Check<LegacyPoolSetting> = (name, value) => {
  if (!isPlainObject(value)) return { userPoolId: poolId(name, value) };
  return checkedPool(name, value, POOL_KEYS);
};

/** A pool id, or in the config file an object that also says what a verifier is told about this pool. */
export const newPool: Check<string> = (name, value) => {
  if (!isPlainObject(value)) return poolId(name, value);
  return checkedPool(name, value, { userPoolId: poolId }).userPoolId;
};

function checkedPool(
  name: string,
  value: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, Check<string>>>,
): LegacyPoolSetting {
  const pool: Record<string, string> = {};
  for (const [key, setting] of Object.entries(value)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check !== undefined) pool[key] = check(`${name}: ${key}`, setting);
    else if (!isVerifiers(key)) {
      const known = [...Object.keys(checks), ...VERIFIED_POOL_KEYS];
      throw new ConfigurationError(name, `unknown ${key}; known are ${known.join(', ')}`);
    }
  }
  return { ...pool, userPoolId: poolId(`${name}: userPoolId`, value['userPoolId']) };
}

/** Which pools, how to reach them, and the state file: of every command that calls a pool. */
export const COMMON_OPTIONS = {
  legacyPool: severalOption('<id>', 'the pool users come from; repeatable', legacyPool, ({ userPoolId }) => userPoolId),
  newPool: valueOption('<id>', 'the pool users move to', newPool),
  legacyRegion: valueOption('<region>', 'Region of the legacy pool (default: from its id)', region),
  legacyProfile: valueOption(
    '<name>',
    'AWS profile for the legacy pool (default: the default credential chain)',
    profile,
  ),
  legacyRoleArn: valueOption('<arn>', 'role to assume for the legacy pool', roleArn),
  legacyEndpoint: valueOption('<url>', 'endpoint of the legacy pool, for emulators and VPC endpoints', endpoint),
  newRegion: valueOption('<region>', 'Region of the new pool (default: from its id)', region),
  newProfile: valueOption('<name>', 'AWS profile for the new pool (default: the default credential chain)', profile),
  newRoleArn: valueOption('<arn>', 'role to assume for the new pool', roleArn),
  newEndpoint: valueOption('<url>', 'endpoint of the new pool, for emulators and VPC endpoints', endpoint),
  attribute: valueOption(
    '<name>',
    `attribute of the new pool that holds the legacy id (default: ${DEFAULT_ATTRIBUTE})`,
    attribute,
  ),
  state: withDefault(fileOption('<file>', 'SQLite file that keeps the plan and every write'), 'cutover.db'),
} satisfies CliOptions;

export type CommonSettings = Settings<typeof COMMON_OPTIONS>;

/**
 * The same for commands that call no pool. They need only the state file; what else is given must fit it, so that the config file and
 * the command line of another command can be reused.
 */
export const STATE_OPTIONS = { ...hidden(COMMON_OPTIONS), state: COMMON_OPTIONS.state };

/** The range of options in calls per second. */
export const RPS = { min: 0.1, max: 1_000 } as const;
/** The range of options in dollars. */
export const PRICE = { min: 0, max: 100 } as const;

/** The pace of reads. */
export const READ_OPTIONS = {
  readRps: numberOption(
    '<number>',
    `maximum ListUsers calls per second (default: ${DEFAULT_READ_RPS}; Cognito allows 30 per account)`,
    RPS,
  ),
} satisfies CliOptions;

/** The pace and price of writes. */
export const PACE_OPTIONS = {
  rps: numberOption(
    '<number>',
    `maximum writes per second, including retries (default: ${DEFAULT_RPS}; Cognito allows ${USER_UPDATE_QUOTA} per account)`,
    RPS,
  ),
  mauPrice: numberOption(
    '<usd>',
    "price of a monthly active user in US dollars (default: the list price of the new pool's plan)",
    PRICE,
  ),
} satisfies CliOptions;

/** How old a plan may be. */
export const AGE_OPTIONS = {
  maxPlanAge: numberOption(
    '<hours>',
    'ask before using a plan or an export that is older, or refuse it with --yes (default: 24)',
    {
      min: 0,
      max: 87_600,
    },
  ),
} satisfies CliOptions;

/** How much to write, and whether to ask. */
export const WRITE_OPTIONS = {
  maxWrites: countOption('<number>', 'stop after this many writes'),
  yes: commandLineOnly(flagOption('write without asking')),
} satisfies CliOptions;

/** How much of a published mapping may be removed. */
export const REMOVAL_OPTIONS = {
  allowRemovals: countOption(
    '<number>',
    'maximum published users to remove or to give another legacy id (default: 1 % of them, at least 10)',
    0,
  ),
} satisfies CliOptions;

/** Leaves out what is `undefined`, for interfaces whose members are omitted rather than undefined. */
export function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> };
export function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
