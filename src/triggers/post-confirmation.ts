import type { PostConfirmationTriggerEvent } from 'aws-lambda';
import { createLegacyPoolGateway, type LegacyPoolOptions } from '../directory/lambda/legacy-pool-gateway.js';
import type { PoolConnection } from '../directory/lambda/pool-client.js';
import type { LegacyPoolGateway, NewPoolGateway, PoolUser } from '../directory/lambda/trigger-pools.js';
import { checkAnswer } from '../legacy-id/resolver.js';
import type { LegacyIdStore } from '../legacy-id/store.js';
import { checkBoolean, checkString, refuse } from '../options.js';
import { checkProviderMap, isProviderGroup, parseIdentities } from '../users/identities.js';
import { legacyIdentitiesOf, onlyOwner, usersNamedAfter, usersWith } from './external-owners.js';
import { checkEvent, frameOf, type TriggerOptions } from './frame.js';
import { gatewayOf, newPoolsOf } from './gateways.js';
import { checkAttributeName, checkFormat, type LegacyIdFormatOptions } from './legacy-id-options.js';
import {
  candidatesOf,
  checkFields,
  goesByOneOf,
  hasMoved,
  namesOf,
  type OwnerField,
  ownersOf,
} from './legacy-owners.js';
import { TriggerError } from './trigger-error.js';

/** Options of {@link createPostConfirmationTrigger}. */
export interface PostConfirmationTriggerOptions extends TriggerOptions, LegacyIdFormatOptions {
  /**
   * The legacy pool, or a gateway of your own. No app client is needed. `null`: the legacy pool was deleted, and users who
   * are not in the store are new.
   */
  readonly legacyPool: LegacyPoolOptions | StampSource | null;
  /** How the new pool is reached, or a gateway of your own. Default: the pool that calls, with the function's own role. */
  readonly newPool?: PoolConnection | StampTarget;
  /** New `sub` -> legacy id: read first, and written with what was found. Default: none. */
  readonly store?: LegacyIdStore;
  /** Attribute that gets the legacy id. @defaultValue `'custom:legacy_sub'` */
  readonly attribute?: string;
  /** Fields by which people sign in to the legacy pool, as in the pre sign-up trigger. @defaultValue all four */
  readonly fields?: readonly OwnerField[];
  /**
   * `{ legacyProvider: newProvider }`, for identity providers that have different names in the two pools. Providers with the
   * same name must be the same provider, unless the map uses the name: with `{ Okta: 'OktaEU' }` the new pool's own `Okta`
   * is not the legacy pool's. Default: none.
   */
  readonly providerMap?: Readonly<Record<string, string>>;
  /**
   * The identity provider of the new pool that **is** the legacy pool (federation as the way of moving): the user ids it
   * hands over are legacy `sub`s. Default: none.
   */
  readonly legacyPoolProvider?: string;
  /** Whether mapped users get their legacy groups, as far as the new pool has them. @defaultValue false */
  readonly copyGroups?: boolean;
}

/** The part of the legacy pool that the post-confirmation trigger needs. */
export type StampSource = Pick<LegacyPoolGateway, 'userPoolId' | 'findUsers' | 'groupsOf'>;

/** The part of the new pool that the post-confirmation trigger needs. */
export type StampTarget = Pick<NewPoolGateway, 'findUsers' | 'setAttribute' | 'addToGroup' | 'disableUser'>;

/** Fits `PostConfirmationTriggerHandler` of `@types/aws-lambda`. */
export type PostConfirmationTrigger = (event: PostConfirmationTriggerEvent) => Promise<PostConfirmationTriggerEvent>;

/** What is known of the new user: a legacy id, and whose it is. */
interface Finding {
  readonly legacyId: string;
  readonly isNewBorn: boolean;
  readonly legacyUser?: PoolUser;
}

/**
 * Post confirmation: gives users who sign up themselves their legacy id. Federated users get that of the legacy user with
 * the same provider and provider user id, also where that user has a password and the identity is linked to them; users who
 * were never in the legacy pool get their own `sub`. Where a legacy user has the same name or address and nothing proves
 * that it is the same person, the attribute stays empty: `cognito-cutover plan` decides. Users who were disabled in the
 * legacy pool are disabled here.
 *
 * @returns a Lambda handler; it rejects with {@link TriggerError}
 * @throws {@link ConfigurationError}
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html
 */
