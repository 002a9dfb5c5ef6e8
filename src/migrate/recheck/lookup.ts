import { stopwatch } from '../../clock.js';
import {
  DirectoryError,
  type DirectoryUser,
  type ListUsersRequest,
  type UserDirectory,
} from '../../directory/user-types.js';
import { userPages } from '../calls/paging.js';
import type { CallOptions } from '../calls/repeated.js';

/** The user to be found. */
export interface Subject {
  readonly username: string;
  /** Empty if the pool gave none. */
  readonly sub: string;
}

export interface Found {
  /** The user who has the `sub` now. */
  readonly user: DirectoryUser | undefined;
  /** The user who has the username now. */
  readonly holder: DirectoryUser | undefined;
  /** When this was read, in the lookup's own time. */
  readonly at: number;
}

/** How old a lookup may be when the user is written. */
export const MOST_AGE_MS = 10_000;

/**
 * Finds users as they are in the pool now, with ListUsers, which makes nobody monthly active. A pool that does not filter is read
 * completely.
 */
export class UserLookup {
  readonly #directory: UserDirectory;
  readonly #calls: CallOptions;
  readonly #passed: () => number;
  #filters = true;

  constructor(directory: UserDirectory, calls: CallOptions) {
    this.#directory = directory;
    this.#calls = calls;
    this.#passed = stopwatch(calls.clock);
  }

  /** False once the pool has returned users who were not requested. */
  get filters(): boolean {
    return this.#filters;
  }

  /** Milliseconds since this was read. */
  ageOf({ at }: Found): number {
    return this.#passed() - at;
  }

  async one(subject: Subject): Promise<Found> {
    const [found] = await this.find([subject], subject.sub);
    return found ?? { user: undefined, holder: undefined, at: this.#passed() };
  }

  /**
   * @param subPrefix the common beginning of their `sub`s
   * @param withHolders also find who has the usernames of those who are gone
   */
  async find(subjects: readonly Subject[], subPrefix: string, { withHolders = true } = {}): Promise<Found[]> {
    let last = this.#passed();
    const readAt = new Map<DirectoryUser, number>();
    const bySub = new Map<string, DirectoryUser>();
    const byName = new Map<string, DirectoryUser>();
    const missing = new Set(subjects.map(({ sub }) => sub).filter((sub) => sub !== ''));
    let all = false;
    if (missing.size > 0) {
      all = this.#isWhole(subPrefix);
      for await (const { users, at } of this.#pages(all ? {} : { subPrefix })) {
        last = at;
        for (const user of users) {
          readAt.set(user, at);
          byName.set(user.username, user);
          if (user.sub === undefined) continue;
          bySub.set(user.sub, user);
          missing.delete(user.sub);
        }
        if (missing.size > 0) continue;
        all = false;
        break;
      }
      all ||= missing.size > 0 && !this.#filters;
    }
    const found: Found[] = [];
    for (const { username, sub } of subjects) {
      const listed = sub === '' ? undefined : bySub.get(sub);
      const known = listed?.username === username ? listed : byName.get(username);
      const isAsked = (withHolders || sub === '') && known === undefined && !all;
      const holder = isAsked ? await this.#named(username) : known;
      // A list may lack a user whom the pool finds by username.
      const user = listed ?? (sub !== '' && holder?.sub === sub ? holder : undefined);
      found.push({ user, holder, at: (listed && readAt.get(listed)) ?? last });
    }
    return found;
  }

  #isWhole(subPrefix: string): boolean {
    return subPrefix === '' || !this.#filters;
  }

  async #named(username: string): Promise<DirectoryUser | undefined> {
    for await (const { users } of this.#pages(this.#filters ? { username } : {})) {
      const user = users.find((one) => one.username === username);
      if (user !== undefined) return user;
    }
    return undefined;
  }

  /** Each page, and when it was requested, because reading a whole pool may take longer than {@link MOST_AGE_MS}. */
  async *#pages(request: ListUsersRequest): AsyncGenerator<{ users: readonly DirectoryUser[]; at: number }> {
    const { userPoolId } = this.#directory;
    let at = this.#passed();
    const listUsers = (asked: ListUsersRequest) => {
      at = this.#passed();
      return this.#directory.listUsers(asked);
    };
    try {
      for await (const { users } of userPages({ userPoolId, listUsers }, request, this.#calls)) {
        if (users.some((user) => !isAskedFor(user, request))) this.#filters = false;
        yield { users, at };
      }
    } catch (error) {
      // A server that knows no filter may refuse it. Without one, it gives everybody.
      if (!isFiltered(request) || !(error instanceof DirectoryError) || error.kind !== 'invalid') throw error;
      this.#filters = false;
      yield* this.#pages({});
    }
  }
}

const isFiltered = ({ subPrefix, username }: ListUsersRequest) => subPrefix !== undefined || username !== undefined;

/** Usernames are not checked, because a pool may compare them case-insensitively. */
function isAskedFor({ sub }: DirectoryUser, { subPrefix = '' }: ListUsersRequest): boolean {
  return subPrefix === '' || sub?.startsWith(subPrefix) === true;
}
