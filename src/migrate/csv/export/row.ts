import type { AttributeRule } from '../../../directory/import-types.js';
import { type DirectoryUser, MAX_CUSTOM_VALUE_LENGTH } from '../../../directory/user-types.js';
import type { Misfit } from '../../../users/attribute-values.js';
import { misfitOf } from '../../../users/attribute-values.js';
import { fold, readUuid } from '../../../users/fold.js';
import { EXTERNAL_STATUS } from '../../../users/identities.js';
import { isVerified, MFA_COLUMN, USERNAME_COLUMN } from '../format/columns.js';
import { cellFault, toLine } from '../format/dialect.js';
import { type Reason, type Refusal, refusal } from '../format/reasons.js';
import type { ImportTarget } from './import-target.js';

const MOST_ROW_CHARACTERS = 16_000;
const MOST_USERNAME_CHARACTERS = 128;

/** Statuses of users who can sign in, or could with a new password: imported users must all set one. */
const IMPORTABLE = ['CONFIRMED', 'RESET_REQUIRED', 'FORCE_CHANGE_PASSWORD'];

const MISFIT_REASONS: Readonly<Record<Misfit, Reason>> = {
  form: 'wrong-form',
  length: 'too-long',
  range: 'out-of-range',
};

/** A user in an import file. */
export interface Row {
  readonly line: string;
  /** Values that must be unique in the new pool, with their kind. */
  readonly unique: readonly (readonly [kind: string, value: string])[];
  readonly sub: string;
  /** Attributes of the user that the new pool does not have. */
  readonly dropped: readonly string[];
  /** Optional attributes whose values the new pool does not accept. They are not in the row. */
  readonly misfits: readonly string[];
  /** Whether the row has a verified e-mail address. */
  readonly hasEmail: boolean;
  /** Whether the user could sign in only with a UUID, which users do not type. */
  readonly hasOnlyUuid: boolean;
}

/**
 * Turns legacy users into rows of the new pool's import file. A value that does not fit excludes the user only if the new pool
 * requires the attribute. An optional attribute whose value does not fit is left out of the row.
 */
export class RowMaker {
  readonly #target: ImportTarget;
  readonly #columns: readonly AttributeRule[];
  readonly #kept: ReadonlySet<string>;

