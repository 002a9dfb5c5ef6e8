import type { UserMigrationTriggerEvent } from 'aws-lambda';
import type { AliasAttribute, Contact, LegacyPoolGateway, LegacyUser } from '../directory/trigger-pools.js';
import { type CarriedAttributes, carriedAttributes, verifiedContacts } from './carried-attributes.js';
import { TriggerError } from './errors.js';
import type { NewPoolFacts } from './new-pool-facts.js';
import type { TriggerFrame } from './settings.js';

export type Challenges = 'refuse' | 'reset-and-enrol' | 'carry-sms';

interface MoveSettings {
  readonly attribute: string;
  readonly attributes: readonly string[] | undefined;
  readonly challenges: Challenges;
  readonly isLegacyId: (legacyId: string) => boolean;
  readonly legacyPool: Pick<LegacyPoolGateway, 'mfaConfiguration'>;
  readonly frame: TriggerFrame;
}

type Event = UserMigrationTriggerEvent;

const NEW_PASSWORD = 'NEW_PASSWORD_REQUIRED';
/** Challenges that stand for a second factor. Others, such as those of custom authentication, are refused always. */
const SECOND_FACTORS = ['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP', 'SELECT_MFA_TYPE', 'MFA_SETUP'];
/** Second factors for which the legacy pool sends a message as soon as the password is right. */
const SENT_FACTORS = ['SMS_MFA', 'EMAIL_OTP'];
const ALIASES: readonly AliasAttribute[] = ['email', 'phone_number', 'preferred_username'];

/** In which state one legacy user moves, if at all. Every method judges what the user will have in the new pool. */
export class MoveRules {
  readonly #user: LegacyUser;
  readonly #newPool: NewPoolFacts;
  readonly #settings: MoveSettings;
  readonly #signal: AbortSignal;
  #carried: Promise<CarriedAttributes> | undefined;

