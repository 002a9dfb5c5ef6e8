import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics } from '@opentelemetry/api';
import { type PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Express } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { cutoverAuth } from '../middleware/express.js';
import { createTestPools, type TestPools } from '../src/testing/index.js';
import { VERIFIER_OPTIONS } from '../src/verify/settings.js';
import { watchProcess } from './middleware/support.js';
import { run, sampleOf } from './support/samples.js';

watchProcess();

const PAGE = 'docs/express.md';
const userId = randomUUID();

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false });
});
afterAll(() => pools.close());

const legacyToken = (more = {}) => pools.legacyPool.accessToken({ sub: userId, scope: 'orders/read', ...more });
const newToken = (more = {}) => pools.newPool.accessToken({ legacy_sub: userId, scope: 'orders/read', ...more });
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const challenge = /^Bearer realm="[a-z]+"$/;
const invalid = /^Bearer realm="api", error="invalid_token", error_description="[^"]+"$/;

/** Starts what a sample would start on port 3000 on a free one. */
function onFreePort(): void {
  vi.stubEnv('PORT', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
}

async function addressOf(server: Server): Promise<string> {
  if (!server.listening) await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `localhost:${(server.address() as AddressInfo).port}`;
}

const appOf = async (marker: string, change = (code: string) => code) => {
  const { app } = await run<{ app: Express }>(change(sampleOf(PAGE, marker, pools)), 'app');
  return app.set('env', 'production');
};

it('docs/express.md has every option in its table, with type and default, and in an example', () => {
  let message = '';
  try {
    cutoverAuth({ '?': true } as never);
  } catch (error) {
    message = `${error}`;
  }
  const page = readFileSync(new URL(`../${PAGE}`, import.meta.url), 'utf8');
  const ofVerifier: readonly string[] = VERIFIER_OPTIONS;
  const all = message.replace(/.*known are /is, '').match(/\w+/g) ?? [];
  const own = all.filter((name) => !ofVerifier.includes(name));
  const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]*(?:\\\|[^|]*)*\| [^|]*(?:\\\|[^|]*)*\| .+ \|$/gm)].map(
    ([, name]) => name,
  );
  expect(own.length).toBeGreaterThan(8);
  expect(own.filter((name) => !rows.includes(name))).toEqual([]);
  expect(own.filter((name) => !new RegExp(`^ {4}${name}[:,]`, 'm').test(page))).toEqual([]);
  expect(ofVerifier.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

describe('the samples of docs/express.md', () => {
  it('start with an application that answers tokens of both pools with one id', async () => {
    const app = await appOf('the legacy sub, for a token of either pool');
    for (const token of [legacyToken(), newToken()]) {
      const response = await request(app).get('/orders').set(bearer(token));
      expect([response.status, response.body]).toEqual([200, { ordersOf: userId }]);
    }
    const anonymous = await request(app).get('/orders');
    expect([anonymous.status, anonymous.get('WWW-Authenticate')]).toEqual([401, 'Bearer realm="api"']);
  });

  it('show every option at work', async () => {
    const seen: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void seen.push(line));
    onTestFinished(() => void vi.mocked(console.log).mockRestore());
    const app = await appOf("realm: 'orders'");
    app.get('/', (req, res) => void res.json(req.auth?.userId ?? null));
    const legacy = await request(app).get('/').set('x-access-token', legacyToken());
    expect(legacy.body).toBe(userId);
    expect(legacy.headers).toMatchObject({
      deprecation: `@${Date.UTC(2026, 10, 1) / 1000}`,
      sunset: 'Mon, 01 Mar 2027 00:00:00 GMT',
      link: '<https://developer.example.com/new-sign-in>; rel="deprecation"; type="text/html"',
    });
    expect((await request(app).get('/')).body).toBeNull();
    expect((await request(app).get('/').set(bearer('bad'))).get('WWW-Authenticate')).toContain('realm="orders"');
    expect(seen).toEqual(['accepted', 'anonymous', 'refused']);
  });

  it('put the identity where an application wants it', async () => {
    const app = await appOf("property: 'cutover'");
    app.get('/both', (req, res) => void res.json([req.auth ?? null, Reflect.get(req, 'cutover').userId]));
    expect((await request(app).get('/me').set(bearer(newToken()))).body).toBe(userId);
    expect((await request(app).get('/both').set(bearer(newToken()))).body).toEqual([null, userId]);
  });

  it('answer refusals in JSON, with the headers of RFC 6750', async () => {
    const keys = vi.fn(() => Promise.reject(new Error('down')));
    const errorLog = vi.mocked(console.error).mockClear();
    const routes = `
      const { cutoverAuth } = await import('cognito-cutover/express');
      const newPool = ${JSON.stringify(pools.newPool.options)};
      const down = { userPoolId: 'eu-west-1_Down', clientIds: null };
      app.use('/up', cutoverAuth({ newPool, tokenUse: 'access' }));
      app.use('/down', cutoverAuth({ newPool: down, tokenUse: 'access', keys: { fetch: globalThis.keysOfSample } }));
      app.get('/fault', () => { throw new Error('a fault'); });
    `;
    vi.stubGlobal('keysOfSample', keys);
    onTestFinished(() => void vi.unstubAllGlobals());
    const app = await appOf('const jsonErrors', (code) => code.replace('// … cutoverAuth and the routes', routes));
    const anonymous = await request(app).get('/up');
    expect([anonymous.status, anonymous.body.code]).toEqual([401, 'ERR_TOKEN_MISSING']);
    expect(anonymous.get('WWW-Authenticate')).toMatch(challenge);
    const bad = await request(app)
      .get('/up')
      .set(bearer(newToken({ client_id: 'another' })));
    expect([bad.status, bad.body.code]).toEqual([401, 'ERR_CLIENT_NOT_ALLOWED']);
    expect(bad.get('WWW-Authenticate')).toMatch(invalid);
    expect(errorLog).not.toHaveBeenCalled();
    const token = newToken({ iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Down' });
    const down = await request(app).get('/down').set(bearer(token));
    expect([down.status, down.body]).toEqual([503, { code: 'ERR_KEYS_UNAVAILABLE', message: 'Try again later.' }]);
    expect(Number(down.get('Retry-After'))).toBeGreaterThan(0);
    expect(errorLog).toHaveBeenCalledOnce();
    expect((await request(app).get('/fault')).status).toBe(500);
  });

  it('tell whether the service is ready, and strangers no more', async () => {
    vi.stubEnv('PROBE_KEY', 'mine');
    onTestFinished(() => void vi.unstubAllEnvs());
    const app = await appOf('showDetails');
    const stranger = await request(app).get('/readyz');
    expect([stranger.status, stranger.text]).toEqual([200, '{"ready":true}']);
    expect((await request(app).get('/readyz').set('x-probe-key', 'mine')).body).toMatchObject({
      ready: true,
      pools: [{ pool: 'legacy' }, { pool: 'new' }],
    });
    expect((await request(app).get('/')).status).toBe(401);
  });

  it('build a guard without a framework', async () => {
    onFreePort();
    const { server } = await run<{ server: Server }>(sampleOf(PAGE, 'res.writeHead(error.status', pools), 'server');
    const url = `http://${await addressOf(server)}`;
    const ask = async (token?: string) => {
      const response = await fetch(url, token === undefined ? {} : { headers: bearer(token) });
      return [response.status, response.headers.get('WWW-Authenticate'), await response.text()];
    };
    expect(await ask(newToken())).toEqual([200, null, JSON.stringify({ ordersOf: userId })]);
    expect(await ask('bad')).toEqual([401, expect.stringMatching(invalid), '']);
    expect((await ask())[0]).toBe(401);
  });

  it('let browsers of another origin see a refusal, and ask before they send a token', async () => {
    const app = await appOf("from 'cors'");
    const origin = 'https://app.example.com';
    const preflight = await request(app).options('/orders').set({
      Origin: origin,
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '600',
    });
    for (const [token, status] of [
      [newToken(), 200],
      ['bad', 401],
    ] as const) {
      const response = await request(app)
        .get('/orders')
        .set({ Origin: origin, ...bearer(token) });
      expect(response.status).toBe(status);
      expect(response.get('Access-Control-Allow-Origin')).toBe(origin);
      expect(response.get('Access-Control-Expose-Headers')).toMatch(/WWW-Authenticate,Retry-After/);
    }
  });

  describe('for WebSockets', () => {
    async function sockets() {
      onFreePort();
      const { server } = await run<{ server: Server }>(sampleOf(PAGE, 'WebSocketServer', pools), 'server');
      return `ws://${await addressOf(server)}/`;
    }

    it.each([
      ['the header', (token: string) => [[], { headers: bearer(token) }] as const, ''],
      ['a subprotocol, as browsers do', (token: string) => [['bearer', token], {}] as const, 'bearer'],
    ])('take the token from %s', async (_where, how, protocol) => {
      const url = await sockets();
      for (const token of [legacyToken(), newToken()]) {
        const [protocols, options] = how(token);
        const client = new WebSocket(url, [...protocols], options);
        const [message] = await once(client, 'message');
        expect([JSON.parse(`${message}`), client.protocol]).toEqual([{ userId }, protocol]);
        client.close();
        await once(client, 'close');
      }
    });

    it.each([
      ['no token', [], {}],
      ['a bad token', [], { headers: bearer('bad') }],
      ['a bad token as a subprotocol', ['bearer', 'bad'], {}],
      ['two headers', [], { headers: { Authorization: ['Bearer a', 'Bearer b'] as unknown as string } }],
    ])('refuse the upgrade: %s', async (_what, protocols, options) => {
      const client = new WebSocket(await sockets(), [...protocols], options);
      const [, response] = await once(client, 'unexpected-response');
      expect(response.statusCode).toBe(401);
      expect(response.headers['www-authenticate']).toMatch(/^Bearer realm="api"/);
    });

    it('end with the token', async () => {
      const soon = Math.floor(Date.now() / 1000) + 1;
      const client = new WebSocket(await sockets(), { headers: bearer(newToken({ exp: soon })) });
      const [code] = await once(client, 'close');
      expect(code).toBe(4401);
      expect(Date.now()).toBeGreaterThanOrEqual(soon * 1000 - 50);
    });
  });

  it('take the access token of an Application Load Balancer, and nothing else that it sends', async () => {
    const app = await appOf('x-amzn-oidc-accesstoken');
    app.get('/', (req, res) => void res.json(req.auth?.userId));
    const accessToken = newToken();
    const data = pools.newPool.sign({ alg: 'ES256', kid: 'a', signer: 'arn:aws:…' }, { sub: userId });
    const get = (headers: Record<string, string>) => request(app).get('/').set(headers);
    const all = { 'x-amzn-oidc-accesstoken': accessToken, 'x-amzn-oidc-data': data, 'x-amzn-oidc-identity': userId };
    expect((await get(all)).body).toBe(userId);
    expect((await get(bearer(accessToken))).body).toBe(userId);
    expect((await get({ 'x-amzn-oidc-data': data, 'x-amzn-oidc-identity': userId })).status).toBe(401);
    expect((await get({ 'x-amzn-oidc-accesstoken': data })).status).toBe(401);
  });

  it('observe, and report a user that another authentication did not find', async () => {
    const seen: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line) => void seen.push(line));
    onTestFinished(() => void vi.mocked(console.log).mockRestore());
    const app = await appOf("mode: 'observe'");
    app.get('/', (_req, res) => void res.end());
    const get = (user: string) =>
      request(app)
        .get('/')
        .set({ 'x-user-id': user, ...bearer(newToken()) });
    expect([(await get(userId)).status, (await get('ben')).status]).toEqual([200, 200]);
    expect(seen).toEqual(['accepted', 'mismatch']);
  });
});