  constructor(target: ImportTarget) {
    this.#target = target;
    const rules = new Map(target.attributes.map((rule) => [rule.name, rule]));
    this.#columns = target.columns.map((name) => {
      const rule = rules.get(name) ?? { name, required: false };
      return { ...rule, maxLength: Math.min(rule.maxLength ?? MAX_CUSTOM_VALUE_LENGTH, MAX_CUSTOM_VALUE_LENGTH) };
    });
    this.#kept = new Set([...target.columns, 'sub']);
  }

  make(user: DirectoryUser): Row | Refusal {
    const { sub, status, enabled } = user;
    if (sub === undefined) return refusal('no-sub');
    if (status === EXTERNAL_STATUS) return refusal('external-provider');
    if (status === 'UNCONFIRMED') return refusal('unconfirmed');
    if (!IMPORTABLE.includes(status)) return refusal('status', status);
    if (!enabled) return refusal('disabled');
    const misfits = this.#misfitsOf(user);
    if (!(misfits instanceof Map)) return misfits;
    return this.#rowOf(withoutAttributes(user, [...misfits.keys()]), sub, misfits);
  }

  #rowOf(user: DirectoryUser, sub: string, misfits: ReadonlyMap<string, Reason>): Row | Refusal {
    const { autoVerified, signInWith } = this.#target;
    if (!autoVerified.some((contact) => isVerified(user, contact)))
      return lacking('no-verified-contact', autoVerified, misfits);
    const address = signInWith.find((contact) => isVerified(user, contact));
    if (signInWith.length > 0 && address === undefined) return lacking('no-sign-in-address', signInWith, misfits);
    const username = address === undefined ? user.username : (user.attributes[address] ?? '');
    if (!this.#takesUsername(username, address !== undefined)) return refusal('username');
    const cells = this.#cells(user, sub, username);
    if (!Array.isArray(cells)) return cells;
    const line = toLine(cells);
    if (line.length > MOST_ROW_CHARACTERS) return refusal('row-too-long');
    const unique = this.#uniqueOf(user);
    return {
      line,
      unique,
      sub,
      dropped: Object.keys(user.attributes).filter((name) => !this.#kept.has(name)),
      misfits: [...misfits.keys()],
      hasEmail: isVerified(user, 'email'),
      hasOnlyUuid: unique.every(([, value]) => readUuid(value) !== undefined),
    };
  }

  /** Attributes to be left out, with the reason; a refusal if the new pool requires one of them. */
  #misfitsOf(user: DirectoryUser): Map<string, Reason> | Refusal {
    const misfits = new Map<string, Reason>();
    for (const column of this.#columns) {
      const { name, required } = column;
      // Values that do not come from the user are checked when they are written.
      if (this.#isOwn(name)) continue;
      const given = user.attributes[name] ?? '';
      const value = name === 'birthdate' ? toImportDate(given) : given;
      if (value === '') continue;
      const misfit = value === undefined ? undefined : misfitOf(value, column);
      if (value !== undefined && misfit === undefined) continue;
      const reason = misfit === undefined ? 'birthdate' : MISFIT_REASONS[misfit];
      if (required) return refusal(reason, name);
      misfits.set(name, reason);
    }
    return misfits;
  }

  /** Whether this class provides the column's value. */
  #isOwn(name: string): boolean {
    return name === this.#target.attribute || OWN_COLUMNS.includes(name);
  }

  #takesUsername(username: string, isAddress: boolean): boolean {
    if (username.length > MOST_USERNAME_CHARACTERS || /\s/.test(username)) return false;
    if (isAddress) return true;
    const { aliases } = this.#target;
    // Cognito rejects a username in the format of an alias.
    // https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
    if (aliases.includes('email') && /^[^@]+@[^@]+$/.test(username)) return false;
    return !(aliases.includes('phone_number') && /^\+\d+$/.test(username));
  }

  #cells(user: DirectoryUser, sub: string, username: string): string[] | Refusal {
    const cells: string[] = [];
    for (const column of this.#columns) {
      const { name, required } = column;
      const value = this.#valueOf(user, name, sub, username);
      if (value === '' && required) return refusal('required-missing', name);
      const fault = cellFault(value);
      if (fault !== undefined) return refusal(fault, name);
      const misfit = value === '' ? undefined : misfitOf(value, column);
      if (misfit !== undefined) return refusal(MISFIT_REASONS[misfit], name);
      cells.push(value);
    }
    return cells;
  }

  #valueOf(user: DirectoryUser, name: string, sub: string, username: string): string {
    switch (name) {
      case USERNAME_COLUMN:
        return username;
      case this.#target.attribute:
        return sub;
      case MFA_COLUMN:
        return String(this.#target.mfaRequired);
      case 'email_verified':
        return String(isVerified(user, 'email'));
      case 'phone_number_verified':
        return String(isVerified(user, 'phone_number'));
      case 'birthdate':
        return toImportDate(user.attributes['birthdate'] ?? '') ?? '';
      default:
        return user.attributes[name] ?? '';
    }
  }

  /** Only verified addresses count: anyone can claim an unverified address, and it must not keep the owner out. */
  #uniqueOf(user: DirectoryUser): Row['unique'] {
    const { signInWith, aliases } = this.#target;
    const unique: [string, string][] = signInWith.length > 0 ? [] : [['username', fold(user.username)]];
    for (const name of [...signInWith, ...aliases]) {
      const value = user.attributes[name];
      if (value && (isVerified(user, name) || !CONTACTS.includes(name))) unique.push([name, fold(value)]);
    }
    return unique;
  }
}

/** What a pool can verify. */
const CONTACTS: readonly string[] = ['email', 'phone_number'];

const OWN_COLUMNS: readonly string[] = [USERNAME_COLUMN, MFA_COLUMN, ...CONTACTS.map((name) => `${name}_verified`)];

/** If a contact is missing because its value does not fit, that is the reason. */
function lacking(reason: Reason, contacts: readonly string[], misfits: ReadonlyMap<string, Reason>): Refusal {
  const name = contacts.find((contact) => misfits.has(contact));
  return name === undefined ? refusal(reason) : refusal(misfits.get(name) ?? reason, name);
}

export function withoutAttributes(user: DirectoryUser, names: readonly string[]): DirectoryUser {
  if (names.length === 0) return user;
  const attributes = Object.entries(user.attributes).filter(([name]) => !names.includes(name));
  return { ...user, attributes: Object.fromEntries(attributes) };
}

/** Converts `1980-12-31` to the format of the import, `12/31/1980`. */
function toImportDate(date: string): string | undefined {
  if (date === '') return '';
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? [];
  if (year === undefined || Number.isNaN(Date.parse(date))) return undefined;
  // Date.parse reads the 30th of February as the 1st of March.
  if (new Date(date).toISOString().slice(0, 10) !== date) return undefined;
  return `${month}/${day}/${year}`;
}
