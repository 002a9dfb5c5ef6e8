import { cutoverAuth, requireGroup } from 'cognito-cutover/express';
import express from 'express';

/**
 * The application. Its tables know people by the `sub` of the legacy pool, and `req.auth.userId` is just that, whichever
 * pool signed the token.
 *
 * @param {Omit<import('cognito-cutover/express').CutoverAuthOptions, 'verifier'> & {
 *   verifier: import('cognito-cutover').CutoverVerifier,
 *   orders: Map<string, string[]>,
 * }} options `orders` stands for the application's database: legacy sub -> orders
 */
export function createApp({ orders, ...auth }) {
  const app = express();
  app.disable('x-powered-by');

  // Ready as long as the users of one pool can come in. Loads keys that are missing: a look at status() alone would never see
  // them arrive.
  app.get('/health', async (_req, res) => {
    const isReady = await auth.verifier.hydrate().then(
      () => true,
      () => false,
    );
    res.status(isReady ? 200 : 503).json({ pools: auth.verifier.status() });
  });

  app.use(cutoverAuth(auth));

  app.get('/me', (req, res) => {
    const { userId, pool, sub, groups } = req.auth;
    res.json({ userId, pool, sub, groups });
  });

  app.get('/orders', (req, res) => {
    res.json(orders.get(req.auth.userId) ?? []);
  });

  app.get('/admin/orders', requireGroup('admins'), (_req, res) => {
    res.json(Object.fromEntries(orders));
  });

  // Without it Express answers just as well, in HTML. What is no refusal of a token goes on to Express.
  app.use((error, _req, res, next) => {
    if (typeof error.code !== 'string' || error.headers === undefined) return next(error);
    res.status(error.status).set(error.headers).json({ error: error.code });
  });

  return app;
}
