import type { IncomingMessage } from 'node:http';
import express, { type RequestHandler } from 'express';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidedAbout } from '../../../middleware/core/decided.js';
import { cutoverAuth, requireGroup } from '../../../middleware/express.js';
import * as fastify from '../../../middleware/fastify.js';
import {
  admin,
  anna,
  app,
  atOnce,
  enforcing,
  fastifyExchange,
  foreign,
  get,
  journal,
  later,
  observing,
  pass,
  passHook,
  verifierOf,
  watchProcess,
} from '../support.js';

watchProcess();

describe('any stack of handlers', () => {
  const parts = [
    'enforce',
    'enforce later',
    'enforce optional',
    'observe',
    'observe later',
    'foreign',
    'requireGroup',
  ] as const;
  type Part = (typeof parts)[number];

  const build: Record<Part, () => RequestHandler> = {
    enforce: () => cutoverAuth({ verifier: verifierOf(atOnce) }),
    'enforce later': () => cutoverAuth({ verifier: verifierOf(later) }),
    'enforce optional': () => cutoverAuth({ verifier: verifierOf(atOnce), credentialsRequired: false }),
    observe: () => cutoverAuth({ verifier: verifierOf(atOnce, admin), mode: 'observe' }),
    'observe later': () => cutoverAuth({ verifier: verifierOf(later, admin), mode: 'observe' }),
    foreign: () => foreign,
    requireGroup: () => requireGroup('admins'),
  };

  type Token = 'good' | 'bad' | '';

  /**
   * The first handler that ends the request decides its status. Anna is in no group `admins`; who observes is, and so is the
   * foreign user. `userId` is on req.auth at the end.
   */
  function expected(stack: readonly Part[], token: Token): { status: number; userId?: string | null } {
    let ran = false;
    let enforced = false;
    let userId: string | null = null;
    for (const part of stack) {
      if (part === 'requireGroup') {
        if (!ran) return { status: 500 };
        if (enforced) return { status: token === 'good' ? 403 : 401 };
      } else if (part === 'foreign') {
        userId = 'somebody else';
      } else {
        ran = true;
        if (part.startsWith('enforce')) {
          enforced = true;
          if (token === 'bad' || (token === '' && part !== 'enforce optional')) return { status: 401 };
          if (token === 'good') userId = 'anna';
        } else if (part === 'observe' && token === 'good' && !enforced) {
          userId ??= 'admin';
        }
      }
    }
    return { status: 200, userId };
  }

  it('lets through whom the enforcing ones let through, and nobody else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...parts), { maxLength: 6 }),
        fc.constantFrom('good' as const, 'bad' as const, '' as const),
        async (stack, token) => {
          const response = await get(app(express, ...stack.map((part) => build[part]())), token);
          const { status, userId } = expected(stack, token);
          expect([stack, token, response.status, response.body.userId]).toEqual([stack, token, status, userId]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a request that is handed to cutoverAuth again, as with each message of a socket', () => {
  it('needs no response', () => {
    const legacyTokenHeaders = { sunset: new Date() };
    for (const handler of [enforcing({ legacyTokenHeaders }), observing()]) {
      expect(pass(handler, { headers: { authorization: 'Bearer good' } }, {})).toBeUndefined();
    }
    const req = { headers: {} };
    for (const handler of [enforcing(), enforcing()]) expect(pass(handler, req, {})).toMatchObject({ status: 401 });
    expect(pass(requireGroup('admins'), req, {})).toMatchObject({ status: 401 });
  });

  it('forgets the user of an earlier request', () => {
    const req: { headers: object } = { headers: { authorization: 'Bearer good' } };
    const stack = [
      enforcing({ credentialsRequired: false }),
      enforcing({ credentialsRequired: false, getToken: () => undefined }),
      enforcing({ credentialsRequired: false, property: 'other' }),
    ];
    for (const handler of stack) pass(handler, req, {});
    expect(pass(requireGroup('staff'), req, {})).toBeUndefined();
    req.headers = {};
    for (const handler of stack) pass(handler, req, {});
    expect(pass(requireGroup('staff'), req, {})).toMatchObject({ status: 401 });
    expect(req).toEqual({ headers: {} });
  });

  it('keeps what was decided last, and of another property', () => {
    const req = { headers: { authorization: 'Bearer good' } } as IncomingMessage;
    pass(enforcing({ property: 'other' }), req, {});
    const handler = enforcing();
    for (let message = 0; message < 3; message += 1) pass(handler, req, {});
    const decided = decidedAbout(req as never);
    expect(decided?.earlier?.enforcing?.property).toBe('other');
    expect(decided?.earlier?.earlier).toBeUndefined();
    pass(enforcing({ getToken: () => 'bad' }), req, {});
    expect([Reflect.get(req, 'auth'), Reflect.get(req, 'other')]).toEqual([undefined, undefined]);
  });
});

describe('where several decide about one request', () => {
  const good = () => ({ headers: { authorization: 'Bearer good' } });

  it('one that enforces forgets no observation', () => {
    const { entries, onDecision } = journal();
    const req = good();
    pass(observing({ onDecision }), req);
    pass(enforcing(), req);
    pass(requireGroup('admins'), req);
    expect(entries).toEqual(['accepted', 'ERR_GROUP_REQUIRED']);
  });

  it('a refusal takes back the identities of all frameworks, which have the same property', () => {
    const exchange = fastifyExchange(good());
    const { request } = exchange;
    passHook(fastify.cutoverAuth({ verifier: verifierOf(atOnce, admin) }), exchange);
    pass(enforcing(), request.raw);
    expect([request, request.raw]).toMatchObject([{ auth: admin }, { auth: anna }]);
    pass(enforcing({ getToken: () => 'bad' }), request.raw);
    for (const one of [request, request.raw]) expect(one).not.toHaveProperty('auth');
  });

  it('headers of a refusal that are sent already hinder nobody who is accepted after it', () => {
    const res = { headersSent: false, setHeader: () => {} };
    const req = good();
    expect(pass(enforcing({ getToken: () => 'bad' }), req, res)).toMatchObject({ status: 401 });
    res.headersSent = true;
    expect(pass(enforcing(), req, res)).toBeUndefined();
  });
});
