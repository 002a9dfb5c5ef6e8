import { checkReadiness } from 'cognito-cutover';
import { cutoverAuth, getAuth, requireScope } from 'cognito-cutover/fastify';
import Fastify from 'fastify';

export async function start({ verifier, port }) {
  const app = Fastify();
  app.get('/readyz', async (_request, reply) => {
    const { ready } = await checkReadiness({ verifier });
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  const optional = cutoverAuth({ verifier, credentialsRequired: false });
  app.get('/', { onRequest: optional }, async (request) => ({ hello: request.auth?.userId ?? 'stranger' }));
  app.register(async (api) => {
    api.register(cutoverAuth({ verifier }));
    api.get('/orders', { onRequest: requireScope('orders/read') }, async (request) => ({
      ordersOf: getAuth(request).userId,
    }));
  });

  await app.listen({ port });
  return { port: app.server.address().port, close: () => app.close() };
}
