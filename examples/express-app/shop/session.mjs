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
 * @param {'session' | 'legacy'} name
 */
function nameFor(req, name) {
  return isLocal(req) ? name : `__Host-${name}`;
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
  return cookie(req, 'session');
}

/**
 * The access token of the legacy pool, which is kept only to hand the session over.
 *
 * @param {import('express').Request} req
 * @returns {string | undefined}
 */
export function legacyAccessToken(req) {
  return cookie(req, 'legacy');
}

/**
 * @param {import('express').Request} req
 * @param {'session' | 'legacy'} name
 */
function cookie(req, name) {
  const start = `${nameFor(req, name)}=`;
  const found = (req.headers.cookie ?? '').split('; ').filter((one) => one.startsWith(start));
  return found.length === 1 ? found[0].slice(start.length) : undefined;
}

/**
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 * @param {string} token
 * @param {string} [legacyAccessToken]
 */
export function beginSession(req, res, token, legacyAccessToken) {
  setCookie(req, res, 'session', token);
  setCookie(req, res, 'legacy', legacyAccessToken);
}

/**
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 */
export function endSession(req, res) {
  res.clearCookie(nameFor(req, 'session'), optionsFor(req));
  setCookie(req, res, 'legacy', undefined);
}

/**
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 * @param {'session' | 'legacy'} name
 * @param {string | undefined} token `undefined` removes what is there
 */
function setCookie(req, res, name, token) {
  if (token === undefined) {
    if (cookie(req, name) !== undefined) res.clearCookie(nameFor(req, name), optionsFor(req));
    return;
  }
  if (token.length > LONGEST) throw new Error('The token is too long for a cookie. Keep sessions in a store instead.');
  res.cookie(nameFor(req, name), token, optionsFor(req));
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
