import { ConfigurationError } from '../../../errors.js';
import { readText } from '../../../migrate/files/read-text.js';
import { checkString, parseJson, refuse } from '../../../options.js';
import { parseKeySet } from '../../../verify/key-set.js';
import { TOKEN_USES } from '../../../verify/pool-options.js';
import type { JsonWebKeySet, LegacyTokenOptions, PoolOptions, VerifierOptions } from '../../../verify/types.js';
import { COMMON_OPTIONS, defined } from '../../options/common.js';
import {
  type Check,
  type CliOptions,
  commandLineOnly,
  flagOf,
  hidden,
  listOption,
  matching,
  numberOption,
  oneOfOption,
  refuseWithout,
  type Settings,
  severalOption,
  valueOption,
} from '../../options/option.js';

/** `2026-06-30T12:00:00Z`, or seconds since the epoch, as in a token. */
const date: Check<Date> = (name, value) => {
  const given = String(value);
  const time = new Date(/^\d{1,11}$/.test(given) ? Number(given) * 1_000 : given);
  return Number.isNaN(time.getTime()) ? refuse(name, 'a time like 2026-06-30T12:00:00Z', value) : time;
};

/** `uuid`, `any` or a regular expression. */
const idFormat: Check<'uuid' | RegExp | null> = (name, value) => {
  if (value === 'uuid') return 'uuid';
  if (value === 'any') return null;
  try {
    return new RegExp(String(value));
  } catch (error) {
    throw new ConfigurationError(name, 'expected uuid, any or a regular expression', error);
  }
};

const file: Check<string> = (name, value) => checkString(name, value, 'the path of a file');
const clientId = matching(/^[^\s,]+$/, 'the id of an app client');
const issuer = matching(/^\S+$/, 'an issuer');
const word = matching(/^\S+$/, 'a text without white space');

/** The pools, and the verifier's own options under their names there. */
export const TOKEN_OPTIONS = {
  ...hidden(COMMON_OPTIONS),
  legacyPool: COMMON_OPTIONS.legacyPool,
  newPool: COMMON_OPTIONS.newPool,
  legacyClients: listOption('<ids>', 'clientIds of the legacy pool, separated by commas (default: any)', clientId),
  newClients: listOption('<ids>', 'clientIds of the new pool, separated by commas (default: any)', clientId),
  legacyIssuers: listOption('<urls>', 'issuers of the legacy pool (default: those of Cognito)', issuer),
  newIssuers: listOption('<urls>', 'issuers of the new pool (default: those of Cognito)', issuer),
  tokenUse: oneOfOption('<use>', 'access, id or any (default: any)', TOKEN_USES),
  audience: listOption('<names>', 'audience of the new pool, separated by commas (default: not checked)', word),
  attribute: COMMON_OPTIONS.attribute,
  accessTokenClaim: valueOption(
    '<name>',
    'claim of access tokens that holds the legacy id (default: legacy_sub)',
    word,
  ),
  legacyIdFormat: valueOption('<format>', 'uuid, any or a regular expression (default: uuid)', idFormat),
  onMissing: oneOfOption('<what>', 'reject or own-sub (default: reject)', ['reject', 'own-sub']),
  acceptUntil: valueOption('<time>', 'end of the legacy pool (default: never)', date),
  acceptSignInsBefore: valueOption('<time>', 'last sign-ins of the legacy pool that count (default: all)', date),
  clockToleranceSeconds: numberOption('<seconds>', 'tolerated difference between clocks (default: 5)', {
    min: 0,
    max: 300,
  }),
  jwks: severalOption(
    '<file>',
    'key set of the pool that issued the token; repeatable (default: fetched from the pool)',
    file,
  ),
  at: commandLineOnly(valueOption('<time>', 'judge as of this time (default: now)', date)),
} satisfies CliOptions;

export type TokenSettings = Settings<typeof TOKEN_OPTIONS>;

