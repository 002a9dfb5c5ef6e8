import { CONNECTION_KEYS, type PoolConnection } from '../../directory/lambda/pool-client.js';
import { mayPass } from '../../directory/lambda/retried.js';
import type {
  AliasAttribute,
  Contact,
  NewPoolDescription,
  NewPoolGateway,
  PoolAttribute,
} from '../../directory/lambda/trigger-pools.js';
import { checkBoolean, checkKeys, checkNumber, checkOneOf, checkString, refuse } from '../../options.js';
import { ATTRIBUTE_TYPES } from '../../users/attribute-values.js';
import { type TriggerFrame, untilImpatient } from '../frame.js';
import { isNewPoolGateway, newPoolsOf } from '../gateways.js';
import { reasonOf, TriggerError } from '../trigger-error.js';

/** How the new pool is reached, and what is known about it in advance. */
export interface MigrationTargetOptions extends PoolConnection {
  /**
   * The new pool's schema, with the mapping attribute: every attribute that may be carried over, and every one that is
   * required. With it a sign-in does not call the new pool, where DescribeUserPool allows five calls a second: at a launch,
   * Lambda starts more functions than that. Standard attributes that are not listed are not carried over; `…_verified` comes
   * with its contact. Default: asked for with DescribeUserPool.
   */
  readonly attributes?: readonly PoolAttribute[];
  /**
   * The new pool's `AliasAttributes`; empty where the username itself is the e-mail address or phone number
   * (`UsernameAttributes`) or nothing but the username signs in. Default: asked for when somebody signs in with what could
   * be an alias.
   */
  readonly aliasAttributes?: readonly AliasAttribute[];
  /**
   * Whether the new pool requires a second factor of everybody (`MfaConfiguration: ON`). It decides who is moved with
   * `challenges: 'reset-and-enrol'`: a wrong `true` lets people in without their second factor. The pool must require it for
   * as long as people move. Default: asked for when a user with a second factor must reset their password.
   */
  readonly requiresMfa?: boolean;
  /**
   * Whether the new pool asks users for SMS messages as a second factor (`MfaConfiguration` `ON` or `OPTIONAL`, with an SMS
   * configuration). It decides who is moved with `challenges: 'carry-sms'`: as with `requiresMfa`, it must stay so. Default:
   * asked for with GetUserPoolMfaConfig when a user has SMS messages as a second factor.
   */
  readonly smsMfa?: boolean;
  /**
   * Contacts that the new pool resets passwords through (`AccountRecoverySetting`); both where the pool has no such setting.
   * Default: asked for when a user must reset their password.
   */
  readonly recovery?: readonly Contact[];
}

/** A gateway to the new pool; `offersSmsMfa` is needed for `challenges: 'carry-sms'` only. */
export type MigrationTarget = Pick<NewPoolGateway, 'describe'> & Partial<Pick<NewPoolGateway, 'offersSmsMfa'>>;

/**
 * What one move needs to know about the new pool. Each fact is asked for only when it decides something. `undefined`:
 * currently unknown. The caller can continue without it, at the risk of failing a sign-in that would otherwise have failed
 * anyway.
 */
export interface NewPoolFacts {
  attributes(): Promise<readonly PoolAttribute[] | undefined>;
  aliasAttributes(): Promise<readonly AliasAttribute[] | undefined>;
  requiresMfa(): Promise<boolean>;
  recovery(): Promise<readonly Contact[]>;
  offersSmsMfa(): Promise<boolean>;
}

type Caller = Parameters<ReturnType<typeof newPoolsOf>>[0];

