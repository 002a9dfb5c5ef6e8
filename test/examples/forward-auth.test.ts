import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { runProgram } from '../../src/cli/program.js';
import { systemClock } from '../../src/clock.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { Screenful } from '../cli/support.js';
import { HAS } from '../support/tools.js';
import {
  ask,
  exampleText,
  freePort,
  listening,
  type RunningProxy,
  startCaddy,
  startNginx,
  type Upstream,
  upstream,
} from './forward-auth-proxies.js';

const NAMES = ['User-Id', 'Pool', 'Sub', 'Client-Id', 'Scopes', 'Groups', 'Kind'].map((name) => `X-Auth-${name}`);
const bearer = (token: string) => ['Authorization', `Bearer ${token}`];

/** The command as the example has it, for pools that a test can sign for. */
async function startForwardAuth(pools: TestPools, folder: string, port: number, more: object = {}) {
  const example = JSON.parse(exampleText('forward-auth.json'));
  const config = join(folder, 'forward-auth.json');
  const [legacyPool, newPool] = [pools.legacyPool.options, pools.newPool.options];
  writeFileSync(config, JSON.stringify({ ...example, legacyPool, newPool, ...more }));
  const stop = new AbortController();
  const [stdout, stderr] = [new Screenful(), new Screenful()];
  const ending = runProgram(['forward-auth', '--config', config, '--port', `${port}`, '--grace', '0'], {
    ...{ stdout, stderr, clock: systemClock, env: { NO_COLOR: '1' }, signal: stop.signal },
    stdin: new PassThrough(),
  });
  await vi.waitFor(() => expect(stdout.text + stderr.text).toContain('Decisions: '), { interval: 5, timeout: 10_000 });
  return async () => {
    stop.abort();
    await ending;
  };
}

const PROXIES = [
  ['nginx', HAS.nginx, startNginx],
  ['Caddy', HAS.caddy, startCaddy],
] as const;

