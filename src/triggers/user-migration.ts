import type { UserMigrationTriggerEvent } from 'aws-lambda';
import { createLegacyPoolGateway, type LegacyPoolOptions } from '../directory/lambda/legacy-pool-gateway.js';
import type { LegacyPoolGateway } from '../directory/lambda/trigger-pools.js';
import { checkBoolean, checkOneOf, checkString, refuse } from '../options.js';
import { checkEvent, frameOf, type TriggerOptions } from './frame.js';
import { gatewayOf } from './gateways.js';
import { checkAttributeName, checkFormat, type LegacyIdFormatOptions } from './legacy-id-options.js';
import { legacyAccountOf } from './migration/legacy-account.js';
import { type Challenges, MoveRules } from './migration/move-rules.js';
import { type MigrationTarget, type MigrationTargetOptions, newPoolFactsOf } from './migration/new-pool-facts.js';
import { TriggerError } from './trigger-error.js';

/** Options of {@link createUserMigrationTrigger}. */
export interface UserMigrationTriggerOptions extends TriggerOptions, LegacyIdFormatOptions {
  /** The legacy pool with an app client to sign in with, or a gateway of your own. */
  readonly legacyPool: LegacyPoolOptions | MigrationSource;
  /**
   * How the new pool is reached and what is known of it, or a gateway of your own. What is not known is asked for, and again
   * about every five minutes; while it is unavailable, the last answer serves for up to an hour. Default: the pool that
   * calls the trigger, with the function's own role; everything is asked for.
   */
  readonly newPool?: MigrationTargetOptions | MigrationTarget;
  /** Attribute that gets the legacy `sub`. @defaultValue `'custom:legacy_sub'` */
  readonly attribute?: string;
  /**
   * Attributes that are carried over, if the new pool has them. A contact that is not carried over does not count: where a
   * user has no other contact, or typed it to sign in, the user is refused. Default: all that the new pool has.
   */
  readonly attributes?: readonly string[];
  /**
   * What happens when the legacy pool answers the right password with a challenge, so that the user has not proven the
   * second factor.
   *
   * - `'refuse'` does not move them.
   * - `'carry-sms'` moves those challenged with an SMS message, if the phone number is verified and carried over and the new
   *   pool offers SMS messages as a second factor: the new pool asks them for one before it issues tokens. All others are
   *   refused.
   * - `'reset-and-enrol'` moves them with a password that must be reset through a code to a verified contact; those with a
   *   second factor only where the new pool demands one of everybody, so that they have to enrol before they get a token.
   *   Second factors cannot be copied, except that SMS messages stay switched on.
   * @defaultValue `'refuse'`
   */
  readonly challenges?: Challenges;
  /**
   * What happens when somebody forgot their password before they moved. They have not proven a password: with `'move'`
   * anybody who knows a username can move its owner, who must then reset the password to sign in. With `'refuse'` people
   * reset their password in the legacy pool.
   * @defaultValue `'refuse'`
   */
  readonly forgotPassword?: 'refuse' | 'move';
  /**
   * Whether a typed e-mail address is looked up among the verified ones of the legacy pool, for a legacy pool in which
   * people sign in with usernames only. Exactly one user must have verified it, or it must be somebody's username that
   * nobody has verified as an address; otherwise the sign-in is refused. Costs one or two ListUsers calls per attempt, of
   * which an account has 30 per second.
   * @defaultValue false
   */
  readonly lookUpByEmail?: boolean;
}

/** The part of the legacy pool that the user migration trigger needs; `findUsers` for `lookUpByEmail` only. */
export type MigrationSource = Pick<LegacyPoolGateway, 'userPoolId' | 'signIn' | 'getUser' | 'mfaConfiguration'> &
  Partial<Pick<LegacyPoolGateway, 'findUsers'>>;

/** Fits `UserMigrationTriggerHandler` of `@types/aws-lambda`. */
export type UserMigrationTrigger = (event: UserMigrationTriggerEvent) => Promise<UserMigrationTriggerEvent>;

const OPTIONS = [
  'legacyPool',
  'newPool',
  'attribute',
  'attributes',
  'challenges',
  'forgotPassword',
  'lookUpByEmail',
  'format',
];

/**
 * User migration: moves a user at their first sign-in with a password. The mapping attribute is set from the `sub` of the
 * account they proved to own.
 *
 * @returns a Lambda handler; it rejects with {@link TriggerError}
 * @throws {@link ConfigurationError}
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
 */
