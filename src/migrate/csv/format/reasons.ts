import type { CellFault } from './dialect.js';

/** Why a legacy user is not in an import file: the column `reason` of `not-imported.csv`. */
export type Reason =
  | 'not-in-plan'
  | 'legacy-id-taken'
  | 'same-identity'
  | 'same-email'
  | 'same-phone'
  | 'same-username'
  | 'phones-not-compared'
  | 'arrived-since'
  | 'no-sub'
  | 'external-provider'
  | 'unconfirmed'
  | 'disabled'
  | 'status'
  | 'no-verified-contact'
  | 'no-sign-in-address'
  | 'username'
  | 'required-missing'
  | 'too-long'
  | 'out-of-range'
  | 'wrong-form'
  | 'birthdate'
  | 'row-too-long'
  | 'exported-twice'
  | CellFault;

/** The reason in words. `name` is the attribute or status, if the reason is about one. */
export const REASON_TEXTS: Readonly<Record<Reason, (name: string) => string>> = {
  'not-in-plan': () => 'the plan does not know this user: run plan again',
  'legacy-id-taken': () => 'a user of the new pool already has this legacy id, and nothing proves that it is theirs',
  'same-identity': () =>
    'a user of the new pool has the same identity or chosen attribute, and the plan could not decide',
  'same-email': () => 'a user of the new pool has the same e-mail address, and the plan could not decide',
  'same-phone': () => 'a user of the new pool has the same phone number, and the plan could not decide',
  'same-username': () => 'a user of the new pool has the same username, and the plan could not decide',
  'phones-not-compared': () => 'only the phone number is verified, and the plan did not compare phone numbers',
  'arrived-since': () =>
    'since the export, a user came into the new pool with the same legacy id, username, e-mail address or phone number',
  'no-sub': () => 'the user has no sub',
  'external-provider': () => 'the user signs in through an identity provider',
  unconfirmed: () => 'the user never confirmed the sign-up',
  disabled: () => 'the user is disabled, and an import would enable them',
  status: (name) => `users of status ${name} cannot be imported`,
  'no-verified-contact': () => 'no verified e-mail address or phone number that the new pool sends codes to',
  'no-sign-in-address': () => 'no verified e-mail address or phone number that the new pool signs in with',
  username: () => 'the username contains spaces, is too long, or looks like an address that the new pool signs in with',
  'required-missing': (name) => `the new pool requires ${name}`,
  'too-long': (name) => `${name} is longer or shorter than the new pool allows`,
  'out-of-range': (name) => `${name} is not a number, or not within the limits of the new pool`,
  'wrong-form': (name) => `${name} does not have the format that the new pool expects`,
  birthdate: () => 'the birthdate is not a date like 1980-12-31',
  'row-too-long': () => 'the row has more than 16000 characters',
  'exported-twice': (name) => `another exported user has the same ${name}`,
  'line-break': (name) => `${name} contains a line break, which an import file cannot hold`,
  backslash: (name) => `${name} contains a backslash, which an import file cannot hold reliably`,
  quote: (name) => `${name} begins with a quote, which an import file cannot hold reliably`,
  'not-unicode': (name) => `${name} is not valid Unicode`,
};

export interface Refusal {
  readonly reason: Reason;
  /** The attribute or status that the reason is about; empty if there is none. */
  readonly name: string;
}

export const refusal = (reason: Reason, name = ''): Refusal => ({ reason, name });
