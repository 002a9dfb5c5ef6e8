import type { UserMigrationTriggerEvent } from 'aws-lambda';
import { createLegacyPoolGateway, type LegacyPoolOptions } from '../directory/legacy-sign-in.js';
import type { PoolConnection } from '../directory/pool-client.js';
import type { LegacyPoolGateway, LegacyUser, NewPoolDescription, NewPoolGateway } from '../directory/trigger-pools.js';
import { checkOneOf, checkString, refuse } from '../options.js';
import { carriedAttributes, hasVerifiedContact } from './carried-attributes.js';
import { TriggerError } from './errors.js';
import { gatewayOf, newPoolsOf } from './pools.js';
import {
  checkAttributeName,
  checkFormat,
  frameOf,
  type LegacyIdFormatOptions,
  type TriggerOptions,
} from './settings.js';

export interface UserMigrationTriggerOptions extends TriggerOptions, LegacyIdFormatOptions {
  /** The legacy pool with an app client to sign in with, or a gateway of your own. */
  readonly legacyPool: LegacyPoolOptions | MigrationSource;
  /**
   * How the new pool is reached, or a gateway of your own: what its schema has room for is read with DescribeUserPool, at
   * most every five minutes. Default: the pool that calls the trigger, with the function's own role.
   */
  readonly newPool?: PoolConnection | Pick<NewPoolGateway, 'describe'>;
  /** Attribute that gets the legacy `sub`. @defaultValue `'custom:legacy_sub'` */
  readonly attribute?: string;
  /** Attributes that are carried over, if the new pool has them. Default: all that the new pool has. */
  readonly attributes?: readonly string[];
  /**
   * What happens when the legacy pool answers the password with a challenge, or when a user with a second factor resets a
   * password: they have not proven the second factor.
   *
   * `'refuse'` does not move them. `'reset-and-enrol'` moves them with a password that must be reset through a code to their
   * verified e-mail or phone; those with a second factor only where the new pool demands one of everybody, so that they have
   * to enrol before they get a token. Second factors cannot be copied, except that SMS messages stay switched on.
   * @defaultValue `'refuse'`
   */
  readonly challenges?: 'refuse' | 'reset-and-enrol';
}

/** The part of the legacy pool that the user migration trigger needs. */
export type MigrationSource = Pick<LegacyPoolGateway, 'userPoolId' | 'signIn' | 'getUser' | 'requiresMfa'>;

/** Fits `UserMigrationTriggerHandler` of `@types/aws-lambda`. */
export type UserMigrationTrigger = (event: UserMigrationTriggerEvent) => Promise<UserMigrationTriggerEvent>;

const NEW_PASSWORD = 'NEW_PASSWORD_REQUIRED';
/** Challenges that stand for a second factor. Others, such as those of custom authentication, are refused always. */
const SECOND_FACTORS = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP', 'SELECT_MFA_TYPE', 'MFA_SETUP'];

/**
 * User migration: moves a user at their first sign-in with a password, or when they forgot it. The mapping attribute is set
 * from the `sub` of the account they proved to own.
 *
 * @returns a Lambda handler; it rejects with {@link TriggerError}
 * @throws {@link ConfigurationError}
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
 */
