// One application of the framework and with the middleware named on the command line, `fastify ours`. Started by adapters.ts, as
// express-server.mjs is by express.ts.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import * as ofExpress from 'cognito-cutover/express';
import * as ofFastify from 'cognito-cutover/fastify';
import * as ofHono from 'cognito-cutover/hono';
import * as ofKoa from 'cognito-cutover/koa';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';

const [pools] = await once(process, 'message');
const [framework, middleware] = process.argv.slice(2);
const [legacyPool, newPool] = pools.map(({ options }) => options);
const options = { legacyPool, newPool, tokenUse: 'id', cache: { maxTokens: 10_000 } };
const identity = Object.freeze({ userId: 'a constant' });

const frameworks = {
  express() {
    const app = express();
    const kinds = {
      none: () => (_req, _res, next) => next(),
      constant: () => (req, _res, next) => {
        req.auth = identity;
        next();
      },
      ours: () => ofExpress.cutoverAuth(options),
    };
    app.use(kinds[middleware]());
    app.get('/orders', (_req, res) => {
      res.json({ ok: true });
    });
    return createServer(app);
  },
  async fastify() {
    const app = Fastify();
    const kinds = {
      none: () => (_request, _reply, done) => done(),
      constant: () => (request, _reply, done) => {
        request.auth = identity;
        done();
      },
      ours: () => ofFastify.cutoverAuth(options),
    };
    app.addHook('onRequest', kinds[middleware]());
    app.get('/orders', (_request, reply) => {
      reply.send({ ok: true });
    });
    await app.ready();
    return app.server;
  },
  hono() {
    const app = new Hono();
    const kinds = {
      none: () => async (_c, next) => next(),
      constant: () => async (c, next) => {
        c.set('auth', identity);
        await next();
      },
      ours: () => ofHono.cutoverAuth(options),
    };
    app.use(kinds[middleware]());
    app.get('/orders', (c) => c.json({ ok: true }));
    return createServer(getRequestListener(app.fetch));
  },
  koa() {
    const app = new Koa();
    const kinds = {
      none: () => (_ctx, next) => next(),
      constant: () => (ctx, next) => {
        ctx.state.auth = identity;
        return next();
      },
      ours: () => ofKoa.cutoverAuth(options),
    };
    app.use(kinds[middleware]());
    app.use((ctx) => {
      ctx.body = { ok: true };
    });
    return createServer(app.callback());
  },
};

const server = (await frameworks[framework]()).listen(0, '127.0.0.1');
// Connections wait while the others have their turn.
server.keepAliveTimeout = 0;
await once(server, 'listening');
process.on('message', () => process.send(process.cpuUsage()));
process.once('disconnect', () => process.exit());
process.send({ port: server.address().port });
