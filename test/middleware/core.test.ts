import { format } from 'node:util';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import express4 from 'express4';
import request from 'supertest';
import { describe, expect, it, vi } from 'vitest';
import {
  type CutoverAuthOptions,
  type CutoverDecision,
  cutoverAuth,
  requireGroup,
  requireScope,
} from '../../middleware/express.js';
import { ConfigurationError, CutoverError, type CutoverErrorCode } from '../../src/errors.js';
import type { CutoverIdentity, CutoverVerifier } from '../../src/verify/types.js';

const frameworks = [
  ['Express 5', express],
  ['Express 4', express4],
] as const;

const identity: CutoverIdentity = Object.freeze({
  userId: 'legacy-sub',
  userIdSource: 'claim',
  pool: 'new',
  userPoolId: 'eu-west-1_New',
  kind: 'user',
  sub: 'new-sub',
  clientId: 'client',
  tokenUse: 'access',
  groups: Object.freeze(['staff', 'admins']),
  scopes: Object.freeze(['orders/read', 'orders/write']),
  issuedAt: 1,
  expiresAt: 2,
  claims: Object.freeze({}),
});

type Answer = CutoverIdentity | (() => CutoverIdentity | Promise<CutoverIdentity>);

/** A verifier that knows the tokens of `answers` and finds every other malformed. */
function verifierOf(answers: Record<string, Answer> = { good: identity }): CutoverVerifier {
  const verifyEagerly = (token: string) => {
    const answer = Object.hasOwn(answers, token) ? answers[token] : undefined;
    if (answer === undefined) throw new CutoverError('ERR_TOKEN_MALFORMED', 'Not a token.');
    return typeof answer === 'function' ? answer() : answer;
  };
  return {
    verifyEagerly,
    verify: async (token) => verifyEagerly(token),
    verifySync: () => identity,
    hydrate: async () => [],
    status: () => [],
    forget: () => {},
    refresh: async () => [],
    close: () => {},
  };
}

const throwing = (error: unknown) => () => {
  throw error;
};
const refusing = (code: CutoverErrorCode, details = {}) => throwing(new CutoverError(code, 'A sentence.', details));
const showAuth: RequestHandler = (req, res) => {
  res.json({ auth: req.auth ?? null });
};
const bearer = (token: string) => ['Authorization', `Bearer ${token}`] as const;

/** What onDecision was told, in short. */
function journal() {
  const entries: string[] = [];
  const onDecision = (decision: CutoverDecision) => {
    if (decision.outcome === 'accepted') entries.push(`accepted ${decision.identity.userId}`);
    else if (decision.outcome !== 'refused') entries.push(decision.outcome);
    else entries.push(decision.error instanceof CutoverError ? decision.error.code : `${decision.error}`);
  };
  return { entries, onDecision };
}

// Express writes every error it answers itself to the error log.
const errorLog = vi.spyOn(console, 'error').mockImplementation(() => {});

