import { createRequire } from 'node:module';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import {
  type CutoverAuthOptions,
  cutoverAuth,
  requireAnyGroup,
  requireAnyScope,
  requireGroup,
  requireScope,
  requireUser,
} from '../../../middleware/express.js';
import {
  admin,
  app,
  atOnce,
  enforcing,
  foreign,
  frameworks,
  get,
  machine,
  observing,
  verifierOf,
  watchProcess,
} from '../support.js';

watchProcess();

describe.each(frameworks)('behind %s', (_, framework) => {
  describe('a guard', () => {
    const guards = [
      requireScope('orders/read'),
      requireAnyScope('orders/read'),
      requireGroup('staff'),
      requireAnyGroup('staff'),
      requireUser(),
    ];

    it('without a cutoverAuth in front is a fault of the application, whatever is on req.auth', async () => {
      const seen: unknown[] = [];
      const handler: ErrorRequestHandler = (error, _req, res, _next) => {
        seen.push(`${error}`);
        res.sendStatus(500);
      };
      for (const guard of guards) {
        expect((await get(app(framework, guard))).status).toBe(500);
        expect((await get(app(framework, foreign, guard))).status).toBe(500);
        await get(app(framework, foreign, guard, handler));
      }
      expect(seen).toEqual(
        ['requireScope', 'requireAnyScope', 'requireGroup', 'requireAnyGroup', 'requireUser'].map(
          (name) => `Error: ${name}: no cutoverAuth ran before this route`,
        ),
      );
    });

    it('trusts nothing that another middleware put on req.auth, before or after cutoverAuth', async () => {
      for (const stack of [
        [foreign, enforcing()],
        [enforcing(), foreign],
      ]) {
        for (const guard of [requireGroup('admins'), requireScope('orders/write')]) {
          expect((await get(app(framework, ...stack, guard))).status).toBe(403);
        }
      }
      const optional = enforcing({ credentialsRequired: false } as never);
      for (const guard of guards) expect((await get(app(framework, foreign, optional, guard), '')).status).toBe(401);
    });

    it('judges by the last cutoverAuth that enforces and found credentials', async () => {
      const other = enforcing({ verifier: verifierOf(atOnce, admin) } as never);
      const cookieOnly = enforcing({ credentialsRequired: false, getToken: () => undefined } as never);
      expect((await get(app(framework, enforcing(), other, requireGroup('admins')))).status).toBe(200);
      expect((await get(app(framework, other, enforcing(), requireGroup('admins')))).status).toBe(403);
      expect((await get(app(framework, other, cookieOnly, requireGroup('admins')))).status).toBe(200);
    });

    it('refuses who was refused, even where the application swallows the error', async () => {
      const swallow: ErrorRequestHandler = (_error, _req, _res, next) => next();
      const refusing = enforcing({ getToken: () => 'bad' } as never);
      for (const stack of [
        [enforcing(), refusing, swallow],
        [observing(), refusing, swallow],
        [refusing, swallow, observing()],
      ] as RequestHandler[][]) {
        expect((await get(app(framework, ...stack, requireGroup('staff')))).status).toBe(401);
        expect((await get(app(framework, ...stack))).body).toEqual({ userId: null });
      }
    });

    it.each([
      ['requireAnyScope', requireAnyScope('orders/delete', 'orders/read'), 200],
      ['requireAnyScope', requireAnyScope('orders/delete', 'orders/write'), 403],
      ['requireAnyGroup', requireAnyGroup('admins', 'staff'), 200],
      ['requireAnyGroup', requireAnyGroup('admins', 'owners'), 403],
      ['requireUser', requireUser(), 200],
    ])('%s asks for one of what it names', async (_name, guard, status) => {
      const response = await get(app(framework, enforcing(), guard));
      expect(response.status).toBe(status);
      if (status === 403) expect(response.get('WWW-Authenticate')).toContain('error="insufficient_scope"');
    });

    it.each([
      ['requireScope', requireScope('orders/read', 'orders/write'), 'requireScope(orders/read, orders/write)'],
      ['requireAnyScope', requireAnyScope('orders/write'), 'requireAnyScope(orders/write)'],
      ['requireGroup', requireGroup('admins'), 'requireGroup(admins)'],
      ['requireAnyGroup', requireAnyGroup('admins', 'owners'), 'requireAnyGroup(admins, owners)'],
    ])('%s says what it asks for', async (_name, guard, asked) => {
      const handler: ErrorRequestHandler = (error, _req, res, _next) =>
        void res.status(error.status).json(error.message);
      const response = await get(app(framework, enforcing(), guard, handler));
      expect([response.status, response.body]).toEqual([403, expect.stringContaining(asked)]);
    });

    it('requireUser refuses machines', async () => {
      const made = app(framework, enforcing({ verifier: verifierOf(atOnce, machine) } as never), requireUser());
      expect((await get(made)).status).toBe(403);
    });

    it('of the CommonJS build trusts the ESM build, and the other way round', async () => {
      const built = createRequire(import.meta.url)(
        'cognito-cutover/express',
      ) as typeof import('../../../middleware/express.js');
      const options = { verifier: verifierOf(atOnce) } as CutoverAuthOptions;
      for (const [one, other] of [
        [{ cutoverAuth, requireGroup }, built],
        [built, { cutoverAuth, requireGroup }],
      ] as const) {
        expect((await get(app(framework, one.cutoverAuth(options), other.requireGroup('staff')))).status).toBe(200);
        expect((await get(app(framework, one.cutoverAuth(options), other.requireGroup('admins')))).status).toBe(403);
      }
    });
  });
});
