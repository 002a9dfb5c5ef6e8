import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { RequestHandler } from 'express';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import Koa, { type Context, type Middleware } from 'koa';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as express from '../../middleware/express.js';
import * as fastify from '../../middleware/fastify.js';
import * as koa from '../../middleware/koa.js';
import { verifierBy } from '../support/host-kit.js';

const options = (more: object = {}) => ({ verifier: verifierBy(), ...more });
const bad = options({ getToken: () => 'bad' });
const later = options({ getToken: () => 'later:admin' });

/** A handler of Express on Node's request below another framework, as @fastify/express and koa-connect have it. */
interface Mixed {
  readonly name: string;
  /** Whom the guards and `getAuth` of the framework take the request for, behind these steps. */
  ask(steps: readonly Step[]): Promise<{ status: number; challenge: string | null; body: string }>;
}
type Step = 'own' | 'own later' | RequestHandler | { readonly forgiven: RequestHandler };

async function answerOf(url: string) {
  const response = await fetch(url, { headers: { Authorization: 'Bearer anna' } });
  return { status: response.status, challenge: response.headers.get('WWW-Authenticate'), body: await response.text() };
}
const handlerOf = (step: Exclude<Step, 'own' | 'own later'>): RequestHandler =>
  typeof step === 'function' ? step : (req, res, next) => void step.forgiven(req, res, () => next());

const inFastify: Mixed = {
  name: 'Fastify',
  async ask(steps) {
    const app = Fastify();
    const hooks = steps.map((step) => {
      if (step === 'own') return fastify.cutoverAuth(options());
      if (step === 'own later') return fastify.cutoverAuth(later);
      const handler = handlerOf(step);
      return (request: FastifyRequest, reply: FastifyReply, done: () => void) =>
        handler(request.raw as never, reply.raw as never, done);
    });
    const onRequest = [...hooks, fastify.requireGroup('staff')] as never;
    app.get('/', { onRequest }, (request) => fastify.getAuth(request).userId);
    app.get('/place', { onRequest: hooks as never }, (request) => `${Reflect.get(request, 'auth')?.userId}`);
    const url = await app.listen({ port: 0 });
    onTestFinished(() => app.close());
    const answer = await answerOf(url);
    return { ...answer, body: answer.status === 200 ? answer.body : (await answerOf(`${url}/place`)).body };
  },
};

const inKoa: Mixed = {
  name: 'Koa',
  async ask(steps) {
    const app = new Koa();
    const connected = (handler: RequestHandler): Middleware => {
      return async (ctx, next) => {
        await new Promise<void>((resolve, reject) => {
          handler(ctx.req as never, ctx.res as never, (error: unknown) => (error ? reject(error) : resolve()));
        });
        return next();
      };
    };
    for (const step of steps) {
      if (step === 'own') app.use(koa.cutoverAuth(options()));
      else if (step === 'own later') app.use(koa.cutoverAuth(later));
      else app.use(connected(handlerOf(step)));
    }
    const place = (ctx: Context) => {
      ctx.body = `${ctx.state.auth?.userId}`;
    };
    app.use((ctx, next) => (ctx.path === '/place' ? place(ctx) : next()));
    app.use(koa.requireGroup('staff'));
    app.use((ctx) => {
      ctx.body = koa.getAuth(ctx).userId;
    });
    const server = app.listen(0);
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://localhost:${(server.address() as AddressInfo).port}`;
    const answer = await answerOf(url);
    return { ...answer, body: answer.status === 200 ? answer.body : (await answerOf(`${url}/place`)).body };
  },
};

describe.each([inFastify, inKoa])('a handler of Express in $name', ({ ask }) => {
  it.each<[string, Step[], number, string]>([
    ['decides for the guards of the framework', [express.cutoverAuth(options())], 200, 'anna'],
    ['believes the decision of the framework', ['own', express.requireGroup('staff')], 200, 'anna'],
    ['refuses by its guard whom the framework accepted', ['own', express.requireGroup('admins')], 403, ''],
    ['decides last', ['own', express.cutoverAuth(later)], 200, 'admin'],
    ['is decided over by the framework', [express.cutoverAuth(options()), 'own later'], 200, 'admin'],
    ['takes back the identity of the framework', ['own', { forgiven: express.cutoverAuth(bad) }], 401, 'undefined'],
    [
      'takes back the identity of the framework, whatever its property',
      ['own later', { forgiven: express.cutoverAuth({ ...bad, property: 'other' }) }],
      401,
      'undefined',
    ],
    ['is no excuse for the framework', [{ forgiven: express.cutoverAuth(bad) }, 'own'], 200, 'anna'],
  ])('%s', async (_what, steps, status, body) => {
    const answer = await ask(steps);
    expect(answer.status).toBe(status);
    if (status !== 403) expect(answer.body).toBe(body);
    if (status === 200) expect(answer.challenge).toBeNull();
    else expect(answer.challenge).toMatch(/^Bearer realm="api", error=/);
  });
});
