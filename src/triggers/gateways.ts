import { createNewPoolGateway } from '../directory/lambda/new-pool-gateway.js';
import { CONNECTION_KEYS, checkConnection, type PoolConnection } from '../directory/lambda/pool-client.js';
import type { LegacyPoolGateway, NewPoolGateway } from '../directory/lambda/trigger-pools.js';
import { checkKeys, isPlainObject, refuse } from '../options.js';
import type { TriggerFrame } from './frame.js';

/** The part of an event that says which pool called. */
interface Caller {
  readonly userPoolId: string;
  readonly region: string;
}

type Frame = Pick<TriggerFrame, 'clock' | 'report'>;

/** The legacy pool's gateway: the one handed in, if it has the methods needed, or one made from the options. */
export function gatewayOf<T extends object, O extends object>(
  given: T | O,
  methods: readonly (keyof T & string)[],
  create: (options: O) => T,
): T {
  return isGateway<T>('legacyPool', given, methods) ? given : create(given as O);
}

/** Finds the gateway of the pool that called: the one handed in, or one made at the first event and kept. */
export function newPoolsOf<K extends keyof NewPoolGateway>(
  given: PoolConnection | Pick<NewPoolGateway, K> | undefined,
  methods: readonly K[],
  { clock, report }: Frame,
): (caller: Caller) => Pick<NewPoolGateway, K> {
  const target = given === undefined ? {} : given;
  if (isNewPoolGateway(target, methods)) return () => target;
  const connection = target as PoolConnection;
  checkKeys('newPool', connection, CONNECTION_KEYS);
  checkConnection('newPool', connection);
  const gateways = new Map<string, NewPoolGateway>();
  return ({ userPoolId, region }) => {
    const known =
      gateways.get(userPoolId) ?? createNewPoolGateway(userPoolId, { region, ...connection }, clock, report);
    gateways.set(userPoolId, known);
    return known;
  };
}

/**
 * Whether it is a gateway to the new pool, rather than options to make one from.
 * @throws {@link ConfigurationError} where it is neither, or lacks one of `methods`
 */
export function isNewPoolGateway<K extends keyof NewPoolGateway>(
  given: unknown,
  methods: readonly K[],
): given is Pick<NewPoolGateway, K> {
  return isGateway<Pick<NewPoolGateway, K>>('newPool', given, methods);
}

/** Every method of a gateway. An object with any of them is meant as a gateway, because no option is a function. */
const METHODS: readonly (keyof LegacyPoolGateway | keyof NewPoolGateway)[] = [
  'signIn',
  'getUser',
  'findUsers',
  'groupsOf',
  'mfaConfiguration',
  'describe',
  'offersSmsMfa',
  'setAttribute',
  'disableUser',
  'addToGroup',
];

function isGateway<T extends object>(
  option: string,
  given: unknown,
  methods: readonly (keyof T & string)[],
): given is T {
  if (!isPlainObject(given)) refuse(option, 'options of the pool, or a gateway', given);
  if (!METHODS.some((method) => typeof given[method] === 'function')) return false;
  const missing = methods.find((method) => typeof given[method] !== 'function');
  if (missing !== undefined) refuse(option, `a gateway with ${missing}()`, given);
  return true;
}
