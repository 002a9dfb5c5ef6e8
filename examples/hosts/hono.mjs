import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { checkReadiness } from 'cognito-cutover';
import { cutoverAuth, getAuth, requireScope } from 'cognito-cutover/hono';
import { Hono } from 'hono';

export async function start({ verifier, port }) {
  const app = new Hono();
  app.get('/readyz', async (c) => {
    const { ready } = await checkReadiness({ verifier });
    return c.json({ ready }, ready ? 200 : 503);
  });
  app.get('/', cutoverAuth({ verifier, credentialsRequired: false }), (c) =>
    c.json({ hello: c.get('auth')?.userId ?? 'stranger' }),
  );
  app.use(cutoverAuth({ verifier }));
  app.get('/orders', requireScope('orders/read'), (c) => c.json({ ordersOf: getAuth(c).userId }));

  const server = serve({ fetch: app.fetch, port });
  await once(server, 'listening');
  return { port: server.address().port, close: () => new Promise((resolve) => server.close(resolve)) };
}
