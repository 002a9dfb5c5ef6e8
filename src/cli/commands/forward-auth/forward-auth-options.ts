import { ConfigurationError } from '../../../errors.js';
import { checkBoolean, checkKeys, checkString } from '../../../options.js';
import type { KeyOptions, PoolOptions, VerifierOptions } from '../../../verify/types.js';
import {
  type Check,
  type CliOptions,
  fileOnly,
  matching,
  numberOption,
  oneOfOption,
  type Settings,
  underKeys,
  valueOption,
  withDefault,
} from '../../options/option.js';
import { storeAddress } from '../../options/store-address.js';
import { timeSpan } from '../../options/time-span.js';
import { dateOption, VERIFIER_OPTIONS, verifierOptions } from '../../options/verifier-options.js';
import { PHASES_OPTION } from '../phase/command.js';

const { legacyClients, newClients, tokenUse, newPool } = VERIFIER_OPTIONS;
const orAny = <T extends { readonly help: string }>(option: T): T => ({
  ...option,
  help: `${option.help}; any: each of them`,
});

/** Checked together with the config file's other keys, in {@link servedVerifierOptions}. */
const needed = <T extends { readonly help: string }>(option: T): T => ({
  ...option,
  help: `${option.help} (required)`,
});

/** As the verifier and the middleware have it, which check the rest. */
const asGiven = <T>(value: unknown): T => value as T;

const legacyTokenHeaders: Check<object> = (name, value) => {
  const given = checkKeys(name, value, ['deprecation', 'sunset', 'link']);
  const date = (key: string) => (given[key] === undefined ? {} : { [key]: dateOption(`${name}.${key}`, given[key]) });
  return { ...given, ...date('deprecation'), ...date('sunset') };
};

/** One address; a config file may have it in an array, because other commands take several. */
const drainStore: Check<ReturnType<ReturnType<typeof storeAddress>>> = (name, value) =>
  storeAddress('.ndjson')(name, Array.isArray(value) && value.length === 1 ? value[0] : value);

const DEFAULT_PORT = 9000;
const DEFAULT_GRACE_SECONDS = 5;

export const FORWARD_AUTH_OPTIONS = {
  ...VERIFIER_OPTIONS,
  newPool: needed(newPool),
  legacyClients: orAny(legacyClients),
  newClients: orAny(newClients),
  tokenUse: needed(tokenUse),
  port: withDefault(
    numberOption('<number>', 'port to serve on; 0: any that is free', { min: 0, max: 65_535, integer: true }),
    DEFAULT_PORT,
  ),
  listen: withDefault(
    valueOption('<address>', 'address to serve on', matching(/^[\w.:-]+$/, 'an address like 127.0.0.1 or ::1')),
    '127.0.0.1',
  ),
  phases: {
    ...underKeys(PHASES_OPTION, 'phases'),
    help: 'where the dates of the legacy pool are, as cognito-cutover phase writes them (default: no dates)',
  },
  drainStore: underKeys(
    valueOption(
      '<where>',
      'where to count for cognito-cutover drain: redis://HOST:PORT, dynamodb://TABLE?region=REGION or FILE.ndjson (default: nowhere)',
      drainStore,
    ),
    'drainStore',
    'drainStores',
  ),
  instance: valueOption('<name>', 'name under which this process counts (default: host and port)', (name, value) =>
    checkString(name, value, 'the name of an instance'),
  ),
  mode: oneOfOption('<mode>', 'enforce, or observe: refuse nobody, and only count (default: enforce)', [
    'enforce',
    'observe',
  ]),
  realm: valueOption('<name>', 'realm of the challenges (default: api)', (name, value) =>
    checkString(name, value, 'the name of a realm'),
  ),
  grace: valueOption(
    '<time>',
    `how long to go on serving after a signal to stop, while not ready: 30s, 0 for not at all (default: ${DEFAULT_GRACE_SECONDS}s)`,
    timeSpan('a time like 5s or 1m, or 0', ['s', 'm']),
  ),
  credentialsRequired: fileOnly((name, value) => checkBoolean(name, value, true)),
  legacyTokenHeaders: fileOnly(legacyTokenHeaders),
  cache: fileOnly((_, value) => asGiven<VerifierOptions['cache']>(value)),
  keys: fileOnly((_, value) => asGiven<KeyOptions>(value)),
} satisfies CliOptions;

export type ForwardAuthSettings = Settings<typeof FORWARD_AUTH_OPTIONS>;

export const graceOf = ({ grace }: ForwardAuthSettings): number => grace ?? DEFAULT_GRACE_SECONDS * 1_000;

/** The options of the verifier, without what has to be opened. */
export async function servedVerifierOptions(settings: ForwardAuthSettings): Promise<VerifierOptions> {
  const { legacyPool, newPool: pool, ...plain } = await verifierOptions(settings);
  const { tokenUse: use, cache, keys } = settings;
  if (pool === undefined) throw new ConfigurationError('--new-pool', `is required: ${newPool.help}`);
  if (use === undefined) throw new ConfigurationError('--token-use', `is required: ${tokenUse.help}`);
  requireClients('new', pool);
  if (legacyPool !== undefined && !Array.isArray(legacyPool)) requireClients('legacy', legacyPool as PoolOptions);
  return {
    ...plain,
    ...(legacyPool && { legacyPool }),
    newPool: pool,
    tokenUse: use,
    ...(cache === undefined ? {} : { cache }),
    ...(keys === undefined ? {} : { keys }),
  };
}

/** Of several legacy pools, the verifier says which has none. */
function requireClients(side: 'legacy' | 'new', { clientIds }: PoolOptions): void {
  if (clientIds !== undefined) return;
  throw new ConfigurationError(
    `--${side}-clients`,
    `is required: the app clients of the ${side} pool whose tokens are accepted, or any; in the config file clientIds of the pool`,
  );
}