describe.each(frameworks)('behind %s', (_, framework) => {
  /** An application whose routes stand behind the handlers given; its errors go to Express's own handler. */
  function app(...handlers: (RequestHandler | ErrorRequestHandler)[]) {
    const made = framework();
    made.set('env', 'production');
    made.use('/api', ...(handlers as RequestHandler[]), showAuth);
    return made;
  }
  const get = (options: CutoverAuthOptions, ...more: RequestHandler[]) =>
    request(app(cutoverAuth(options), ...more)).get('/api/orders');
  const ask = (made: Parameters<typeof request>[0], token?: string) =>
    request(made)
      .get('/api')
      .set(token === undefined ? {} : { Authorization: `Bearer ${token}` });
  const expectStatus = async (status: number, ...of: Parameters<typeof ask>) =>
    expect((await ask(...of)).status).toBe(status);

  describe('a good token', () => {
    it.each([
      ['at once', identity],
      ['after a wait', async () => identity],
    ])('puts its identity on req.auth: verified %s', async (_when, answer: Answer) => {
      const response = await get({ verifier: verifierOf({ good: answer }) }).set(...bearer('good'));
      expect(response.status).toBe(200);
      expect(response.body.auth).toEqual(identity);
    });

    it('hands the identity on as it is, without a copy', async () => {
      let seen: unknown;
      const look: RequestHandler = (req, _res, next) => {
        seen = req.auth;
        next();
      };
      await get({ verifier: verifierOf() }, look).set(...bearer('good'));
      expect(seen).toBe(identity);
    });

    it('replaces what another middleware has put there', async () => {
      const other: RequestHandler = (req, _res, next) =>
        next(Object.assign(req, { auth: { userId: 'other' } }) && undefined);
      const response = await ask(app(other, cutoverAuth({ verifier: verifierOf() })), 'good');
      expect(response.body.auth).toEqual(identity);
    });
  });

  describe('a refused request', () => {
    const invalid = 'Bearer realm="api", error="invalid_token", error_description="';
    const lacking = 'Bearer realm="api", error="insufficient_scope", error_description="';
    const refusals: [CutoverErrorCode, number, string | undefined][] = [
      ['ERR_TOKEN_MISSING', 401, 'Bearer realm="api"'],
      ['ERR_CREDENTIALS_AMBIGUOUS', 400, 'Bearer realm="api", error="invalid_request", error_description="'],
      ['ERR_TOKEN_MALFORMED', 401, invalid],
      ['ERR_ALGORITHM_NOT_ALLOWED', 401, invalid],
      ['ERR_ISSUER_NOT_TRUSTED', 401, invalid],
      ['ERR_KEY_NOT_FOUND', 401, invalid],
      ['ERR_SIGNATURE_INVALID', 401, invalid],
      ['ERR_TOKEN_EXPIRED', 401, invalid],
      ['ERR_TOKEN_NOT_YET_VALID', 401, invalid],
      ['ERR_CLAIM_INVALID', 401, invalid],
      ['ERR_TOKEN_USE_NOT_ALLOWED', 401, invalid],
      ['ERR_CLIENT_NOT_ALLOWED', 401, invalid],
      ['ERR_LEGACY_POOL_CLOSED', 401, invalid],
      ['ERR_LEGACY_ID_MISSING', 403, lacking],
      ['ERR_LEGACY_ID_INVALID', 403, lacking],
      ['ERR_INSUFFICIENT_SCOPE', 403, lacking],
      ['ERR_GROUP_REQUIRED', 403, lacking],
      ['ERR_KEYS_UNAVAILABLE', 503, undefined],
      ['ERR_LEGACY_ID_UNAVAILABLE', 503, undefined],
    ];

    it.each(refusals)('is answered by Express itself: %s is %i', async (code, status, challenge) => {
      const sync = verifierOf({ good: refusing(code, { retryAfterSeconds: 29.5 }) });
      const waiting = verifierOf({ good: async () => refusing(code, { retryAfterSeconds: 29.5 })() });
      for (const verifier of [sync, waiting]) {
        const response = await get({ verifier }).set(...bearer('good'));
        expect(response.status).toBe(status);
        if (challenge === undefined) expect(response.headers).not.toHaveProperty('www-authenticate');
        else if (challenge.endsWith('description="'))
          expect(response.get('WWW-Authenticate')?.startsWith(challenge)).toBe(true);
        else expect(response.get('WWW-Authenticate')).toBe(challenge);
        expect(response.get('Retry-After')).toBe(status === 503 ? '30' : undefined);
        expect(response.text).not.toContain('sentence');
      }
    });

    it("reaches the application's own handler with code, status and headers", async () => {
      const seen: unknown[] = [];
      const handler: ErrorRequestHandler = (error, _req, res, _next) => {
        seen.push(error);
        res.status(error.statusCode).set(error.headers).json({ code: error.code });
      };
      const cause = new Error('inside');
      const original = new CutoverError('ERR_TOKEN_EXPIRED', 'A sentence.', { pool: 'legacy', cause });
      const made = app(cutoverAuth({ verifier: verifierOf({ old: throwing(Object.freeze(original)) }) }), handler);
      const response = await ask(made, 'old');
      await ask(made, 'old');
      expect(response.status).toBe(401);
      expect(response.body).toEqual({ code: 'ERR_TOKEN_EXPIRED' });
      expect(response.get('WWW-Authenticate')).toMatch(/^Bearer realm="api", error="invalid_token"/);
      expect(seen[0]).toBeInstanceOf(CutoverError);
      expect(seen[0]).toMatchObject({ status: 401, pool: 'legacy', cause });
      expect(seen[0]).not.toBe(seen[1]);
    });

    it('shows no stack of ours in development', async () => {
      const made = app(cutoverAuth({ verifier: verifierOf() }));
      made.set('env', 'development');
      const response = await ask(made, 'bad');
      expect(response.text).toContain('[ERR_TOKEN_MALFORMED]: Not a token.');
      expect(response.text).not.toContain('express.ts');
      const logged = () =>
        errorLog.mock.calls.map((call) => format(...call)).filter((line) => line.includes('Not a token.'));
      await vi.waitFor(() => expect(logged()).not.toEqual([]));
      expect(logged().join()).not.toContain('express.ts');
    });

    it('leaves what is not a refusal to the application as it is', async () => {
      const bug = new TypeError('a bug');
      const seen: unknown[] = [];
      const handler: ErrorRequestHandler = (error, _req, res, _next) => {
        seen.push(error);
        res.sendStatus(500);
      };
      for (const answer of [throwing(bug), async () => throwing(bug)()]) {
        const made = app(cutoverAuth({ verifier: verifierOf({ good: answer }) }), handler);
        await expectStatus(500, made, 'good');
      }
      expect(seen).toEqual([bug, bug]);
    });
  });

  describe('a request without a token', () => {
    it.each([
      ['no header', {}],
      ['another scheme', { Authorization: 'Basic dXNlcjpwYXNz' }],
    ])('is challenged: %s', async (_what, headers) => {
      const response = await get({ verifier: verifierOf(), realm: 'the orders' }).set(headers);
      expect(response.status).toBe(401);
      expect(response.get('WWW-Authenticate')).toBe('Bearer realm="the orders"');
    });

    it.each([
      ['no header', {}, 200],
      ['another scheme', { Authorization: 'Basic dXNlcjpwYXNz' }, 200],
      ['a good token', { Authorization: 'Bearer good' }, 200],
      ['a bad token', { Authorization: 'Bearer bad' }, 401],
      ['an empty token', { Authorization: 'Bearer' }, 401],
    ])(
      'passes only where there are no credentials at all, once they are optional: %s',
      async (what, headers, status) => {
        const response = await get({ verifier: verifierOf(), credentialsRequired: false }).set(headers);
        expect(response.status).toBe(status);
        if (status === 200) expect(response.body.auth).toEqual(what === 'a good token' ? identity : null);
      },
    );
  });

  it('refuses a second credential in the address, the form or the headers', async () => {
    const verifier = verifierOf();
    const form = app(framework.urlencoded({ extended: false }), cutoverAuth({ verifier, credentialsRequired: false }));
    const answers = [
      await get({ verifier })
        .query({ access_token: 'good' })
        .set(...bearer('good')),
      await request(form)
        .post('/api')
        .type('form')
        .send({ access_token: 'good' })
        .set(...bearer('good')),
      await get({ verifier }).set('Authorization', ['Bearer good', 'Bearer good'] as unknown as string),
    ];
    for (const response of answers) {
      expect(response.status).toBe(400);
      expect(response.get('WWW-Authenticate')).toMatch(/error="invalid_request"/);
    }
  });

  it('takes no token from the address', async () => {
    expect((await get({ verifier: verifierOf() }).query({ access_token: 'good' })).status).toBe(401);
  });

  describe('getToken', () => {
    const fromHeader = { getToken: (req: express.Request) => req.get('X-Token') };

    it.each([
      ['good', 200],
      ['bad', 401],
      ['', 401],
    ])('says where the token is: "%s"', async (token, status) => {
      expect((await get({ verifier: verifierOf(), ...fromHeader }).set('X-Token', token)).status).toBe(status);
    });

    it.each([undefined, ''])('says that there is none with %j', async (none) => {
      const options = { verifier: verifierOf(), getToken: () => none, credentialsRequired: false };
      expect((await get(options)).status).toBe(200);
    });

    it('replaces the Authorization header', async () => {
      const response = await get({ verifier: verifierOf(), ...fromHeader }).set(...bearer('good'));
      expect(response.get('WWW-Authenticate')).toBe('Bearer realm="api"');
    });

    it.each([
      ['throws', throwing(new RangeError('mine')), 'RangeError: mine'],
      [
        'answers a promise',
        async () => 'good',
        'TypeError: getToken must return a string or undefined, and no promise',
      ],
    ])("is the application's to mend when it %s", async (_what, getToken, message) => {
      const handler: ErrorRequestHandler = (error, _req, res, _next) => void res.status(500).json(`${error}`);
      const options = { verifier: verifierOf(), getToken } as unknown as CutoverAuthOptions;
      const response = await ask(app(cutoverAuth(options), handler));
      expect(response.body).toBe(message);
    });

    it("may refuse a request in the verifier's own terms", async () => {
      const getToken = refusing('ERR_CREDENTIALS_AMBIGUOUS');
      expect((await get({ verifier: verifierOf(), getToken })).status).toBe(400);
    });
  });

  describe('requireScope and requireGroup', () => {
    it.each([
      ['a scope the token has', requireScope('orders/read'), 200, undefined],
      ['all scopes it has', requireScope('orders/write', 'orders/read'), 200, undefined],
      ['one scope it lacks', requireScope('orders/delete'), 403, 'scope="orders/delete"'],
      [
        'one it has, one it lacks',
        requireScope('orders/read', 'orders/delete'),
        403,
        'scope="orders/read orders/delete"',
      ],
      ['part of a scope', requireScope('orders'), 403, 'scope="orders"'],
      ['a group of the user', requireGroup('staff'), 200, undefined],
      ['all groups of the user', requireGroup('admins', 'staff'), 200, undefined],
      ['another group', requireGroup('owners'), 403, 'error="insufficient_scope", error_description="The user is not'],
      ['one group of the user, and another', requireGroup('staff', 'owners'), 403, 'error="insufficient_scope"'],
      ['a group by another case', requireGroup('Staff'), 403, 'error="insufficient_scope"'],
    ])('judge the identity: %s', async (_what, guard, status, challenge) => {
      const response = await get({ verifier: verifierOf(), realm: 'orders' }, guard).set(...bearer('good'));
      expect(response.status).toBe(status);
      if (challenge === undefined) return;
      expect(response.get('WWW-Authenticate')).toContain(challenge);
      expect(response.get('WWW-Authenticate')).toMatch(/^Bearer realm="orders", error="insufficient_scope", /);
    });

    it('ask an anonymous request for a token', async () => {
      const optional = cutoverAuth({ verifier: verifierOf(), credentialsRequired: false });
      for (const guard of [requireScope('orders/read'), requireGroup('staff')]) {
        const response = await ask(app(optional, guard));
        expect(response.status).toBe(401);
        expect(response.get('WWW-Authenticate')).toBe('Bearer realm="api"');
      }
    });
  });

  describe('observe mode', () => {
    const observing = (more: Partial<CutoverAuthOptions> = {}) => {
      const { entries, onDecision } = journal();
      const verifier = verifierOf({
        good: identity,
        waiting: async () => identity,
        bug: throwing(new TypeError('bug')),
      });
      const options = { verifier, mode: 'observe', onDecision, ...more } as CutoverAuthOptions;
      return { entries, handler: cutoverAuth(options) };
    };
    const refusedRequests: [string, Record<string, string>, string][] = [
      ['no token', {}, 'ERR_TOKEN_MISSING'],
      ['a bad token', { Authorization: 'Bearer bad' }, 'ERR_TOKEN_MALFORMED'],
      ['an empty token', { Authorization: 'Bearer' }, 'ERR_TOKEN_MALFORMED'],
      ['a verifier with a bug', { Authorization: 'Bearer bug' }, 'TypeError: bug'],
    ];

    it.each(refusedRequests)('lets everything through, and reports: %s', async (_what, headers, reported) => {
      const { entries, handler } = observing();
      const plain = await request(app()).get('/api').set(headers);
      const response = await request(app(handler)).get('/api').set(headers);
      expect(entries).toEqual([reported]);
      expect(response.status).toBe(200);
      expect(response.body.auth).toBeNull();
      expect(Object.keys(response.headers)).toEqual(Object.keys(plain.headers));
    });

    it.each([
      ['good', identity],
      ['waiting', null],
    ])('reports a good token, and sets req.auth where that takes no waiting: %s', async (token, auth) => {
      const { entries, handler } = observing({ legacyTokenHeaders: { sunset: new Date() } });
      const response = await ask(app(handler), token);
      expect(response.body.auth).toEqual(auth);
      expect(entries).toEqual(['accepted legacy-sub']);
    });

    it('announces nothing to legacy tokens', async () => {
      const verifier = verifierOf({ old: { ...identity, pool: 'legacy' } });
      const { handler } = observing({ verifier, legacyTokenHeaders: { sunset: new Date() } });
      expect((await ask(app(handler), 'old')).get('Sunset')).toBeUndefined();
    });

    it('leaves the req.auth of the middleware in use alone, and judges by its own', async () => {
      const inUse: RequestHandler = (req, _res, next) => {
        Object.assign(req, { auth: { sub: 'in use' } });
        next();
      };
      const { entries, handler } = observing();
      const guards = [requireScope('orders/read'), requireGroup('owners')];
      const response = await ask(app(inUse, handler, ...guards), 'good');
      expect(response.body.auth).toEqual({ sub: 'in use' });
      expect(entries).toEqual(['accepted legacy-sub', 'ERR_GROUP_REQUIRED']);
    });

    it('holds for the guards after it', async () => {
      const { entries, handler } = observing({ credentialsRequired: false });
      const made = app(handler, requireScope('orders/delete'), requireGroup('owners'));
      await expectStatus(200, made, 'good');
      await expectStatus(200, made, 'bad');
      await expectStatus(200, made);
      expect(entries).toEqual([
        ...['accepted legacy-sub', 'ERR_INSUFFICIENT_SCOPE', 'ERR_GROUP_REQUIRED'],
        // A refused request would not come to the guards.
        'ERR_TOKEN_MALFORMED',
        ...['anonymous', 'ERR_TOKEN_MISSING', 'ERR_TOKEN_MISSING'],
      ]);
    });

    it('ends where an enforcing cutoverAuth follows', async () => {
      const { handler } = observing();
      const made = app(handler, cutoverAuth({ verifier: verifierOf() }), requireScope('orders/delete'));
      await expectStatus(403, made, 'good');
      await expectStatus(401, made, 'bad');
    });

    it('survives an onDecision that throws', async () => {
      const { handler } = observing({ onDecision: throwing(new Error('mine')) });
      await expectStatus(200, app(handler), 'bad');
    });
  });

  it('reports its decisions where it enforces them as well', async () => {
    const { entries, onDecision } = journal();
    const made = app(cutoverAuth({ verifier: verifierOf(), onDecision }), requireGroup('owners'));
    await expectStatus(403, made, 'good');
    await expectStatus(401, made, 'bad');
    expect(entries).toEqual(['accepted legacy-sub', 'ERR_GROUP_REQUIRED', 'ERR_TOKEN_MALFORMED']);
  });

  it('announces the end of legacy tokens to those who use one', async () => {
    const verifier = verifierOf({ old: { ...identity, pool: 'legacy' }, good: identity });
    const options = { verifier, legacyTokenHeaders: { sunset: new Date('2026-06-30T00:00:00Z') } };
    expect((await get(options).set(...bearer('old'))).get('Sunset')).toBe('Tue, 30 Jun 2026 00:00:00 GMT');
    expect((await get(options).set(...bearer('good'))).get('Sunset')).toBeUndefined();
  });

  it('keeps requests apart that are decided at the same time', async () => {
    const release = new Map<string, () => void>();
    const answerOf = (userId: string) => () =>
      new Promise<CutoverIdentity>((resolve) => release.set(userId, () => resolve({ ...identity, userId })));
    const made = app(cutoverAuth({ verifier: verifierOf({ a: answerOf('a'), b: answerOf('b') }) }));
    const server = made.listen(0);
    const both = ['a', 'b'].map((token) => ask(server, token).then((r) => r.body.auth.userId));
    await vi.waitFor(() => expect(release.size).toBe(2));
    release.get('b')?.();
    release.get('a')?.();
    expect(await Promise.all(both)).toEqual(['a', 'b']);
    server.close();
  });
});

