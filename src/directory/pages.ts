import { DirectoryError, type Page } from './user-types.js';

/** Asks for one page; for the first page, without a token. */
type ListPage<P> = (token: string | undefined) => Promise<P>;

/**
 * The pages of one of Cognito's lists, one after another. Each page is requested when it is needed. The caller paces and
 * retries. A page can be empty even if more pages follow.
 *
 * @param from token of the first page to request. Default: the beginning of the list.
 * @throws {@link DirectoryError} of kind `token` if a token is returned again, because the list would never end; and whatever
 * `list` throws
 */
export async function* pages<P extends { readonly nextToken: string | undefined }>(
  { userPoolId }: { readonly userPoolId: string },
  list: ListPage<P>,
  from?: string,
): AsyncGenerator<P, void, undefined> {
  const given = new Set<string>();
  let token = from;
  do {
    if (token !== undefined) given.add(token);
    const page = await list(token);
    yield page;
    token = page.nextToken;
    if (token !== undefined && given.has(token)) {
      const message = `pool ${userPoolId} gives the same page again and again`;
      throw new DirectoryError('token', 'list', 'RepeatedToken', message);
    }
  } while (token !== undefined);
}

/** The items on all pages of one of Cognito's lists. See {@link pages}. */
export async function* items<T>(
  pool: { readonly userPoolId: string },
  list: ListPage<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  for await (const page of pages(pool, list)) yield* page.items;
}
