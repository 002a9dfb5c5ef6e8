import { stopwatch } from '../../clock.js';
import {
  DirectoryError,
  type DirectoryUser,
  type ListUsersRequest,
  type UserDirectory,
} from '../../directory/user-types.js';
import { type CallOptions, repeated } from '../calls/repeated.js';
import { MigrationError } from '../migration-error.js';

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

/** A page token that is given so often leads in a circle. */
const MOST_PAGES_AGAIN = 3;

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
    const tokens = new Map<string, number>();
    let at = this.#passed();
    for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
      let page: Awaited<ReturnType<UserDirectory['listUsers']>>;
      try {
        const asked = token === undefined ? request : { ...request, token };
        page = await repeated(() => {
          at = this.#passed();
          return this.#directory.listUsers(asked);
        }, this.#calls);
      } catch (error) {
        // A server without filters may refuse this one. Without a filter, it returns all users.
        if (!isFiltered(request) || !(error instanceof DirectoryError) || error.kind !== 'invalid') throw error;
        this.#filters = false;
        yield* this.#pages({});
        return;
      }
      if (page.users.some((user) => !isAskedFor(user, request))) this.#filters = false;
      yield { users: page.users, at };
      token = page.nextToken;
      if (token === undefined) return;
      const times = (tokens.get(token) ?? 0) + 1;
      tokens.set(token, times);
      if (times >= MOST_PAGES_AGAIN) {
        const { userPoolId } = this.#directory;
        throw new MigrationError('ERR_POOL', `pool ${userPoolId} gives the same page of users again and again`);
      }
    }
  }
}

const isFiltered = ({ subPrefix, username }: ListUsersRequest) => subPrefix !== undefined || username !== undefined;

/** Usernames are not checked, because a pool may compare them case-insensitively. */
function isAskedFor({ sub }: DirectoryUser, { subPrefix = '' }: ListUsersRequest): boolean {
  return subPrefix === '' || sub?.startsWith(subPrefix) === true;
}
