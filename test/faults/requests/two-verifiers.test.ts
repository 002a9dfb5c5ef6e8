import type { RequestListener, ServerResponse } from 'node:http';
import express from 'express';
import request from 'supertest';
import { expect } from 'vitest';
import { type CutoverDecision, cutoverAuth, requireUser } from '../../../middleware/express.js';
import { createTestPools } from '../../../src/testing/index.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { verdict } from '../../support/outcome.js';
import { fault } from '../fault.js';
import { changing, serveForTest } from './broken-servers.js';

const UNAVAILABLE = 'ERR_KEYS_UNAVAILABLE';

/** A verifier of two pools of its own, whose keys come from one address, and that address. */
async function startVerifier(onTestFinished: (end: () => void) => void, timeoutMs = 60_000) {
  const pools = await createTestPools({ serve: false });
  const both = JSON.stringify({ keys: [pools.legacyPool, pools.newPool].flatMap((pool) => pool.jwks().keys) });
  let asked = 0;
  const good: RequestListener = (_request, response) => {
    asked += 1;
    response.end(both);
  };
  const endpoint = changing(good);
  const jwksUri = await serveForTest((req, res) => endpoint.listener(req, res));
  const accept = ({ userPoolId, clientId }: typeof pools.newPool) => ({ userPoolId, clientIds: [clientId], jwksUri });
  const verifier = createCutoverVerifier({
    legacyPool: accept(pools.legacyPool),
    newPool: accept(pools.newPool),
    tokenUse: 'access',
    keys: { timeoutMs },
  });
  onTestFinished(() => {
    verifier.close();
    void pools.close();
  });
  return { pools, verifier, endpoint, asked: () => asked };
}

fault(
  'the key endpoint of one of two verifiers in a process hangs under load',
  'its tokens get 503 once the time limit is over; those of the other verifier are accepted meanwhile, one after the other and at once',
  async ({ onTestFinished }) => {
    const [broken, sound] = [await startVerifier(onTestFinished, 1_000), await startVerifier(onTestFinished)];
    const waiting: unknown[] = [];
    broken.endpoint.use((_request, response) => void waiting.push(response));
    const token = broken.pools.person().new.accessToken();
    let answered = 0;
    const refused = Array.from({ length: 500 }, async () => {
      const code = await verdict(broken.verifier, token);
      answered += 1;
      return code;
    });
    await expect.poll(() => waiting.length).toBe(1);
    const anna = sound.pools.person();
    for (const one of [anna.new.accessToken(), anna.legacy.accessToken()]) {
      expect(await verdict(sound.verifier, one)).toBe('accepted');
    }
    const many = Array.from({ length: 500 }, () => verdict(sound.verifier, anna.new.accessToken()));
    expect(new Set(await Promise.all(many))).toEqual(new Set(['accepted']));
    expect(sound.verifier.status().map(({ keys }) => keys)).toEqual(['fresh', 'fresh']);
    // A token of the other's pools stays what it is: one of a stranger, and no reason to wait.
    expect(await verdict(sound.verifier, token)).toBe('ERR_ISSUER_NOT_TRUSTED');
    expect(new Set(await Promise.all(refused))).toEqual(new Set([UNAVAILABLE]));
    expect([answered, waiting.length, sound.asked()]).toEqual([500, 1, 2]);
  },
);

fault(
  'the keys of one of two middlewares with verifiers of their own are missing, and it observes',
  'every request is answered as by the enforcing one alone and does not wait, whichever stands in front; the observing one reports the 503',
  async ({ onTestFinished }) => {
    const sound = await startVerifier(onTestFinished);
    const seen: string[] = [];
    const onDecision = (decision: CutoverDecision) => {
      seen.push(decision.outcome === 'refused' ? (decision.error as { code: string }).code : decision.outcome);
    };
    // A verifier of the same pools, which cannot fetch their keys.
    const { legacyPool, newPool } = sound.pools;
    const waiting: ServerResponse[] = [];
    const jwksUri = await serveForTest((_request, response) => void waiting.push(response));
    const accept = ({ userPoolId, clientId }: typeof newPool) => ({ userPoolId, clientIds: [clientId], jwksUri });
    const blind = createCutoverVerifier({
      legacyPool: accept(legacyPool),
      newPool: accept(newPool),
      tokenUse: 'access',
      keys: { timeoutMs: 60_000 },
    });
    onTestFinished(() => blind.close());
    const enforcing = cutoverAuth({ verifier: sound.verifier });
    const observing = cutoverAuth({ verifier: blind, mode: 'observe', onDecision });
    const app = express();
    for (const [name, pair] of Object.entries({ before: [observing, enforcing], after: [enforcing, observing] })) {
      app.use(`/${name}`, ...pair, requireUser(), (req, res) => void res.json(req.auth?.userId));
    }
    app.use('/alone', observing, (req, res) => void res.json(req.auth === undefined));
    const anna = sound.pools.person();
    const get = async (path: string, token: string) => {
      const { status, body } = await request(app).get(path).auth(token, { type: 'bearer' });
      return status === 401 ? status : [status, body];
    };
    for (const path of ['/before', '/after']) {
      expect(await get(path, anna.new.accessToken())).toEqual([200, anna.userId]);
      expect(await get(path, anna.legacy.accessToken())).toEqual([200, anna.userId]);
      expect(await get(path, 'a.b.c')).toBe(401);
    }
    expect(await get('/alone', anna.new.accessToken())).toEqual([200, true]);
    // Nothing that had to wait is decided yet: no answer above waited for it.
    expect(seen.filter((code) => code !== 'ERR_TOKEN_MALFORMED')).toEqual([]);
    await expect.poll(() => waiting.length).toBe(2);
    for (const response of waiting) response.writeHead(503).end();
    await expect.poll(() => seen.filter((code) => code === UNAVAILABLE).length).toBe(5);
  },
);
