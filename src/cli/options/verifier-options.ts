import { ConfigurationError } from '../../errors.js';
import { timeOfIsoDate } from '../../operate/phases/phase-plan.js';
import { checkKeys, refuse } from '../../options.js';
import { TOKEN_USES } from '../../verify/pool-options.js';
import type {
  JsonWebKeySet,
  LegacyIdOptions,
  LegacyTokenOptions,
  PoolOptions,
  VerifierOptions,
} from '../../verify/types.js';
import { COMMON_OPTIONS, defined } from './common.js';
import {
  type Check,
  type CliOption,
  type CliOptions,
  fileOnly,
  flagOf,
  hidden,
  listOption,
  matching,
  numberOption,
  oneOfOption,
  refuseTogether,
  refuseWithout,
  type Settings,
  severalOption,
  valueOption,
} from './option.js';
import { type StoreAddress, storeAddress } from './store-address.js';
import { poolOptions, verifiedLegacyPool, verifiedNewPool } from './verified-pools.js';

const TIME = 'a date like 2026-06-30 (midnight UTC), or a time with its time zone like 2026-06-30T12:00:00Z';

/** ISO 8601, or seconds since the epoch as in a token. Neither a year nor a day of no month may pass for a time: it would close a pool. */
export const dateOption: Check<Date> = (name, value) => {
  const given = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const isSeconds = /^\d{9,11}$/.test(given);
  const time = isSeconds ? Number(given) * 1_000 : timeOfIsoDate(/T/.test(given) ? given : `${given}T00:00:00Z`);
  return Number.isNaN(time) ? refuse(name, TIME, value) : new Date(time);
};

/** `uuid`, `any` or a regular expression; in the config file `null` too. */
const idFormat: Check<'uuid' | RegExp | null> = (name, value) => {
  if (value === 'uuid') return 'uuid';
  if (value === 'any' || value === null) return null;
  if (typeof value !== 'string') return refuse(name, 'uuid, any or a regular expression', value);
  try {
    return new RegExp(value);
  } catch (error) {
    throw new ConfigurationError(name, 'expected uuid, any or a regular expression', error);
  }
};

/** Where legacy ids are looked up: stores, and the two calls of Cognito that answer an attribute. */
export type LegacyIdSource = StoreAddress | 'AdminGetUser' | 'GetUser';

const legacyIdSource: Check<LegacyIdSource> = (name, value) =>
  value === 'AdminGetUser' || value === 'GetUser' ? value : storeAddress('.ndjson')(name, value);

export interface LegacyIdSettings extends Omit<LegacyIdOptions, 'resolve'> {
  readonly resolve?: readonly LegacyIdSource[];
}

const LEGACY_ID_KEYS = [
  'idTokenClaim',
  'accessTokenClaim',
  'format',
  'onMissing',
  'resolve',
  'resolveTimeoutMs',
  'resolvedSeconds',
] as const satisfies readonly (keyof LegacyIdSettings)[];

/** As the verifier's `legacyId`, which checks the rest. */
const legacyId: Check<LegacyIdSettings> = (name, value) => {
  const given = checkKeys(name, value, LEGACY_ID_KEYS);
  const { format, resolve } = given;
  const sources = (Array.isArray(resolve) ? resolve : [resolve]).filter((one) => one !== undefined);
  return {
    ...given,
    ...(format === undefined ? {} : { format: idFormat(`${name}.format`, format) }),
    resolve: sources.map((source) => legacyIdSource(`${name}.resolve`, source)),
  };
};

const legacyTokens: Check<LegacyTokenOptions> = (name, value) => {
  const given = checkKeys(name, value, ['acceptUntil', 'acceptSignInsBefore']);
  return Object.fromEntries(Object.entries(given).map(([key, date]) => [key, dateOption(`${name}.${key}`, date)]));
};

const clientId = matching(/^[^\s,]+$/, 'the id of an app client');
const issuer = matching(/^\S+$/, 'an issuer');
const word = matching(/^\S+$/, 'a text without white space');

function clientsOption(side: string): CliOption<readonly string[] | null | undefined> {
  const { fromText, ...option } = listOption('<ids>', `clientIds of the ${side} pool, separated by commas`, clientId);
  return {
    ...option,
    fromText: (text) => (text === 'any' ? null : fromText?.(text)),
    check: (name, value) => (value === null || value === 'any' ? null : option.check(name, value)),
  };
}

