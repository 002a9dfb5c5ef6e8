import { readFileSync } from 'node:fs';
import { cutoverAuth, getAuth } from 'cognito-cutover/express';
import express, { Router } from 'express';
import { stayAtNewPool } from './hand-over.mjs';
import { accountPage, refusedPage, signedOutPage, signInPage } from './pages.mjs';
import { beginSession, endSession, isFromOurPages, legacyAccessToken, sessionToken } from './session.mjs';
import { signIn } from './sign-in.mjs';

const STYLE = readFileSync(new URL('shop.css', import.meta.url));

/** No scripts at all; forms go to the shop only; nobody may frame a page; no address of a page is told to others. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/**
 * The pages of the shop, for a browser: the token is in a cookie, see session.mjs.
 *
 * @param {Omit<import('cognito-cutover/express').CutoverAuthOptions, 'verifier'> & {
 *   verifier: import('cognito-cutover').CutoverVerifier,
 *   orders: Map<string, string[]>,
 *   entrance: import('./pages.mjs').Entrance,
 * }} options
 */
export function shopPages({ orders, entrance, ...auth }) {
  const pages = Router();
  const { handover } = entrance;
  const page = (res, status, content) => res.status(status).set(HEADERS).type('html').send(content);

  pages.get('/shop.css', (_req, res) => {
    res.set({ 'cache-control': 'max-age=300', 'x-content-type-options': 'nosniff' }).type('css').send(STYLE);
  });

  const session = cutoverAuth({ ...auth, getToken: sessionToken, credentialsRequired: false });
  pages.get('/', session, (req, res) => {
    if (req.auth === undefined) return page(res, 200, signInPage(entrance));
    page(res, 200, account(req, res, { stayed: 'stayed' in req.query }));
  });
  const account = (req, res, state) => {
    const identity = getAuth(req);
    const canStay = identity.pool === 'legacy' && handover !== undefined && legacyAccessToken(req) !== undefined;
    const about = { identity, orders: orders.get(identity.userId) ?? [], sunset: res.get('sunset') };
    return accountPage({ ...about, canStay, ...state });
  };
  // Where a form was sent before the page was loaded again.
  pages.get(['/sign-in', '/sign-out', '/stay-signed-in'], (_req, res) => res.redirect(303, '/'));
  pages.get('/signed-out', (_req, res) => page(res, 200, signedOutPage(entrance)));

  const form = express.urlencoded({ extended: false, limit: '4kb' });
  const ours = (req, res, next) =>
    isFromOurPages(req) ? next() : page(res, 403, signInPage(entrance, { refused: 'elsewhere' }));

  pages.post('/sign-in', ours, form, async (req, res) => {
    const { at, username, password } = req.body ?? {};
    const given = [at, username, password].every((field) => typeof field === 'string' && field !== '');
    const place = given && Object.hasOwn(entrance.places, at) ? entrance.places[at] : undefined;
    const result = place === undefined ? { refused: 'wrong' } : await signIn(place, username, password);
    if (result.token === undefined) {
      const status = result.refused === 'unavailable' || result.refused === 'busy' ? 503 : 401;
      return page(res, status, signInPage(entrance, { at, username, refused: result.refused }));
    }
    beginSession(req, res, result.token, at === 'legacy' && handover !== undefined ? result.accessToken : undefined);
    res.redirect(303, '/');
  });
  pages.post('/stay-signed-in', ours, session, async (req, res) => {
    const accessToken = legacyAccessToken(req);
    if (handover === undefined || accessToken === undefined || req.auth?.pool !== 'legacy')
      return res.redirect(303, '/');
    const result = await stayAtNewPool(handover, auth.verifier, getAuth(req), accessToken);
    if (result.token === undefined) {
      return page(res, result.refused === 'unavailable' ? 503 : 200, account(req, res, { notMoved: result.refused }));
    }
    beginSession(req, res, result.token);
    res.redirect(303, '/?stayed');
  });
  pages.post('/sign-out', ours, (req, res) => {
    endSession(req, res);
    res.redirect(303, '/signed-out');
  });

  // The refusals of the pages. Other errors are passed on to Express.
  pages.use((error, _req, res, next) => {
    if (typeof error.code !== 'string' || error.headers === undefined) return next(error);
    page(res.set(error.headers), error.status, refusedPage(error, entrance));
  });
  return pages;
}
