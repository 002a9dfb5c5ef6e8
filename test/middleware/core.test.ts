import { format } from 'node:util';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { describe, expect, it, vi } from 'vitest';
import { type CutoverAuthOptions, cutoverAuth } from '../../middleware/express.js';
import { ConfigurationError } from '../../src/errors.js';
import { anna, app, atOnce, enforcing, frameworks, get, verifierOf, watchProcess } from './support.js';

watchProcess();

describe.each(frameworks)('behind %s', (_, framework) => {
  it('a refusal shows no stack of ours in development', async () => {
    const made = app(framework, enforcing()).set('env', 'development');
    const { text } = await get(made, 'bad');
    expect(text).toContain('[ERR_SIGNATURE_INVALID]: A sentence.');
    expect(text).not.toContain('express.ts');
    const logged = () =>
      vi
        .mocked(console.error)
        .mock.calls.map((call) => format(...call))
        .filter((line) => line.includes('A sentence.'));
    await vi.waitFor(() => expect(logged()).not.toEqual([]));
    expect(logged().join()).not.toContain('express.ts');
  });

  describe('a response whose headers are sent', () => {
    it('while a token is judged does not hinder the request', async () => {
      let settle = () => {};
      const verifier = verifierOf(() => new Promise((resolve) => (settle = () => resolve(anna))));
      const early: RequestHandler = (_req, res, next) => {
        next();
        res.flushHeaders();
        settle();
      };
      const handler = cutoverAuth({ verifier, legacyTokenHeaders: { sunset: new Date() } });
      const stream: RequestHandler = (req, res) => void res.end(req.auth?.userId);
      expect((await get(app(framework, early, handler, stream))).text).toBe('anna');
    });

    it('gets none of a refusal', async () => {
      const early: RequestHandler = (_req, res, next) => {
        res.flushHeaders();
        next();
      };
      const end: ErrorRequestHandler = (error, _req, res, _next) => void res.end(error.code);
      const response = await get(app(framework, early, enforcing({ getToken: () => 'bad' } as never), end));
      expect([response.status, response.text]).toEqual([200, 'ERR_SIGNATURE_INVALID']);
    });
  });
});

describe('wrong options', () => {
  const verifier = verifierOf(atOnce);
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
    ['compare', { verifier, compare: () => 'anna' }],
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
});
