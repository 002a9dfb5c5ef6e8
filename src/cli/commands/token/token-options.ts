import { checkString } from '../../../options.js';
import type { JsonWebKeySet, PoolOptions } from '../../../verify/types.js';
import {
  type Check,
  type CliOptions,
  commandLineOnly,
  type Settings,
  severalOption,
  valueOption,
} from '../../options/option.js';
import { readKeySet } from '../../options/verified-pools.js';
import { type DatedOptions, dateOption, VERIFIER_OPTIONS, verifierOptions } from '../../options/verifier-options.js';

const file: Check<string> = (name, value) => checkString(name, value, 'the path of a file');
const { legacyClients, newClients, tokenUse } = VERIFIER_OPTIONS;
const orAny = <T extends { readonly help: string }>(option: T): T => ({
  ...option,
  help: `${option.help} (default: any)`,
});

export const TOKEN_OPTIONS = {
  ...VERIFIER_OPTIONS,
  legacyClients: orAny(legacyClients),
  newClients: orAny(newClients),
  tokenUse: orAny(tokenUse),
  jwks: severalOption(
    '<file>',
    'key set of the pool that issued the token; repeatable (default: fetched from the pool)',
    file,
  ),
  at: commandLineOnly(valueOption('<time>', 'judge as of this time (default: now)', dateOption)),
} satisfies CliOptions;

/** Stands for a new pool that is not named, since a verifier needs one. It issues nothing, and its keys are never asked for. */
const NO_POOL: PoolOptions = {
  userPoolId: 'none',
  issuers: ['urn:none'],
  clientIds: null,
  jwksUri: 'https://none.invalid/',
};

/** The options of a verifier that accepts what the settings say. Where they leave it open, it accepts any client and any use. */
export async function tokenVerifierOptions(
  settings: Settings<typeof TOKEN_OPTIONS>,
  now: number,
): Promise<DatedOptions> {
  const { legacyPool, newPool = NO_POOL, ...plain } = await verifierOptions(settings, await keysOf(settings.jwks));
  const anyClient = (pool: PoolOptions): PoolOptions => ({ ...pool, clientIds: pool.clientIds ?? null });
  const { tokenUse: use = 'any' } = settings;
  return {
    ...plain,
    ...(legacyPool && { legacyPool: isOne(legacyPool) ? anyClient(legacyPool) : legacyPool.map(anyClient) }),
    newPool: anyClient(newPool),
    tokenUse: use,
    clock: { now: () => now },
  };
}

const isOne = (pools: PoolOptions | readonly PoolOptions[]): pools is PoolOptions => !Array.isArray(pools);

/** The keys of all files. The same key may be in several of them. */
async function keysOf(paths: readonly string[] | undefined): Promise<JsonWebKeySet | undefined> {
  if (paths === undefined) return undefined;
  const keys = new Map<string, JsonWebKeySet['keys'][number]>();
  for (const path of paths) {
    for (const key of (await readKeySet('--jwks', path)).keys) keys.set(`${key.kid} ${key.n}`, key);
  }
  return { keys: [...keys.values()] };
}