describe.each(PROXIES.filter(([, has]) => has))('%s in front of the application', (name, _, start) => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-'));
  let pools: TestPools;
  let app: Upstream;
  let proxy: RunningProxy;
  let authPort: number;
  let stopAuth: () => Promise<void>;

  beforeAll(async () => {
    [pools, app, authPort] = await Promise.all([createTestPools(), upstream(), freePort()]);
    stopAuth = await startForwardAuth(pools, folder, authPort);
    proxy = await start(folder, { auth: authPort, app: app.port });
  });
  afterAll(async () => {
    await proxy?.stop();
    await stopAuth?.();
    app.server.close();
    app.server.closeAllConnections();
    await pools.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    app.received.length = 0;
  });

  /** What the application got of one request, by header; `undefined` where it was not asked. */
  const received = () => {
    expect(app.received.length).toBeLessThanOrEqual(1);
    const [one] = app.received;
    if (one === undefined) return undefined;
    const identity: Record<string, string> = {};
    for (let at = 0; at < one.rawHeaders.length; at += 2) {
      const header = one.rawHeaders[at] ?? '';
      // However it is written: the application may not tell them apart.
      const folded = header.toLowerCase().replaceAll(/[^a-z]/g, '-');
      if (!folded.startsWith('x-auth-')) continue;
      expect(identity[folded], header).toBeUndefined();
      identity[folded] = one.rawHeaders[at + 1] ?? '';
    }
    return Object.fromEntries(Object.entries(identity).filter(([, value]) => value !== ''));
  };

  it.each(['legacy', 'new'] as const)('tells the application who a token of the %s pool belongs to', async (side) => {
    const anna = pools.person();
    const claims = { scope: 'orders/read orders/write', 'cognito:groups': ['staff', 'größe'] };
    const answer = await ask(proxy.port, bearer(anna[side].accessToken(claims)));
    expect(answer).toMatchObject({ status: 200, body: 'the application' });
    expect(received()).toMatchObject({
      'x-auth-user-id': anna.userId,
      'x-auth-pool': side,
      'x-auth-kind': 'user',
      'x-auth-client-id': pools[`${side}Pool`].clientId,
      'x-auth-scopes': 'orders/read orders/write',
      'x-auth-groups': 'staff gr%C3%B6%C3%9Fe',
    });
  });

  const forged = [
    ['as it is written', NAMES.flatMap((one) => [one, 'forged'])],
    ['in lower case', NAMES.flatMap((one) => [one.toLowerCase(), 'forged'])],
    ['in capitals', NAMES.flatMap((one) => [one.toUpperCase(), 'forged'])],
    ['with _', NAMES.flatMap((one) => [one.replaceAll('-', '_'), 'forged'])],
    ['with _ in lower case', NAMES.flatMap((one) => [one.replaceAll('-', '_').toLowerCase(), 'forged'])],
    ['with - and _', NAMES.flatMap((one) => [one.replace('-', '_'), 'forged'])],
    ['twice', [...NAMES, ...NAMES].flatMap((one) => [one, 'forged'])],
  ] as const;

  it.each(forged)('never passes on the identity that a client claims: headers %s', async (_how, headers) => {
    const anna = pools.person();
    expect(await ask(proxy.port, [...headers, ...bearer(anna.new.accessToken())])).toMatchObject({ status: 200 });
    const seen = received();
    expect(seen).toMatchObject({ 'x-auth-user-id': anna.userId, 'x-auth-pool': 'new', 'x-auth-kind': 'user' });
    expect(JSON.stringify(seen)).not.toContain('forged');
    app.received.length = 0;
    expect(await ask(proxy.port, headers)).toMatchObject({ status: 401 });
    expect(received()).toBeUndefined();
  });

  it('does not let a client take the identity away by naming its headers in Connection', async () => {
    const anna = pools.person();
    for (const named of ['X-Auth-User-Id', 'close, x-auth-groups']) {
      app.received.length = 0;
      const { status } = await ask(proxy.port, ['Connection', named, ...bearer(anna.new.accessToken())]);
      if (status !== 400) expect(received()).toMatchObject({ 'x-auth-user-id': anna.userId, 'x-auth-kind': 'user' });
    }
  });

  it('passes refusals on, with their headers, and never asks the application', async () => {
    const unmapped = pools.newPool.accessToken({ sub: 'nobody' });
    expect(await ask(proxy.port)).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="api"' } });
    expect(await ask(proxy.port, bearer('a.b.c'))).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.stringContaining('error="invalid_token"') },
    });
    expect(await ask(proxy.port, bearer(unmapped))).toMatchObject({ status: 403 });
    const twice = await ask(proxy.port, bearer(pools.newPool.accessToken()), { path: '/orders?access_token=x' });
    expect(twice).toMatchObject({
      status: 400,
      headers: { 'www-authenticate': expect.stringContaining('error="invalid_request"') },
    });
    expect(app.received).toEqual([]);
  });

  it('refuses several Authorization headers', async () => {
    const anna = pools.person();
    const several = [...bearer(anna.new.accessToken()), ...bearer(anna.legacy.accessToken())];
    expect(await ask(proxy.port, several)).toMatchObject({ status: 400 });
    expect(app.received).toEqual([]);
  });

  it('gives the body to the application alone', async () => {
    const body = 'x'.repeat(20_000);
    const anna = pools.person();
    for (let time = 0; time < 3; time += 1) {
      app.received.length = 0;
      const answer = await ask(proxy.port, bearer(anna.new.accessToken()), { method: 'POST', body });
      expect(answer).toMatchObject({ status: 200 });
      expect(app.received).toMatchObject([{ method: 'POST', body }]);
    }
    expect(await ask(proxy.port, [], { method: 'POST', body })).toMatchObject({ status: 401 });
  });

  it('lets no path of a client take the place of a decision', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/_auth', '/auth', '//', '/auth/../healthz']) {
      const { status } = await ask(
        proxy.port,
        NAMES.flatMap((one) => [one, 'forged']),
        { path },
      );
      expect([401, 404], path).toContain(status);
    }
    expect(app.received).toEqual([]);
  });

  it('passes long groups on', async () => {
    const groups = Array.from({ length: 60 }, (_, index) => `group-${index}-${'x'.repeat(80)}`);
    const token = pools.newPool.accessToken({ legacy_sub: pools.person().userId, 'cognito:groups': groups });
    expect(await ask(proxy.port, bearer(token))).toMatchObject({ status: 200 });
    expect(received()?.['x-auth-groups']).toBe(groups.join(' '));
  });

  it('says when legacy tokens end', async () => {
    const legacyTokenHeaders = { sunset: '2027-03-01', link: 'https://example.com/move' };
    await stopAuth();
    stopAuth = await startForwardAuth(pools, folder, authPort, { legacyTokenHeaders });
    const { headers } = await ask(proxy.port, bearer(pools.person().legacy.accessToken()));
    // Caddy copies to the application only.
    if (name === 'nginx')
      expect(headers).toMatchObject({
        sunset: 'Mon, 01 Mar 2027 00:00:00 GMT',
        link: expect.stringContaining('example'),
      });
  });

  it('lets anonymous requests through without any identity, where that is wanted', async () => {
    await stopAuth();
    stopAuth = await startForwardAuth(pools, folder, authPort, { credentialsRequired: false });
    for (const [how, headers] of forged) {
      app.received.length = 0;
      expect(await ask(proxy.port, headers)).toMatchObject({ status: 200 });
      expect(received(), how).toEqual({});
    }
    expect(await ask(proxy.port, bearer('a.b.c'))).toMatchObject({ status: 401 });
  });

  it('passes 503 on with Retry-After while the keys are unavailable', async () => {
    const gone = { ...pools.newPool.options, jwksUri: `http://127.0.0.1:${await freePort()}/` };
    await stopAuth();
    stopAuth = await startForwardAuth(pools, folder, authPort, { newPool: gone });
    const token = pools.person().new.accessToken();
    const answer = await ask(proxy.port, bearer(token));
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) } });
    expect(app.received).toEqual([]);
  });

  it('lets nobody through without a decision: forward-auth down, odd, or closing in the middle', async () => {
    await stopAuth();
    stopAuth = async () => {};
    const token = bearer(pools.person().new.accessToken());
    expect(await ask(proxy.port, token)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    for (const answer of [
      (_: unknown, res: ServerResponse) => res.writeHead(302, { Location: '/' }).end(),
      (_: unknown, res: ServerResponse) => res.writeHead(500).end(),
      (_: unknown, res: ServerResponse) => res.writeHead(404).end(),
      (req: IncomingMessage) => req.socket.destroy(),
    ]) {
      const odd = await upstream(answer as never);
      odd.server.close();
      odd.server.closeAllConnections();
      await listening(odd.server, authPort);
      const { status } = await ask(proxy.port, token);
      expect(status).toBeGreaterThanOrEqual(300);
      odd.server.close();
      odd.server.closeAllConnections();
    }
    expect(app.received).toEqual([]);
  });
});

