import { cutoverAuth, getAuth, readiness, requireGroup } from 'cognito-cutover/express';
import express from 'express';
import { shopPages } from './shop/routes.mjs';

const LOOPBACK = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

/**
 * The application. Its tables identify users by the `sub` of the legacy pool. `getAuth(req).userId` is that `sub`, whichever
 * pool signed the token.
 *
 * @param {Omit<import('cognito-cutover/express').CutoverAuthOptions, 'verifier'> & {
 *   verifier: import('cognito-cutover').CutoverVerifier,
 *   orders: Map<string, string[]>,
 *   entrance: import('./shop/pages.mjs').Entrance,
 * }} options `orders` stands for the application's database: legacy sub -> orders; `entrance`: where people sign in
 */
export function createApp({ orders, entrance, ...auth }) {
  const app = express();
  app.disable('x-powered-by');

  // For the load balancer: 200 while users of at least one pool can sign in. The state of each pool is for callers on this machine;
  // behind a proxy, tell Express so ("trust proxy"), or everybody seems to be one.
  app.get('/health', readiness({ verifier: auth.verifier, showDetails: ({ ip }) => LOOPBACK.includes(ip) }));

  // For people with a browser. It has error pages of its own.
  app.use(shopPages({ orders, entrance, ...auth }));

  // The JSON API. It reads the Authorization header only, so a browser sends no credentials here by itself.
  app.use(cutoverAuth(auth));

  app.get('/me', (req, res) => {
    const { userId, pool, sub, groups } = getAuth(req);
    res.json({ userId, pool, sub, groups });
  });

  app.get('/orders', (req, res) => {
    res.json(orders.get(getAuth(req).userId) ?? []);
  });

  app.get('/admin/orders', requireGroup('admins'), (_req, res) => {
    res.json(Object.fromEntries(orders));
  });

  // Without this handler Express sends the same status and headers, with HTML. Other errors are passed on to Express.
  app.use((error, _req, res, next) => {
    if (typeof error.code !== 'string' || error.headers === undefined) return next(error);
    res.status(error.status).set(error.headers).json({ error: error.code });
  });

  return app;
}
