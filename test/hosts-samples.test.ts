import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Hono } from 'hono';
import type Koa from 'koa';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTestPools, type TestPools } from '../src/testing/index.js';
import { watchProcess } from './middleware/support.js';
import { run, sampleOf } from './support/samples.js';

watchProcess();

const PAGE = 'docs/hosts.md';
const userId = randomUUID();

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false });
});
afterAll(() => pools.close());

const scope = 'orders/read';
type Ask = (token?: string) => Promise<{ status: number; headers: Headers; body: unknown }>;

const bearer = (token?: string) => (token === undefined ? {} : { Authorization: `Bearer ${token}` });
async function answerOf(response: Response) {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

async function ofFastify(code: string): Promise<Ask> {
  const { app } = await run<{ app: FastifyInstance }>(code.replace('{ logger: true }', ''), 'app');
  onTestFinished(() => app.close());
  return async (token) => {
    const { statusCode, headers, body } = await app.inject({ url: '/orders', headers: bearer(token) });
    const init = { status: statusCode, headers: headers as Record<string, string> };
    return answerOf(new Response(body, init));
  };
}

async function ofHono(code: string): Promise<Ask> {
  const { app } = await run<{ app: Hono }>(code, 'app');
  return async (token) => answerOf(await app.request('/orders', { headers: bearer(token) }));
}

async function ofKoa(code: string): Promise<Ask> {
  const { app } = await run<{ app: Koa }>(code, 'app');
  const server = app.listen(0);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://localhost:${(server.address() as AddressInfo).port}/orders`;
  return async (token) => answerOf(await fetch(url, { headers: bearer(token) }));
}

describe.each<[string, string, string, (code: string) => Promise<Ask>]>([
  ['Fastify', '{ onRequest: requireScope', 'app.setErrorHandler', ofFastify],
  ['Hono', 'export default app', 'app.onError', ofHono],
  ['Koa', "app.use(requireScope('orders/read'))", "emit('error', error, ctx)", ofKoa],
])(`the samples of ${PAGE} for %s`, (_, first, errors, askOf) => {
  it('answer tokens of both pools with one id', async () => {
    const ask = await askOf(sampleOf(PAGE, first, pools));
    for (const token of [
      pools.legacyPool.accessToken({ sub: userId, scope }),
      pools.newPool.accessToken({ legacy_sub: userId, scope }),
    ]) {
      const { status, body } = await ask(token);
      expect([status, body]).toEqual([200, { ordersOf: userId }]);
    }
    expect((await ask(pools.newPool.accessToken({ legacy_sub: userId, scope: 'other' }))).status).toBe(403);
    const anonymous = await ask();
    expect([anonymous.status, anonymous.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer realm="api"']);
  });

  it('answer refusals in JSON, with the headers of RFC 6750, and no details of an outage', async () => {
    const down = 'eu-west-1_Down';
    const sample = sampleOf(PAGE, errors, pools).replace(
      /newPool: \{.*\},\n/,
      `newPool: { userPoolId: '${down}', clientIds: null }, keys: { fetch: async () => { throw new Error('10.0.0.1') } },\n`,
    );
    const ask = await askOf(sample);
    const anonymous = await ask();
    expect([anonymous.status, anonymous.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer realm="api"']);
    expect(anonymous.body).toEqual({
      code: 'ERR_TOKEN_MISSING',
      message: 'The request has no Authorization header. Send "Authorization: Bearer " followed by the token.',
    });
    const iss = `https://cognito-idp.eu-west-1.amazonaws.com/${down}`;
    const outage = await ask(pools.newPool.accessToken({ iss }));
    expect([outage.status, outage.body]).toMatchObject([503, { code: 'ERR_KEYS_UNAVAILABLE' }]);
    expect(outage.headers.get('Retry-After')).toMatch(/^\d+$/);
    expect(JSON.stringify(outage.body)).not.toContain('10.0.0.1');
  });
});
