import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createConnection } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createEndpoints,
  type Endpoints,
  type EndpointsOptions,
} from '../../../../src/cli/commands/forward-auth/endpoints.js';

async function served(more: Partial<EndpointsOptions> = {}) {
  const asked: string[] = [];
  const decide = (req: IncomingMessage, res: ServerResponse) => {
    asked.push(`${req.method} ${req.url}`);
    res.writeHead(200, { 'X-Decided': 'yes' }).end();
  };
  const check = async () => ({ ready: true });
  const endpoints: Endpoints = createEndpoints({ decide, check, metrics: () => 'a 1\n', ...more });
  const server = createServer(endpoints.listener);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  /** What comes back for a text as it stands, until the server closes the connection, or `until` is there. */
  const send = (text: string, until?: RegExp) =>
    new Promise<string>((resolve) => {
      const socket = createConnection(port, '127.0.0.1');
      let received = '';
      socket.setEncoding('utf8').on('data', (part: string) => {
        received += part;
        if (until?.test(received)) socket.destroy();
      });
      socket.on('error', () => {}).on('close', () => resolve(received));
      socket.write(text);
    });
  const get = (path: string, more = '', method = 'GET') =>
    send(`${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}\r\n`);
  return { endpoints, asked, send, get };
}

describe('the paths', () => {
  it.each([
    '/',
    '/?a=b',
    '/auth',
    '/auth?a=b',
    '/auth/',
    '/auth/orders',
    '/auth/healthz',
    '/auth/readyz',
    '/auth/metrics',
    '/auth/../healthz',
    '/auth//healthz',
    '/auth/%2e%2e/metrics',
    '/auth/..%2fhealthz?x',
    '/auth/healthz#x',
  ])('%s is a decision', async (path) => {
    const { get, asked } = await served();
    expect(await get(path)).toContain('X-Decided: yes');
    expect(await get(path, '', 'DELETE')).toContain('X-Decided: yes');
    expect(asked).toEqual([`GET ${path}`, `DELETE ${path}`]);
  });

  it.each(['/healthz', '/readyz', '/metrics', '/healthz?a=b'])('%s is none, and names nobody', async (path) => {
    const { get, asked } = await served();
    const answer = await get(path);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.match(/^X-Auth-[\w-]+: *\r$/gm)).toHaveLength(7);
    expect(asked).toEqual([]);
  });

  it.each([
    '/orders',
    '/authx',
    '/Auth',
    '//auth',
    '/healthz/',
    '/Healthz',
    '/%61uth',
    '*',
    'http://a/auth',
    '/constructor',
    '/__proto__',
  ])('%s is nothing', async (path) => {
    const { get, asked } = await served();
    expect(await get(path, '', path === '*' ? 'OPTIONS' : 'GET')).toMatch(/^HTTP\/1\.1 404 /);
    expect(asked).toEqual([]);
  });

  it('is not ready where that cannot be told', async () => {
    expect(await (await served({ check: async () => ({ ready: false }) })).get('/readyz')).toMatch(
      / 503 [\s\S]*"ready":false/,
    );
    expect(await (await served({ check: () => Promise.reject(new Error('x')) })).get('/readyz')).toMatch(/ 503 /);
  });
});

describe('a body', () => {
  it('that was announced and not sent cannot make the next request of the connection another one', async () => {
    const { send, asked } = await served();
    // A proxy that passes the length on without the body, and then the request of somebody else.
    const first = 'GET /auth/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 49\r\n\r\n';
    const answer = await send(
      `${first}GET /auth/2 HTTP/1.1\r\nHost: a\r\nX-Padding: 123456\r\nGET /auth/forged HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    expect(asked).toEqual(['GET /auth/1']);
    expect(answer).toContain('Connection: close');
    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  });

  it.each([
    ['a length', 'Content-Length: 5\r\n\r\nhello'],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
  ])('with %s closes the connection', async (_, rest) => {
    const { send } = await served();
    expect(await send(`POST /auth HTTP/1.1\r\nHost: a\r\n${rest}`)).toContain('Connection: close');
  });

  it('of length 0, as Envoy says it, leaves the connection open', async () => {
    const { send, asked } = await served();
    const one = 'GET /auth HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n';
    const answer = await send(`${one}${one}`, /200[\s\S]*200/);
    expect(answer).not.toContain('Connection: close');
    expect(asked).toHaveLength(2);
  });
});

describe('the end', () => {
  it('is seen by load balancers and by proxies, and decides until it has come', async () => {
    const { endpoints, send, get, asked } = await served();
    endpoints.end();
    expect(await get('/readyz')).toMatch(/^HTTP\/1\.1 503 /);
    expect(await get('/healthz')).toMatch(/^HTTP\/1\.1 200 /);
    const one = 'GET /auth HTTP/1.1\r\nHost: a\r\n\r\n';
    expect(await send(`${one}${one}`, /200[\s\S]*200/)).not.toContain('Connection: close');
    endpoints.closeConnections();
    expect(await send(one)).toContain('Connection: close');
    expect(asked).toHaveLength(3);
  });

  it('counts what is in flight', async () => {
    let finish = () => {};
    const decide = (_req: IncomingMessage, res: ServerResponse) => {
      finish = () => res.end();
    };
    const { endpoints, get } = await served({ decide });
    const answered = get('/auth');
    await expect.poll(() => endpoints.inFlight, { interval: 2 }).toBe(1);
    finish();
    await answered;
    await expect.poll(() => endpoints.inFlight, { interval: 2 }).toBe(0);
  });
});