  constructor(user: LegacyUser, newPool: NewPoolFacts, settings: MoveSettings, signal: AbortSignal) {
    this.#user = user;
    this.#newPool = newPool;
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Whether the sign-in would only send a message to somebody who is refused whatever they answer. */
  async wouldGetNeedlessCode(): Promise<boolean> {
    if (!this.#user.factors.some((factor) => SENT_FACTORS.includes(factor))) return false;
    if (await this.#mayPassWithFactor()) return false;
    try {
      return (await this.#settings.legacyPool.mfaConfiguration(this.#signal)) !== 'OFF';
    } catch (error) {
      this.#signal.throwIfAborted();
      // The sign-in tells as well, at the price of a message.
      this.#settings.frame.report(error);
      return false;
    }
  }

  async moveSignedIn(event: Event): Promise<void> {
    this.#checkEnabled();
    await this.#answer(event, 'CONFIRMED');
  }

  /** The password was right, the user is not authenticated. */
  async moveChallenged(event: Event, challenge: string): Promise<void> {
    const { challenges } = this.#settings;
    const isKnown = challenge === NEW_PASSWORD || SECOND_FACTORS.includes(challenge);
    const refused = () => new TriggerError('ERR_CHALLENGE_REFUSED', challenge);
    this.#checkEnabled();
    if (challenges === 'carry-sms' && challenge === 'SMS_MFA') {
      if (!(await this.#canCarrySms())) throw refused();
      await this.#answer(event, 'CONFIRMED');
      event.response.enableSMSMFA = true;
    } else {
      if (challenges !== 'reset-and-enrol' || !isKnown) throw refused();
      await this.#reset(event, challenge !== NEW_PASSWORD);
    }
  }

  /** Moves a user who has not signed in, so that only the owner of a verified contact can go on. */
  async moveForReset(event: Event): Promise<void> {
    this.#checkEnabled();
    checkResettable(this.#user);
    await this.#reset(event, false);
  }

  async #reset(event: Event, challenged: boolean): Promise<void> {
    const hasFactor = challenged || (await this.#hasFactor());
    const ways = await this.#waysToReset();
    if (ways.length === 0) throw new TriggerError('ERR_NO_VERIFIED_CONTACT');
    if (hasFactor && !(await this.#mayEnrolAgain())) throw new TriggerError('ERR_CHALLENGE_REFUSED', 'second factor');
    const keepsSms = this.#user.factors.includes('SMS_MFA') && (await this.#canCarrySms());
    await this.#answer(event, 'RESET_REQUIRED');
    if (keepsSms) event.response.enableSMSMFA = true;
  }

  /** Whether `challenges` lets somebody pass whom the legacy pool sends a message. */
  async #mayPassWithFactor(): Promise<boolean> {
    switch (this.#settings.challenges) {
      case 'refuse':
        return false;
      case 'carry-sms':
        return this.#user.factors.includes('SMS_MFA') && (await this.#canCarrySms());
      case 'reset-and-enrol':
        return (await this.#mayEnrolAgain()) && (await this.#waysToReset()).length > 0;
    }
  }

  /** The new pool has to ask for the message, or the second factor would be gone. */
  async #canCarrySms(): Promise<boolean> {
    return (await this.#contacts()).includes('phone_number') && (await this.#newPool.offersSmsMfa());
  }

  async #mayEnrolAgain(): Promise<boolean> {
    return this.#settings.challenges === 'reset-and-enrol' && (await this.#newPool.requiresMfa());
  }

  async #hasFactor(): Promise<boolean> {
    if (this.#user.factors.length > 0) return true;
    const { frame, legacyPool } = this.#settings;
    const mfa = await frame.ask('ERR_LEGACY_POOL_UNAVAILABLE', () => legacyPool.mfaConfiguration(this.#signal));
    return mfa === 'ON';
  }

  async #contacts(): Promise<readonly Contact[]> {
    return verifiedContacts((await this.#attributes()).attributes);
  }

  /**
   * Contacts that a reset code goes to in the new pool. Cognito sends none to the phone that the second factor goes to.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
   */
  async #waysToReset(): Promise<readonly Contact[]> {
    const recovery = await this.#newPool.recovery();
    const hasSms = this.#user.factors.includes('SMS_MFA');
    return (await this.#contacts()).filter((contact) => recovery.includes(contact) && !(hasSms && contact !== 'email'));
  }

  /** @throws {@link TriggerError} `ERR_LEGACY_ID_INVALID`, `ERR_ATTRIBUTE_MISSING` */
  #attributes(): Promise<CarriedAttributes> {
    this.#carried ??= this.#carry();
    return this.#carried;
  }

  async #carry(): Promise<CarriedAttributes> {
    const { attribute, attributes: allowed, isLegacyId } = this.#settings;
    const { sub } = this.#user;
    if (sub === undefined || !isLegacyId(sub)) throw new TriggerError('ERR_LEGACY_ID_INVALID');
    return carriedAttributes(this.#user, await this.#newPool.attributes(), { attribute, legacyId: sub }, allowed);
  }

  async #answer(event: Event, finalUserStatus: 'CONFIRMED' | 'RESET_REQUIRED'): Promise<void> {
    const { attributes, leftOut } = await this.#attributes();
    const username = await this.#usernameBeside(event.userName, attributes);
    for (const name of leftOut) this.#settings.frame.report(new TriggerError('ERR_ATTRIBUTE_MISSING', name));
    event.response.userAttributes = { ...attributes, ...(username === undefined ? {} : { username }) };
    event.response.finalUserStatus = finalUserStatus;
    event.response.messageAction = 'SUPPRESS';
    event.response.desiredDeliveryMediums = [];
    // True would take an e-mail or phone number away from the user of the new pool who has it.
    event.response.forceAliasCreation = false;
  }

  /**
   * The username that the answer has to name, where an alias was typed: the new user would otherwise get the alias for a
   * username, which such a pool refuses. The alias has to work there, or the user could not sign in with it again.
   */
  async #usernameBeside(typed: string, carried: Readonly<Record<string, string>>): Promise<string | undefined> {
    if (same(typed, this.#user.username)) return undefined;
    const matched = ALIASES.filter((alias) => same(typed, this.#user.attributes[alias]));
    if (matched.length === 0) return undefined;
    const aliases = await this.#newPool.aliasAttributes();
    const usable = verifiedContacts(carried);
    const works = (alias: AliasAttribute) =>
      alias === 'preferred_username' ? carried[alias] !== undefined : usable.includes(alias);
    const typedAliases = matched.filter((alias) => aliases.includes(alias));
    if (typedAliases.length === 0) return undefined;
    if (!typedAliases.some(works)) throw new TriggerError('ERR_NO_VERIFIED_CONTACT', typedAliases[0]);
    return this.#user.username;
  }

  #checkEnabled(): void {
    if (!this.#user.enabled) throw new TriggerError('ERR_USER_DISABLED');
  }
}

function same(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}

/** Lets pass the states in which the legacy pool itself would let somebody reset a password. */
function checkResettable({ status }: LegacyUser): void {
  if (status === 'UNCONFIRMED') throw new TriggerError('ERR_USER_UNCONFIRMED');
  if (status !== 'CONFIRMED' && status !== 'RESET_REQUIRED') throw new TriggerError('ERR_SIGN_IN_REFUSED', status);
}
