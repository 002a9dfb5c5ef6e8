import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import express4 from 'express4';
import request from 'supertest';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { type CutoverAuthOptions, type CutoverDecision, cutoverAuth } from '../../middleware/express.js';
import type { CutoverHook } from '../../middleware/fastify.js';
import { CutoverError } from '../../src/errors.js';
import type { CutoverIdentity } from '../../src/verify/types.js';

export const frameworks = [
  ['Express 5', express],
  ['Express 4', express4],
] as const;

export const anna: CutoverIdentity = Object.freeze({
  userId: 'anna',
  userIdSource: 'claim',
  pool: 'legacy',
  userPoolId: 'eu-west-1_Legacy',
  kind: 'user',
  sub: 'anna-sub',
  clientId: 'client',
  tokenUse: 'access',
  groups: Object.freeze(['staff']),
  scopes: Object.freeze(['orders/read']),
  issuedAt: 1,
  expiresAt: 2,
  claims: Object.freeze({}),
});
export const admin: CutoverIdentity = Object.freeze({
  ...anna,
  userId: 'admin',
  groups: ['staff', 'admins'],
  scopes: ['orders/read', 'orders/write'],
});

export const machine: CutoverIdentity = Object.freeze({ ...anna, userId: 'client', kind: 'machine', groups: [] });

/** A verifier that knows one token, `good`; how it answers is up to the test. */
export function verifierOf(answer: (identity: CutoverIdentity) => unknown, identity = anna) {
  const verify = (token: string) => {
    if (token === 'good') return answer(identity);
    throw new CutoverError('ERR_SIGNATURE_INVALID', 'A sentence.', { pool: 'legacy' });
  };
  return { verify: verify as never };
}
export const atOnce = (identity: CutoverIdentity) => identity;
export const later = async (identity: CutoverIdentity) => identity;

const showAuth: RequestHandler = (req, res) => {
  res.json({ userId: req.auth?.userId ?? null });
};
export const foreign: RequestHandler = (req, _res, next) => {
  Object.assign(req, { auth: { ...admin, userId: 'somebody else' } });
  next();
};

export function app(framework: () => unknown, ...handlers: (RequestHandler | ErrorRequestHandler)[]): Express {
  const made = framework() as Express;
  made.set('env', 'production');
  made.use(...(handlers as RequestHandler[]), showAuth);
  return made;
}
export const get = (made: Express, token: string | undefined = 'good') =>
  token === '' ? request(made).get('/') : request(made).get('/').set('Authorization', `Bearer ${token}`);

export function journal() {
  const entries: string[] = [];
  const onDecision = (decision: CutoverDecision) => {
    if (decision.outcome === 'refused')
      entries.push(decision.error instanceof CutoverError ? decision.error.code : `${decision.error}`);
    else if (decision.outcome === 'mismatch') entries.push(`mismatch ${decision.identity.userId} ${decision.expected}`);
    else entries.push(decision.outcome);
  };
  return { entries, onDecision };
}

/** What a handler passes on to `next` at once: nothing, or why it refuses. */
export function pass(handler: RequestHandler, req: object, res: object = {}): unknown {
  const next = vi.fn();
  handler(req as never, res as never, next);
  expect(next).toHaveBeenCalledTimes(1);
  return next.mock.calls[0]?.[0];
}

/** A request of Fastify around one of Node, and its reply: what the hooks need of them. */
export function fastifyExchange(raw: object = {}) {
  const request = { raw, headers: { authorization: 'Bearer good' } };
  const written = { headersSent: false, setHeader: vi.fn(), removeHeader: vi.fn() };
  const reply = { raw: written, sent: false, getHeader: () => undefined, removeHeader: vi.fn() };
  return { request, reply };
}

/** What a hook of Fastify passes on to `done` at once. */
export function passHook(hook: CutoverHook, { request, reply }: ReturnType<typeof fastifyExchange>): unknown {
  const done = vi.fn();
  hook(request, reply, done);
  expect(done).toHaveBeenCalledTimes(1);
  return done.mock.calls[0]?.[0];
}

export const enforcing = (more: Partial<CutoverAuthOptions> = {}) =>
  cutoverAuth({ verifier: verifierOf(atOnce), ...more } as CutoverAuthOptions);
export const observing = (more: Partial<CutoverAuthOptions> = {}) => enforcing({ mode: 'observe', ...more } as never);

/** Keeps the errors that Express logs out of the output, and fails a test that leaves a fault in the process. */
export function watchProcess(): void {
  const fatal = vi.fn();
  const kinds = ['unhandledRejection', 'uncaughtException'];
  beforeAll(() => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    for (const kind of kinds) process.on(kind, fatal);
  });
  afterEach(async () => {
    await new Promise(setImmediate);
    const reasons = fatal.mock.calls.map(([reason]) => reason);
    // The next test is not to blame.
    fatal.mockClear();
    expect(reasons).toEqual([]);
  });
  afterAll(() => {
    vi.mocked(console.error).mockRestore();
    for (const kind of kinds) process.off(kind, fatal);
  });
}
