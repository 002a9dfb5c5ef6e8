import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { cutoverAuth } from '../../middleware/express.js';
import { createForwardAuth, type ForwardAuth, type ForwardAuthOptions } from '../../middleware/forward-auth.js';
import { CutoverError, type CutoverErrorCode } from '../../src/errors.js';
import type { CutoverIdentity } from '../../src/verify/types.js';
import { amount } from '../support/amount.js';
import { anna, atOnce, journal, later, machine, verifierOf, watchProcess } from './support.js';

watchProcess();

const NAMES = ['user-id', 'pool', 'sub', 'client-id', 'scopes', 'groups', 'kind'].map((name) => `x-auth-${name}`);

/** One server for all, whose listener a test sets. */
let listener: ForwardAuth = () => {};
const server = createServer((req, res) => void listener(req, res));
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The headers of the identity, all that there are. */
  readonly identity: Readonly<Record<string, unknown>>;
}

function ask(headers: Record<string, string | string[]> = {}, path = '/auth', method = 'GET', at = port) {
  return new Promise<Answer>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: at, path, method, headers, agent: false }, async (res) => {
      let body = '';
      for await (const chunk of res.setEncoding('utf8')) body += chunk;
      const identity = Object.fromEntries(Object.entries(res.headers).filter(([name]) => name.startsWith('x-auth-')));
      resolve({ status: res.statusCode, headers: res.headers, body, identity });
    });
    sent.on('error', reject);
    sent.end();
  });
}

const serving = (identity: CutoverIdentity | object = anna, more: object = {}, answer = atOnce) => {
  listener = createForwardAuth({
    verifier: verifierOf(answer, identity as CutoverIdentity),
    ...more,
  } as ForwardAuthOptions);
};
const good = { authorization: 'Bearer good' };
const nobody = Object.fromEntries(NAMES.map((name) => [name, '']));

describe('an accepted token', () => {
  it.each([
    ['at once', atOnce],
    ['later', later],
  ])('is answered %s with all headers, and without a body', async (_, answer) => {
    serving({ ...anna, groups: ['staff', 'admins'], scopes: ['a/read', 'b/write'] }, {}, answer as typeof atOnce);
    const { status, headers, body, identity } = await ask(good);
    expect({ status, body, length: headers['content-length'] }).toEqual({ status: 200, body: '', length: '0' });
    expect(headers['cache-control']).toBe('no-store');
    expect(identity).toEqual({
      'x-auth-user-id': 'anna',
      'x-auth-pool': 'legacy',
      'x-auth-sub': 'anna-sub',
      'x-auth-client-id': 'client',
      'x-auth-scopes': 'a/read b/write',
      'x-auth-groups': 'staff admins',
      'x-auth-kind': 'user',
    });
  });

  it('of a machine has the app client as its user id', async () => {
    serving(machine);
    expect((await ask(good)).identity).toMatchObject({
      'x-auth-user-id': 'client',
      'x-auth-kind': 'machine',
      'x-auth-groups': '',
    });
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])(
    'is accepted with %s',
    async (method) => {
      serving();
      expect((await ask(good, '/auth/orders?x=1', method)).status).toBe(200);
      expect((await ask({}, '/auth', method)).status).toBe(401);
    },
  );

  it('of the legacy pool announces its end', async () => {
    serving(anna, { legacyTokenHeaders: { deprecation: new Date(0), link: 'https://example.com/' } });
    expect((await ask(good)).headers).toMatchObject({
      deprecation: '@0',
      link: expect.stringContaining('example.com'),
    });
    serving({ ...anna, pool: 'new' }, { legacyTokenHeaders: { deprecation: new Date(0) } });
    expect((await ask(good)).headers).not.toHaveProperty('deprecation');
  });
});

describe('where there is nobody', () => {
  it('all headers are set, and empty, so that a proxy replaces what the client sent', async () => {
    serving(anna, { credentialsRequired: false });
    expect(await ask()).toMatchObject({ status: 200, identity: nobody });
    expect((await ask({ 'x-auth-user-id': 'forged' })).identity).toEqual(nobody);
  });

  it('in observe mode nobody is refused, and nobody is named', async () => {
    const { entries, onDecision } = journal();
    serving(anna, { mode: 'observe', onDecision });
    for (const headers of [good, {}, { authorization: 'Bearer bad' }]) {
      expect(await ask(headers)).toMatchObject({ status: 200, identity: nobody });
    }
    expect(entries).toEqual(['accepted', 'ERR_TOKEN_MISSING', 'ERR_SIGNATURE_INVALID']);
  });
});

