import { describe, expect, it, vi } from 'vitest';
import { authOf } from '../../../middleware/core/auth-of.js';
import * as fastify from '../../../middleware/fastify.js';
import {
  admin,
  anna,
  atOnce,
  enforcing,
  fastifyExchange,
  later,
  observing,
  pass,
  passHook,
  verifierOf,
} from '../support.js';

/** In every framework: test/middleware/hosts.test.ts. */
describe('getAuth behind observing middlewares', () => {
  const good = () => ({ headers: { authorization: 'Bearer good' } });

  it('answers the first identity that one of them found at once', () => {
    const req = good();
    pass(observing({ credentialsRequired: false, getToken: () => undefined }), req);
    pass(observing({ verifier: verifierOf(later) }), req);
    pass(observing({ verifier: verifierOf(atOnce, admin) }), req);
    pass(observing(), req);
    expect(authOf(req)).toBe(admin);
  });

  it('says that none of them did', () => {
    const req = good();
    pass(observing({ credentialsRequired: false, getToken: () => undefined }), req);
    pass(observing({ verifier: verifierOf(later) }), req);
    expect(() => authOf(req)).toThrow('only observes, and found no identity at once');
  });
});

describe('getAuth of a request without a user', () => {
  it('throws the fault that ended the decision as it is, and no refusal', () => {
    const fault = new TypeError('a bug of the application');
    const getToken = () => {
      throw fault;
    };
    const req = { headers: {} };
    expect(pass(enforcing({ getToken }), req)).toBe(fault);
    expect(() => authOf(req)).toThrow(fault);
  });

  it('reports it with the request of the framework, and not with its key', () => {
    const onDecision = vi.fn();
    const options = { verifier: verifierOf(atOnce, anna), getToken: () => '', credentialsRequired: false, onDecision };
    const exchange = fastifyExchange();
    passHook(fastify.cutoverAuth(options), exchange);
    expect(() => fastify.getAuth(exchange.request)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MISSING' }));
    const { request } = exchange;
    expect(onDecision.mock.calls.map(([{ outcome }, req]) => [outcome, req === request])).toEqual([
      ['anonymous', true],
      ['refused', true],
    ]);
  });
});
