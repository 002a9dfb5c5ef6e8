import { isRepeatedToken, pages } from '../../directory/pages.js';
import type { ListUsersRequest, UserDirectory, UserPage } from '../../directory/user-types.js';
import { asMigrationError, type CallOptions, repeated } from './repeated.js';

/**
 * The pages of a list, each asked for until it is answered.
 * @param from token of the first page to ask for. Default: the beginning.
 * @throws {@link MigrationError} `ERR_POOL` where the tokens lead in a circle; what {@link repeated} throws
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

/** The pages of ListUsers. As of {@link repeatedPages}. */
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
