import { once } from 'node:events';
import { checkReadiness } from 'cognito-cutover';
import { cutoverAuth, getAuth, requireScope } from 'cognito-cutover/express';
import express from 'express';

export async function start({ verifier, port }) {
  const app = express();
  app.get('/readyz', async (_req, res) => {
    const { ready } = await checkReadiness({ verifier });
    res.status(ready ? 200 : 503).json({ ready });
  });
  app.get('/', cutoverAuth({ verifier, credentialsRequired: false }), (req, res) => {
    res.json({ hello: req.auth?.userId ?? 'stranger' });
  });
  app.use(cutoverAuth({ verifier }));
  app.get('/orders', requireScope('orders/read'), (req, res) => {
    res.json({ ordersOf: getAuth(req).userId });
  });

  const server = app.listen(port);
  await once(server, 'listening');
  return { port: server.address().port, close: () => new Promise((resolve) => server.close(resolve)) };
}
