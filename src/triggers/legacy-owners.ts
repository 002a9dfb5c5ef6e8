import type { LegacyPoolGateway, NewPoolGateway, PoolUser, SearchField } from '../directory/lambda/trigger-pools.js';
import { checkOneOf, refuse } from '../options.js';
import { sameFolded, spellingsOf } from '../users/fold.js';

/** Fields of the legacy pool by which a name or address can belong to somebody. */
export type OwnerField = Exclude<SearchField, 'sub'>;

const OWNER_FIELDS: readonly OwnerField[] = ['username', 'preferred_username', 'email', 'phone_number'];

/** Fields by which the legacy user of a linked identity is found, whatever people sign in with: Cognito cannot search by identity. */
const LINK_FIELDS: readonly OwnerField[] = ['username', 'email', 'phone_number'];

type Finder = Pick<LegacyPoolGateway, 'findUsers'> | Pick<NewPoolGateway, 'findUsers'>;

/** @throws {@link ConfigurationError} */
export function checkFields(value: readonly OwnerField[] | undefined): readonly OwnerField[] {
  if (value === undefined) return OWNER_FIELDS;
  if (!Array.isArray(value) || value.length === 0) refuse('fields', 'an array of at least one field', value);
  return value.map((field, index) => checkOneOf(`fields[${index}]`, field, OWNER_FIELDS));
}

/** The names and addresses of a new-pool user. */
export function namesOf(userName: string, attributes: Readonly<Record<string, string>>): readonly string[] {
  const { email, phone_number: phone, preferred_username: preferred } = attributes;
  return [...new Set([userName, email ?? '', phone ?? '', preferred ?? ''])].filter((name) => name !== '');
}

/**
 * Legacy users who own one of `names`. Every name is searched in all fields with which somebody could have signed
 * in: a pool without aliases may use e-mail addresses as usernames. All searches run, at the same time, so that the time
 * taken does not reveal which of them found somebody.
 */
export async function ownersOf(
  names: readonly string[],
  fields: readonly OwnerField[],
  legacyPool: Finder,
  signal: AbortSignal,
): Promise<readonly PoolUser[]> {
  const questions = names.flatMap((name) =>
    fieldsFor(name)
      .filter((field) => fields.includes(field))
      .map((field) => ({ field, name })),
  );
  const answers = await Promise.all(questions.map(({ field, name }) => find(legacyPool, field, name, signal)));
  const owners = new Map(answers.flat().map((user) => [user.username, user]));
  // Users who never confirmed their sign-up have proven nothing, cannot move, and may be attackers.
  return [...owners.values()].filter((user) => user.status !== 'UNCONFIRMED');
}

/** As {@link ownersOf}, to find the users to whom an identity was linked: also by fields that nobody signs in with. */
export function candidatesOf(
  names: readonly string[],
  fields: readonly OwnerField[],
  legacyPool: Finder,
  signal: AbortSignal,
): Promise<readonly PoolUser[]> {
  return ownersOf(names, [...new Set([...LINK_FIELDS, ...fields])], legacyPool, signal);
}

/** Whether one of `names` is this user's in a field that people sign in with. */
export function goesByOneOf(user: PoolUser, names: readonly string[], fields: readonly OwnerField[]): boolean {
  return names.some((name) =>
    fieldsFor(name).some((field) => fields.includes(field) && sameFolded(name, fieldOf(user, field))),
  );
}

/** Whether a user of the new pool carries this legacy user's id already. */
export async function hasMoved(
  owner: PoolUser,
  attribute: string,
  newPool: Finder,
  signal: AbortSignal,
): Promise<boolean> {
  const { email, phone_number: phone } = owner.attributes;
  const questions: readonly (readonly [OwnerField, string | undefined])[] = [
    ['username', owner.username],
    ['email', email],
    ['phone_number', phone],
  ];
  const answers = await Promise.all(
    questions.map(([field, name]) => (name === undefined || name === '' ? [] : find(newPool, field, name, signal))),
  );
  return owner.sub !== undefined && answers.flat().some((user) => user.attributes[attribute] === owner.sub);
}

/** Searches the name as given and in lower case, because some fields are case-sensitive and others not. */
async function find(pool: Finder, field: OwnerField, name: string, signal: AbortSignal): Promise<readonly PoolUser[]> {
  const found = await Promise.all(spellingsOf(name).map((spelling) => pool.findUsers(field, spelling, signal)));
  return found.flat().filter((user) => sameFolded(name, fieldOf(user, field)));
}

function fieldOf(user: PoolUser, field: OwnerField): string | undefined {
  return field === 'username' ? user.username : user.attributes[field];
}

function fieldsFor(name: string): readonly OwnerField[] {
  if (name.includes('@')) return ['username', 'email'];
  if (/^\+\d+$/.test(name)) return ['username', 'phone_number'];
  return ['username', 'preferred_username'];
}
