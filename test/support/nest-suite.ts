import { randomUUID } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CutoverAuthOptions, CutoverCanActivate } from '../../middleware/nest.js';
import { CutoverError } from '../../src/errors.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { sampleOf } from './samples.js';

/** Nest as one version and one platform have it, and this package beside it. */
export interface NestParts {
  readonly common: typeof import('@nestjs/common');
  readonly core: typeof import('@nestjs/core');
  /** A new adapter of the platform. */
  readonly adapter: () => object;
  readonly nest: typeof import('../../middleware/nest.js');
  readonly express: typeof import('../../middleware/express.js');
  /** Imports compiled TypeScript, with this Nest and this package in reach. */
  readonly load: (code: string) => Promise<Record<string, unknown>>;
}

const PAGE = 'docs/nest.md';
const userId = randomUUID();

/** What holds for every version of Nest, on each platform. */
export function nestSuite(name: string, prepare: () => Promise<NestParts>): void {
  describe(name, () => {
    let parts: NestParts;
    let pools: TestPools;
    beforeAll(async () => {
      [parts, pools] = await Promise.all([prepare(), createTestPools({ serve: false })]);
    });
    afterAll(() => pools.close());

    const token = (more = {}) => pools.newPool.accessToken({ legacy_sub: userId, scope: 'orders/read', ...more });
    const legacyToken = () => pools.legacyPool.accessToken({ sub: userId, scope: 'orders/read' });
    const options = (more: object = {}) =>
      ({
        legacyPool: pools.legacyPool.options,
        newPool: pools.newPool.options,
        tokenUse: 'access',
        ...more,
      }) as CutoverAuthOptions;
    const bearer = (value: string) => ({ Authorization: `Bearer ${value}` });

    /** An application with the sample's controller, its guards and what else `prepareApp` does to it. */
    async function appOf(prepareApp: (app: INestApplication) => void, ...guards: CutoverCanActivate[]) {
      const { common, nest } = parts;
      class OrdersController {
        list(auth: { userId: string }) {
          return { ordersOf: auth.userId };
        }
        form() {
          return {};
        }
      }
      common.Controller('orders')(OrdersController);
      for (const [method, route] of [
        ['list', common.Get()],
        ['form', common.Post()],
      ] as const) {
        const descriptor = Object.getOwnPropertyDescriptor(OrdersController.prototype, method) as PropertyDescriptor;
        route(OrdersController.prototype, method, descriptor);
        common.UseGuards(...(guards as []))(OrdersController.prototype, method, descriptor);
      }
      nest.Auth()(OrdersController.prototype, 'list', 0);
      class AppModule {}
      common.Module({ controllers: [OrdersController] })(AppModule);
      return started(AppModule, prepareApp);
    }

    async function started(module: unknown, prepareApp: (app: INestApplication) => void = () => {}) {
      const logger = { log() {}, warn() {}, error: vi.fn() };
      const { NestFactory } = parts.core;
      const app = await NestFactory.create(module as never, parts.adapter() as never, {
        logger,
        abortOnError: false,
      });
      prepareApp(app);
      await app.listen(0, '127.0.0.1');
      onTestFinished(() => app.close());
      const server = app.getHttpServer();
      const get = (value?: string, path = '/orders') =>
        request(server)
          .get(path)
          .set(value === undefined ? {} : bearer(value));
      return { app, server, get, logger };
    }

    it('runs the sample that the page begins with', async () => {
      const code = sampleOf(PAGE, 'async function bootstrap', pools)
        .replace('void bootstrap();', 'export { bootstrap };')
        .replace('create(AppModule)', 'create(AppModule, globalThis.adapterOfSample, { logger: false })')
        .replace('await app.listen(process.env.PORT ?? 3000);', "await app.listen(0, '127.0.0.1'); return app;");
      vi.stubGlobal('adapterOfSample', parts.adapter());
      onTestFinished(() => void vi.unstubAllGlobals());
      const { bootstrap } = (await parts.load(code)) as { bootstrap: () => Promise<INestApplication> };
      const app = await bootstrap();
      onTestFinished(() => app.close());
      const get = (headers = {}) => request(app.getHttpServer()).get('/orders').set(headers);
      for (const one of [legacyToken(), token()]) {
        const response = await get(bearer(one));
        expect([response.status, response.body]).toEqual([200, { ordersOf: userId }]);
      }
      const anonymous = await get();
      expect([anonymous.status, anonymous.headers['www-authenticate']]).toEqual([401, 'Bearer realm="api"']);
      expect(anonymous.body).toEqual({
        message: expect.stringContaining('no Authorization header'),
        error: 'Unauthorized',
        statusCode: 401,
        errorCode: 'ERR_TOKEN_MISSING',
      });
    });

    it('runs the sample with a verifier as a provider and a public route', async () => {
      const { AppModule } = await parts.load(sampleOf(PAGE, 'const VERIFIER', pools));
      const { get } = await started(AppModule);
      expect((await get(undefined, '/healthz')).body).toEqual({ ok: true });
      expect((await get(undefined, '/me')).status).toBe(401);
      expect((await get('bad', '/me')).headers['www-authenticate']).toContain('error="invalid_token"');
      expect((await get(token(), '/me')).body).toEqual({ userId, pool: 'new' });
    });

    it('runs the sample of a filter, and keeps the header', async () => {
      const { Problems } = await parts.load(sampleOf(PAGE, 'ExceptionFilter {', pools));
      const Filter = Problems as new () => never;
      const { get } = await appOf((app) => {
        app.useGlobalGuards(parts.nest.cutoverGuard(options()));
        app.useGlobalFilters(new Filter());
      });
      const response = await get();
      expect([response.status, response.body]).toEqual([401, { status: 401, code: 'ERR_TOKEN_MISSING' }]);
      expect(response.headers['www-authenticate']).toBe('Bearer realm="api"');
    });

    describe.each<[string, (app: INestApplication) => void, boolean]>([
      ['a global guard', (app) => app.useGlobalGuards(parts.nest.cutoverGuard(options())), true],
      ['middleware', (app) => app.use(parts.express.cutoverAuth(options())), false],
    ])('behind %s', (_, mount, isQuiet) => {
      it('accepts tokens of both pools', async () => {
        const { get } = await appOf(mount, parts.nest.requireScope('orders/read'));
        for (const one of [legacyToken(), token()]) {
          const response = await get(one);
          expect([response.status, response.body]).toEqual([200, { ordersOf: userId }]);
        }
      });

      it.each<[string, () => string | undefined, number, RegExp, object]>([
        ['no token', () => undefined, 401, /^Bearer realm="api"$/, {}],
        ['a bad token', () => 'bad', 401, /error="invalid_token"/, {}],
        ['a user who is not mapped', () => token({ legacy_sub: undefined }), 403, /error="insufficient_scope"/, {}],
      ])('refuses %s', async (_what, given, status, challenge) => {
        const { get, logger } = await appOf(mount);
        const response = await get(given());
        expect([response.status, response.body.statusCode]).toEqual([status, status]);
        expect(response.headers['www-authenticate']).toMatch(challenge);
        if (isQuiet) expect(logger.error).not.toHaveBeenCalled();
      });

      it('refuses by the guards of a handler', async () => {
        const { get } = await appOf(mount, parts.nest.requireScope('orders/write'));
        const response = await get(token());
        expect([response.status, response.body]).toEqual([
          403,
          {
            message: 'The token does not meet requireScope(orders/write).',
            error: 'Forbidden',
            statusCode: 403,
            errorCode: 'ERR_INSUFFICIENT_SCOPE',
          },
        ]);
        expect(response.headers['www-authenticate']).toContain('scope="orders/write"');
      });
    });

    it.each<[string, (nest: NestParts['nest']) => CutoverCanActivate, number]>([
      ['requireAnyScope', (nest) => nest.requireAnyScope('orders/write', 'orders/read'), 200],
      ['requireAnyScope', (nest) => nest.requireAnyScope('orders/write'), 403],
      ['requireGroup', (nest) => nest.requireGroup('staff'), 200],
      ['requireGroup', (nest) => nest.requireGroup('staff', 'admins'), 403],
      ['requireAnyGroup', (nest) => nest.requireAnyGroup('staff', 'admins'), 200],
      ['requireAnyGroup', (nest) => nest.requireAnyGroup('admins'), 403],
      ['requireUser', (nest) => nest.requireUser(), 200],
    ])('judges with %s', async (_guard, guardOf, status) => {
      const mount = (app: INestApplication) => app.useGlobalGuards(parts.nest.cutoverGuard(options()));
      const { get } = await appOf(mount, guardOf(parts.nest));
      expect((await get(token({ 'cognito:groups': ['staff'] }))).status).toBe(status);
    });

    it('refuses machines where a user is required', async () => {
      const mount = (app: INestApplication) => app.useGlobalGuards(parts.nest.cutoverGuard(options()));
      const { get } = await appOf(mount, parts.nest.requireUser());
      expect((await get(pools.newPool.machineToken())).status).toBe(403);
    });

    it('says when to come back while nothing can be decided, and no more', async () => {
      const down = () => {
        throw new CutoverError('ERR_KEYS_UNAVAILABLE', 'Details for the log.', { retryAfterSeconds: 7 });
      };
      const verifier = { verify: down };
      const guarded = await appOf((app) => app.useGlobalGuards(parts.nest.cutoverGuard({ verifier })));
      const response = await guarded.get(token());
      expect([response.status, response.body, response.headers['retry-after']]).toEqual([
        503,
        {
          message: 'The keys of the user pool are currently unavailable.',
          error: 'Service Unavailable',
          statusCode: 503,
          errorCode: 'ERR_KEYS_UNAVAILABLE',
        },
        '7',
      ]);
      const behind = await appOf((app) => app.use(parts.express.cutoverAuth({ verifier })));
      const other = await behind.get(token());
      expect([other.status, other.body.message, other.headers['retry-after']]).toEqual([
        503,
        'Service Unavailable',
        '7',
      ]);
    });

    it('may be a class of the application that Nest creates', async () => {
      const ownOptions = options();
      class OwnGuard extends parts.nest.CutoverGuard {
        constructor() {
          super(ownOptions);
        }
      }
      parts.common.Injectable()(OwnGuard);
      // Nest 11.0 takes a class that has this for the guard itself.
      expect(Reflect.get(OwnGuard, 'canActivate')).toBeUndefined();
      const { get } = await appOf(() => {}, OwnGuard as never);
      expect([(await get(token())).status, (await get('bad')).status]).toEqual([200, 401]);
    });

    it('refuses a second token in a form', async () => {
      const { server } = await appOf((app) => app.useGlobalGuards(parts.nest.cutoverGuard(options())));
      const response = await request(server)
        .post('/orders')
        .set(bearer(token()))
        .type('form')
        .send({ access_token: 'another' });
      expect([response.status, response.body.errorCode]).toEqual([400, 'ERR_CREDENTIALS_AMBIGUOUS']);
    });

    it('hands the request of the platform to getToken, and headers to legacy tokens', async () => {
      const seen: object[] = [];
      const getToken = (req: { query: { t?: string } }) => {
        seen.push(req);
        return req.query.t;
      };
      const legacyTokenHeaders = { sunset: new Date(0) };
      const guard = parts.nest.cutoverGuard(options({ getToken, legacyTokenHeaders }));
      const { get } = await appOf((app) => app.useGlobalGuards(guard));
      const response = await get(undefined, `/orders?t=${legacyToken()}`);
      expect([response.status, response.headers['sunset']]).toEqual([200, 'Thu, 01 Jan 1970 00:00:00 GMT']);
      expect(seen).toHaveLength(1);
    });

    it('gives a handler no identity where credentials are optional and absent, but 401', async () => {
      const guard = parts.nest.cutoverGuard(options({ credentialsRequired: false }));
      const { get } = await appOf((app) => app.useGlobalGuards(guard));
      const response = await get();
      expect([response.status, response.body.errorCode]).toEqual([401, 'ERR_TOKEN_MISSING']);
      expect(response.headers['www-authenticate']).toBe('Bearer realm="api"');
      expect((await get(token())).status).toBe(200);
    });

    it('keeps the users of two requests apart, though the application gives both the same `raw`', async () => {
      const guards = [parts.nest.cutoverGuard(options({ credentialsRequired: false })), parts.nest.requireUser()];
      const raw = Buffer.alloc(0);
      const { get } = await appOf((app) => {
        app.use((req: object, _res: unknown, next: () => void) => {
          Object.assign(req, { raw });
          next();
        });
        app.useGlobalGuards(...guards);
      });
      expect([(await get(token())).status, (await get()).status]).toEqual([200, 401]);
    });

    it('is of no use without options, nor without a guard that accepts', async () => {
      const { CutoverGuard, cutoverGuard, requireScope } = parts.nest;
      expect(() => new CutoverGuard(undefined as never)).toThrow('CutoverGuard: was created without options');
      expect(() => cutoverGuard({ verifyer: {} } as never)).toThrow(expect.objectContaining({ option: 'verifyer' }));
      const { get, logger } = await appOf(() => {}, requireScope('orders/read'));
      expect((await get(token())).status).toBe(500);
      expect(logger.error.mock.calls.flat().join()).toContain('no cutoverAuth ran before this route');
    });

    it.each(['CutoverGuard', 'cutoverGuard', 'requireScope', 'requireGroup', 'requireUser'] as const)(
      'refuses every request where %s was passed without being called',
      async (name) => {
        const uncalled = parts.nest[name] as never;
        const { get, logger } = await appOf((app) => app.useGlobalGuards(uncalled));
        expect((await get(token())).status).toBe(500);
        expect(logger.error.mock.calls.flat().join()).toContain(`${name}: was passed without being called. Call it: `);
      },
    );

    it('judges HTTP requests only', async () => {
      const guard = parts.nest.cutoverGuard(options());
      const context = { getType: () => 'rpc', switchToHttp: () => ({}) };
      await expect((async () => guard.canActivate(context as never))()).rejects.toThrow('this is "rpc"');
    });
  });
}
