import { type DirectoryUser, MAX_CUSTOM_VALUE_LENGTH } from '../../../directory/types.js';
import { fold } from '../../../fold.js';
import { cellFault, toLine } from '../dialect.js';
import { type Refusal, refusal } from './reasons.js';
import { type ImportTarget, MFA_COLUMN, USERNAME_COLUMN } from './target.js';

const MOST_ROW_CHARACTERS = 16_000;
const MOST_USERNAME_CHARACTERS = 128;

/** Statuses of people who can sign in, or could after a new password: an import asks everybody for one. */
const IMPORTABLE = ['CONFIRMED', 'RESET_REQUIRED', 'FORCE_CHANGE_PASSWORD'];

/** A user as an import file holds them. */
export interface Row {
  readonly line: string;
  /** What no two users of the new pool may share: kind and value. */
  readonly unique: readonly (readonly [kind: string, value: string])[];
  readonly sub: string;
}

interface Column {
  readonly name: string;
  readonly required: boolean;
  readonly minLength: number;
  readonly maxLength: number;
  readonly minValue: number;
  readonly maxValue: number;
  readonly isNumber: boolean;
}

/**
 * Turns legacy users into rows of the new pool's import file. `dropped` counts, by name, what attributes of theirs the new
 * pool does not have.
 */
export class RowMaker {
  readonly dropped = new Map<string, number>();
  readonly #target: ImportTarget;
  readonly #columns: readonly Column[];
  readonly #kept: ReadonlySet<string>;

  constructor(target: ImportTarget) {
    this.#target = target;
    const rules = new Map(target.attributes.map((rule) => [rule.name, rule]));
    this.#columns = target.columns.map((name) => {
      const rule = rules.get(name);
      return {
        name,
        required: rule?.required ?? false,
        minLength: rule?.minLength ?? 0,
        maxLength: Math.min(rule?.maxLength ?? MAX_CUSTOM_VALUE_LENGTH, MAX_CUSTOM_VALUE_LENGTH),
        minValue: rule?.minValue ?? Number.NEGATIVE_INFINITY,
        maxValue: rule?.maxValue ?? Number.POSITIVE_INFINITY,
        isNumber: rule?.minValue !== undefined || rule?.maxValue !== undefined,
      };
    });
    this.#kept = new Set([...target.columns, 'sub']);
  }

  make(user: DirectoryUser): Row | Refusal {
    const { sub, status, enabled } = user;
    if (sub === undefined) return refusal('no-sub');
    if (status === 'EXTERNAL_PROVIDER') return refusal('external-provider');
    if (status === 'UNCONFIRMED') return refusal('unconfirmed');
    if (!IMPORTABLE.includes(status)) return refusal('status', status);
    if (!enabled) return refusal('disabled');
    const { autoVerified, signInWith } = this.#target;
    if (!autoVerified.some((contact) => isVerified(user, contact))) return refusal('no-verified-contact');
    const address = signInWith.find((contact) => isVerified(user, contact));
    if (signInWith.length > 0 && address === undefined) return refusal('no-sign-in-address');
    const username = address === undefined ? user.username : (user.attributes[address] ?? '');
    if (!this.#takesUsername(username, address !== undefined)) return refusal('username');
    const cells = this.#cells(user, sub, username);
    if (!Array.isArray(cells)) return cells;
    const line = toLine(cells);
    if (line.length > MOST_ROW_CHARACTERS) return refusal('row-too-long');
    return { line, unique: this.#uniqueOf(user), sub };
  }

  /** To be told of the users who are exported. */
  noteDropped({ attributes }: DirectoryUser): void {
    for (const name in attributes) {
      if (!this.#kept.has(name)) this.dropped.set(name, (this.dropped.get(name) ?? 0) + 1);
    }
  }

  #takesUsername(username: string, isAddress: boolean): boolean {
    if (username.length > MOST_USERNAME_CHARACTERS || /\s/.test(username)) return false;
    if (isAddress) return true;
    const { aliases } = this.#target;
    // https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html: a username of an alias's form is refused.
    if (aliases.includes('email') && /^[^@]+@[^@]+$/.test(username)) return false;
    return !(aliases.includes('phone_number') && /^\+\d+$/.test(username));
  }

  #cells(user: DirectoryUser, sub: string, username: string): string[] | Refusal {
    const cells: string[] = [];
    for (const column of this.#columns) {
      const { name } = column;
      const value = this.#valueOf(user, name, sub, username);
      if (value === undefined) return refusal('birthdate', name);
      if (value === '') {
        if (column.required) return refusal('required-missing', name);
      } else {
        const fault = cellFault(value);
        if (fault !== undefined) return refusal(fault, name);
        if (value.length > column.maxLength || value.length < column.minLength) return refusal('too-long', name);
        // Also refuses what is no number.
        if (column.isNumber && !(Number(value) >= column.minValue && Number(value) <= column.maxValue)) {
          return refusal('out-of-range', name);
        }
      }
      cells.push(value);
    }
    return cells;
  }

  /** `undefined` for a birthdate that is none. */
  #valueOf(user: DirectoryUser, name: string, sub: string, username: string): string | undefined {
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
        return toImportDate(user.attributes['birthdate'] ?? '');
      default:
        return user.attributes[name] ?? '';
    }
  }

  #uniqueOf({ username, attributes }: DirectoryUser): Row['unique'] {
    const { signInWith, aliases } = this.#target;
    const unique: [string, string][] = signInWith.length > 0 ? [] : [['username', fold(username)]];
    for (const name of [...signInWith, ...aliases]) {
      const value = attributes[name];
      if (value) unique.push([name, fold(value)]);
    }
    return unique;
  }
}

/** Whether the user has this contact, and it is verified. */
export function isVerified({ attributes }: DirectoryUser, contact: string): boolean {
  return attributes[`${contact}_verified`]?.toLowerCase() === 'true' && Boolean(attributes[contact]);
}

/** `1980-12-31` as the import wants it, `12/31/1980`. */
function toImportDate(date: string): string | undefined {
  if (date === '') return '';
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? [];
  if (year === undefined || Number.isNaN(Date.parse(date))) return undefined;
  // Date.parse lets the 30th of February pass as the 1st of March.
  if (new Date(date).toISOString().slice(0, 10) !== date) return undefined;
  return `${month}/${day}/${year}`;
}
