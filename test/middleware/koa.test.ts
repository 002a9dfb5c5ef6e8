import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Koa, { type Context } from 'koa';
import { expect, it, onTestFinished, vi } from 'vitest';
import { cutoverAuth, getAuth, requireUser } from '../../middleware/koa.js';
import { journal, verifierBy } from '../support/host-kit.js';

/** What holds as in every framework: test/middleware/hosts.test.ts. */
const auth = (more: object = {}) => cutoverAuth({ verifier: verifierBy(), ...more });

async function urlOf(app: Koa): Promise<string> {
  const server = app.listen(0);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}
const get = (url: string, token?: string) =>
  fetch(url, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });

it('a refusal is answered by Koa itself, and logged only where the service is at fault', async () => {
  const app = new Koa();
  const logged = vi.fn();
  vi.spyOn(console, 'error').mockImplementation(logged);
  onTestFinished(() => void vi.mocked(console.error).mockRestore());
  app.use(auth());
  const url = await urlOf(app);
  const refused = await get(url, 'bad');
  expect([refused.status, await refused.text()]).toEqual([401, 'A sentence for the log.']);
  expect(logged).not.toHaveBeenCalled();
  const outage = await get(url, 'ERR_KEYS_UNAVAILABLE');
  expect([outage.status, await outage.text(), outage.headers.get('Retry-After')]).toEqual([
    ...[503, 'Service Unavailable', '30'],
  ]);
  expect(logged.mock.calls.flat().join()).toContain('A sentence for the log.');
});

it('getAuth and guards need no ctx.state, which an application may replace', async () => {
  const app = new Koa();
  app.use(auth());
  app.use((ctx, next) => {
    ctx.state = {};
    return next();
  });
  app.use(requireUser());
  app.use((ctx) => {
    ctx.body = `${getAuth(ctx).userId} ${ctx.state.auth}`;
  });
  expect(await (await get(await urlOf(app), 'anna')).text()).toBe('anna undefined');
});

it('an identity is withdrawn from a copy of ctx.state, too', async () => {
  const app = new Koa();
  app.use(async (ctx, next) => {
    await next().catch(() => {});
    ctx.body = `${ctx.state.auth}`;
  });
  app.use(auth());
  app.use((ctx, next) => {
    ctx.state = { ...ctx.state };
    return next();
  });
  app.use(auth({ getToken: () => 'bad' }));
  const response = await get(await urlOf(app), 'anna');
  expect([response.status, await response.text()]).toEqual([200, 'undefined']);
});

it.each<[string, (ctx: Context) => unknown]>([
  ['is gone', (ctx) => Object.assign(ctx, { state: null })],
  ['throws', (ctx) => Object.defineProperty(ctx.state, 'auth', { get: () => ctx.throw('mine') })],
])('a refusal holds, and is reported once, where the place of the identity %s', async (_what, spoil) => {
  for (const token of ['bad', 'later:ERR_TOKEN_EXPIRED']) {
    const { onDecision, taken } = journal();
    const app = new Koa();
    app.silent = true;
    app.use(auth());
    app.use((ctx, next) => {
      spoil(ctx);
      return next();
    });
    app.use(auth({ mode: 'observe', onDecision }));
    const refuse = auth({ getToken: () => token, onDecision });
    app.use(async (ctx, next) => {
      await (async () => refuse(ctx, async () => {}))().catch(() => {});
      return next();
    });
    app.use(requireUser());
    app.use((ctx) => void Object.assign(ctx, { body: 'passed' }));
    const code = token === 'bad' ? 'ERR_TOKEN_MALFORMED' : 'ERR_TOKEN_EXPIRED';
    expect((await get(await urlOf(app), 'anna')).status).toBe(401);
    expect(taken()).toEqual(['accepted anna', code, code]);
  }
});