/** @throws {@link ConfigurationError} */
export function newPoolFactsOf(
  given: MigrationTargetOptions | MigrationTarget = {},
  needs: { readonly mapping: string; readonly sms: boolean },
  frame: TriggerFrame,
): (caller: Caller, patience: AbortSignal) => NewPoolFacts {
  const { known, target } = split(given, needs.mapping);
  if (needs.sms && isNewPoolGateway(target, ['describe']) && target.offersSmsMfa === undefined) {
    refuse('newPool', "a gateway with offersSmsMfa(), because challenges is 'carry-sms'", target);
  }
  const poolOf: (caller: Caller) => MigrationTarget = newPoolsOf(target, ['describe'], frame);
  return (caller, patience) => {
    const ask = <T>(question: () => Promise<T>): Promise<T> =>
      frame.ask('ERR_NEW_POOL_UNAVAILABLE', () => untilImpatient(question(), patience));
    const asked = once(() => describe(() => poolOf(caller).describe(patience), frame, patience));
    const described = async (): Promise<NewPoolDescription> => {
      const answer = await asked();
      if ('unavailable' in answer) throw new TriggerError('ERR_NEW_POOL_UNAVAILABLE', reasonOf(answer.unavailable));
      return answer;
    };
    const ifAvailable = async (): Promise<Partial<NewPoolDescription>> => {
      const answer = await asked();
      return 'unavailable' in answer ? {} : answer;
    };
    return {
      attributes: async () => known.attributes ?? (await ifAvailable()).attributes,
      aliasAttributes: async () => known.aliasAttributes ?? (await ifAvailable()).aliasAttributes,
      requiresMfa: async () => known.requiresMfa ?? (await described()).requiresMfa,
      recovery: async () => known.recovery ?? (await described()).recovery ?? CONTACTS,
      offersSmsMfa: async () =>
        known.smsMfa ?? (await ask(async () => (await poolOf(caller).offersSmsMfa?.(patience)) === true)),
    };
  };
}

/** One question and one report for a whole move. A lasting error, such as a missing permission, is thrown. */
async function describe(
  question: () => Promise<NewPoolDescription>,
  frame: TriggerFrame,
  patience: AbortSignal,
): Promise<NewPoolDescription | { readonly unavailable: unknown }> {
  try {
    return await untilImpatient(question(), patience);
  } catch (error) {
    frame.report(error);
    if (mayPass(error) || patience.aborted) return { unavailable: error };
    throw new TriggerError('ERR_NEW_POOL_UNAVAILABLE', reasonOf(error));
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const CONTACTS: readonly Contact[] = ['email', 'phone_number'];
const FACTS = ['attributes', 'aliasAttributes', 'requiresMfa', 'smsMfa', 'recovery'] as const;
type Known = Pick<MigrationTargetOptions, (typeof FACTS)[number]>;

function split(
  given: MigrationTargetOptions | MigrationTarget,
  mapping: string,
): { readonly known: Known; readonly target: PoolConnection | MigrationTarget } {
  if (isNewPoolGateway(given, ['describe'])) return { known: {}, target: given };
  checkKeys('newPool', given, [...CONNECTION_KEYS, ...FACTS]);
  const { attributes, aliasAttributes, requiresMfa, smsMfa, recovery, ...target } = given as MigrationTargetOptions;
  if (attributes !== undefined) checkSchema(attributes, mapping);
  checkNames('aliasAttributes', aliasAttributes, [...CONTACTS, 'preferred_username']);
  checkNames('recovery', recovery, CONTACTS);
  for (const [name, value] of Object.entries({ requiresMfa, smsMfa })) {
    checkBoolean(`newPool.${name}`, value, false);
  }
  return { known: given as MigrationTargetOptions, target };
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
    checkBoolean(`${at}.required`, one.required, false);
    const { POSITIVE_INFINITY: max, NEGATIVE_INFINITY: lowest } = Number;
    for (const key of ['minLength', 'maxLength'] as const) {
      checkNumber(`${at}.${key}`, one[key], { min: 0, max, integer: true, fallback: 0 });
    }
    for (const key of ['minValue', 'maxValue'] as const) {
      checkNumber(`${at}.${key}`, one[key], { min: lowest, max, fallback: 0 });
    }
  });
  if (!attributes.some(({ name }) => name === mapping)) {
    refuse(option, `an array that includes the mapping attribute ${mapping}`, attributes);
  }
}

function checkNames<T extends string>(name: string, value: readonly T[] | undefined, allowed: readonly T[]): void {
  const option = `newPool.${name}`;
  if (value === undefined) return;
  if (!Array.isArray(value)) refuse(option, 'an array of attribute names', value);
  value.forEach((one, index) => {
    checkOneOf(`${option}[${index}]`, one, allowed);
  });
}
