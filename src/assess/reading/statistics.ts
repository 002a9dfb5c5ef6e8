import { DAY_MS } from '../../clock.js';
import type { DirectoryUser } from '../../directory/user-types.js';
import { fold } from '../../users/fold.js';
import { EXTERNAL_STATUS, providersOf } from '../../users/identities.js';
import type { Ages, UserStatistics } from '../snapshot/pool-snapshot.js';
import { DuplicateCounter, FingerprintSet } from './fingerprints.js';

/** The provider of a user whose `identities` attribute does not name one. */
const UNKNOWN_PROVIDER = '(unknown)';

/** Counts users one at a time and keeps none of them. */
export class StatisticsCollector {
  readonly #takenAt: number;
  readonly #seen = new FingerprintSet();
  readonly #emails = new DuplicateCounter();
  readonly #foldedEmails = new DuplicateCounter();
  readonly #foldedUsernames = new DuplicateCounter();
  readonly #byStatus = new Tally<string>();
  readonly #byProvider = new Tally<string>();
  readonly #customAttributes = new Tally<string>();
  readonly #nativeAges = new Tally<number>();
  readonly #federatedAges = new Tally<number>();
  readonly #sums = {
    total: 0,
    disabled: 0,
    native: 0,
    linked: 0,
    ableToSignIn: 0,
    ableToSignInFederated: 0,
    withoutSub: 0,
    withoutEmail: 0,
    emailVerified: 0,
    phoneVerified: 0,
    withoutVerifiedContact: 0,
  };

  /** `takenAt`: milliseconds since the epoch; ages are counted from it. */
  constructor(takenAt: number) {
    this.#takenAt = takenAt;
  }

  /** Counts users. A user whom the listing repeats is counted once. */
  add(users: readonly DirectoryUser[]): void {
    for (const user of users) {
      if (this.#seen.add(user.sub ?? `username ${user.username}`)) this.#count(user);
    }
  }

  /** Which of these `sub`s were added. */
  known(subs: readonly string[]): Set<string> {
    return new Set(subs.filter((sub) => this.#seen.has(sub)));
  }

  #count(user: DirectoryUser): void {
    const sums = this.#sums;
    const providers = providersOf(user.attributes['identities'], user.status);
    const native = user.status !== EXTERNAL_STATUS;
    sums.total++;
    this.#byStatus.add(user.status);
    if (!user.enabled) sums.disabled++;
    if (native) sums.native++;
    for (const name of providers) this.#byProvider.add(name ?? UNKNOWN_PROVIDER);
    if (providers.length > (native ? 0 : 1)) sums.linked++;
    if (user.sub === undefined) sums.withoutSub++;
    this.#addContacts(user, native);
    this.#foldedUsernames.add(composed(user.username));
    for (const [name, value] of Object.entries(user.attributes)) {
      if (name.startsWith('custom:') && value !== '') this.#customAttributes.add(name);
    }
    this.#addAge(user, native);
  }

  #addContacts(user: DirectoryUser, native: boolean): void {
    const sums = this.#sums;
    const { email } = user.attributes;
    const emailVerified = email !== undefined && user.attributes['email_verified'] === 'true';
    const phoneVerified = user.attributes['phone_number_verified'] === 'true';
    if (emailVerified) sums.emailVerified++;
    if (phoneVerified) sums.phoneVerified++;
    if (native && !emailVerified && !phoneVerified) sums.withoutVerifiedContact++;
    if (email === undefined) {
      sums.withoutEmail++;
    } else {
      this.#emails.add(email);
      this.#foldedEmails.add(composed(email));
    }
  }

  #addAge(user: DirectoryUser, native: boolean): void {
    if (!user.enabled) return;
    const ableToSignIn = native && user.status === 'CONFIRMED';
    if (ableToSignIn) this.#sums.ableToSignIn++;
    if (!native) this.#sums.ableToSignInFederated++;
    const modified = user.modifiedAt ?? user.createdAt;
    if (modified === undefined) return;
    const days = Math.max(0, Math.floor((this.#takenAt - modified.getTime()) / DAY_MS));
    if (ableToSignIn) this.#nativeAges.add(days);
    if (!native) this.#federatedAges.add(days);
  }

  finish(): UserStatistics {
    return {
      ...this.#sums,
      byStatus: this.#byStatus.toRecord(),
      byProvider: this.#byProvider.toRecord(),
      duplicateEmails: this.#emails.count(),
      duplicateEmailsIgnoringCase: this.#foldedEmails.count(),
      duplicateUsernamesIgnoringCase: this.#foldedUsernames.count(),
      customAttributes: this.#customAttributes.toRecord(),
      lastModifiedNative: agesOf(this.#nativeAges),
      lastModifiedFederated: agesOf(this.#federatedAges),
    };
  }
}

class Tally<K> {
  readonly #counts = new Map<K, number>();

  add(key: K): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  entries(): [K, number][] {
    return [...this.#counts];
  }

  /** Sorted by key, so that two snapshots of one pool can be compared as text. */
  toRecord(): Record<string, number> {
    return Object.fromEntries(this.entries().sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
  }
}

const agesOf = (tally: Tally<number>): Ages =>
  tally
    .entries()
    .sort(([a], [b]) => a - b)
    .map(([days, users]) => ({ days, users }));

/** In lower case, and with one spelling of each accented letter: a pool that ignores case may take both spellings for one name. */
const composed = (text: string): string => fold(text.normalize('NFC'));