/** Stands for a new pool that is not named, since a verifier needs one. It issues nothing, and its keys are never asked for. */
const NO_POOL: PoolOptions = {
  userPoolId: 'none',
  issuers: ['urn:none'],
  clientIds: null,
  jwksUri: 'https://none.invalid/',
};

/** A verifier's options whose dates are fixed. */
export interface DatedOptions extends VerifierOptions {
  readonly legacyTokens?: LegacyTokenOptions;
}

/** The options of a verifier that accepts what the settings say. */
export async function verifierOptions(settings: TokenSettings, now: number): Promise<DatedOptions> {
  const { legacyPool: legacyPools = [], newPool, audience, attribute, accessTokenClaim, onMissing } = settings;
  const { tokenUse = 'any', legacyIdFormat, acceptUntil, acceptSignInsBefore, clockToleranceSeconds } = settings;
  const { legacyClients, legacyIssuers, newClients, newIssuers, legacyEndpoint, newEndpoint } = settings;
  refuseWithoutPool(settings);
  if (legacyPools.length > 1) {
    refuseForSeveral('--legacy-clients', legacyClients);
    refuseForSeveral('--legacy-issuers', legacyIssuers);
  }
  const jwks = await keysOf(settings.jwks);
  const legacy = legacyPools.map(({ userPoolId, endpoint = legacyEndpoint }) =>
    poolOptions(userPoolId, { clientIds: legacyClients, issuers: legacyIssuers, endpoint, jwks }),
  );
  const named = { clientIds: newClients, issuers: newIssuers, endpoint: newEndpoint, jwks };
  const [only] = legacy;
  return {
    ...(only === undefined ? {} : { legacyPool: legacy.length === 1 ? only : legacy }),
    newPool: newPool === undefined ? NO_POOL : { ...poolOptions(newPool, named), ...defined({ audience }) },
    tokenUse,
    legacyId: defined({ idTokenClaim: attribute, accessTokenClaim, format: legacyIdFormat, onMissing }),
    legacyTokens: defined({ acceptUntil, acceptSignInsBefore }),
    ...defined({ clockToleranceSeconds }),
    clock: { now: () => now },
  };
}

/** Clients or issuers of a pool that is not named would silently mean nothing. */
function refuseWithoutPool(settings: TokenSettings): void {
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
      'belongs to one pool, and several legacy pools are named: name only one --legacy-pool',
    );
  }
}

interface PoolSettings {
  readonly clientIds: readonly string[] | undefined;
  readonly issuers: readonly string[] | undefined;
  readonly endpoint: string | undefined;
  readonly jwks: JsonWebKeySet | undefined;
}

function poolOptions(userPoolId: string, { clientIds, issuers, endpoint, jwks }: PoolSettings): PoolOptions {
  const base = endpoint === undefined ? undefined : `${endpoint.replace(/\/$/, '')}/${userPoolId}`;
  // An emulator issues tokens under its own address, with ids that begin like `local_`.
  const emulated = base !== undefined && !/-\d_/.test(userPoolId) ? [base] : undefined;
  const jwksUri = base === undefined || jwks !== undefined ? undefined : `${base}/.well-known/jwks.json`;
  return { userPoolId, clientIds: clientIds ?? null, ...defined({ issuers: issuers ?? emulated, jwksUri, jwks }) };
}

/** The keys of all files. The same key may be in several of them. */
async function keysOf(paths: readonly string[] | undefined): Promise<JsonWebKeySet | undefined> {
  if (paths === undefined) return undefined;
  const keys = new Map<string, JsonWebKeySet['keys'][number]>();
  for (const path of paths) {
    const document = parseJson(await readText('--jwks', path));
    try {
      parseKeySet(document);
    } catch (error) {
      throw new ConfigurationError('--jwks', `${path} is not a usable key set (JWKS)`, error);
    }
    for (const key of (document as JsonWebKeySet).keys) keys.set(`${key.kid} ${key.n}`, key);
  }
  return { keys: [...keys.values()] };
}
