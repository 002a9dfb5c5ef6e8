import type { Clock } from '../clock.js';
import { createNewPoolGateway } from '../directory/new-pool.js';
import { CONNECTION_KEYS, checkConnection, type PoolConnection } from '../directory/pool-client.js';
import type { NewPoolGateway } from '../directory/trigger-pools.js';
import { checkKeys, isPlainObject, refuse } from '../options.js';

/** The event's part that says which pool called. */
interface Caller {
  readonly userPoolId: string;
  readonly region: string;
}

/** A gateway handed in, if it has the methods needed, or one made from the options. */
export function gatewayOf<T extends object, O extends object>(
  given: T | O,
  methods: readonly (keyof T & string)[],
  create: (options: O) => T,
): T {
  if (!isObject(given)) refuse('legacyPool', 'options of the legacy pool, or a gateway', given);
  return hasMethods<T>(given, methods) ? given : create(given);
}

/** Finds the gateway of the pool that called: the one handed in, or one made at the first event and kept. */
export function newPoolsOf<K extends keyof NewPoolGateway>(
  given: PoolConnection | Pick<NewPoolGateway, K> | undefined,
  methods: readonly K[],
  clock: Clock,
): (caller: Caller) => Pick<NewPoolGateway, K> {
  if (given !== undefined && isNewPoolGateway(given, methods)) return () => given;
  const connection = (given ?? {}) as PoolConnection;
  checkKeys('newPool', connection, CONNECTION_KEYS);
  checkConnection('newPool', connection);
  const gateways = new Map<string, NewPoolGateway>();
  return ({ userPoolId, region }) => {
    const known = gateways.get(userPoolId) ?? createNewPoolGateway(userPoolId, { region, ...connection }, clock);
    gateways.set(userPoolId, known);
    return known;
  };
}

/** Whether it is a gateway with these methods, rather than options to make one from. */
export function isNewPoolGateway<K extends keyof NewPoolGateway>(
  given: object,
  methods: readonly K[],
): given is Pick<NewPoolGateway, K> {
  return isObject(given) && hasMethods<Pick<NewPoolGateway, K>>(given, methods);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasMethods<T extends object>(value: object, methods: readonly (keyof T & string)[]): value is T {
  const record: Readonly<Record<string, unknown>> = isPlainObject(value) ? value : {};
  return methods.every((method) => typeof record[method] === 'function');
}
