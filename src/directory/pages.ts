import { DirectoryError, type Page } from './user-types.js';

/** What asks for one page: the first one without a token. */
type ListPage<P> = (token: string | undefined) => Promise<P>;

/**
 * The pages of one of Cognito's lists, one after another. Pages are asked for when they are needed; pacing and repeating are the
 * caller's. A page may be empty although more pages follow.
 *
 * @param from token of the first page to ask for. Default: the beginning.
 * @throws {@link DirectoryError} of kind `token` where a token comes back, as such a list would never end; what `list` throws
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

/** The items of all pages of one of Cognito's lists. As of {@link pages}. */
export async function* items<T>(
  pool: { readonly userPoolId: string },
  list: ListPage<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  for await (const page of pages(pool, list)) yield* page.items;
}