describe('a refusal', () => {
  const codes: readonly CutoverErrorCode[] = [
    'ERR_TOKEN_EXPIRED',
    'ERR_LEGACY_POOL_CLOSED',
    'ERR_LEGACY_ID_MISSING',
    'ERR_CREDENTIALS_AMBIGUOUS',
    'ERR_KEYS_UNAVAILABLE',
    'ERR_REVOCATION_UNAVAILABLE',
  ];

  it('is that of the middleware: the same status, the same headers', async () => {
    let code: CutoverErrorCode = 'ERR_TOKEN_EXPIRED';
    const verifier = {
      verify: () => Promise.reject(new CutoverError(code, 'A sentence.', { pool: 'new', retryAfterSeconds: 7 })),
    };
    const app = express();
    app.use(cutoverAuth({ verifier, realm: 'orders' }));
    app.use(
      ((error, _req, res, _next) => void res.status(error.status).set(error.headers).end()) as ErrorRequestHandler,
    );
    const other = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    onTestFinished(() => void other.close());
    const otherPort = (other.address() as AddressInfo).port;
    listener = createForwardAuth({ verifier, realm: 'orders' });
    for (code of codes) {
      const ours = await ask(good);
      const theirs = await ask(good, '/', 'GET', otherPort);
      expect(ours.status, code).toBe(theirs.status);
      for (const name of ['www-authenticate', 'retry-after'])
        expect(ours.headers[name], code).toBe(theirs.headers[name]);
      expect(ours.identity).toEqual({});
      expect(JSON.parse(ours.body).code).toBe(code);
      expect(ours.headers['cache-control']).toBe('no-store');
    }
    expect((await ask()).headers['www-authenticate']).toBe(
      (await ask({}, '/', 'GET', otherPort)).headers['www-authenticate'],
    );
  });

  it('tells the client nothing of an outage but its code', async () => {
    listener = createForwardAuth({
      verifier: { verify: () => Promise.reject(new CutoverError('ERR_KEYS_UNAVAILABLE', 'at https://internal')) },
    });
    expect(await ask(good)).toMatchObject({ status: 503, body: '{"code":"ERR_KEYS_UNAVAILABLE"}' });
  });

  it.each([
    [
      'throws something else',
      () => {
        throw new TypeError('a fault with a secret');
      },
    ],
    ['rejects with something else', () => Promise.reject(new TypeError('a fault with a secret'))],
    ['answers no identity', () => ({ userId: 'anna' })],
    ['answers nothing', () => undefined],
  ])('is a 500 without a word where the verifier %s', async (_, verify) => {
    listener = createForwardAuth({ verifier: { verify: verify as never } });
    expect(await ask(good)).toMatchObject({ status: 500, body: '', identity: {} });
  });
});

describe('a second credential', () => {
  it.each([
    ['the path of Envoy', {}, '/auth/orders?access_token=x'],
    ['X-Original-URI', { 'X-Original-URI': '/orders?a=1&access_token=x' }, '/auth'],
    ['X-Original-URL', { 'X-Original-URL': 'https://example.com/orders?access_token=x' }, '/auth'],
    ['X-Forwarded-Uri', { 'X-Forwarded-Uri': '/orders?access_token=x' }, '/auth'],
    ['one of several', { 'X-Original-URI': ['/', '/orders?access_token=x'] }, '/auth'],
    ['another Authorization header', { authorization: ['Bearer good', 'Bearer good'] }, '/auth'],
  ])('in %s makes the request ambiguous', async (_, headers: Record<string, string | string[]>, path) => {
    serving();
    expect(await ask({ ...good, ...headers }, path)).toMatchObject({
      status: 400,
      headers: { 'www-authenticate': expect.stringContaining('invalid_request') },
      identity: {},
    });
  });

  it('alone is none: what proxies tell is never a credential', async () => {
    serving();
    expect((await ask({ 'X-Original-URI': '/?access_token=good' }, '/auth?access_token=good')).status).toBe(401);
  });
});

describe('values that a header cannot carry', () => {
  const hostile = [
    'a\r\nX-Auth-Kind: machine',
    'a\nb',
    'a\0b',
    'a b',
    ' a',
    'a\t',
    'größe',
    'a\u2028',
    '\ud800',
    'a\x7f',
    '',
  ];
  const ids = hostile.flatMap(
    (value) =>
      [
        ['userId', value, 403, 'ERR_LEGACY_ID_INVALID'],
        ['sub', value, 401, 'ERR_CLAIM_INVALID'],
        ['clientId', value, 401, 'ERR_CLAIM_INVALID'],
      ] as const,
  );

  it.each(ids.filter(([field, value]) => field !== 'userId' || value !== ''))(
    '%s %j is refused, not altered',
    async (field, value, status, code) => {
      const { entries, onDecision } = journal();
      serving({ ...anna, [field]: value }, { onDecision });
      for (let time = 0; time < 2; time += 1) {
        const answer = await ask(good);
        expect(answer).toMatchObject({ status, identity: {} });
        expect(JSON.parse(answer.body).code).toBe(code);
      }
      expect(entries).toEqual(['accepted', code, 'accepted', code]);
    },
  );

  it.each(['scopes', 'groups'])('of %s are percent-encoded, and never two are the same', async (field) => {
    const names = ['a b', 'a%20b', 'größe', 'a\r\nb', 'a,b', '', '日本'];
    serving({ ...anna, [field]: names });
    expect((await ask(good)).identity[`x-auth-${field}`]).toBe(
      'a%20b a%2520b gr%C3%B6%C3%9Fe a%0D%0Ab a,b %E6%97%A5%E6%9C%AC',
    );
    serving({ ...anna, [field]: ['\ud800'] });
    expect((await ask(good)).status).toBe(401);
  });

  it('can be read back, whatever a group is called', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 5 }), async (groups) => {
        serving({ ...anna, groups });
        const { status, identity } = await ask(good);
        expect(status).toBe(200);
        const read = `${identity['x-auth-groups']}`.split(' ').filter((one) => one !== '');
        expect(read.map(decodeURIComponent)).toEqual(groups);
      }),
      { numRuns: amount(20, 500) },
    );
  });
});

describe('the connection', () => {
  it('that a proxy gave up is not answered', async () => {
    let decided = () => {};
    const pending = new Promise<CutoverIdentity>((resolve) => {
      decided = () => resolve(anna);
    });
    listener = createForwardAuth({ verifier: { verify: () => pending } });
    const sent = request({ host: '127.0.0.1', port, headers: good, agent: false });
    const closed = new Promise<void>((resolve) => server.once('request', (_req, res) => res.once('close', resolve)));
    sent.on('error', () => {});
    sent.end();
    await new Promise((resolve) => server.once('request', resolve));
    sent.destroy();
    await closed;
    decided();
    serving();
    expect((await ask(good)).status).toBe(200);
  });
});