export function createUserMigrationTrigger(options: UserMigrationTriggerOptions): UserMigrationTrigger {
  const frame = frameOf(options, OPTIONS);
  const challenges = checkOneOf('challenges', options.challenges, ['refuse', 'reset-and-enrol', 'carry-sms'], 'refuse');
  const forgotPassword = checkOneOf('forgotPassword', options.forgotPassword, ['refuse', 'move'], 'refuse');
  const { attributes } = options;
  const lookUpByEmail = checkBoolean('lookUpByEmail', options.lookUpByEmail, false);
  if (attributes !== undefined && !Array.isArray(attributes)) {
    refuse('attributes', 'an array of attribute names', attributes);
  }
  const legacyPool = gatewayOf<MigrationSource, LegacyPoolOptions>(
    options.legacyPool,
    ['signIn', 'getUser', 'mfaConfiguration'],
    (given) => {
      const gateway = createLegacyPoolGateway(given, frame.clock, frame.report);
      checkString('legacyPool.clientId', given.clientId, 'the app client to sign in with');
      return gateway;
    },
  );
  if (lookUpByEmail && typeof legacyPool.findUsers !== 'function') {
    refuse('lookUpByEmail', 'false, because the legacy pool has no findUsers()', lookUpByEmail);
  }
  const attribute = checkAttributeName('attribute', options.attribute);
  const factsOf = newPoolFactsOf(options.newPool, { mapping: attribute, sms: challenges === 'carry-sms' }, frame);
  const settings = { attribute, attributes, challenges, isLegacyId: checkFormat(options.format), legacyPool, frame };

  const ask = <T>(question: () => Promise<T>): Promise<T> => frame.ask('ERR_LEGACY_POOL_UNAVAILABLE', question);

  const accountOf = (event: Event, signal: AbortSignal) =>
    ask(() => legacyAccountOf(event.userName, legacyPool, lookUpByEmail, signal));

  const resetPassword = async (event: Event, signal: AbortSignal, patience: AbortSignal): Promise<void> => {
    if (forgotPassword === 'refuse') throw new TriggerError('ERR_FORGOT_PASSWORD_REFUSED');
    const account = await accountOf(event, signal);
    if (account.user === undefined) throw new TriggerError('ERR_SIGN_IN_REFUSED', account.reason);
    const rules = new MoveRules(account.user, factsOf(event, patience), settings, patience);
    await rules.moveForReset(event);
  };

  const signIn = async (event: Event, signal: AbortSignal, patience: AbortSignal): Promise<void> => {
    const account = await accountOf(event, signal);
    const attempt = (name: string) => ask(() => legacyPool.signIn(name, event.request.password, signal));
    if (account.user === undefined) {
      // The legacy pool is asked all the same, so that the time taken does not reveal whether there is an account.
      if (account.reason !== 'no name of the user') await attempt(event.userName);
      throw new TriggerError('ERR_SIGN_IN_REFUSED', account.reason);
    }
    const { user } = account;
    const rules = new MoveRules(user, factsOf(event, patience), settings, patience);
    if (await rules.wouldGetNeedlessCode()) throw new TriggerError('ERR_CHALLENGE_REFUSED', 'second factor');
    // By the username itself: an alias could mean another account than the one that was read.
    const result = await attempt(user.username);
    switch (result.outcome) {
      case 'refused':
        throw new TriggerError('ERR_SIGN_IN_REFUSED');
      case 'unconfirmed':
        throw new TriggerError('ERR_USER_UNCONFIRMED');
      case 'reset-required':
        return rules.moveForReset(event);
      case 'challenge':
        return rules.moveChallenged(event, result.challenge);
      case 'signed-in':
        // One name, two accounts: it is unknown whose legacy id would be right.
        if (user.sub !== result.sub) throw new TriggerError('ERR_LEGACY_POOL_UNAVAILABLE', 'two accounts');
        return rules.moveSignedIn(event);
    }
  };

  return async (event) => {
    checkEvent(event, ['response']);
    const flow = { UserMigration_Authentication: signIn, UserMigration_ForgotPassword: resetPassword }[
      event.triggerSource
    ];
    if (flow === undefined) throw new TriggerError('ERR_EVENT_UNEXPECTED');
    // A trigger on the legacy pool itself would call itself for every unknown user.
    if (event.userPoolId === legacyPool.userPoolId) throw new TriggerError('ERR_EVENT_UNEXPECTED', 'legacy pool');
    await frame.withinDeadline((signal, patience) => flow(event, signal, patience));
    return event;
  };
}

type Event = UserMigrationTriggerEvent;