export function createPostConfirmationTrigger(options: PostConfirmationTriggerOptions): PostConfirmationTrigger {
  const frame = frameOf(options, [
    'legacyPool',
    'newPool',
    'store',
    'attribute',
    'fields',
    'format',
    'providerMap',
    'legacyPoolProvider',
    'copyGroups',
  ]);
  const legacyPool =
    options.legacyPool === null
      ? undefined
      : gatewayOf<StampSource, LegacyPoolOptions>(options.legacyPool, ['findUsers', 'groupsOf'], (given) =>
          createLegacyPoolGateway(given, frame.clock, frame.report),
        );
  const newPoolOf = newPoolsOf(options.newPool, ['findUsers', 'setAttribute', 'addToGroup', 'disableUser'], frame);
  const { store, legacyPoolProvider } = options;
  if (store !== undefined && (typeof store?.get !== 'function' || typeof store.set !== 'function')) {
    refuse('store', 'a store with get() and set()', store);
  }
  if (legacyPoolProvider !== undefined) checkString('legacyPoolProvider', legacyPoolProvider);
  const copyGroups = checkBoolean('copyGroups', options.copyGroups, false);
  const attribute = checkAttributeName('attribute', options.attribute);
  const fields = checkFields(options.fields);
  const isLegacyId = checkFormat(options.format);
  const { toLegacy } = checkProviderMap(options.providerMap);

  const ask = <T>(question: () => Promise<T>): Promise<T> => frame.ask('ERR_LEGACY_POOL_UNAVAILABLE', question);

  const mappedTo = (legacyUser: PoolUser): Finding => ({
    legacyId: legacyUser.sub ?? '',
    isNewBorn: false,
    legacyUser,
  });

  const find = async (event: Event, sub: string, signal: AbortSignal): Promise<Finding | undefined> => {
    const attributes = event.request.userAttributes;
    const stored = await frame.ask('ERR_LEGACY_ID_UNAVAILABLE', async () => checkAnswer(await store?.get(sub)));
    if (stored !== undefined) return { legacyId: stored, isNewBorn: stored === sub };
    const [identity] = parseIdentities(attributes['identities']);
    if (identity !== undefined && identity.provider === legacyPoolProvider) {
      return { legacyId: identity.userId, isNewBorn: false };
    }
    const newBorn = { legacyId: sub, isNewBorn: true };
    if (legacyPool === undefined) return newBorn;
    const identities = identity === undefined ? [] : legacyIdentitiesOf(identity, toLegacy);
    const named = usersWith(identities, await ask(() => usersNamedAfter(identities, legacyPool, signal)));
    // Where several legacy providers became one, the same identity may belong to several legacy users.
    const own = identities.length === 1 ? onlyOwner(named) : undefined;
    if (own !== undefined) return mappedTo(own);
    const names = namesOf(event.userName, attributes);
    const search = identities.length === 0 ? ownersOf : candidatesOf;
    const candidates = await ask(() => search(names, fields, legacyPool, signal));
    const linked = usersWith(identities, [...named, ...candidates]);
    const owner = onlyOwner(linked);
    if (owner !== undefined) return mappedTo(owner);
    const taken = candidates.filter((user) => goesByOneOf(user, names, fields));
    const owners = [...new Map([...linked, ...taken].map((user) => [user.username, user])).values()];
    const moved = await frame.ask('ERR_NEW_POOL_UNAVAILABLE', () =>
      Promise.all(owners.map((owner) => hasMoved(owner, attribute, newPoolOf(event), signal))),
    );
    return moved.every(Boolean) ? newBorn : undefined;
  };

  const bySub = async (sub: string, pool: StampSource, signal: AbortSignal) =>
    (await ask(() => pool.findUsers('sub', sub, signal))).find((user) => user.sub === sub);

  const joinGroups = async (event: Event, found: Finding, pool: StampSource, signal: AbortSignal): Promise<void> => {
    const user = found.legacyUser ?? (await bySub(found.legacyId, pool, signal));
    if (user === undefined) return;
    const groups = await ask(() => pool.groupsOf(user.username, signal));
    for (const group of groups) {
      if (isProviderGroup(group, pool.userPoolId)) continue;
      const joined = await frame.ask('ERR_NEW_POOL_UNAVAILABLE', () =>
        newPoolOf(event).addToGroup(event.userName, group, signal),
      );
      if (!joined) frame.report(new TriggerError('ERR_NEW_POOL_UNAVAILABLE', 'no such group'));
    }
  };

  /**
   * The legacy user is disabled, and must not get in through a new sign-up. An error alone is not enough, because Cognito
   * has created the user by now and does not call the trigger at the next sign-in. If one of the two changes fails, the
   * other is still made: a value that came with the sign-up must not stay with a user who is not disabled.
   */
  const shutOut = async (event: Event, signal: AbortSignal): Promise<never> => {
    const change = (work: () => Promise<void>) => frame.ask('ERR_NEW_POOL_UNAVAILABLE', work);
    const clear = () =>
      (event.request.userAttributes[attribute] ?? '') === ''
        ? Promise.resolve()
        : change(() => newPoolOf(event).setAttribute(event.userName, attribute, '', signal));
    try {
      await clear();
    } finally {
      await change(() => newPoolOf(event).disableUser(event.userName, signal));
    }
    throw new TriggerError('ERR_USER_DISABLED');
  };

  const stamp = async (event: Event, signal: AbortSignal): Promise<void> => {
    const { sub } = event.request.userAttributes;
    if (sub === undefined) throw new TriggerError('ERR_EVENT_UNEXPECTED', 'no sub');
    const found = await find(event, sub, signal);
    if (found?.legacyUser?.enabled === false) await shutOut(event, signal);
    if (found !== undefined && !isLegacyId(found.legacyId)) throw new TriggerError('ERR_LEGACY_ID_INVALID');
    // A value that is already there was written by the person who signed up: it is replaced, or emptied where nothing is known.
    const wanted = found?.legacyId ?? '';
    if ((event.request.userAttributes[attribute] ?? '') !== wanted) {
      await frame.ask('ERR_NEW_POOL_UNAVAILABLE', () =>
        newPoolOf(event).setAttribute(event.userName, attribute, wanted, signal),
      );
    }
    if (found === undefined) return;
    await frame.ask('ERR_LEGACY_ID_UNAVAILABLE', async () => store?.set(sub, wanted));
    if (copyGroups && !found.isNewBorn && legacyPool !== undefined) await joinGroups(event, found, legacyPool, signal);
  };

  return async (event) => {
    if (event?.triggerSource === 'PostConfirmation_ConfirmForgotPassword') return event;
    checkEvent(event, ['userAttributes']);
    if (event.triggerSource !== 'PostConfirmation_ConfirmSignUp') throw new TriggerError('ERR_EVENT_UNEXPECTED');
    await frame.withinDeadline((signal) => stamp(event, signal));
    return event;
  };
}

type Event = PostConfirmationTriggerEvent;
