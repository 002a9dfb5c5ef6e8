import type { PreSignUpTriggerEvent } from 'aws-lambda';
import { createLegacyPoolGateway, type LegacyPoolOptions } from '../directory/lambda/legacy-pool-gateway.js';
import type { PoolConnection } from '../directory/lambda/pool-client.js';
import type { LegacyPoolGateway, NewPoolGateway } from '../directory/lambda/trigger-pools.js';
import { checkOneOf } from '../options.js';
import { checkProviderMap } from '../users/identities.js';
import { couldHaveIdentity, identitiesNamed, usersNamedAfter } from './external-owners.js';
import { checkEvent, frameOf, type TriggerOptions } from './frame.js';
import { gatewayOf, newPoolsOf } from './gateways.js';
import { checkAttributeName } from './legacy-id-options.js';
import { candidatesOf, checkFields, hasMoved, namesOf, type OwnerField, ownersOf } from './legacy-owners.js';
import { TriggerError } from './trigger-error.js';

/** Options of {@link createPreSignUpTrigger}. */
export interface PreSignUpTriggerOptions extends TriggerOptions {
  /** The legacy pool, or a gateway of your own. No app client is needed. */
  readonly legacyPool: LegacyPoolOptions | Pick<LegacyPoolGateway, 'findUsers'>;
  /** How the new pool is reached, or a gateway of your own. Default: the pool that calls, with the function's own role. */
  readonly newPool?: PoolConnection | Pick<NewPoolGateway, 'findUsers'>;
  /** The mapping attribute, which no sign-up may bring. @defaultValue `'custom:legacy_sub'` */
  readonly attribute?: string;
  /**
   * Fields by which people sign in to the legacy pool. Each costs one or two ListUsers calls per sign-up, of which an
   * account has 30 per second: leave out those that nobody signs in with. They decide which names are taken; legacy users
   * with a linked identity are found by username, e-mail address and phone number, whatever is listed here.
   * @defaultValue all four
   */
  readonly fields?: readonly OwnerField[];
  /**
   * Whether users created with AdminCreateUser are checked like sign-ups. Administrators may set the attribute, and may
   * create the users who move.
   * @defaultValue `'allow'`
   */
  readonly adminCreated?: 'allow' | 'check';
  /** `{ legacyProvider: newProvider }`, as in the post-confirmation trigger. Default: none. */
  readonly providerMap?: Readonly<Record<string, string>>;
}

/** Fits `PreSignUpTriggerHandler` of `@types/aws-lambda`. */
export type PreSignUpTrigger = (event: PreSignUpTriggerEvent) => Promise<PreSignUpTriggerEvent>;

/**
 * Pre sign-up: refuses sign-ups that bring the mapping attribute, and those that would take the place of a legacy user who
 * has not moved yet: once the name is taken in the new pool, that user's migration trigger never runs. The first sign-in
 * with an identity provider passes unless the provider's attribute mapping brings the attribute, or the legacy user with
 * that identity is disabled: refused here, they are not created, so that every later attempt is refused as well.
 *
 * Every refusal has the same message. A refused address reveals that it belongs to somebody, as Cognito's own
 * `UsernameExistsException` does.
 *
 * @returns a Lambda handler; it rejects with {@link TriggerError} `ERR_SIGN_UP_REFUSED`, `ERR_USER_DISABLED`, or
 * `ERR_…_UNAVAILABLE` while it cannot tell
 * @throws {@link ConfigurationError}
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html
 */
export function createPreSignUpTrigger(options: PreSignUpTriggerOptions): PreSignUpTrigger {
  const frame = frameOf(options, ['legacyPool', 'newPool', 'attribute', 'fields', 'adminCreated', 'providerMap']);
  const legacyPool = gatewayOf<Pick<LegacyPoolGateway, 'findUsers'>, LegacyPoolOptions>(
    options.legacyPool,
    ['findUsers'],
    (given) => createLegacyPoolGateway(given, frame.clock, frame.report),
  );
  const newPoolOf = newPoolsOf(options.newPool, ['findUsers'], frame);
  const attribute = checkAttributeName('attribute', options.attribute);
  const fields = checkFields(options.fields);
  const adminCreated = checkOneOf('adminCreated', options.adminCreated, ['allow', 'check'], 'allow');
  const { toLegacy } = checkProviderMap(options.providerMap);

  const refuseTakenNames = async (event: PreSignUpTriggerEvent, signal: AbortSignal): Promise<void> => {
    const names = namesOf(event.userName, event.request.userAttributes);
    const owners = await frame.ask('ERR_LEGACY_POOL_UNAVAILABLE', () => ownersOf(names, fields, legacyPool, signal));
    for (const owner of owners) {
      const moved = await frame.ask('ERR_NEW_POOL_UNAVAILABLE', () =>
        hasMoved(owner, attribute, newPoolOf(event), signal),
      );
      if (!moved) throw new TriggerError('ERR_SIGN_UP_REFUSED', 'legacy user');
    }
  };

  const refuseDisabled = async (event: PreSignUpTriggerEvent, signal: AbortSignal): Promise<void> => {
    const names = namesOf('', event.request.userAttributes);
    const identities = identitiesNamed(event.userName, toLegacy);
    const found = await frame.ask('ERR_LEGACY_POOL_UNAVAILABLE', () =>
      Promise.all([usersNamedAfter(identities, legacyPool, signal), candidatesOf(names, fields, legacyPool, signal)]),
    );
    if (found.flat().some((user) => !user.enabled && couldHaveIdentity(user, identities)))
      throw new TriggerError('ERR_USER_DISABLED');
  };

  return async (event) => {
    checkEvent(event, ['userAttributes']);
    const { triggerSource: source } = event;
    if (source === 'PreSignUp_AdminCreateUser' && adminCreated === 'allow') return event;
    if (!source.startsWith('PreSignUp_')) throw new TriggerError('ERR_EVENT_UNEXPECTED');
    if (Object.hasOwn(event.request.userAttributes, attribute)) {
      throw new TriggerError('ERR_SIGN_UP_REFUSED', 'mapping attribute');
    }
    // Federated users do not sign in with a name that somebody else could take first.
    const check = source === 'PreSignUp_ExternalProvider' ? refuseDisabled : refuseTakenNames;
    await frame.withinDeadline((signal) => check(event, signal));
    return event;
  };
}
