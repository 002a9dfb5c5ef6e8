import { ConfigurationError } from '../../errors.js';
import { readText } from '../../migrate/files/read-text.js';
import { isPlainObject, parseJson } from '../../options.js';
import { parseKeySet } from '../../verify/key-set.js';
import type { JsonWebKeySet, PoolOptions } from '../../verify/types.js';
import { defined, type LegacyPoolSetting, legacyPool, newPool, VERIFIED_POOL_KEYS } from './common.js';
import { type Check, flagOf, refuseTogether } from './option.js';

/** A pool, and what its object in the config file tells a verifier about it, which the verifier checks. */
export interface VerifiedPoolSetting extends LegacyPoolSetting {
  readonly verified: Readonly<Partial<Record<(typeof VERIFIED_POOL_KEYS)[number], unknown>>>;
}

export const verifiedLegacyPool: Check<VerifiedPoolSetting> = (name, value) => ({
  ...legacyPool(name, value),
  verified: verifiedOf(value),
});

export const verifiedNewPool: Check<VerifiedPoolSetting> = (name, value) => ({
  userPoolId: newPool(name, value),
  verified: verifiedOf(value),
});

function verifiedOf(value: unknown): VerifiedPoolSetting['verified'] {
  if (!isPlainObject(value)) return {};
  return Object.fromEntries(VERIFIED_POOL_KEYS.flatMap((key) => (key in value ? [[key, value[key]]] : [])));
}

/** What options of their own say about a pool. */
interface Besides {
  readonly side: 'legacy' | 'new';
  readonly endpoint: string | undefined;
  readonly clients: readonly string[] | null | undefined;
  readonly issuers: readonly string[] | undefined;
  readonly audience?: readonly string[] | undefined;
  readonly jwks: JsonWebKeySet | undefined;
}

/** A pool as a verifier takes it. Its `clientIds` may be missing, which a verifier refuses. */
export async function poolOptions(setting: VerifiedPoolSetting, besides: Besides): Promise<PoolOptions> {
  const { userPoolId, verified, endpoint = besides.endpoint } = setting;
  const { side, clients: clientIds, issuers, audience, jwks } = besides;
  const flags = { clientIds: `${side}Clients`, issuers: `${side}Issuers`, audience: 'audience', jwks: 'jwks' };
  const given = defined({ clientIds, issuers, audience, jwks });
  for (const [key, flag] of Object.entries(flags)) {
    if (key in given && key in verified) refuseTogether(flagOf(flag), `${key} of the ${side} pool`);
  }
  const base = endpoint === undefined ? undefined : `${endpoint.replace(/\/$/, '')}/${userPoolId}`;
  // An emulator issues tokens under its own address, with ids that begin like `local_`.
  const isEmulated = base !== undefined && !/-\d_/.test(userPoolId);
  const own = await withKeys(side, verified);
  const hasKeys = jwks !== undefined || own['jwks'] !== undefined;
  const jwksUri = base === undefined || hasKeys ? undefined : `${base}/.well-known/jwks.json`;
  return {
    userPoolId,
    ...defined({ issuers: isEmulated ? [base] : undefined, jwksUri }),
    ...own,
    ...given,
  } as PoolOptions;
}

/** Keys may be in a file of their own. */
async function withKeys(side: string, verified: VerifiedPoolSetting['verified']): Promise<Record<string, unknown>> {
  const { jwks } = verified;
  return typeof jwks === 'string' ? { ...verified, jwks: await readKeySet(`${side}Pool.jwks`, jwks) } : verified;
}

/** @throws ConfigurationError naming `option` */
export async function readKeySet(option: string, path: string): Promise<JsonWebKeySet> {
  const document = parseJson(await readText(option, path));
  try {
    parseKeySet(document);
  } catch (error) {
    throw new ConfigurationError(option, `${path} is not a usable key set (JWKS)`, error);
  }
  return document as JsonWebKeySet;
}
