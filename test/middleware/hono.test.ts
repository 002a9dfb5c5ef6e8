import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { some } from 'hono/combine';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import { type CutoverVariables, cutoverAuth, getAuth, requireUser } from '../../middleware/hono.js';
import type { CutoverIdentity } from '../../src/verify/types.js';
import { verifierBy } from '../support/host-kit.js';
import { watchProcess } from './support.js';

/** What holds as in every framework: test/middleware/hosts.test.ts. */
const auth = (more: object = {}) => cutoverAuth({ verifier: verifierBy(), ...more });
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
const who = (c: Context) => c.text(getAuth(c).userId);

watchProcess();

describe('a decision belongs to one context', () => {
  /** A service that calls a route of its own with its own token, as itself, while it answers somebody. */
  function calling() {
    const app = new Hono();
    app.use(auth({ legacyTokenHeaders: { sunset: new Date(0) } }));
    app.get('/inner', requireUser(), who);
    app.get('/outer', async (c) => {
      const inner = await app.request('/inner', bearer('admin'), c.env);
      return c.json([await inner.text(), getAuth(c).userId]);
    });
    return app;
  }

  it('and not to a request of Node that several share', async () => {
    const server = serve({ fetch: calling().fetch, port: 0 });
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const response = await fetch(`http://localhost:${(server.address() as AddressInfo).port}/outer`, bearer('anna'));
    expect(await response.json()).toEqual(['admin', 'anna']);
  });

  it('and not to an environment that all share', async () => {
    const env = { incoming: { rawHeaders: [] } };
    const app = calling();
    const answers = ['anna', 'admin'].map(async (one) => (await app.request('/inner', bearer(one), env)).text());
    expect(await Promise.all(answers)).toEqual(['anna', 'admin']);
    expect((await app.request('/inner', {}, env)).status).toBe(401);
  });

  it('also where middleware replaces its request', async () => {
    const app = new Hono();
    app.use(auth());
    app.use((c, next) => {
      c.req.raw = new Request(c.req.raw.url);
      return next();
    });
    app.get('/', requireUser(), who);
    expect(await (await app.request('/', bearer('anna'))).text()).toBe('anna');
  });

  it('which the routes of a sub-application share, and a mounted application does not', async () => {
    const inner = new Hono().get('/who', requireUser(), who);
    const app = new Hono();
    app.use(auth());
    app.route('/routed', inner);
    app.mount('/mounted', inner.fetch);
    expect((await app.request('/routed/who', bearer('anna'))).status).toBe(200);
    expect((await app.request('/mounted/who', bearer('anna'))).status).toBe(500);
  });
});

describe('a refusal', () => {
  it('is for onError what an HTTPException is', async () => {
    const app = new Hono();
    app.use(auth());
    app.onError((error, c) => {
      if (error instanceof HTTPException || !('getResponse' in error)) return c.text('other', 500);
      const { status, code, getResponse } = error as never as { status: 401; code: string; getResponse(): Response };
      return c.json({ code, own: getResponse().headers.get('WWW-Authenticate') }, status);
    });
    const response = await app.request('/');
    const challenge = 'Bearer realm="api"';
    expect([response.status, await response.json()]).toEqual([401, { code: 'ERR_TOKEN_MISSING', own: challenge }]);
    expect(response.headers.get('WWW-Authenticate')).toBe(challenge);
  });

  it('lets another way of authentication have its turn', async () => {
    const app = new Hono();
    const byKey: MiddlewareHandler = async (c, next) => (c.req.header('X-Key') === 'mine' ? next() : c.text('no', 401));
    app.use(some(auth(), byKey));
    app.get('/open', (c) => c.text(`${c.get('auth' as never)}`));
    app.get('/who', requireUser(), who);
    const withKey = { headers: { 'X-Key': 'mine' } };
    expect(await (await app.request('/open', withKey)).text()).toBe('undefined');
    expect((await app.request('/who', withKey)).status).toBe(401);
    expect(await (await app.request('/who', bearer('anna'))).text()).toBe('anna');
  });
});

it.each([
  ['makes itself', '/made'],
  ['has fetched', '/fetched'],
])('headers on answers to legacy tokens are on a Response that a handler %s', async (_what, path) => {
  const app = new Hono();
  app.use(auth({ legacyTokenHeaders: { sunset: new Date(0) } }));
  app.get('/made', () => new Response('body'));
  app.get('/fetched', () => fetch('data:,body'));
  const response = await app.request(path, bearer('later:anna'));
  expect([await response.text(), response.headers.get('Sunset')]).toEqual(['body', 'Thu, 01 Jan 1970 00:00:00 GMT']);
});

it('types what is in the context: possibly nothing', () => {
  new Hono<{ Variables: CutoverVariables }>().use(auth()).get('/', (c) => {
    expectTypeOf(c.get('auth')).toEqualTypeOf<CutoverIdentity | undefined>();
    return c.text(c.var.auth?.userId ?? '');
  });
  new Hono().use(auth()).get('/', (c) => {
    expectTypeOf(c.get('auth')).toEqualTypeOf<CutoverIdentity | undefined>();
    return c.text('');
  });
});
