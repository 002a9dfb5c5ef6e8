import { isRepeatedToken, pages } from '../../directory/pages.js';
import {
  DirectoryError,
  type ListUsersRequest,
  type UserDirectory,
  type UserPage,
} from '../../directory/user-types.js';
import { asMigrationError, type CallOptions, repeated } from './repeated.js';

/**
 * The pages of a list. Each request is repeated until it is answered.
 * @param from token of the first page to request. Default: the beginning of the list.
 * @throws {@link MigrationError} `ERR_POOL` if the pool returns a token again; and any error of {@link repeated}
 */
export async function* repeatedPages<P extends { readonly nextToken: string | undefined }>(
  pool: { readonly userPoolId: string },
  list: (token: string | undefined) => Promise<P>,
  calls: CallOptions,
  from?: string,
): AsyncGenerator<P, void, undefined> {
  try {
    yield* pages(pool, (token) => repeated(() => list(token), calls), from);
  } catch (error) {
    throw isRepeatedToken(error) ? asMigrationError(error) : error;
  }
}

/** How often a list may begin again because its page token expired, or because the pool no longer accepts it. */
const MOST_RESTARTS = 5;

/**
 * The pages from a stored token. If the pool refuses a token, for example an expired one, calls `restart` and begins again.
 * @param open returns the pages from a token, or from the beginning without one
 */
export async function* restartedPages<P>(
  open: (from: string | undefined) => AsyncIterable<P>,
  from: string | undefined,
  restart: () => void,
): AsyncGenerator<P, void, undefined> {
  let first = from;
  for (let restarts = 0; ; restarts += 1) {
    try {
      yield* open(first);
      return;
    } catch (error) {
      if (!(error instanceof DirectoryError) || error.kind !== 'token' || restarts === MOST_RESTARTS) throw error;
      restart();
      first = undefined;
    }
  }
}

/** The pages of ListUsers. See {@link repeatedPages}. */
export function userPages(
  directory: Pick<UserDirectory, 'userPoolId' | 'listUsers'>,
  request: ListUsersRequest,
  calls: CallOptions,
  from?: string,
): AsyncGenerator<UserPage, void, undefined> {
  const list = (token: string | undefined) =>
    directory.listUsers(token === undefined ? request : { ...request, token });
  return repeatedPages(directory, list, calls, from);
}
