import { once } from 'node:events';
import { checkReadiness } from 'cognito-cutover';
import { cutoverAuth, getAuth, requireScope } from 'cognito-cutover/koa';
import Koa from 'koa';

export async function start({ verifier, port }) {
  const app = new Koa();
  const optional = cutoverAuth({ verifier, credentialsRequired: false });
  const readOrders = requireScope('orders/read');

  // A router of your choice does this; Koa itself has none.
  app.use(async (ctx, next) => {
    if (ctx.path === '/readyz') {
      const { ready } = await checkReadiness({ verifier });
      ctx.status = ready ? 200 : 503;
      ctx.body = { ready };
    } else if (ctx.path === '/') {
      await optional(ctx, () => {
        ctx.body = { hello: ctx.state.auth?.userId ?? 'stranger' };
      });
    } else {
      await next();
    }
  });
  app.use(cutoverAuth({ verifier }));
  app.use((ctx, next) => (ctx.path === '/orders' ? readOrders(ctx, next) : ctx.throw(404)));
  app.use((ctx) => {
    ctx.body = { ordersOf: getAuth(ctx).userId };
  });

  const server = app.listen(port);
  await once(server, 'listening');
  return { port: server.address().port, close: () => new Promise((resolve) => server.close(resolve)) };
}
