/**
 * The session of the pages is a cookie with the token. Scripts cannot read it (`HttpOnly`), so neither can one that somebody
 * smuggles in: what is in `localStorage` or in a variable of the page can be sent anywhere. The browser forgets it when it is closed,
 * and the verifier refuses it once the token has expired. The refresh token is not kept at all.
 *
 * A browser sends cookies with requests that other sites cause. Therefore `isFromOurPages` guards whatever changes something,
 * and the JSON API does not accept the cookie.
 */

/** Browsers keep at most 4 096 bytes of a cookie, and drop a longer one without a word. */
const LONGEST = 4_000;

/**
 * `__Host-`: only over HTTPS, and no other subdomain can set it. Safari takes no such cookie from http://localhost.
 *
 * @param {import('express').Request} req
 */
function nameFor(req) {
  return isLocal(req) ? 'session' : '__Host-session';
}

/** @param {import('express').Request} req */
function optionsFor(req) {
  // Not "strict": managed login comes back by a redirect of another site, and the first page would not see the cookie.
  return { httpOnly: true, secure: !isLocal(req), sameSite: /** @type {const} */ ('lax'), path: '/' };
}

/** @param {import('express').Request} req */
function isLocal(req) {
  return req.hostname === 'localhost';
}

/**
 * The token of the request's session, for `getToken`.
 *
 * @param {import('express').Request} req
 * @returns {string | undefined}
 */
export function sessionToken(req) {
  const start = `${nameFor(req)}=`;
  const found = (req.headers.cookie ?? '').split('; ').filter((cookie) => cookie.startsWith(start));
  return found.length === 1 ? found[0].slice(start.length) : undefined;
}

/**
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 * @param {string} token
 */
export function beginSession(req, res, token) {
  if (token.length > LONGEST) throw new Error('The token is too long for a cookie. Keep sessions in a store instead.');
  res.cookie(nameFor(req), token, optionsFor(req));
}

/**
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 */
export function endSession(req, res) {
  res.clearCookie(nameFor(req), optionsFor(req));
}

/**
 * Whether one of our own pages sent this request. `SameSite` does not tell: it does not protect the sign-in itself, and other
 * ports and subdomains are the same site.
 *
 * @param {import('express').Request} req
 */
export function isFromOurPages(req) {
  const site = req.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = req.get('origin');
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === req.get('host');
}
