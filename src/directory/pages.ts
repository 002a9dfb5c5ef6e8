import { hash } from 'node:crypto';
import { DirectoryError, type Page } from './user-types.js';

/** Tokens are long, and a pool without filters has tens of thousands of pages. */
const fingerprint = (token: string): string => hash('sha256', token, 'base64url');

const REPEATED_TOKEN = 'RepeatedToken';

/** Servers may return a page token once more, with an empty page. After this many, the tokens lead in a circle. */
const MOST_REPEATS = 50;

/** Whether a list ended because its tokens lead in a circle, and not because one of them is no longer good. */
export const isRepeatedToken = (error: unknown): boolean =>
  error instanceof DirectoryError && error.exception === REPEATED_TOKEN;

/** Asks for one page; for the first page, without a token. */
type ListPage<P> = (token: string | undefined) => Promise<P>;

/**
 * The pages of one of Cognito's lists, one after another. Each page is requested when it is needed. The caller paces and
 * retries. A page can be empty even if more pages follow.
 *
 * @param from token of the first page to request. Default: the beginning of the list.
 * @throws {@link DirectoryError} of kind `token` if tokens are returned again and again, because the list would never end; and
 * whatever `list` throws
 */
export async function* pages<P extends { readonly nextToken: string | undefined }>(
  { userPoolId }: { readonly userPoolId: string },
  list: ListPage<P>,
  from?: string,
): AsyncGenerator<P, void, undefined> {
  const given = new Set<string>();
  let repeats = 0;
  let token = from;
  do {
    if (token !== undefined) given.add(fingerprint(token));
    const page = await list(token);
    yield page;
    token = page.nextToken;
    if (token !== undefined && given.has(fingerprint(token))) repeats += 1;
    if (repeats > MOST_REPEATS) {
      const message = `pool ${userPoolId} gives the same page again and again`;
      throw new DirectoryError('token', 'list', REPEATED_TOKEN, message);
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
