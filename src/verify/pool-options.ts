import { ConfigurationError, type PoolSide } from '../errors.js';
import { checkKeys, checkOneOf, checkString, refuse } from '../options.js';
import { IN_ONE_POOL, poolIdAdvice } from './explain/pool-mistakes.js';
import { type KeySet, parseKeySet } from './key-set.js';
import type { PoolOptions, TokenUse } from './types.js';

/** A user pool as the verifier knows it: {@link PoolOptions}, checked and completed. */
export interface Pool {
  /** Where it stands in the options, for messages: `newPool`, `legacyPool[1]`. */
  readonly option: string;
  readonly side: PoolSide;
  readonly userPoolId: string;
  readonly issuers: readonly string[];
  /** `undefined`: the keys were given as `jwks`, and nothing is fetched. */
  readonly jwksUri: string | undefined;
  readonly keySet: KeySet | undefined;
  /** `null`: any client. */
  readonly clientIds: ReadonlySet<string> | null;
  readonly clientAliases: ReadonlyMap<string, string>;
  /** `null`: not checked. */
  readonly audience: ReadonlySet<string> | null;
  /** Overrides the verifier's. */
  readonly tokenUse: TokenUse | undefined;
}

const KNOWN = [
  'userPoolId',
  'clientIds',
  'issuers',
  'jwksUri',
  'jwks',
  'clientAliases',
  'audience',
  'tokenUse',
] as const satisfies readonly (keyof PoolOptions)[];

export const TOKEN_USES = ['access', 'id', 'any'] as const satisfies readonly TokenUse[];

/** Whether keys may be fetched from there: over https, or http to this machine. */
export function isAllowedJwksUri(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname, username, password } = new URL(uri);
  if (username !== '' || password !== '') return false;
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback);
}

/**
 * `{region}_{letters and digits}`, as aws-jwt-verify reads it, which a test compares. That module would bring its whole verifier: 10 KB
 * of every bundle.
 */
const AWS_POOL_ID = /^((?:eusc-[a-z]{2}|[a-z]{2})-(?:gov-)?[a-z]+-\d)_[a-zA-Z0-9]+$/;

/** The two issuers Cognito documents for a pool id, or none where the id is not one of AWS's. */
function documentedIssuers(userPoolId: string): readonly string[] {
  const [, region] = AWS_POOL_ID.exec(userPoolId) ?? [];
  if (region === undefined) return [];
  return ['cognito-idp', 'issuer-cognito-idp'].map((host) => `https://${host}.${region}.amazonaws.com/${userPoolId}`);
}

function checkStrings(option: string, value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) refuse(option, 'an array of at least one string', value);
  return value.map((one, index) => checkString(`${option}[${index}]`, one));
}

function checkClientIds(option: string, value: unknown): ReadonlySet<string> | null {
  if (value === null) return null;
  if (!Array.isArray(value) || value.length === 0) {
    const expected = 'an array of at least one app client id, or null to accept any client of the pool';
    refuse(option, expected, value, typeof value === 'string' ? 'Put it into an array.' : undefined);
  }
  const clientIds = checkStrings(option, value);
  const several = clientIds.find((one) => /[\s,]/.test(one));
  if (several !== undefined) refuse(option, 'one app client id in each string, without white space', several);
  return new Set(clientIds);
}

function checkAliases(option: string, value: unknown): ReadonlyMap<string, string> {
  if (value === undefined) return new Map();
  const entries = Object.entries(checkKeys(option, value, Object.keys(Object(value))));
  return new Map(entries.map(([from, to]) => [from, checkString(`${option}.${from}`, to)]));
}

function checkAudience(option: string, value: unknown): ReadonlySet<string> | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return new Set([checkString(option, value)]);
  return Array.isArray(value)
    ? new Set(checkStrings(option, value))
    : refuse(option, 'a string or an array of strings', value);
}

