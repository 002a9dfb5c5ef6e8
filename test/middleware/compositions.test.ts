import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import express4 from 'express4';
import fc from 'fast-check';
import request from 'supertest';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type CutoverAuthOptions,
  type CutoverDecision,
  cutoverAuth,
  requireAnyGroup,
  requireAnyScope,
  requireGroup,
  requireScope,
  requireUser,
} from '../../middleware/express.js';
import { MAX_UNDER_WAY } from '../../middleware/observe.js';
import { CutoverError } from '../../src/errors.js';
import { createTestPools } from '../../src/testing/index.js';
import type { CutoverIdentity } from '../../src/verify/types.js';
import { createCutoverVerifier } from '../../src/verify/verifier.js';

const anna: CutoverIdentity = Object.freeze({
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
const admin: CutoverIdentity = Object.freeze({
  ...anna,
  userId: 'admin',
  groups: ['staff', 'admins'],
  scopes: ['orders/read', 'orders/write'],
});
const machine: CutoverIdentity = Object.freeze({ ...anna, userId: 'client', kind: 'machine', groups: [] });

/** A verifier that knows one token, `good`; how it answers is up to the test. */
function verifierOf(answer: (identity: CutoverIdentity) => unknown, identity = anna) {
  const verify = (token: string) => {
    if (token === 'good') return answer(identity);
    throw new CutoverError('ERR_SIGNATURE_INVALID', 'A sentence.', { pool: 'legacy' });
  };
  return { verify: verify as never };
}
const atOnce = (identity: CutoverIdentity) => identity;
const later = async (identity: CutoverIdentity) => identity;

const showAuth: RequestHandler = (req, res) => {
  res.json({ userId: req.auth?.userId ?? null });
};
const foreign: RequestHandler = (req, _res, next) => {
  Object.assign(req, { auth: { ...admin, userId: 'somebody else' } });
  next();
};

function app(framework: () => unknown, ...handlers: (RequestHandler | ErrorRequestHandler)[]): Express {
  const made = framework() as Express;
  made.set('env', 'production');
  made.use(...(handlers as RequestHandler[]), showAuth);
  return made;
}
const get = (made: Express, token: string | undefined = 'good') =>
  token === '' ? request(made).get('/') : request(made).get('/').set('Authorization', `Bearer ${token}`);

function journal() {
  const entries: string[] = [];
  const onDecision = (decision: CutoverDecision) => {
    if (decision.outcome === 'refused')
      entries.push(decision.error instanceof CutoverError ? decision.error.code : `${decision.error}`);
    else if (decision.outcome === 'mismatch') entries.push(`mismatch ${decision.identity.userId} ${decision.expected}`);
    else entries.push(decision.outcome);
  };
  return { entries, onDecision };
}

vi.spyOn(console, 'error').mockImplementation(() => {});
const NativePromise = globalThis.Promise;
const fatal = vi.fn();
process.on('unhandledRejection', fatal);
process.on('uncaughtException', fatal);
afterEach(async () => {
  globalThis.Promise = NativePromise;
  await new Promise(setImmediate);
  expect(fatal).not.toHaveBeenCalled();
});

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
] as const)('behind %s', (_, framework) => {
  const enforcing = (more: Partial<CutoverAuthOptions> = {}) =>
    cutoverAuth({ verifier: verifierOf(atOnce), ...more } as CutoverAuthOptions);
  const observing = (more: Partial<CutoverAuthOptions> = {}) => enforcing({ mode: 'observe', ...more } as never);

  describe('an observing cutoverAuth', () => {
    it.each([
      ['behind', (seen: RequestHandler) => [enforcing(), seen]],
      ['before', (seen: RequestHandler) => [seen, enforcing()]],
      ['on both sides of', (seen: RequestHandler) => [seen, enforcing(), seen]],
    ])('%s an enforcing one loosens nothing', async (_where, stack) => {
      for (const answer of [atOnce, later]) {
        for (const guard of [requireScope('orders/write'), requireGroup('admins'), requireAnyGroup('admins')]) {
          const handlers = stack(observing({ verifier: verifierOf(answer, admin) } as never));
          expect((await get(app(framework, ...handlers, guard))).status).toBe(403);
          expect((await get(app(framework, ...handlers, guard), 'bad')).status).toBe(401);
          expect((await get(app(framework, ...handlers, guard), '')).status).toBe(401);
        }
      }
    });

    it('behind an enforcing one does not tighten anything either, and reports for itself', async () => {
      const { entries, onDecision } = journal();
      const seen = observing({ verifier: verifierOf(atOnce, machine), onDecision } as never);
      const response = await get(app(framework, enforcing(), seen, requireUser(), requireGroup('staff')));
      expect(response.status).toBe(200);
      expect(response.body).toEqual({ userId: 'anna' });
      expect(entries).toEqual(['accepted', 'ERR_INSUFFICIENT_SCOPE', 'ERR_GROUP_REQUIRED']);
    });

    it('holds nobody up, even with a verifier that never answers', async () => {
      const { entries, onDecision } = journal();
      let answer: (identity: CutoverIdentity) => void = () => {};
      const verifier = verifierOf(() => new Promise((resolve) => (answer = resolve)));
      const made = app(framework, observing({ verifier, onDecision } as never), requireGroup('admins'));
      expect((await get(made)).status).toBe(200);
      expect(entries).toEqual([]);
      answer(anna);
      await new Promise(setImmediate);
      expect(entries).toEqual(['accepted', 'ERR_GROUP_REQUIRED']);
    });

    it('skips requests while too many decisions are under way', async () => {
      const { entries, onDecision } = journal();
      const answers: ((identity: CutoverIdentity) => void)[] = [];
      const verifier = verifierOf(() => new Promise((resolve) => answers.push(resolve)));
      const handler = observing({ verifier, onDecision } as never);
      const next = vi.fn();
      const arrive = () => handler({ headers: { authorization: 'Bearer good' } } as never, {} as never, next);
      for (let count = 0; count < MAX_UNDER_WAY + 5; count += 1) arrive();
      expect([next.mock.calls.length, answers.length]).toEqual([MAX_UNDER_WAY + 5, MAX_UNDER_WAY]);
      expect(entries).toEqual(Array(5).fill('skipped'));
      expect((await get(app(framework, handler, requireGroup('admins')))).status).toBe(200);
      for (const answer of answers) answer(anna);
      await new Promise(setImmediate);
      arrive();
      expect(answers).toHaveLength(MAX_UNDER_WAY + 1);
    });

    it.each([
      ['the same user', () => 'anna', 'accepted'],
      ['another user', () => 'ben', 'mismatch anna ben'],
      ['nobody', () => undefined, 'accepted'],
      ['null', () => null, 'accepted'],
      ['a promise', async () => 'anna', 'TypeError: compare must return a string or undefined, and no promise'],
      [
        'an exception',
        () => {
          throw new RangeError('mine');
        },
        'RangeError: mine',
      ],
    ])('compares with the authentication in use, which found %s', async (_whom, compare, reported) => {
      for (const answer of [atOnce, later]) {
        const { entries, onDecision } = journal();
        const seen = observing({ verifier: verifierOf(answer), onDecision, compare } as never);
        const response = await get(app(framework, foreign, seen));
        expect(response.body).toEqual({ userId: 'somebody else' });
        await new Promise(setImmediate);
        expect(entries).toEqual([reported]);
      }
    });
  });

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

    it('believes nothing that another middleware put on req.auth, before or behind cutoverAuth', async () => {
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

    it('requireUser refuses machines', async () => {
      const made = app(framework, enforcing({ verifier: verifierOf(atOnce, machine) } as never), requireUser());
      expect((await get(made)).status).toBe(403);
    });

    it('of the CommonJS build believes the ESM build, and the other way round', async () => {
      const built = createRequire(import.meta.url)(
        'cognito-cutover/express',
      ) as typeof import('../../middleware/express.js');
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

  describe('a verifier that answers in its own way', () => {
    /** A promise library of the kind that takes the place of the global `Promise`. */
    class LibraryPromise<T> extends NativePromise<T> {
      static override [Symbol.hasInstance](value: unknown): boolean {
        return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === LibraryPromise.prototype;
      }
    }
    const refusal = new CutoverError('ERR_SIGNATURE_INVALID', 'A sentence.');
    const thenable = (settle: (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => void) =>
      Object.defineProperty({}, 'then', { value: settle });
    const ofRealm = (code: string) => runInNewContext(code);

    it.each<[string, (identity: CutoverIdentity) => unknown, (identity: CutoverIdentity) => unknown]>([
      ['a native promise', (one) => NativePromise.resolve(one), () => NativePromise.reject(refusal)],
      [
        'a promise of another realm',
        (one) => ofRealm('(one) => Promise.resolve(one)')(one),
        () => ofRealm('(one) => Promise.reject(one)')(refusal),
      ],
      [
        'a promise of a library',
        (one) => new LibraryPromise((resolve) => resolve(one)),
        () => new LibraryPromise((_resolve, reject) => reject(refusal)),
      ],
      [
        'a thenable',
        (one) => thenable((resolve) => resolve(one)),
        () => thenable((_resolve, reject) => reject(refusal)),
      ],
      [
        'a thenable that answers a thenable',
        (one) => thenable((resolve) => resolve(thenable((again) => again(one)))),
        () =>
          thenable(() => {
            throw refusal;
          }),
      ],
    ])('is awaited: %s', async (_form, good, bad) => {
      for (const promise of [NativePromise, LibraryPromise as PromiseConstructor]) {
        for (const mode of ['enforce', 'observe'] as const) {
          const statusOf = (answer: (identity: CutoverIdentity) => unknown) => {
            const { entries, onDecision } = journal();
            const handler = cutoverAuth({ verifier: verifierOf(answer), mode, onDecision });
            const made = app(framework, handler, requireGroup('staff'));
            globalThis.Promise = promise;
            return get(made).then(({ status }) => [status, ...entries]);
          };
          expect(await statusOf(good)).toEqual([200, 'accepted']);
          globalThis.Promise = NativePromise;
          const refused = mode === 'enforce' ? [401] : [200];
          expect((await statusOf(bad)).slice(0, 2)).toEqual([...refused, 'ERR_SIGNATURE_INVALID']);
          globalThis.Promise = NativePromise;
        }
      }
    });

    it.each([[undefined], [null], [''], [0], [false], ['route'], ['router']])(
      'that refuses with %j does not let anybody go on',
      async (reason) => {
        const throwing = () => {
          throw reason;
        };
        for (const options of [
          { verifier: verifierOf(throwing) },
          { verifier: verifierOf(async () => throwing()) },
          { verifier: verifierOf(atOnce), getToken: throwing },
        ]) {
          const response = await get(app(framework, enforcing(options as never)));
          expect([response.status, response.body]).toEqual([500, {}]);
          const { entries, onDecision } = journal();
          expect((await get(app(framework, observing({ ...options, onDecision } as never)))).status).toBe(200);
          await new Promise(setImmediate);
          expect(entries).toEqual(['TypeError: Something that is not an error was thrown.']);
        }
      },
    );

    it('has the last word where it stands in front of the verifier of this package', async () => {
      const pools = await createTestPools({ serve: false });
      const made = createCutoverVerifier({ newPool: pools.newPool.options, tokenUse: 'any' });
      const deny = () => {
        throw new CutoverError('ERR_TOKEN_REVOKED', 'A sentence.');
      };
      const token = pools.newPool.machineToken();
      expect((await get(app(framework, cutoverAuth({ verifier: made })), token)).status).toBe(200);
      const proxy = new Proxy(made, {
        get: (target, name) => (name === 'verify' ? deny : Reflect.get(target, name, target)),
      });
      expect((await get(app(framework, cutoverAuth({ verifier: proxy })), token)).status).toBe(401);
      made.verify = deny;
      expect((await get(app(framework, cutoverAuth({ verifier: made })), token)).status).toBe(401);
      await pools.close();
    });

    it.each<[string, unknown]>([
      ['nothing', undefined],
      ['null', null],
      ['true', true],
      ['a text', 'anna'],
      ['an empty object', {}],
      ['an identity of nobody', { ...anna, userId: '' }],
      ['an identity with a number', { ...anna, userId: 5 }],
      ['an identity without groups', { ...anna, groups: undefined }],
      ['an identity without scopes', { ...anna, scopes: 'orders/read' }],
      ['a payload', { sub: 'anna', 'cognito:groups': ['staff'] }],
    ])('that is not an identity is refused: %s', async (_what, answer) => {
      for (const form of [() => answer, async () => answer]) {
        const response = await get(app(framework, enforcing({ verifier: verifierOf(form) } as never)));
        expect(response.status).toBe(500);
        const { entries, onDecision } = journal();
        const seen = observing({ verifier: verifierOf(form), onDecision } as never);
        expect((await get(app(framework, seen))).body).toEqual({ userId: null });
        await new Promise(setImmediate);
        expect(entries).toEqual(['TypeError: The verifier answered something that is not an identity.']);
      }
    });
  });

  describe('a fault beside the decision', () => {
    it('an onDecision that throws or rejects reaches neither the request nor the process', async () => {
      const faults: [string, () => unknown][] = [
        [
          'throws',
          () => {
            throw new Error('mine');
          },
        ],
        ['rejects', () => Promise.reject(new Error('mine'))],
      ];
      for (const [, onDecision] of faults) {
        for (const answer of [atOnce, later]) {
          for (const mode of ['enforce', 'observe'] as const) {
            const made = app(
              framework,
              cutoverAuth({ verifier: verifierOf(answer), mode, onDecision }),
              requireGroup('staff'),
            );
            expect((await get(made)).status).toBe(200);
            expect((await get(made, 'bad')).status).toBe(mode === 'enforce' ? 401 : 200);
          }
        }
      }
    });

    it('a function that should not wait, and does, reaches neither the request nor the process', async () => {
      const rejecting = async () => Promise.reject(new Error('mine'));
      for (const [options, status] of [
        [{ getToken: rejecting }, 500],
        [{ getToken: rejecting, mode: 'observe' }, 200],
        [{ compare: rejecting, mode: 'observe' }, 200],
      ] as const) {
        expect((await get(app(framework, enforcing(options as never)))).status).toBe(status);
      }
    });

    it('an observed decision that never comes gives its place back', async () => {
      vi.useFakeTimers();
      const { entries, onDecision } = journal();
      const handler = observing({ verifier: verifierOf(() => new Promise(() => {})), onDecision } as never);
      const next = vi.fn();
      const arrive = () => handler({ headers: { authorization: 'Bearer good' } } as never, {} as never, next);
      for (let count = 0; count < MAX_UNDER_WAY; count += 1) arrive();
      await vi.advanceTimersByTimeAsync(30_000);
      vi.useRealTimers();
      expect(new Set(entries)).toEqual(new Set(['TimeoutError: no answer within 30000 ms']));
      entries.length = 0;
      arrive();
      expect(entries).toEqual([]);
    });

    it('an observing one that cannot set req.auth reports a request once', async () => {
      const { entries, onDecision } = journal();
      const fixed: RequestHandler = (req, _res, next) => {
        Object.defineProperty(req, 'auth', { get: () => undefined });
        next();
      };
      expect((await get(app(framework, fixed, observing({ onDecision } as never)))).status).toBe(200);
      expect(entries).toEqual(['accepted']);
    });

    it('a request that was answered while its token was judged is over', async () => {
      const reached = vi.fn();
      for (const outcome of ['accepted', 'refused']) {
        let settle = () => {};
        const verifier = verifierOf(
          () =>
            new Promise((resolve, reject) => {
              settle = () =>
                outcome === 'accepted' ? resolve(anna) : reject(new CutoverError('ERR_TOKEN_EXPIRED', 'x'));
            }),
        );
        const limit: RequestHandler = (_req, res, next) => {
          next();
          res.status(503).end('too slow');
        };
        const handler = cutoverAuth({ verifier, legacyTokenHeaders: { sunset: new Date() } });
        const response = await get(app(framework, limit, handler, reached));
        expect([response.status, response.text]).toEqual([503, 'too slow']);
        settle();
        await new Promise(setImmediate);
      }
      expect(reached).not.toHaveBeenCalled();
    });

    it('headers that were sent while a token was judged do not hinder its request', async () => {
      let settle = () => {};
      const verifier = verifierOf(() => new Promise((resolve) => (settle = () => resolve(anna))));
      const early: RequestHandler = (_req, res, next) => {
        next();
        res.flushHeaders();
        settle();
      };
      const handler = cutoverAuth({ verifier, legacyTokenHeaders: { sunset: new Date() } });
      const stream: RequestHandler = (req, res) => void res.end(req.auth.userId);
      expect((await get(app(framework, early, handler, stream))).text).toBe('anna');
    });
  });
});

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
