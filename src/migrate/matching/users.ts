import type { DirectoryUser } from '../../directory/user-types.js';
import { fold, readUuid } from '../../users/fold.js';
import { type ExternalIdentity, parseIdentities } from '../../users/identities.js';
import { STORED_COLUMNS, storedValue } from '../state/schema.js';
import { insertRows, type Sqlite, type SqlValue } from '../state/sqlite.js';
import { matchedAttributes, type Policy } from './policy.js';
import { verification } from './verification.js';

const LEGACY_COLUMNS = ['pool', 'sub', 'name', 'exact_name', 'email', 'phone', 'verified', 'provider'];
const NEW_COLUMNS = [
  'sub',
  'username',
  'name',
  'exact_name',
  'email',
  'phone',
  'verified',
  'provider',
  'value_provider',
  'unconfirmed',
  'enabled',
  ...STORED_COLUMNS,
];

const PERSONAL_NAME = /@|^\+?\d{5,}$/;

/** Suffix for the key of a username that must match none of the new pool's: other keys have an `@` only at the start. */
const UNMATCHED = '@';

/**
 * Stores listed users as the rows that matching works on. Runs for every user of every pool, so it builds one flat list of
 * values per page and few objects per user.
 */
export class UserStore {
  readonly #db: Sqlite;
  readonly #policy: Policy;
  readonly #hash: (kind: string, value: string) => string;
  readonly #attributeRules: readonly { rule: string; name: string }[];
  readonly #usesIdentities: boolean;
  readonly #usesPhones: boolean;
  // The ids that SQLite gave to the last rows. No other code adds rows.
  #lastLegacyId: number;
  #lastNewId: number;

  constructor(db: Sqlite, policy: Policy, hash: (kind: string, value: string) => string) {
    this.#db = db;
    this.#policy = policy;
    this.#hash = hash;
    this.#usesIdentities = policy.rules.includes('identity');
    this.#usesPhones = policy.rules.includes('phone');
    this.#attributeRules = matchedAttributes(policy).map((name) => ({ rule: `attribute:${name}`, name }));
    this.#lastLegacyId = db.count('SELECT max(id) FROM legacy_users');
    this.#lastNewId = db.count('SELECT max(id) FROM new_users');
  }

  addLegacy(pool: number, users: readonly DirectoryUser[]): void {
    const values: SqlValue[] = [];
    const proofs: SqlValue[] = [];
    for (const user of users) {
      this.#lastLegacyId += 1;
      const folded = fold(user.username);
      const name = this.#nameKey(folded);
      const key = this.#isNamedByOtherProvider(user) ? `${name}${UNMATCHED}` : name;
      values.push(pool, user.sub ?? null, key, this.#exactName(user.username, folded));
      this.#pushContacts(values, user);
      for (const { hash } of this.#proofs(user.attributes, this.#legacyIdentities(user))) {
        proofs.push(hash, this.#lastLegacyId);
      }
    }
    insertRows(this.#db, 'legacy_users', LEGACY_COLUMNS, values);
    insertRows(this.#db, 'legacy_proofs', ['hash', 'user'], proofs);
  }

  addNew(users: readonly DirectoryUser[]): void {
    const values: SqlValue[] = [];
    const proofs: SqlValue[] = [];
    for (const user of users) {
      this.#lastNewId += 1;
      const { username } = user;
      const folded = fold(username);
      const name = this.#nameKey(folded);
      values.push(user.sub ?? null, username, name === username ? null : name, this.#exactName(username, folded));
      this.#pushContacts(values, user);
      const identities = parseIdentities(user.attributes['identities']);
      const value = user.attributes[this.#policy.attribute];
      values.push(
        value ? providerOfId(identities, value) : null,
        user.status === 'UNCONFIRMED' ? 1 : 0,
        user.enabled ? 1 : 0,
      );
      values.push(...storedValue(value));
      for (const { rule, hash } of this.#proofs(user.attributes, identities)) proofs.push(this.#lastNewId, rule, hash);
    }
    insertRows(this.#db, 'new_users', NEW_COLUMNS, values);
    insertRows(this.#db, 'new_proofs', ['user', 'rule', 'hash'], proofs);
  }

  /**
   * The key by which usernames are compared, in lower case. A username that looks like an e-mail address or a phone number is
   * treated as one, and hashed.
   */
  #nameKey(name: string): string {
    return PERSONAL_NAME.test(name) ? `@${this.#hash('username', name)}` : name;
  }

  /** Distinguishes usernames that differ only in case; `null` if the username is in lower case. */
  #exactName(username: string, folded: string): string | null {
    return username === folded ? null : this.#nameKey(username);
  }

  /**
   * Whether Cognito made the username from a provider (`Provider_userid`) that is not the new pool's provider of that name: the same
   * username in the new pool is then another person.
   */
  #isNamedByOtherProvider({ username, attributes }: DirectoryUser): boolean {
    const { providers, legacyProvider } = this.#policy;
    return parseIdentities(attributes['identities']).some(
      ({ provider, userId }) =>
        fold(`${provider}_${userId}`) === fold(username) &&
        (providers.toNew(provider) !== provider || provider === legacyProvider),
    );
  }

  #pushContacts(values: SqlValue[], user: DirectoryUser): void {
    const email = user.attributes['email'];
    const phone = this.#usesPhones ? user.attributes['phone_number'] : undefined;
    const { verified, provider } = verification(user, this.#policy.trustProviderEmail);
    values.push(
      email ? this.#hash('email', fold(email)) : null,
      phone ? this.#hash('phone', phone) : null,
      verified,
      provider ?? null,
    );
  }

  /**
   * Identities of a legacy user at providers that the new pool also has, under the new pool's names. The name of the legacy provider
   * means the legacy pool itself: its user id is the user's `sub`, and providers that happen to have the same name are ignored.
   */
  #legacyIdentities({ sub, attributes }: DirectoryUser): readonly ExternalIdentity[] {
    const { providers, legacyProvider } = this.#policy;
    const identities = parseIdentities(attributes['identities']).flatMap(({ provider, userId }) => {
      const newName = providers.toNew(provider);
      return newName === undefined || newName === legacyProvider ? [] : [{ provider: newName, userId }];
    });
    if (legacyProvider !== undefined && sub !== undefined) identities.push({ provider: legacyProvider, userId: sub });
    return identities;
  }

  /** What identifies a person on its own. The hash includes the rule. */
  #proofs(
    attributes: DirectoryUser['attributes'],
    identities: readonly ExternalIdentity[],
  ): { readonly rule: string; readonly hash: string }[] {
    const proofs: { rule: string; hash: string }[] = [];
    if (this.#usesIdentities) {
      for (const { provider, userId } of identities) {
        // A sub is a UUID, whose case has no meaning.
        const id = (provider === this.#policy.legacyProvider ? readUuid(userId) : undefined) ?? userId;
        proofs.push({ rule: 'identity', hash: this.#hash('identity', `${provider}\0${id}`) });
      }
    }
    for (const { rule, name } of this.#attributeRules) {
      const value = attributes[name];
      if (value) proofs.push({ rule, hash: this.#hash(rule, value) });
    }
    return proofs;
  }
}

/** The identity provider whose user id the value is. */
function providerOfId(identities: readonly ExternalIdentity[], value: string): string | null {
  return identities.find(({ userId }) => fold(userId) === fold(value))?.provider ?? null;
}
