import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { createForwardAuth } from '../../middleware/forward-auth.js';
import { CutoverError } from '../../src/errors.js';
import { anna, atOnce, enforcing, later, pass, verifierOf } from './support.js';

/** Over sockets: forward-auth.test.ts. */
const asked = () => ({ headers: { authorization: 'Bearer good' }, url: '/auth' }) as IncomingMessage;

/** A response, and what is done with it. */
function response(more: object = {}) {
  const res = {
    ...{ headersSent: false, writableEnded: false, setHeader: () => {}, destroy: vi.fn(), end: vi.fn() },
    writeHead: vi.fn(() => res),
    ...more,
  };
  return res;
}

async function answered(verify: () => unknown, res = response(), req = asked()) {
  await createForwardAuth({ verifier: { verify: verify as never } })(req, res as unknown as ServerResponse);
  return res;
}
const refuse = (code: 'ERR_TOKEN_EXPIRED' | 'ERR_KEYS_UNAVAILABLE') => () => {
  throw new CutoverError(code, 'A sentence.');
};

describe('the answer', () => {
  it('to a refusal is JSON, with the message only where clients may read it', async () => {
    const about = (length: number) => ({
      ...{ 'Cache-Control': 'no-store', 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': length },
    });
    const expired = await answered(refuse('ERR_TOKEN_EXPIRED'));
    const body = '{"code":"ERR_TOKEN_EXPIRED","message":"A sentence."}';
    expect(expired.end.mock.calls).toEqual([[body]]);
    expect(expired.writeHead.mock.calls).toEqual([[401, expect.objectContaining(about(body.length))]]);
    const outage = await answered(refuse('ERR_KEYS_UNAVAILABLE'));
    expect(outage.end.mock.calls).toEqual([['{"code":"ERR_KEYS_UNAVAILABLE"}']]);
  });

  it.each([200, 204, 404])('to a fault is 500, also where the fault says that it is %d', async (status) => {
    const fault = Object.assign(new Error('of a library'), { status, headers: {}, code: 'E', expose: true });
    const res = await answered(() => Promise.reject(fault));
    expect(res.writeHead.mock.calls).toEqual([[500, { 'Cache-Control': 'no-store' }]]);
    expect(res.end.mock.calls).toEqual([[]]);
  });

  it('is none where a time limit of the server has answered', async () => {
    const res = response({ writableEnded: true });
    await answered(() => later(anna), res);
    for (const call of [res.writeHead, res.end, res.destroy]) expect(call).not.toHaveBeenCalled();
  });

  it('is 500 where it could not be written', async () => {
    const res = response();
    res.writeHead.mockImplementationOnce(() => {
      throw new TypeError('an invalid header');
    });
    await answered(() => anna, res);
    expect(res.writeHead.mock.lastCall).toEqual([500, { 'Cache-Control': 'no-store' }]);
    expect(res.end.mock.calls).toEqual([[]]);
    expect(res.destroy).not.toHaveBeenCalled();
  });

  it('breaks off where it could be written only in part', async () => {
    const res = response({ end: vi.fn().mockThrow(new TypeError('a fault')) });
    res.writeHead.mockImplementation(() => Object.assign(res, { headersSent: true }));
    await answered(() => anna, res);
    expect(res.writeHead).toHaveBeenCalledTimes(1);
    expect(res.destroy).toHaveBeenCalledTimes(1);
  });
});

it('a middleware that refuses the request after it takes its identity back', async () => {
  const req = asked();
  await answered(() => atOnce(anna), response(), req);
  expect(req).toHaveProperty('auth', anna);
  pass(enforcing({ getToken: () => 'bad', verifier: verifierOf(atOnce) } as never), req);
  expect(req).not.toHaveProperty('auth');
});