describe('wrong options', () => {
  const verifier = verifierOf();
  it.each([
    ['options', undefined],
    ['verifier', { verifier: undefined }],
    ['verifier', { verifier: { verify: 1 } }],
    ['legacyPool', { verifier, legacyPool: {} }],
    ['relm', { verifier, relm: 'x' }],
    ['realm', { verifier, realm: 'a"b' }],
    ['realm', { verifier, realm: '' }],
    ['realm', { verifier, realm: 'a\r\nb' }],
    ['mode', { verifier, mode: 'dry-run' }],
    ['credentialsRequired', { verifier, credentialsRequired: 'false' }],
    ['getToken', { verifier, getToken: 'cookie' }],
    ['onDecision', { verifier, onDecision: true }],
    ['legacyTokenHeaders.sunset', { verifier, legacyTokenHeaders: { sunset: 'soon' } }],
  ])('are named at construction: %s', (option, options) => {
    const construct = () => cutoverAuth(options as unknown as CutoverAuthOptions);
    expect(construct).toThrow(ConfigurationError);
    expect(construct).toThrow(expect.objectContaining({ option }));
  });

  it.each([
    ['requireScope', () => requireScope()],
    ['requireScope', () => requireScope('')],
    ['requireScope', () => requireScope('orders/read orders/write')],
    ['requireScope', () => requireScope('a"b')],
    ['requireScope', () => requireScope(undefined as unknown as string)],
    ['requireScope', () => requireScope(['orders/read'] as unknown as string)],
    ['requireGroup', () => requireGroup()],
    ['requireGroup', () => requireGroup('staff', '')],
    ['requireGroup', () => requireGroup(['staff'] as unknown as string)],
  ])('are named at construction of a guard: %s', (option, construct) => {
    expect(construct).toThrow(ConfigurationError);
    expect(construct).toThrow(expect.objectContaining({ option }));
  });

  it.each([
    ['of the middleware', { verifier, relm: 'orders' }],
    ['of the verifier', { newPools: {}, tokenUse: 'access' }],
    ['of either, beside a verifier', { verifier, realmm: 'orders' }],
  ])('list every option there is, where one is misspelt: %s', (_, options) => {
    const all = [
      ...['verifier', 'credentialsRequired', 'getToken', 'property', 'realm', 'mode', 'compare'],
      ...['legacyTokenHeaders', 'onDecision', 'legacyPool', 'newPool', 'tokenUse', 'legacyId', 'legacyTokens'],
      ...['isRevoked', 'clockToleranceSeconds', 'cache', 'keys', 'clock', 'onEvent'],
    ];
    let message = '';
    try {
      cutoverAuth(options as unknown as CutoverAuthOptions);
    } catch (error) {
      message = `${error}`;
    }
    expect(all.filter((name) => !new RegExp(`\\b${name}\\b`).test(message))).toEqual([]);
  });

  it.each([
    [() => requireScope('a b'), `requireScope: expected one scope per argument, requireScope('a', 'b'), got "a b"`],
    [
      () => requireScope('a', 'b c'),
      `requireScope: expected one scope per argument, requireScope('a', 'b'), got "b c"`,
    ],
    [
      () => requireScope(['a', 'b'] as never),
      `requireScope: expected each scope as an argument of its own, requireScope('a', 'b'), got an array`,
    ],
    [() => requireScope('a"'), 'requireScope: expected a scope (RFC 6749 section 3.3), got "a\\""'],
    [() => requireScope(), 'requireScope: expected at least one scope, got an empty array'],
    [
      () => requireGroup(['a', 'b'] as never),
      `requireGroup: expected each group as an argument of its own, requireGroup('a', 'b'), got an array`,
    ],
    [() => requireGroup('a', ''), 'requireGroup: expected the name of a group, got ""'],
  ])('of a guard are told with what to write: %s', (construct, message) => {
    expect(construct).toThrow(message);
  });
});