/** The pools, and the verifier's own options under their names there; in the config file in the verifier's own form too. */
export const VERIFIER_OPTIONS = {
  ...hidden(COMMON_OPTIONS),
  legacyPool: severalOption('<id>', COMMON_OPTIONS.legacyPool.help, verifiedLegacyPool, ({ userPoolId }) => userPoolId),
  newPool: valueOption('<id>', COMMON_OPTIONS.newPool.help, verifiedNewPool),
  legacyClients: clientsOption('legacy'),
  newClients: clientsOption('new'),
  legacyIssuers: listOption('<urls>', 'issuers of the legacy pool (default: those of Cognito)', issuer),
  newIssuers: listOption('<urls>', 'issuers of the new pool (default: those of Cognito)', issuer),
  tokenUse: oneOfOption('<use>', 'access, id or any', TOKEN_USES),
  audience: listOption('<names>', 'audience of the new pool, separated by commas (default: not checked)', word),
  attribute: COMMON_OPTIONS.attribute,
  accessTokenClaim: valueOption(
    '<name>',
    'claim of access tokens that holds the legacy id (default: legacy_sub)',
    word,
  ),
  legacyIdFormat: valueOption('<format>', 'uuid, any or a regular expression (default: uuid)', idFormat),
  onMissing: oneOfOption('<what>', 'reject or own-sub (default: reject)', ['reject', 'own-sub']),
  acceptUntil: valueOption('<time>', 'end of the legacy pool (default: never)', dateOption),
  acceptSignInsBefore: valueOption('<time>', 'last sign-ins of the legacy pool that count (default: all)', dateOption),
  clockToleranceSeconds: numberOption('<seconds>', 'tolerated difference between clocks (default: 5)', {
    min: 0,
    max: 300,
  }),
  legacyId: fileOnly(legacyId),
  legacyTokens: fileOnly(legacyTokens),
} satisfies CliOptions;

export type VerifierSettings = Settings<typeof VERIFIER_OPTIONS>;

/** A verifier's options whose dates are fixed. */
export interface DatedOptions extends VerifierOptions {
  readonly legacyTokens?: LegacyTokenOptions;
}

/** The options of a verifier that accepts what the settings say, as far as they are plain values. */
export interface PlainVerifierOptions extends Omit<DatedOptions, 'newPool' | 'tokenUse'> {
  readonly newPool?: PoolOptions;
}

/** @param jwks the keys of every pool, for tokens of which it is not known which pool issued them */
export async function verifierOptions(settings: VerifierSettings, jwks?: JsonWebKeySet): Promise<PlainVerifierOptions> {
  const { legacyPool: legacyPools = [], newPool, audience, clockToleranceSeconds } = settings;
  refuseWithoutPool(settings);
  if (legacyPools.length > 1) {
    refuseForSeveral('--legacy-clients', settings.legacyClients);
    refuseForSeveral('--legacy-issuers', settings.legacyIssuers);
  }
  const besides = (side: 'legacy' | 'new') => {
    const { [`${side}Endpoint` as const]: endpoint, [`${side}Clients` as const]: clients } = settings;
    return { side, endpoint, clients, issuers: settings[`${side}Issuers`], jwks };
  };
  const legacy = await Promise.all(legacyPools.map((pool) => poolOptions(pool, besides('legacy'))));
  const [only] = legacy;
  return {
    ...(only === undefined ? {} : { legacyPool: legacy.length === 1 ? only : legacy }),
    ...(newPool && { newPool: await poolOptions(newPool, { ...besides('new'), audience }) }),
    legacyId: legacyIdOf(settings),
    legacyTokens: legacyTokensOf(settings),
    ...defined({ clockToleranceSeconds }),
  };
}

/** Without `resolve`, which is to be opened. */
function legacyIdOf({ legacyId: nested = {}, ...flat }: VerifierSettings): LegacyIdOptions {
  const { resolve: _, ...own } = nested;
  const pick = <T>(flag: string, given: T | undefined, key: string, other: T | undefined) =>
    once(flag, given, `legacyId.${key}`, other);
  return {
    ...own,
    ...defined({
      idTokenClaim: pick('attribute', flat.attribute, 'idTokenClaim', own.idTokenClaim),
      accessTokenClaim: pick('accessTokenClaim', flat.accessTokenClaim, 'accessTokenClaim', own.accessTokenClaim),
      format: pick('legacyIdFormat', flat.legacyIdFormat, 'format', own.format),
      onMissing: pick('onMissing', flat.onMissing, 'onMissing', own.onMissing),
    }),
  };
}

function legacyTokensOf({ legacyTokens: nested = {}, ...flat }: VerifierSettings): LegacyTokenOptions {
  const dates = (['acceptUntil', 'acceptSignInsBefore'] as const).map((key) => [
    key,
    once(key, flat[key], `legacyTokens.${key}`, nested[key]),
  ]);
  return defined(Object.fromEntries(dates));
}

/** One of two places that say the same; both of them only where they agree. */
function once<T>(flag: string, given: T | undefined, key: string, other: T | undefined): T | undefined {
  // As text: two equal dates, or regular expressions, are two objects.
  if (given !== undefined && other !== undefined && String(given) !== String(other)) refuseTogether(flagOf(flag), key);
  return given === undefined ? other : given;
}

/** Clients or issuers of a pool that is not named would silently mean nothing. */
function refuseWithoutPool(settings: VerifierSettings): void {
  for (const side of ['legacy', 'new'] as const) {
    if (settings[`${side}Pool`] !== undefined) continue;
    for (const what of ['Clients', 'Issuers'] as const) {
      if (settings[`${side}${what}`] !== undefined) refuseWithout(flagOf(`${side}${what}`), `--${side}-pool`);
    }
  }
  if (settings.newPool === undefined && settings.audience !== undefined) refuseWithout('--audience', '--new-pool');
}

function refuseForSeveral(option: string, value: unknown): void {
  if (value !== undefined) {
    throw new ConfigurationError(
      option,
      'belongs to one pool, and several legacy pools are named: name only one --legacy-pool, or in the config file say it of each',
    );
  }
}