describe.skipIf(!HAS.nginx)('the connection between nginx and forward-auth', () => {
  it('is kept, and carries neither bodies nor what forward-auth does not need', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutover-'));
    const [app, auth] = await Promise.all([
      upstream(),
      upstream((_req, res) => void res.writeHead(200, { 'Content-Length': 0 }).end()),
    ]);
    const proxy = await startNginx(folder, { auth: auth.port, app: app.port });
    const headers = ['Cookie', 'secret', 'Authorization', 'Bearer x', 'X-Original-URI', '/forged'];
    for (let time = 0; time < 4; time += 1) await ask(proxy.port, headers, { method: 'POST', body: 'body' });
    await proxy.stop();
    for (const { server } of [app, auth]) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(folder, { recursive: true, force: true });
    expect(new Set(auth.received.map(({ socket }) => socket)).size).toBe(1);
    for (const { url, body, headers: got } of auth.received) {
      expect({ url, body }).toEqual({ url: '/auth', body: '' });
      expect(got).toEqual({ host: 'forward_auth', authorization: 'Bearer x', 'x-original-uri': '/orders' });
    }
  });
});

describe.skipIf(!HAS.nginx)('the preflights of docs/forward-auth.md', () => {
  it('pass as nobody, and nothing else passes with them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutover-'));
    const [app, auth] = await Promise.all([upstream(), upstream((_req, res) => void res.writeHead(401).end())]);
    const docs = readFileSync(new URL('../../docs/forward-auth.md', import.meta.url), 'utf8');
    const [, before = '', after = ''] = /^location \/ \{\n(.+?) *# …[^\n]*\n\}\n(.+?)```/ms.exec(docs) ?? [];
    const example = exampleText('nginx.conf')
      .replace(/location \/ \{/, `$&\n${before}`)
      .replace(/location @undecided/, `${after}$&`);
    const proxy = await startNginx(folder, { auth: auth.port, app: app.port }, example);
    const forged = NAMES.flatMap((one) => [one, 'forged']);
    const preflight = await ask(proxy.port, [...forged, 'Origin', 'https://shop'], { method: 'OPTIONS' });
    const refused = [await ask(proxy.port, forged), await ask(proxy.port, forged, { path: '/@preflight' })];
    await proxy.stop();
    for (const { server } of [app, auth]) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(folder, { recursive: true, force: true });
    expect([preflight.status, ...refused.map(({ status }) => status)]).toEqual([200, 401, 401]);
    expect(app.received).toMatchObject([{ method: 'OPTIONS', url: '/orders', headers: { origin: 'https://shop' } }]);
    expect(JSON.stringify(app.received[0]?.rawHeaders)).not.toMatch(/forged|x-auth/i);
  });
});