export function createUserMigrationTrigger(options: UserMigrationTriggerOptions): UserMigrationTrigger {
  const frame = frameOf(options, ['legacyPool', 'newPool', 'attribute', 'attributes', 'challenges', 'format']);
  const legacyPool = gatewayOf<MigrationSource, LegacyPoolOptions>(
    options.legacyPool,
    ['signIn', 'getUser', 'requiresMfa'],
    (given) => {
      const gateway = createLegacyPoolGateway(given);
      checkString('legacyPool.clientId', given.clientId, 'the app client to sign in with');
      return gateway;
    },
  );
  const newPoolOf = newPoolsOf(options.newPool, ['describe']);
  const attribute = checkAttributeName('attribute', options.attribute);
  const isLegacyId = checkFormat(options.format);
  const allowed = options.attributes;
  if (allowed !== undefined && !Array.isArray(allowed)) refuse('attributes', 'an array of attribute names', allowed);
  const acceptChallenges =
    checkOneOf('challenges', options.challenges, ['refuse', 'reset-and-enrol'], 'refuse') === 'reset-and-enrol';

  const ask = <T>(question: () => Promise<T>): Promise<T> => frame.ask('ERR_LEGACY_POOL_UNAVAILABLE', question);

  /** The account behind a name, if it may move at all. */
  const accountOf = async (username: string, signal: AbortSignal): Promise<LegacyUser> => {
    const user = await ask(() => legacyPool.getUser(username, signal));
    if (user === undefined) throw new TriggerError('ERR_SIGN_IN_REFUSED');
    if (!user.enabled) throw new TriggerError('ERR_USER_DISABLED');
    return user;
  };

  /** Moves a user who has not signed in, so that only the owner of a verified contact can go on. */
  const moveForReset = async (
    event: Event,
    { newPool, signal, challenge }: Circumstances & { readonly challenge?: string },
  ): Promise<void> => {
    const user = await accountOf(event.userName, signal);
    if (challenge === undefined) checkResettable(user);
    if (!hasVerifiedContact(user.attributes)) throw new TriggerError('ERR_NO_VERIFIED_CONTACT');
    const hasFactor =
      (challenge !== undefined && challenge !== NEW_PASSWORD) ||
      user.factors.length > 0 ||
      (await ask(() => legacyPool.requiresMfa(signal)));
    if (hasFactor && !(acceptChallenges && newPool.requiresMfa)) {
      throw new TriggerError('ERR_CHALLENGE_REFUSED', 'second factor');
    }
    answer(event, user, newPool, 'RESET_REQUIRED');
    const canGetSms = user.factors.includes('SMS_MFA') && user.attributes['phone_number_verified'] === 'true';
    if (canGetSms) event.response.enableSMSMFA = true;
  };

  const signIn = async (event: Event, circumstances: Circumstances): Promise<void> => {
    const { newPool, signal } = circumstances;
    const result = await ask(() => legacyPool.signIn(event.userName, event.request.password, signal));
    switch (result.outcome) {
      case 'refused':
        throw new TriggerError('ERR_SIGN_IN_REFUSED');
      case 'unconfirmed':
        throw new TriggerError('ERR_USER_UNCONFIRMED');
      case 'reset-required':
        return moveForReset(event, circumstances);
      case 'challenge': {
        const { challenge } = result;
        const isKnown = challenge === NEW_PASSWORD || SECOND_FACTORS.includes(challenge);
        if (!acceptChallenges || !isKnown) throw new TriggerError('ERR_CHALLENGE_REFUSED', challenge);
        return moveForReset(event, { ...circumstances, challenge });
      }
      case 'signed-in': {
        const user = await accountOf(event.userName, signal);
        // One name, two accounts: nobody can tell whose the mapping would be.
        if (user.sub !== result.sub) throw new TriggerError('ERR_LEGACY_POOL_UNAVAILABLE', 'two accounts');
        return answer(event, user, newPool, 'CONFIRMED');
      }
    }
  };

  const answer = (
    event: Event,
    user: LegacyUser,
    newPool: NewPoolDescription,
    finalUserStatus: 'CONFIRMED' | 'RESET_REQUIRED',
  ): void => {
    if (user.sub === undefined || !isLegacyId(user.sub)) throw new TriggerError('ERR_LEGACY_ID_INVALID');
    const carried = carriedAttributes(user, newPool, { attribute, legacyId: user.sub }, allowed);
    for (const name of carried.leftOut) frame.report(new TriggerError('ERR_ATTRIBUTE_MISSING', name));
    event.response.userAttributes = carried.attributes;
    // Who signed in with an alias would otherwise get it for a username, which such a pool refuses.
    if (newPool.hasAliases && event.userName !== user.username)
      event.response.userAttributes['username'] = user.username;
    event.response.finalUserStatus = finalUserStatus;
    event.response.messageAction = 'SUPPRESS';
    event.response.desiredDeliveryMediums = [];
    // True would take an e-mail or phone number away from the user of the new pool who has it.
    event.response.forceAliasCreation = false;
  };

  return async (event) => {
    const flow = { UserMigration_Authentication: signIn, UserMigration_ForgotPassword: moveForReset }[
      event.triggerSource
    ];
    if (flow === undefined) throw new TriggerError('ERR_EVENT_UNEXPECTED');
    // Attached to the legacy pool itself, it would call itself for every unknown user.
    if (event.userPoolId === legacyPool.userPoolId) throw new TriggerError('ERR_EVENT_UNEXPECTED', 'legacy pool');
    await frame.withinDeadline(async (signal) => {
      const newPool = await frame.ask('ERR_NEW_POOL_UNAVAILABLE', () => newPoolOf(event).describe(signal));
      await flow(event, { newPool, signal });
    });
    return event;
  };
}

/** Lets pass the states in which the legacy pool itself would let somebody reset a password. */
function checkResettable({ status }: LegacyUser): void {
  if (status === 'UNCONFIRMED') throw new TriggerError('ERR_USER_UNCONFIRMED');
  if (status !== 'CONFIRMED' && status !== 'RESET_REQUIRED') throw new TriggerError('ERR_SIGN_IN_REFUSED', status);
}

type Event = UserMigrationTriggerEvent;

interface Circumstances {
  readonly newPool: NewPoolDescription;
  readonly signal: AbortSignal;
}
