import { ConfigurationError } from '../../errors.js';
import { isPlainObject, refuse } from '../../options.js';
import { DEFAULT_ATTRIBUTE } from '../../users/legacy-id-names.js';
import {
  type Check,
  type CliOptions,
  fileOption,
  flagOption,
  matching,
  numberOption,
  type Settings,
  severalOption,
  textOption,
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

const endpoint = (name: string, value: unknown): string => {
  const expected = 'an address like http://localhost:9229';
  if (typeof value !== 'string' || !URL.canParse(value)) return refuse(name, expected, value);
  return /^https?:$/.test(new URL(value).protocol) ? value : refuse(name, expected, value);
};

/** A legacy pool as the options name it. What it does not say itself, `--legacy-profile` and its like say for all. */
export interface LegacyPoolSetting {
  readonly userPoolId: string;
  readonly region?: string;
  readonly profile?: string;
  readonly roleArn?: string;
  readonly endpoint?: string;
}

const POOL_KEYS: Readonly<Record<string, Check<string>>> = { userPoolId: poolId, region, profile, roleArn, endpoint };

/** A pool id, or in the config file an object that also says how this pool is reached. */
const legacyPool: Check<LegacyPoolSetting> = (name, value) => {
  if (!isPlainObject(value)) return { userPoolId: poolId(name, value) };
  for (const [key, setting] of Object.entries(value)) {
    const check = Object.hasOwn(POOL_KEYS, key) ? POOL_KEYS[key] : undefined;
    if (check === undefined) {
      throw new ConfigurationError(name, `unknown ${key}; known are ${Object.keys(POOL_KEYS).join(', ')}`);
    }
    check(`${name}: ${key}`, setting);
  }
  return { ...value, userPoolId: poolId(`${name}: userPoolId`, value['userPoolId']) };
};

/** Which pools, how to reach them, and the state file: the same for every command, so that they can be repeated. */
export const COMMON_OPTIONS = {
  legacyPool: severalOption(
    '<id>',
    'the pool users come from; repeat it for several',
    legacyPool,
    ({ userPoolId }) => userPoolId,
  ),
  newPool: textOption('<id>', 'the pool users move to', poolId),
  legacyRegion: textOption('<region>', 'Region of the legacy pool (default: from its id)', region),
  legacyProfile: textOption('<name>', 'AWS profile for the legacy pool (default: the usual chain)', profile),
  legacyRoleArn: textOption('<arn>', 'role to assume for the legacy pool', roleArn),
  legacyEndpoint: textOption('<url>', 'endpoint of the legacy pool, for emulators and VPC endpoints', endpoint),
  newRegion: textOption('<region>', 'Region of the new pool (default: from its id)', region),
  newProfile: textOption('<name>', 'AWS profile for the new pool (default: the usual chain)', profile),
  newRoleArn: textOption('<arn>', 'role to assume for the new pool', roleArn),
  newEndpoint: textOption('<url>', 'endpoint of the new pool', endpoint),
  attribute: textOption('<name>', `attribute that carries the legacy id (default: ${DEFAULT_ATTRIBUTE})`, attribute),
  state: withDefault(fileOption('<file>', 'state file'), 'cutover.db'),
} satisfies CliOptions;

export type CommonSettings = Settings<typeof COMMON_OPTIONS>;

/** Pace of reading. */
export const READ_OPTIONS = {
  readRps: numberOption('<number>', 'most ListUsers calls per second (default: 15; Cognito allows an account 30)', {
    min: 0.1,
    max: 1_000,
  }),
} satisfies CliOptions;

/** Pace and price of writing. */
export const PACE_OPTIONS = {
  rps: numberOption(
    '<number>',
    'most writes per second, repeated ones included (default: 10; Cognito allows an account 25)',
    {
      min: 0.1,
      max: 1_000,
    },
  ),
  mauPrice: numberOption('<usd>', 'price of a monthly active user (default: 0.015)', { min: 0, max: 100 }),
} satisfies CliOptions;

/** How old a plan may be. */
export const AGE_OPTIONS = {
  maxPlanAge: numberOption(
    '<hours>',
    'age of a plan or an export from which to ask, or with --yes to refuse (default: 24)',
    {
      min: 0,
      max: 87_600,
    },
  ),
} satisfies CliOptions;

/** How much to write, and whether to ask. */
export const WRITE_OPTIONS = {
  maxWrites: numberOption('<number>', 'stop after this many writes', { min: 1, max: 1e9, integer: true }),
  yes: { ...flagOption('write without asking'), commandLineOnly: true },
} satisfies CliOptions;

/** How much of a published mapping may be taken back. */
export const REMOVAL_OPTIONS = {
  allowRemovals: numberOption(
    '<number>',
    'most published users who may be taken back or get another legacy id (default: 1 % of them, at least 10)',
    { min: 0, max: 1e9, integer: true },
  ),
} satisfies CliOptions;

/** Leaves out what is `undefined`, for interfaces whose members are omitted rather than undefined. */
export function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> };
export function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
