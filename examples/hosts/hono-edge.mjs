import { checkReadiness, createCutoverVerifier } from 'cognito-cutover';
import { cutoverAuth, getAuth, requireScope } from 'cognito-cutover/hono';
import { Hono } from 'hono';

/** The settings arrive with the first request. One verifier serves all, or each would load the keys again. */
let app;

function appOf({ LEGACY_POOL, NEW_POOL }) {
  const verifier = createCutoverVerifier({ legacyPool: LEGACY_POOL, newPool: NEW_POOL, tokenUse: 'access' });
  const made = new Hono();
  made.get('/readyz', async (c) => {
    const { ready } = await checkReadiness({ verifier });
    return c.json({ ready }, ready ? 200 : 503);
  });
  made.get('/', cutoverAuth({ verifier, credentialsRequired: false }), (c) =>
    c.json({ hello: c.get('auth')?.userId ?? 'stranger' }),
  );
  made.use(cutoverAuth({ verifier }));
  made.get('/orders', requireScope('orders/read'), (c) => c.json({ ordersOf: getAuth(c).userId }));
  return made;
}

export default {
  fetch(request, env, context) {
    app ??= appOf(env);
    return app.fetch(request, env, context);
  },
};
