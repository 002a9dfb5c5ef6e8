import type { AttributeType } from '../../users/attribute-values.js';
import type { DirectoryUser } from '../user-types.js';

/** A user of a pool as the triggers need to know them. */
export type PoolUser = Pick<DirectoryUser, 'username' | 'sub' | 'attributes' | 'status' | 'enabled'>;

/** A user of the legacy pool with their second factors. */
export interface LegacyUser extends PoolUser {
  /** `SMS_MFA`, `SOFTWARE_TOKEN_MFA`, `EMAIL_OTP`; empty when the user has set up none. */
  readonly factors: readonly string[];
}

/** Fields that users can be searched by. */
export type SearchField = 'sub' | 'username' | 'preferred_username' | 'email' | 'phone_number';

/**
 * How a sign-in with a password at the legacy pool ended.
 * - `signed-in`: username and password are right, and nothing more was asked; `sub` is the user's
 * - `challenge`: the password is right, but the user is **not** authenticated before they answer `challenge`
 * - `reset-required`: the user must reset the password first; nothing is known about the one given
 * - `unconfirmed`: the user never confirmed their sign-up
 * - `refused`: unknown user, wrong password, disabled, or locked out
 */
export type LegacySignIn =
  | { readonly outcome: 'signed-in'; readonly sub: string }
  | { readonly outcome: 'challenge'; readonly challenge: string }
  | { readonly outcome: 'reset-required' | 'unconfirmed' | 'refused' };

/**
 * The legacy pool as the triggers use it. Every method rejects when it cannot tell: an outage or a throttle must never look
 * like a wrong password or an unknown user.
 */
export interface LegacyPoolGateway {
  readonly userPoolId: string;
  signIn(username: string, password: string, signal: AbortSignal): Promise<LegacySignIn>;
  /** By username or by an alias that the pool signs in with. `undefined` when there is certainly none. */
  getUser(username: string, signal: AbortSignal): Promise<LegacyUser | undefined>;
  /** Users whose `field` equals `value`. May answer more than those: the caller compares. */
  findUsers(field: SearchField, value: string, signal: AbortSignal): Promise<readonly PoolUser[]>;
  /** Names of the groups of the user with exactly this username. */
  groupsOf(username: string, signal: AbortSignal): Promise<readonly string[]>;
  /** `ON` demands a second factor of everybody; with `OFF` nobody is asked for one, whatever they have set up. */
  mfaConfiguration(signal: AbortSignal): Promise<MfaConfiguration>;
}

export type MfaConfiguration = 'OFF' | 'OPTIONAL' | 'ON';

/** Contacts that Cognito sends codes to. */
export type Contact = 'email' | 'phone_number';

/** Attributes that a pool can let people sign in with, beside a username of their own. */
export type AliasAttribute = Contact | 'preferred_username';

/** One attribute of a pool's schema. */
export interface PoolAttribute {
  /** As triggers and tokens name it: with `custom:` where it is one. */
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

/** What a user created by the migration trigger has to fit into. */
export interface NewPoolDescription {
  readonly attributes: readonly PoolAttribute[];
  /** What people sign in with beside a username of their own. None where the e-mail address or phone number is the username. */
  readonly aliasAttributes: readonly AliasAttribute[];
  /** True where the pool demands a second factor of everybody. */
  readonly requiresMfa: boolean;
  /** Contacts that a forgotten password can be reset through (`AccountRecoverySetting`). Default: both. */
  readonly recovery?: readonly Contact[];
}

/** The new pool as the triggers use it. */
export interface NewPoolGateway {
  describe(signal: AbortSignal): Promise<NewPoolDescription>;
  /** Whether users can have SMS messages for a second factor, and are asked for them then. */
  offersSmsMfa(signal: AbortSignal): Promise<boolean>;
  /** As of {@link LegacyPoolGateway}. */
  findUsers(field: SearchField, value: string, signal: AbortSignal): Promise<readonly PoolUser[]>;
  setAttribute(username: string, name: string, value: string, signal: AbortSignal): Promise<void>;
  disableUser(username: string, signal: AbortSignal): Promise<void>;
  /** Answers false when the pool has no such group. */
  addToGroup(username: string, group: string, signal: AbortSignal): Promise<boolean>;
}
