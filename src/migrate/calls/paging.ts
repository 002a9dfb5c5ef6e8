import { isRepeatedToken, pages } from '../../directory/pages.js';
import {
  DirectoryError,
  type ListUsersRequest,
  type UserDirectory,
  type UserPage,
} from '../../directory/user-types.js';
import { asMigrationError, type CallOptions, repeated } from './repeated.js';

/** Servers may give a page token once more, with an empty page. So many are no longer an odd answer, but a circle. */
const MOST_REPEATS = 50;

/**
 * The pages of a list, each asked for until it is answered.
 * @param from token of the first page to ask for. Default: the beginning.
 * @throws {@link MigrationError} `ERR_POOL` where the tokens lead in a circle; what {@link repeated} throws
 */
export async function* repeatedPages<P extends { readonly nextToken: string | undefined }>(
  pool: { readonly userPoolId: string },
  list: (token: string | undefined) => Promise<P>,
  calls: CallOptions,
  { from, mostRepeats }: { readonly from?: string | undefined; readonly mostRepeats?: number } = {},
): AsyncGenerator<P, void, undefined> {
  try {
    yield* pages(pool, (token) => repeated(() => list(token), calls), from, mostRepeats);
  } catch (error) {
    throw isRepeatedToken(error) ? asMigrationError(error) : error;
  }
}

/** How often a list may begin again because its page token expired, or because the pool no longer accepts it. */
const MOST_RESTARTS = 5;

/**
 * Pages from a token that was kept. When the pool refuses a token, `restart` is told, and the pages follow from the beginning.
 * @param open the pages from a token on. Default: from the beginning.
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

/** The pages of ListUsers. As of {@link repeatedPages}. */
export function userPages(
  directory: Pick<UserDirectory, 'userPoolId' | 'listUsers'>,
  request: ListUsersRequest,
  calls: CallOptions,
  from?: string,
): AsyncGenerator<UserPage, void, undefined> {
  const list = (token: string | undefined) =>
    directory.listUsers(token === undefined ? request : { ...request, token });
  return repeatedPages(directory, list, calls, { from, mostRepeats: MOST_REPEATS });
}
