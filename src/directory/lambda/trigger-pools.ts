import type { AttributeType } from '../../users/attribute-values.js';
import type { DirectoryUser } from '../user-types.js';

/** The part of a user that the triggers need. */
export type PoolUser = Pick<DirectoryUser, 'username' | 'sub' | 'attributes' | 'status' | 'enabled'>;

/** A user with their second factors. */
export interface LegacyUser extends PoolUser {
  /** `SMS_MFA`, `SOFTWARE_TOKEN_MFA`, `EMAIL_OTP`; empty if the user has set up none. */
  readonly factors: readonly string[];
}

/** Fields that users can be found by. */
export type SearchField = 'sub' | 'username' | 'preferred_username' | 'email' | 'phone_number';

/**
 * The result of a sign-in with a password at the legacy pool.
 * - `signed-in`: username and password are correct, and nothing more is required; `sub` is the user's
 * - `challenge`: the password is correct, but the user is **not** authenticated until they answer `challenge`
 * - `reset-required`: the user must reset the password first; it is not known whether the given one is correct
 * - `unconfirmed`: the user never confirmed their sign-up
 * - `refused`: unknown user, wrong password, disabled, or locked out
 */
export type LegacySignIn =
  | { readonly outcome: 'signed-in'; readonly sub: string }
  | { readonly outcome: 'challenge'; readonly challenge: string }
  | { readonly outcome: 'reset-required' | 'unconfirmed' | 'refused' };

/**
 * The legacy pool as the triggers use it. Every method rejects if the answer is not known: an outage or throttling must never
 * look like a wrong password or an unknown user.
 */
export interface LegacyPoolGateway {
  readonly userPoolId: string;
  signIn(username: string, password: string, signal: AbortSignal): Promise<LegacySignIn>;
  /** By username or by an alias that users can sign in with. `undefined` only if the user does not exist. */
  getUser(username: string, signal: AbortSignal): Promise<LegacyUser | undefined>;
  /** Users whose `field` equals `value`. Can return other users too: the caller compares. */
  findUsers(field: SearchField, value: string, signal: AbortSignal): Promise<readonly PoolUser[]>;
  /** Names of the groups of the user with exactly this username. */
  groupsOf(username: string, signal: AbortSignal): Promise<readonly string[]>;
  /** `ON` requires a second factor of every user. With `OFF`, no user is asked for one, whatever they have set up. */
  mfaConfiguration(signal: AbortSignal): Promise<MfaConfiguration>;
}

/** Whether the pool asks for a second factor. */
export type MfaConfiguration = 'OFF' | 'OPTIONAL' | 'ON';

/** Contacts that Cognito sends codes to. */
export type Contact = 'email' | 'phone_number';

/** Attributes that a pool can let users sign in with, in addition to a username. */
export type AliasAttribute = Contact | 'preferred_username';

/** One attribute of a pool's schema. */
export interface PoolAttribute {
  /** As in triggers and tokens, with the prefix `custom:` for a custom attribute. */
  readonly name: string;
  /** @defaultValue `'String'` */
  readonly type?: AttributeType;
  /** @defaultValue false */
  readonly required?: boolean;
  /** Characters of a string, inclusive. Default: no limit. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Range of a number, inclusive. Default: no limit. */
  readonly minValue?: number;
  readonly maxValue?: number;
}

/** What a user created by the migration trigger must comply with. */
export interface NewPoolDescription {
  readonly attributes: readonly PoolAttribute[];
  /** What users sign in with in addition to a username. Empty if the e-mail address or phone number is the username. */
  readonly aliasAttributes: readonly AliasAttribute[];
  /** True if the pool requires a second factor of every user. */
  readonly requiresMfa: boolean;
  /** Contacts through which users can reset a forgotten password (`AccountRecoverySetting`). Default: both. */
  readonly recovery?: readonly Contact[];
}

/** The new pool as the triggers use it. */
export interface NewPoolGateway {
  describe(signal: AbortSignal): Promise<NewPoolDescription>;
  /** Whether users can choose SMS as a second factor and are then asked for it. */
  offersSmsMfa(signal: AbortSignal): Promise<boolean>;
  /** As in {@link LegacyPoolGateway}. */
  findUsers(field: SearchField, value: string, signal: AbortSignal): Promise<readonly PoolUser[]>;
  /** As in {@link LegacyPoolGateway}. */
  getUser(username: string, signal: AbortSignal): Promise<LegacyUser | undefined>;
  setAttribute(username: string, name: string, value: string, signal: AbortSignal): Promise<void>;
  disableUser(username: string, signal: AbortSignal): Promise<void>;
  /** False if the pool has no such group. */
  addToGroup(username: string, group: string, signal: AbortSignal): Promise<boolean>;
}
