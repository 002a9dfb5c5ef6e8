import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What of a request decides whether it is answered. */
export interface Asked {
  readonly method?: string | undefined;
  /** As it stands in the request line. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** What is asked for, below the secret; or why nothing is answered. */
export type Admission =
  | { readonly path: string; readonly query: URLSearchParams; readonly refused?: undefined }
  | { readonly refused: 400 | 403 | 404 | 405 | 421; readonly why: string };

/** The names under which a browser reaches this machine. A tunnel may have another port, so the port is not compared. */
const LOOPBACK_NAMES: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Whether a request is answered. The page names users, and every program and every web page on this machine can reach its port:
 *
 * - `Host` must name loopback. A foreign name is DNS rebinding: the page of an attacker whose name now leads here.
 * - The path must begin with the secret, which only the terminal shows. A cookie would not do: browsers send it to every port.
 * - Another web page may not ask, even if it knows the address. Only a person who follows a link may come from one.
 */
export function admit({ method, url, headers }: Asked, secret: string): Admission {
  if (method !== 'GET' && method !== 'HEAD') return { refused: 405, why: 'This page is only read.' };
  const host = headers.host ?? '';
  if (!URL.canParse(`http://${host}`)) return { refused: 400, why: 'The Host header is not valid.' };
  const origin = new URL(`http://${host}`);
  if (!LOOPBACK_NAMES.includes(origin.hostname) || origin.host !== host.toLowerCase()) {
    return { refused: 421, why: 'This page is served to this machine only.' };
  }
  if (!isOurOwn(headers, origin.origin)) return { refused: 403, why: 'Another web page may not read this one.' };
  const [, given = '', path] = /^\/([^/?#]*)(\/[^?#]*)?(?:\?|$)/.exec(url ?? '') ?? [];
  if (path === undefined || !isSame(given, secret)) {
    return { refused: 404, why: 'There is nothing here. Open the address that the command printed.' };
  }
  return { path, query: new URL(url ?? '', origin).searchParams };
}

/** Whether the browser says that this very page asks, or a person. Clients that are not browsers say nothing. */
function isOurOwn(headers: IncomingHttpHeaders, origin: string): boolean {
  if (headers.origin !== undefined && headers.origin !== origin) return false;
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers;
  return (
    site === undefined ||
    site === 'same-origin' ||
    site === 'none' ||
    // A link in a web-based terminal or chat.
    (mode === 'navigate' && dest === 'document')
  );
}

function isSame(given: string, secret: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(secret)];
  return one.length === other.length && timingSafeEqual(one, other);
}
