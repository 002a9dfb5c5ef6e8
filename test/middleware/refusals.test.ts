import type { ErrorRequestHandler, RequestHandler } from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { getAuth, requireScope, requireUser } from '../../middleware/express.js';
import { CutoverError } from '../../src/errors.js';
import { app, atOnce, enforcing, frameworks, get, machine, observing, verifierOf, watchProcess } from './support.js';

watchProcess();

describe.each(frameworks)('a refusal behind %s', (_, framework) => {
  /** Answers as many applications do: without a thought for `error.headers`. */
  const json: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(error.status ?? 500).json({ code: error.code, message: error.message });
  };
  const swallow: ErrorRequestHandler = (_error, _req, _res, next) => next();
  const refusing = (more = {}) => enforcing({ getToken: () => 'bad', ...more } as never);
  const unavailable = () => {
    const down = new CutoverError('ERR_KEYS_UNAVAILABLE', 'A sentence.', { retryAfterSeconds: 7 });
    const verify = () => {
      throw down;
    };
    return enforcing({ verifier: { verify } } as never);
  };
  const headersOf = async (...stack: (RequestHandler | ErrorRequestHandler)[]) => {
    const response = await get(app(framework, ...stack));
    return [response.status, response.get('WWW-Authenticate'), response.get('Retry-After')];
  };
  const invalid = expect.stringMatching(/^Bearer realm="api", error="invalid_token"/);
  const scope = expect.stringMatching(/scope="orders\/write"$/);

  describe('puts its headers on the response', () => {
    it.each<[string, RequestHandler[], unknown[]]>([
      ['of a bad token', [refusing()], [401, invalid, undefined]],
      ['of a guard', [enforcing(), requireScope('orders/write')], [403, scope, undefined]],
      ['while nothing can be decided', [unavailable()], [503, undefined, '7']],
    ])('for an error handler that does not: %s', async (_what, stack, expected) => {
      expect(await headersOf(...stack, json)).toEqual(expected);
    });

    it.each<[string, RequestHandler[]]>([
      ['of a bad token', [refusing()]],
      ['of a guard', [enforcing(), requireScope('orders/write')]],
      ['of several', [refusing(), swallow as never, unavailable()]],
      ['of one that an observing cutoverAuth follows', [refusing(), swallow as never, observing()]],
    ])('and takes them back when another cutoverAuth accepts: %s', async (_what, stack) => {
      expect(await headersOf(...stack, swallow, enforcing())).toEqual([200, undefined, undefined]);
    });

    it('in place of those of an earlier refusal', async () => {
      expect(await headersOf(refusing(), swallow, unavailable(), json)).toEqual([503, undefined, '7']);
      expect(await headersOf(unavailable(), swallow, refusing(), json)).toEqual([401, invalid, undefined]);
      const guarded = [refusing(), swallow, unavailable(), swallow, requireUser(), json] as RequestHandler[];
      expect(await headersOf(...guarded)).toEqual([503, undefined, '7']);
    });

    it('and leaves those of the application', async () => {
      const own: RequestHandler = (_req, res, next) => void next(void res.set('WWW-Authenticate', 'Basic'));
      expect(await headersOf(own, enforcing())).toEqual([200, 'Basic', undefined]);
      expect(await headersOf(refusing(), swallow, own, enforcing())).toEqual([200, 'Basic', undefined]);
    });

    it('not on one that is under way', async () => {
      const early: RequestHandler = (_req, res, next) => {
        res.flushHeaders();
        next();
      };
      const end: ErrorRequestHandler = (error, _req, res, _next) => void res.end(error.code);
      const response = await get(app(framework, early, refusing(), end));
      expect([response.status, response.text]).toEqual([200, 'ERR_SIGNATURE_INVALID']);
    });

    it('in no answer of an observing one', async () => {
      expect(await headersOf(observing({ getToken: () => 'bad' } as never), requireUser())).toEqual([
        200,
        undefined,
        undefined,
      ]);
    });
  });

  describe('that an error handler lets through', () => {
    const codeOf = async (...stack: (RequestHandler | ErrorRequestHandler)[]) => {
      const { status, body } = await get(app(framework, ...stack, json));
      return [status, body.code];
    };
    const auth: RequestHandler = (req, res) => void res.json(getAuth(req));
    const anonymous = () => enforcing({ credentialsRequired: false, getToken: () => undefined } as never);

    it.each([
      ['a guard', requireUser()],
      ['getAuth', auth],
    ])('is the answer of %s: no outage becomes a 401', async (_what, needsUser) => {
      expect(await codeOf(unavailable(), swallow, needsUser)).toEqual([503, 'ERR_KEYS_UNAVAILABLE']);
      expect(await codeOf(refusing(), swallow, needsUser)).toEqual([401, 'ERR_SIGNATURE_INVALID']);
      expect(await codeOf(unavailable(), swallow, anonymous(), needsUser)).toEqual([503, 'ERR_KEYS_UNAVAILABLE']);
      expect(await codeOf(unavailable(), swallow, observing(), needsUser)).toEqual([503, 'ERR_KEYS_UNAVAILABLE']);
    });

    it('is over once another cutoverAuth accepts', async () => {
      expect((await get(app(framework, unavailable(), swallow, enforcing(), requireUser()))).status).toBe(200);
    });

    it('stays 401 where the application itself failed', async () => {
      const failing = enforcing({ getToken: () => Promise.resolve('good') } as never);
      expect(await codeOf(failing, swallow, requireUser())).toEqual([401, 'ERR_TOKEN_MISSING']);
    });
  });

  describe('for want of a token', () => {
    const send = ' Send "Authorization: Bearer " followed by the token.';
    const cases: [string, Record<string, string>, string][] = [
      ['no header', {}, `The request has no Authorization header.${send}`],
      [
        'another scheme',
        { Authorization: 'Basic c2VjcmV0' },
        `The Authorization header uses another scheme than Bearer.${send}`,
      ],
      [
        'a token without the scheme',
        { Authorization: 'c2VjcmV0.c2VjcmV0.c2VjcmV0' },
        `The Authorization header has a value without the scheme Bearer.${send}`,
      ],
    ];

    it.each(cases)('says what was found, and what to send: %s', async (_what, headers, message) => {
      const optional = enforcing({ credentialsRequired: false } as never);
      for (const stack of [[enforcing()], [optional, requireUser()]]) {
        const response = await request(app(framework, ...stack, json))
          .get('/')
          .set(headers);
        expect([response.status, response.body]).toEqual([401, { code: 'ERR_TOKEN_MISSING', message }]);
        expect(response.get('WWW-Authenticate')).toBe('Bearer realm="api"');
      }
    });

    it('says that getToken found none', async () => {
      const stack = [enforcing({ getToken: () => undefined } as never), json];
      const response = await request(app(framework, ...stack))
        .get('/')
        .set('Authorization', 'Bearer good');
      expect(response.body.message).toBe('The request carries no token where getToken looks for it.');
    });
  });

  it('of a machine says so', async () => {
    const ofMachine = enforcing({ verifier: verifierOf(atOnce, machine) } as never);
    const response = await get(app(framework, ofMachine, requireUser(), json));
    expect(response.body.message).toBe('The token does not meet requireUser(): it belongs to a machine.');
  });
});
