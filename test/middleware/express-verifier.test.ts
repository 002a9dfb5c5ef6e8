import express, { type RequestHandler } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cutoverAuth, requireScope } from '../../middleware/express.js';
import { ConfigurationError } from '../../src/errors.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { createCutoverVerifier } from '../../src/verify/verifier.js';

vi.spyOn(console, 'error').mockImplementation(() => {});

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools();
});
afterAll(() => pools.close());

const options = () => ({
  legacyPool: pools.legacyPool.options,
  newPool: pools.newPool.options,
  tokenUse: 'access' as const,
});

function app(env: string, ...handlers: RequestHandler[]) {
  const made = express();
  made.set('env', env);
  made.use(...handlers, (req, res) => {
    res.json(req.auth);
  });
  return made;
}
const get = (made: express.Express, token: string) => request(made).get('/').set('Authorization', `Bearer ${token}`);

describe('with the options of a verifier', () => {
  it('makes one, which loads its keys at the first token', async () => {
    const made = app('production', cutoverAuth({ ...options(), realm: 'orders' }));
    const anna = pools.person();
    for (const token of [anna.legacy.accessToken(), anna.new.accessToken()]) {
      expect((await get(made, token)).body.userId).toBe(anna.userId);
    }
  });

  it('names its wrong options and unknown ones', () => {
    const { tokenUse, ...incomplete } = options();
    const wrong: [string, object][] = [
      ['tokenUse', incomplete],
      ['relm', { ...options(), relm: 'orders' }],
    ];
    for (const [option, given] of wrong) {
      const construct = () => cutoverAuth(given as ReturnType<typeof options>);
      expect(construct).toThrow(ConfigurationError);
      expect(construct).toThrow(option);
    }
  });
});

it('answers 503 while the keys of a pool are unavailable, and serves the other pool', async () => {
  const made = app('production', cutoverAuth(options()));
  const anna = pools.person();
  pools.newPool.outage('error');
  try {
    const response = await get(made, anna.new.accessToken());
    expect(response.status).toBe(503);
    expect(Number(response.get('Retry-After'))).toBeGreaterThanOrEqual(1);
    expect(response.headers).not.toHaveProperty('www-authenticate');
    expect((await get(made, anna.legacy.accessToken())).status).toBe(200);
  } finally {
    pools.newPool.outage('off');
  }
});

describe.each(['production', 'development'])('in %s', (env) => {
  it('no answer repeats text from a token', async () => {
    const mark = 'zqxjkv';
    const { newPool, legacyPool } = pools;
    const good = { kid: newPool.kids.access, alg: 'RS256' };
    const claims = JSON.parse(Buffer.from(newPool.accessToken().split('.')[1]!, 'base64url').toString());
    const tokens = {
      ERR_TOKEN_MALFORMED: [mark, `${mark}.${mark}.${mark}`, newPool.sign({ ...good, crit: [mark] }, claims)],
      ERR_ALGORITHM_NOT_ALLOWED: [newPool.sign({ ...good, alg: mark }, claims)],
      ERR_ISSUER_NOT_TRUSTED: [newPool.accessToken({ iss: `https://${mark}.example.com/` })],
      ERR_KEY_NOT_FOUND: [newPool.sign({ ...good, kid: mark }, claims)],
      ERR_SIGNATURE_INVALID: [newPool.sign(good, { ...claims, sub: mark }).replace(/.{20}$/, 'A'.repeat(20))],
      ERR_TOKEN_EXPIRED: [legacyPool.accessToken({ exp: 1, jti: mark })],
      ERR_CLAIM_INVALID: [newPool.sign(good, { ...claims, iat: mark })],
      ERR_TOKEN_USE_NOT_ALLOWED: [newPool.accessToken({ token_use: mark }), newPool.idToken({ email: mark })],
      ERR_CLIENT_NOT_ALLOWED: [newPool.accessToken({ client_id: mark })],
      ERR_LEGACY_ID_MISSING: [newPool.accessToken({ username: mark })],
      ERR_LEGACY_ID_INVALID: [newPool.accessToken({ legacy_sub: mark })],
      ERR_INSUFFICIENT_SCOPE: [legacyPool.accessToken({ scope: mark })],
    };
    const made = app(env, cutoverAuth({ verifier: createCutoverVerifier(options()) }), requireScope('orders/read'));
    for (const [code, given] of Object.entries(tokens)) {
      for (const token of given) {
        const { status, headers, text } = await get(made, token);
        expect(status, code).toBeGreaterThanOrEqual(400);
        const answer = JSON.stringify(headers) + text;
        if (env === 'development') expect(answer).toContain(code);
        expect(answer).not.toContain(mark);
        expect(answer).not.toContain(Buffer.from(mark).toString('base64url').slice(0, 7));
        expect(answer).not.toContain(token.slice(0, 12));
      }
    }
  });
});