describe('the samples of docs/metrics.md', () => {
  const page = 'docs/metrics.md';

  it('record what is decided', async () => {
    const sample = sampleOf(page, 'PrometheusExporter', pools)
      .replace('{ host', '{ preventServerStart: true, host')
      .replace('instrumentCutover();', 'const recording = instrumentCutover();');
    type Declared = { exporter: PrometheusExporter; recording: { close(): void } };
    const { exporter, recording } = await run<Declared>(sample, 'exporter', 'recording');
    onTestFinished(() => {
      recording.close();
      metrics.disable();
    });
    const app = await appOf('the legacy sub, for a token of either pool');
    await request(app).get('/orders').set(bearer(legacyToken()));
    const { resourceMetrics } = await exporter.collect();
    const text = new PrometheusSerializer().serialize(resourceMetrics);
    expect(text).toMatch(
      /^cognito_cutover_token_decisions_total\{cognito_cutover_outcome="accepted",cognito_cutover_pool="legacy",/m,
    );
  });

  it('hear of refusals', async () => {
    const seen: unknown[] = [];
    vi.spyOn(console, 'log').mockImplementation((...line) => void seen.push(line));
    onTestFinished(() => void vi.mocked(console.log).mockRestore());
    const kept = `import { subscribe as begin, unsubscribe } from 'node:diagnostics_channel';
      const ends = [];
      const subscribe = (...args) => ends.push(() => unsubscribe(...args)) && begin(...args);`;
    const sample = sampleOf(page, "subscribe('cognito-cutover:decision'", pools);
    const { ends } = await run<{ ends: (() => void)[] }>(sample.replace(/^import \{ subscribe.*$/m, kept), 'ends');
    onTestFinished(() => {
      for (const end of ends) end();
    });
    const app = await appOf('the legacy sub, for a token of either pool');
    await request(app)
      .get('/orders')
      .set(bearer(legacyToken({ scope: 'other' })));
    expect(seen).toEqual([['refused ERR_INSUFFICIENT_SCOPE', 'legacy', pools.legacyPool.clientId]]);
  });
});
