import type { ErrorRequestHandler, RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import { getAuth } from '../../../middleware/express.js';
import {
  admin,
  anna,
  app,
  atOnce,
  enforcing,
  foreign,
  frameworks,
  get,
  journal,
  later,
  observing,
  verifierOf,
  watchProcess,
} from '../support.js';

watchProcess();

describe.each(frameworks)('getAuth behind %s', (_, framework) => {
  /** What the handler at the end got of it. */
  async function outcomeOf(stack: readonly (RequestHandler | ErrorRequestHandler)[], token?: string) {
    const outcome: { identity?: unknown; error?: unknown } = {};
    const handler: RequestHandler = (req, res) => {
      try {
        outcome.identity = getAuth(req);
      } catch (error) {
        outcome.error = error;
      }
      res.end();
    };
    await get(app(framework, ...stack, handler), token);
    return outcome;
  }
  const answer: RequestHandler = (req, res) => void res.json(getAuth(req));
  const swallow: ErrorRequestHandler = (_error, _req, _res, next) => next();
  const optional = (more = {}) => enforcing({ credentialsRequired: false, ...more } as never);

  it.each([
    ['at once', atOnce],
    ['after a wait', later],
  ])('answers the identity that was accepted %s', async (_when, answer) => {
    const { identity } = await outcomeOf([enforcing({ verifier: verifierOf(answer) } as never)]);
    expect(identity).toBe(anna);
  });

  it('answers what was decided, whatever another middleware wrote to req.auth', async () => {
    expect((await outcomeOf([enforcing(), foreign])).identity).toBe(anna);
    expect((await outcomeOf([foreign])).error).toEqual(
      new Error('getAuth: no cutoverAuth ran before this route. Mount one in front of it: cutoverAuth({…})'),
    );
    expect((await outcomeOf([foreign, optional()], '')).error).toMatchObject({ code: 'ERR_TOKEN_MISSING' });
  });

  it('answers the last of several that enforce', async () => {
    const second = enforcing({ verifier: verifierOf(atOnce, admin) } as never);
    expect((await outcomeOf([enforcing(), second])).identity).toBe(admin);
    expect((await outcomeOf([enforcing(), optional({ getToken: () => undefined })])).identity).toBe(anna);
  });

  it('refuses an anonymous request as a guard does, and reports it', async () => {
    const { entries, onDecision } = journal();
    const made = app(framework, optional({ realm: 'orders', onDecision }), answer);
    const response = await get(made, '');
    expect([response.status, response.get('WWW-Authenticate')]).toEqual([401, 'Bearer realm="orders"']);
    expect(entries).toEqual(['anonymous', 'ERR_TOKEN_MISSING']);
  });

  it('gives its headers to the response, for error handlers that do not', async () => {
    const handler: ErrorRequestHandler = (error, _req, res, _next) => void res.status(error.status).json({});
    const made = app(framework, optional(), answer, handler);
    expect((await get(made, '')).get('WWW-Authenticate')).toBe('Bearer realm="api"');
  });

  it('refuses who was refused, even where the application swallows the error', async () => {
    const { error } = await outcomeOf([enforcing(), enforcing({ getToken: () => 'bad' } as never), swallow]);
    expect(error).toMatchObject({ code: 'ERR_SIGNATURE_INVALID', status: 401 });
  });

  it('answers in observe mode who was found at once, and says so where nobody was', async () => {
    const nobody = /^getAuth: the cutoverAuth in front of this route only observes, and found no identity at once\./;
    const seen = (answer: typeof later | typeof atOnce, identity = anna) =>
      observing({ verifier: verifierOf(answer, identity) } as never);
    expect((await outcomeOf([seen(atOnce)])).identity).toBe(anna);
    expect((await outcomeOf([foreign, seen(atOnce)])).identity).toBe(anna);
    expect((await outcomeOf([seen(later), seen(atOnce, admin)])).identity).toBe(admin);
    for (const [stack, token] of [
      [[seen(later)], 'good'],
      [[seen(atOnce)], 'bad'],
      [[seen(atOnce)], ''],
    ] as const) {
      const { error } = await outcomeOf(stack, token);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ message: expect.stringMatching(nobody) });
      expect(error).not.toHaveProperty('status');
    }
  });

  it('is loosened by no observing one', async () => {
    expect((await outcomeOf([optional(), observing()], 'good')).identity).toBe(anna);
    const stack = [enforcing({ getToken: () => 'bad' } as never), swallow, observing()];
    expect((await outcomeOf(stack)).error).toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
  });
});
