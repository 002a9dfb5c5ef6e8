import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import express from 'express';
import express4 from 'express4';
import request from 'supertest';
import { describe, expect, it, vi } from 'vitest';
import { type ReadinessRouteOptions, readiness } from '../../middleware/express.js';
import { ConfigurationError } from '../../src/errors.js';
import type { PoolReadiness } from '../../src/index.js';

const POOL: PoolReadiness = { pool: 'new', userPoolId: 'eu-west-1_New', tokens: 'accepted', keys: 'fresh' };

const verifierWith = (state: Partial<PoolReadiness>) => ({
  hydrate: async () => {},
  status: () => [{ ...POOL, ...state }],
});

const READY = verifierWith({});
const LOST = verifierWith({ keys: 'missing' });

function get(options: ReadinessRouteOptions, make: typeof express | typeof express4 = express) {
  return request((make as typeof express)().get('/readyz', readiness(options))).get('/readyz');
}

describe.each([
  ['Express 5', express],
  ['Express 4', express4 as unknown as typeof express],
])('the route in %s', (_name, make) => {
  it('answers 200 and 503, to be kept by no cache, without details', async () => {
    const ready = await get({ verifier: READY }, make);
    expect([ready.status, ready.text]).toEqual([200, '{"ready":true}']);
    expect(ready.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
    });
    const lost = await get({ verifier: LOST }, make);
    expect([lost.status, lost.text]).toEqual([503, '{"ready":false}']);
    expect(lost.headers['cache-control']).toBe('no-store');
  });

  it('answers 503 where the verifier cannot tell its state', async () => {
    const status = () => {
      throw new Error('a fault');
    };
    const response = await get({ verifier: { ...READY, status }, showDetails: () => true }, make);
    expect([response.status, response.body]).toEqual([503, { ready: false, degraded: true, pools: [] }]);
  });
});

it('shows the state of each pool to those who may see it', async () => {
  const fetchedAt = new Date('2026-01-15T12:00:00Z');
  const options: ReadinessRouteOptions = {
    verifier: verifierWith({ fetchedAt }),
    resolver: () => undefined,
    showDetails: (req) => req.get('x-probe') === 'mine',
  };
  expect((await get(options).set('x-probe', 'mine')).body).toEqual({
    ready: true,
    degraded: false,
    pools: [{ ...POOL, fetchedAt: '2026-01-15T12:00:00.000Z' }],
    resolver: 'available',
  });
  expect((await get(options)).body).toEqual({ ready: true });
});

it.each([
  ['a promise', () => Promise.resolve(true)],
  ['a rejected promise', () => Promise.reject(new Error('no'))],
  ['another value', () => 'yes'],
  [
    'an exception',
    () => {
      throw new Error('no');
    },
  ],
])('takes %s of showDetails for no', async (_what, showDetails) => {
  expect((await get({ verifier: READY, showDetails: showDetails as never })).body).toEqual({ ready: true });
});

it("works in Node's own server, and answers HEAD without a body", async () => {
  const server = createServer(readiness({ verifier: READY }));
  expect((await request(server).get('/')).body).toEqual({ ready: true });
  const head = await request(server).head('/');
  expect([head.status, head.text]).toEqual([200, undefined]);
});

it('leaves a request alone that a time limit of the application has answered', async () => {
  const setHeader = () => {
    throw new Error('Cannot set headers after they are sent to the client');
  };
  const end = vi.fn();
  const res = { headersSent: true, setHeader, end } as unknown as ServerResponse;
  await readiness({ verifier: READY })({} as IncomingMessage, res);
  expect(end).not.toHaveBeenCalled();
});

it('has the same answer as a value', async () => {
  const { check } = readiness({ verifier: LOST });
  expect(await check()).toEqual({ ready: false, degraded: true, pools: [{ ...POOL, keys: 'missing' }] });
});

it.each([
  ['verifier', {}],
  ['showDetails', { verifier: READY, showDetails: 'loopback' }],
  ['detail', { verifier: READY, detail: true }],
])('refuses a wrong option: %s', (option, options) => {
  expect(() => readiness(options as never)).toThrow(
    expect.objectContaining({ constructor: ConfigurationError, option }),
  );
});

it('says so when it is passed without being called', () => {
  expect(() => (readiness as never as (...args: unknown[]) => void)({}, {}, () => {})).toThrow(
    "readiness: was passed without being called. Call it: app.get('/readyz', readiness({ verifier }))",
  );
});