describe('the examples that are not run here', () => {
  it('a later Caddy keeps what the client sent where forward-auth has no value, so it is removed first', () => {
    const directives = exampleText('Caddyfile').match(/^\t\t(?:request_header|forward_auth|reverse_proxy) \S+/gm);
    expect(directives?.map((one) => one.trim())).toEqual([
      'request_header -X-Auth-*',
      'request_header -*_*',
      'forward_auth 127.0.0.1:9000',
      'reverse_proxy 127.0.0.1:3000',
    ]);
    expect(exampleText('Caddyfile')).toMatch(/^\troute \{$/m);
  });

  it('Traefik drops what clients send, in every spelling with - and _, before it asks', () => {
    const { http } = parse(exampleText('traefik.yaml'));
    expect(http.routers.app.middlewares).toEqual(['drop-client-identity', 'forward-auth']);
    const dropped = http.middlewares['drop-client-identity'].headers.customRequestHeaders;
    const spelled = (parts: readonly string[]): string[] =>
      parts.length < 2
        ? [...parts]
        : spelled(parts.slice(1)).flatMap((end) => ['-', '_'].map((by) => parts[0] + by + end));
    const spellings = NAMES.flatMap((name) => spelled(name.split('-')));
    expect(dropped).toEqual(Object.fromEntries(spellings.map((name) => [name, ''])));
    const { forwardAuth } = http.middlewares['forward-auth'];
    expect(forwardAuth).toMatchObject({ trustForwardHeader: false, authResponseHeaders: NAMES });
    expect(new URL(forwardAuth.address).pathname).toBe('/auth');
  });

  it('Envoy drops what clients send before it asks, with a prefix, and lets nobody through without a decision', () => {
    const { static_resources } = parse(exampleText('envoy.yaml'));
    const manager = static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
    const [mutation, authz, router] = manager.http_filters;
    expect([mutation, authz, router].map(({ name }: { name: string }) => name)).toEqual([
      'envoy.filters.http.header_mutation',
      'envoy.filters.http.ext_authz',
      'envoy.filters.http.router',
    ]);
    const names = NAMES.map((name) => name.toLowerCase());
    const removed = mutation.typed_config.mutations.request_mutations.map(({ remove }: { remove: string }) => remove);
    expect(removed).toEqual(names);
    const { http_service, failure_mode_allow } = authz.typed_config;
    expect({ failure_mode_allow, prefix: http_service.path_prefix }).toEqual({
      failure_mode_allow: false,
      prefix: '/auth',
    });
    const { patterns } = http_service.authorization_response.allowed_upstream_headers;
    expect(patterns).toEqual(names.map((exact) => ({ exact })));
    expect(manager.common_http_protocol_options.headers_with_underscores_action).toBe('DROP_HEADER');
  });
});