/** @throws {@link ConfigurationError} naming the option below `option` */
export function checkPool(option: string, side: PoolSide, given: PoolOptions): Pool {
  const options = checkKeys(option, given, KNOWN);
  const userPoolId = checkString(`${option}.userPoolId`, options.userPoolId, 'a user pool id');
  const documented = documentedIssuers(userPoolId);
  const issuers =
    options.issuers === undefined ? documented : [...new Set(checkStrings(`${option}.issuers`, options.issuers))];
  if (issuers.length === 0) {
    refuse(`${option}.userPoolId`, 'a user pool id like eu-west-1_Ab12Cd34e', userPoolId, poolIdAdvice(userPoolId));
  }
  const keySet = options.jwks === undefined ? undefined : checkJwks(`${option}.jwks`, options.jwks);
  const jwksUri = checkJwksUri(`${option}.jwksUri`, options.jwksUri, keySet, issuers[0]!);
  return {
    option,
    side,
    userPoolId,
    issuers,
    jwksUri,
    keySet,
    clientIds: checkClientIds(`${option}.clientIds`, options.clientIds),
    clientAliases: checkAliases(`${option}.clientAliases`, options.clientAliases),
    audience: checkAudience(`${option}.audience`, options.audience),
    tokenUse:
      options.tokenUse === undefined ? undefined : checkOneOf(`${option}.tokenUse`, options.tokenUse, TOKEN_USES),
  };
}

function checkJwks(option: string, value: unknown): KeySet {
  try {
    return parseKeySet(value);
  } catch (error) {
    throw new ConfigurationError(
      option,
      `expected a JWKS with at least one usable RSA key: ${(error as Error).message}`,
    );
  }
}

function checkJwksUri(
  option: string,
  value: unknown,
  keySet: KeySet | undefined,
  firstIssuer: string,
): string | undefined {
  if (value === undefined) {
    if (keySet !== undefined) return undefined;
    const uri = `${firstIssuer.replace(/\/$/, '')}/.well-known/jwks.json`;
    if (isAllowedJwksUri(uri)) return uri;
    refuse(option, 'the address of the keys, or jwks, because the first issuer is not an https address', value);
  }
  const uri = checkString(option, value);
  return isAllowedJwksUri(uri)
    ? uri
    : refuse(option, 'an https address without a user name, or an http one on loopback', value);
}

/**
 * Checks every pool, and that no two of them share a pool id, an issuer or an app client.
 * @throws {@link ConfigurationError}
 */
export function checkPools(
  legacyPool: PoolOptions | readonly PoolOptions[] | undefined,
  newPool: PoolOptions | undefined,
  tokenUse?: TokenUse,
): readonly Pool[] {
  const several = Array.isArray(legacyPool);
  const legacyPools: readonly PoolOptions[] = several ? legacyPool : legacyPool === undefined ? [] : [legacyPool];
  const named: readonly (readonly [string, Pool])[] = [
    ...legacyPools.map((one, index) => {
      const option = several ? `legacyPool[${index}]` : 'legacyPool';
      return [option, checkPool(option, 'legacy', one)] as const;
    }),
    ['newPool', checkPool('newPool', 'new', newPool as PoolOptions)],
  ];
  const seen = new Map<string, string>();
  const claim = (kind: keyof typeof IN_ONE_POOL, value: string, option: string) => {
    const other = seen.get(`${kind} ${value}`);
    if (other !== undefined) {
      throw new ConfigurationError(option, `the same ${kind} is already in ${other}. ${IN_ONE_POOL[kind]}`);
    }
    seen.set(`${kind} ${value}`, option);
  };
  for (const [option, pool] of named) {
    if (pool.audience !== null && (pool.tokenUse ?? tokenUse) === 'id') {
      throw new ConfigurationError(
        `${option}.audience`,
        'only access tokens carry an audience, and this pool accepts only ID tokens',
      );
    }
    claim('user pool', pool.userPoolId, `${option}.userPoolId`);
    for (const issuer of pool.issuers) claim('issuer', issuer, `${option}.issuers`);
    for (const clientId of pool.clientIds ?? []) claim('app client', clientId, `${option}.clientIds`);
  }
  return named.map(([, pool]) => pool);
}
