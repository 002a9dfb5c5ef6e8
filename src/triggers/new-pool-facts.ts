import type { PoolConnection } from '../directory/pool-client.js';
import {
  type AliasAttribute,
  ATTRIBUTE_TYPES,
  type Contact,
  type NewPoolGateway,
  type PoolAttribute,
} from '../directory/trigger-pools.js';
import { checkKeys, checkNumber, checkOneOf, checkString, refuse } from '../options.js';
import { isNewPoolGateway, newPoolsOf } from './pools.js';
import type { TriggerFrame } from './settings.js';

/** How the new pool is reached, and what of it need not be asked for. */
export interface MigrationTargetOptions extends PoolConnection {
  /**
   * The new pool's schema, with the mapping attribute: every attribute that may be carried over, and every one that is
   * required. With it a sign-in asks nothing of the new pool, whose DescribeUserPool answers five calls a second: at a launch
   * that is fewer than Lambda starts functions. Standard attributes that are not listed are not carried over; `…_verified`
   * comes with its contact. Default: asked for with DescribeUserPool.
   */
  readonly attributes?: readonly PoolAttribute[];
  /**
   * The new pool's `AliasAttributes`; empty where the username itself is the e-mail address or phone number
   * (`UsernameAttributes`) or nothing but the username signs in. Default: asked for, once somebody signs in with what could be
   * an alias.
   */
  readonly aliasAttributes?: readonly AliasAttribute[];
}

/** A gateway to the new pool; `offersSmsMfa` is needed for `challenges: 'carry-sms'` only. */
export type MigrationTarget = Pick<NewPoolGateway, 'describe'> & Partial<Pick<NewPoolGateway, 'offersSmsMfa'>>;

/** What one move needs to know of the new pool. Each is asked for only when it decides something. */
export interface NewPoolFacts {
  attributes(): Promise<readonly PoolAttribute[]>;
  aliasAttributes(): Promise<readonly AliasAttribute[]>;
  requiresMfa(): Promise<boolean>;
  recovery(): Promise<readonly Contact[]>;
  offersSmsMfa(): Promise<boolean>;
}

type Caller = Parameters<ReturnType<typeof newPoolsOf>>[0];

/** @throws {@link ConfigurationError} */
export function newPoolFactsOf(
  given: MigrationTargetOptions | MigrationTarget | undefined,
  needs: { readonly mapping: string; readonly sms: boolean },
  frame: TriggerFrame,
): (caller: Caller, signal: AbortSignal) => NewPoolFacts {
  const { known, target } = split(given, needs.mapping);
  if (needs.sms && isNewPoolGateway(target, ['describe']) && !isNewPoolGateway(target, ['offersSmsMfa'])) {
    refuse('newPool', "a gateway with offersSmsMfa(), as challenges is 'carry-sms'", target);
  }
  const poolOf: (caller: Caller) => MigrationTarget = newPoolsOf(target, ['describe'], frame.clock);
  return (caller, signal) => {
    const ask = <T>(question: () => Promise<T>): Promise<T> => frame.ask('ERR_NEW_POOL_UNAVAILABLE', question);
    const describe = () => ask(() => poolOf(caller).describe(signal));
    return {
      attributes: async () => known.attributes ?? (await describe()).attributes,
      aliasAttributes: async () => known.aliasAttributes ?? (await describe()).aliasAttributes,
      requiresMfa: async () => (await describe()).requiresMfa,
      recovery: async () => (await describe()).recovery ?? ['email', 'phone_number'],
      offersSmsMfa: () => ask(async () => (await poolOf(caller).offersSmsMfa?.(signal)) === true),
    };
  };
}

type Known = Pick<MigrationTargetOptions, 'attributes' | 'aliasAttributes'>;

function split(
  given: MigrationTargetOptions | MigrationTarget = {},
  mapping: string,
): { readonly known: Known; readonly target: PoolConnection | MigrationTarget } {
  if (isNewPoolGateway(given, ['describe'])) return { known: {}, target: given };
  const { attributes, aliasAttributes, ...connection } = given as MigrationTargetOptions;
  if (attributes !== undefined) checkSchema(attributes, mapping);
  if (aliasAttributes !== undefined) checkAliases(aliasAttributes);
  return {
    known: {
      ...(attributes === undefined ? {} : { attributes }),
      ...(aliasAttributes === undefined ? {} : { aliasAttributes }),
    },
    target: connection,
  };
}

const ATTRIBUTE_KEYS = ['name', 'type', 'required', 'minLength', 'maxLength', 'minValue', 'maxValue'];

function checkSchema(attributes: readonly PoolAttribute[], mapping: string): void {
  const option = 'newPool.attributes';
  if (!Array.isArray(attributes)) refuse(option, 'an array of attributes', attributes);
  attributes.forEach((one: PoolAttribute, index) => {
    const at = `${option}[${index}]`;
    checkKeys(at, one, ATTRIBUTE_KEYS);
    checkString(`${at}.name`, one.name, 'the name of an attribute');
    checkOneOf(`${at}.type`, one.type, ATTRIBUTE_TYPES, 'String');
    if (one.required !== undefined && typeof one.required !== 'boolean') {
      refuse(`${at}.required`, 'true or false', one.required);
    }
    const { POSITIVE_INFINITY: max, NEGATIVE_INFINITY: lowest } = Number;
    for (const key of ['minLength', 'maxLength'] as const) {
      checkNumber(`${at}.${key}`, one[key], { min: 0, max, integer: true, fallback: 0 });
    }
    for (const key of ['minValue', 'maxValue'] as const) {
      checkNumber(`${at}.${key}`, one[key], { min: lowest, max, fallback: 0 });
    }
  });
  if (!attributes.some(({ name }) => name === mapping)) {
    refuse(option, `attributes among which is the mapping attribute ${mapping}`, attributes);
  }
}

function checkAliases(aliases: readonly AliasAttribute[]): void {
  const option = 'newPool.aliasAttributes';
  if (!Array.isArray(aliases)) refuse(option, 'an array of attribute names', aliases);
  aliases.forEach((one, index) => {
    checkOneOf(`${option}[${index}]`, one, ['email', 'phone_number', 'preferred_username']);
  });
}
