import type { UserMigrationTriggerEvent } from 'aws-lambda';
import type { Contact, LegacyPoolGateway, LegacyUser, MfaConfiguration } from '../../directory/lambda/trigger-pools.js';
import { withTimeLimit } from '../../time-limit.js';
import { type TriggerFrame, untilImpatient } from '../frame.js';
import { TriggerError } from '../trigger-error.js';
import { type CarriedAttributes, carriedAttributes, verifiedContacts } from './carried-attributes.js';
import type { NewPoolFacts } from './new-pool-facts.js';
import { usernameBeside } from './new-username.js';
import {
  challengedFactor,
  expectedFactor,
  isSecondFactor,
  NEW_PASSWORD,
  type SecondFactor,
  settingsThatSend,
} from './second-factor.js';

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

/** The longest time spent on avoiding an unnecessary message. */
const SPARING_MS = 500;

/** Whether one legacy user moves, and in which state. Every method considers what the user will have in the new pool. */
export class MoveRules {
  readonly #user: LegacyUser;
  readonly #newPool: NewPoolFacts;
  readonly #settings: MoveSettings;
  readonly #patience: AbortSignal;
  #carried: Promise<CarriedAttributes> | undefined;

  constructor(user: LegacyUser, newPool: NewPoolFacts, settings: MoveSettings, patience: AbortSignal) {
    this.#user = user;
    this.#newPool = newPool;
    this.#settings = settings;
    this.#patience = patience;
  }

  /** Whether the sign-in would send a message to somebody who is refused whatever they answer. */
  async wouldGetNeedlessCode(): Promise<boolean> {
    const sending = settingsThatSend(this.#user);
    if (sending.length === 0) return false;
    // The new pool is asked first only for users with a second factor: of others, the legacy pool may require nothing.
    const isListed = sending.includes('OPTIONAL');
    const factor = expectedFactor(this.#user, 'ON');
    if (isListed && (await this.#mayPassWith(factor))) return false;
    const mfa = await this.#mfaSoon();
    if (mfa === undefined || !sending.includes(mfa)) return false;
    return isListed || !(await this.#mayPassWith(factor));
  }

  async moveSignedIn(event: Event): Promise<void> {
    this.#checkEnabled();
    await this.#answer(event, 'CONFIRMED');
  }

  /** The password was right, the user is not authenticated. */
  async moveChallenged(event: Event, challenge: string): Promise<void> {
    const { challenges } = this.#settings;
    const isKnown = challenge === NEW_PASSWORD || isSecondFactor(challenge);
    const refused = () => new TriggerError('ERR_CHALLENGE_REFUSED', challenge);
    this.#checkEnabled();
    if (challenges === 'carry-sms' && challenge === 'SMS_MFA') {
      if (!(await this.#canCarrySms())) throw refused();
      await this.#answer(event, 'CONFIRMED');
      event.response.enableSMSMFA = true;
    } else {
      if (challenges !== 'reset-and-enrol' || !isKnown) throw refused();
      await this.#reset(event, challenge === NEW_PASSWORD ? undefined : challenge);
    }
  }

  /** Moves a user who has not signed in, so that only the owner of a verified contact can continue. */
  async moveForReset(event: Event): Promise<void> {
    this.#checkEnabled();
    checkResettable(this.#user);
    await this.#reset(event, undefined);
  }

  async #reset(event: Event, challenge: string | undefined): Promise<void> {
    const factor = challenge === undefined ? await this.#expectedFactor() : challengedFactor(this.#user, challenge);
    if ((await this.#waysToReset(factor)).length === 0) throw new TriggerError('ERR_NO_VERIFIED_CONTACT');
    if (factor.any && !(await this.#mayEnrolAgain())) throw new TriggerError('ERR_CHALLENGE_REFUSED', 'second factor');
    const keepsSms = factor.sms && (await this.#canCarrySms());
    await this.#answer(event, 'RESET_REQUIRED');
    if (keepsSms) event.response.enableSMSMFA = true;
  }

  /** Whether `challenges` moves somebody to whom the legacy pool sends a message. */
  async #mayPassWith(factor: SecondFactor): Promise<boolean> {
    switch (this.#settings.challenges) {
      case 'refuse':
        return false;
      case 'carry-sms':
        return factor.sms && (await this.#canCarrySms());
      case 'reset-and-enrol':
        return (await this.#mayEnrolAgain()) && (await this.#waysToReset(factor)).length > 0;
    }
  }

  /** The new pool has to require the message, or the second factor would be lost. */
  async #canCarrySms(): Promise<boolean> {
    return (await this.#contacts()).includes('phone_number') && (await this.#newPool.offersSmsMfa());
  }

  async #mayEnrolAgain(): Promise<boolean> {
    return this.#settings.challenges === 'reset-and-enrol' && (await this.#newPool.requiresMfa());
  }

  async #expectedFactor(): Promise<SecondFactor> {
    const { frame } = this.#settings;
    const mfa = await frame.ask('ERR_LEGACY_POOL_UNAVAILABLE', () => this.#mfaConfiguration(this.#patience));
    return expectedFactor(this.#user, mfa);
  }

  /** `undefined` if the legacy pool does not answer at once: the sign-in then shows it, at the cost of a message. */
  async #mfaSoon(): Promise<MfaConfiguration | undefined> {
    const { frame } = this.#settings;
    const limits = { timeoutMs: SPARING_MS, clock: frame.clock, ending: this.#patience };
    try {
      return await withTimeLimit(limits, (signal) => this.#mfaConfiguration(signal));
    } catch (error) {
      frame.report(error);
      return undefined;
    }
  }

  #mfaConfiguration(signal: AbortSignal): Promise<MfaConfiguration> {
    return untilImpatient(this.#settings.legacyPool.mfaConfiguration(signal), signal);
  }

  async #contacts(): Promise<readonly Contact[]> {
    return verifiedContacts((await this.#attributes()).attributes);
  }

  /**
   * Contacts that a reset code goes to in the new pool. Cognito sends none to the phone that the second factor goes to.
   * @see https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
   */
  async #waysToReset({ sms }: SecondFactor): Promise<readonly Contact[]> {
    const recovery = await this.#newPool.recovery();
    return (await this.#contacts()).filter((contact) => recovery.includes(contact) && !(sms && contact !== 'email'));
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
    const aliases = () => this.#newPool.aliasAttributes();
    const username = await usernameBeside(event.userName, this.#user, attributes, aliases);
    for (const name of leftOut) this.#settings.frame.report(new TriggerError('ERR_ATTRIBUTE_LEFT_OUT', name));
    event.response.userAttributes = { ...attributes, ...(username === undefined ? {} : { username }) };
    event.response.finalUserStatus = finalUserStatus;
    event.response.messageAction = 'SUPPRESS';
    event.response.desiredDeliveryMediums = [];
    // True would take an e-mail or phone number away from the user of the new pool who has it.
    event.response.forceAliasCreation = false;
  }

  #checkEnabled(): void {
    if (!this.#user.enabled) throw new TriggerError('ERR_USER_DISABLED');
  }
}

/** Accepts the states in which the legacy pool itself would let somebody reset a password. */
function checkResettable({ status }: LegacyUser): void {
  if (status === 'UNCONFIRMED') throw new TriggerError('ERR_USER_UNCONFIRMED');
  if (status !== 'CONFIRMED' && status !== 'RESET_REQUIRED') throw new TriggerError('ERR_SIGN_IN_REFUSED', status);
}
