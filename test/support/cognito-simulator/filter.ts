import { invalidParameter } from './errors.js';
import type { SimulatedUser } from './users.js';

/** What ListUsers can search for. Nothing custom is among it. */
export const SEARCHABLE: readonly string[] = [
  'username',
  'email',
  'phone_number',
  'name',
  'given_name',
  'family_name',
  'preferred_username',
  'cognito:user_status',
  'status',
  'sub',
];

export interface UserFilter {
  attribute: string;
  prefix: boolean;
  value: string;
}

const SHAPE = /^\s*"?([\w:.-]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/;

/** Reads `attribute = "value"` or `attribute ^= "value"`; an empty text is no filter. */
export function parseFilter(text: string | undefined): UserFilter | undefined {
  if (text === undefined || text === '') return undefined;
  const [, attribute, operator, value] = SHAPE.exec(text) ?? [];
  if (attribute === undefined || value === undefined) throw invalidParameter('Error while parsing filter.');
  if (!SEARCHABLE.includes(attribute)) throw invalidParameter(`Invalid search attribute: ${attribute}`);
  return { attribute, prefix: operator === '^=', value: value.replaceAll(/\\(.)/g, '$1') };
}

export function matches(user: SimulatedUser, { attribute, prefix, value }: UserFilter): boolean {
  const actual = fieldOf(user, attribute);
  if (actual === undefined) return false;
  if (attribute === 'cognito:user_status') return compare(actual.toLowerCase(), value.toLowerCase(), prefix);
  return compare(actual, value, prefix);
}

const compare = (actual: string, wanted: string, prefix: boolean) =>
  prefix ? actual.startsWith(wanted) : actual === wanted;

function fieldOf(user: SimulatedUser, attribute: string): string | undefined {
  switch (attribute) {
    case 'username':
      return user.username;
    case 'cognito:user_status':
      return user.status;
    case 'status':
      return user.enabled ? 'Enabled' : 'Disabled';
    default:
      return user.attributes[attribute];
  }
}
