import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CutoverHook, cutoverAuth, getAuth, requireScope, requireUser } from '../../middleware/fastify.js';
import { ConfigurationError, CutoverError } from '../../src/errors.js';
import { verifierBy } from '../support/host-kit.js';
import { fastifyExchange, later, verifierOf } from './support.js';

/** What holds as in every framework: test/middleware/hosts.test.ts. */
const auth = (more: object = {}) => cutoverAuth({ verifier: verifierBy(), ...more });
const fastify = (options: FastifyServerOptions = {}) => {
  const app = Fastify(options);
  onTestFinished(() => app.close());
  return app;
};
const get = async (app: FastifyInstance, url: string, token?: string) => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return app.inject({ url, headers });
};
const statusesOf = async (app: FastifyInstance, urls: readonly string[], token?: string) =>
  Promise.all(urls.map(async (url) => (await get(app, url, token)).statusCode));
const routeOf = (url: string) => (app: FastifyInstance, _options: object, done: () => void) => {
  app.get(url, () => 'passed');
  done();
};

describe('cutoverAuth', () => {
  it('as a plugin covers the instance: its routes and children, earlier ones too, and unknown routes', async () => {
    const app = fastify();
    app.get('/early', () => 'passed');
    app.register(routeOf('/child-before'));
    app.register(auth());
    app.register(routeOf('/child-after'));
    app.get('/late', (request) => getAuth(request).userId);
    const all = ['/early', '/child-before', '/child-after', '/late', '/unknown'];
    expect(await statusesOf(app, all)).toEqual([401, 401, 401, 401, 401]);
    expect(await statusesOf(app, all, 'anna')).toEqual([200, 200, 200, 200, 404]);
    expect((await get(app, '/late', 'anna')).body).toBe('anna');
  });

  it('as a plugin of a child covers that child alone', async () => {
    const app = fastify();
    app.get('/public', () => 'passed');
    app.register((child, _options, done) => {
      child.register(auth());
      child.get('/private', () => 'passed');
      done();
    });
    expect(await statusesOf(app, ['/public', '/private'])).toEqual([200, 401]);
  });

  it.each(['onRequest', 'preValidation', 'preHandler'] as const)('is a hook for %s', async (name) => {
    const app = fastify();
    app.addHook(name as 'onRequest', auth());
    app.get('/', { [name]: requireScope('orders/read') }, (request) => getAuth(request).userId);
    expect(await statusesOf(app, ['/'])).toEqual([401]);
    for (const token of ['anna', 'later:anna']) expect((await get(app, '/', token)).body).toBe('anna');
  });

  it('is a hook of one route', async () => {
    const app = fastify();
    app.get('/public', () => 'passed');
    app.get('/private', { onRequest: [auth(), requireUser()] }, () => 'passed');
    expect(await statusesOf(app, ['/public', '/private'])).toEqual([200, 401]);
  });

  it('that is registered without being called lets no application start', async () => {
    const app = fastify();
    app.register(cutoverAuth as never);
    await expect(app.ready()).rejects.toThrow(
      'cutoverAuth: was passed without being called. Call it: app.register(cutoverAuth({…}))',
    );
  });

  it('that is given an application in place of its options says so', () => {
    expect(() => cutoverAuth({ addHook: () => {} } as never)).toThrow(ConfigurationError);
  });

  it('continues no request that was answered while its token was judged', async () => {
    const { request, reply } = fastifyExchange();
    const done = vi.fn();
    cutoverAuth({ verifier: verifierOf(later) as never })(request, reply, done);
    reply.sent = true;
    await new Promise(setImmediate);
    expect(done).not.toHaveBeenCalled();
  });

  it('holds with HTTP/2', async () => {
    const app = Fastify({ http2: true });
    onTestFinished(() => app.close());
    app.register(auth({ legacyTokenHeaders: { sunset: new Date(0) } }));
    app.get('/', { onRequest: requireScope('orders/read') }, (request) => getAuth(request).userId);
    const client = connect(await app.listen({ port: 0 }));
    onTestFinished(() => void client.close());
    const ask = async (headers: Record<string, string>) => {
      const stream = client.request({ ':path': '/', ...headers });
      const answer = new Promise<Record<string, unknown>>((resolve) => stream.on('response', resolve));
      const body = await text(stream);
      return { body, ...(await answer) };
    };
    expect(await ask({ authorization: 'Bearer anna' })).toMatchObject({
      ...{ ':status': 200, body: 'anna', sunset: 'Thu, 01 Jan 1970 00:00:00 GMT' },
    });
    expect(await ask({})).toMatchObject({ ':status': 401, 'www-authenticate': 'Bearer realm="api"' });
  });
});

describe('a refusal', () => {
  /** An application that logs, and its log. */
  function logging() {
    const lines: string[] = [];
    const app = fastify({ logger: { level: 'trace', stream: { write: (line: string) => void lines.push(line) } } });
    app.register(auth());
    app.get('/', (request) => {
      request.log.info('in the handler');
      return getAuth(request).userId;
    });
    return { app, logOf: () => lines.join('') };
  }

  it("is answered by Fastify's own error handler in its form", async () => {
    const { app } = logging();
    expect((await get(app, '/')).json()).toEqual({
      statusCode: 401,
      code: 'ERR_TOKEN_MISSING',
      error: 'Unauthorized',
      message: 'The request has no Authorization header. Send "Authorization: Bearer " followed by the token.',
    });
  });

  it('during an outage tells the client nothing of its details, and the log everything', async () => {
    const { app, logOf } = logging();
    const response = await get(app, '/', 'ERR_KEYS_UNAVAILABLE');
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '30']);
    expect(response.json()).toEqual({
      statusCode: 503,
      code: 'ERR_KEYS_UNAVAILABLE',
      error: 'Service Unavailable',
      message: 'The keys of the user pool are currently unavailable.',
    });
    expect(logOf()).toContain('A sentence for the log.');
  });

  it('logs nothing of a token', async () => {
    const { app, logOf } = logging();
    for (const token of ['zqxjkv', 'later:zqxjkv']) expect((await get(app, '/', token)).statusCode).toBe(401);
    expect(logOf()).toContain('ERR_TOKEN_MALFORMED');
    expect(logOf()).not.toContain('zqxjkv');
  });

  it('is the same for an error handler of the application, with the details in its cause', async () => {
    const app = fastify();
    const seen: Error[] = [];
    app.register(auth());
    app.setErrorHandler((error: Error, _request, reply) => {
      seen.push(error);
      return reply.code((error as CutoverError).status).send({});
    });
    expect((await get(app, '/', 'later:ERR_LEGACY_ID_UNAVAILABLE')).headers['retry-after']).toBe('30');
    expect(seen[0]).toBeInstanceOf(CutoverError);
    expect(seen[0]).toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE', retryAfterSeconds: 29.5, pool: 'legacy' });
    expect(seen[0]?.cause).toMatchObject({ message: 'A sentence for the log.' });
  });

  it('takes its headers back where one that Fastify sets itself has the same name', async () => {
    const app = fastify();
    const refuse = auth({ getToken: () => 'bad' });
    const forgiven: CutoverHook = (request, reply, done) => (refuse as CutoverHook)(request, reply, () => done());
    app.addHook('onRequest', (_request, reply, done) => {
      reply.header('WWW-Authenticate', 'Basic');
      done();
    });
    app.get('/', { onRequest: [forgiven, auth()] }, () => 'passed');
    const { headers } = await get(app, '/', 'anna');
    expect(headers['www-authenticate']).toBeUndefined();
  });
});

it('headers on answers to legacy tokens stay on a reply that is hijacked', async () => {
  const app = fastify();
  app.register(auth({ legacyTokenHeaders: { sunset: new Date(0) } }));
  app.get('/', (_request, reply) => {
    reply.hijack();
    reply.raw.end('raw');
  });
  const { body, headers } = await get(app, '/', 'anna');
  expect([body, headers['sunset']]).toEqual(['raw', 'Thu, 01 Jan 1970 00:00:00 GMT']);
});
