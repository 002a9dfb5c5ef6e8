import express, { type ErrorRequestHandler } from 'express';
import request from 'supertest';
import { expect, vi } from 'vitest';
import { cutoverAuth } from '../../../middleware/express.js';
import { readinessCheck } from '../../../src/operate/readiness.js';
import type { CutoverIdentity } from '../../../src/verify/types.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { startTimeline } from '../../support/key-timeline.js';
import { verdict } from '../../support/outcome.js';
import { noteProcessFaults } from '../../support/process-faults.js';
import { fault } from '../fault.js';

const processFaults = noteProcessFaults();

fault(
  'isRevoked hangs, and as many requests as may wait for it do wait',
  'one more gets 503 at once; requests that need no answer of it, other verifiers and readiness are not touched; those who wait are judged once it answers',
  async (context) => {
    // The three seconds for which a request waits do not pass.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    context.onTestFinished(() => void vi.useRealTimers());
    const asked: ((isRevoked: boolean) => void)[] = [];
    const isRevoked = ({ kind }: CutoverIdentity) =>
      kind === 'machine' ? new Promise<boolean>((resolve) => asked.push(resolve)) : false;
    const { clock, otherPool, pool, token, verifier } = await startTimeline(context, {}, { isRevoked });
    await verifier.hydrate();
    const one = token();
    const waiting = Array.from({ length: 1_000 }, () => verdict(verifier, one));
    await expect.poll(() => asked.length).toBe(1_000);

    const other = createCutoverVerifier({
      legacyPool: { userPoolId: otherPool.userPoolId, clientIds: null, jwks: otherPool.jwks() },
      newPool: { userPoolId: pool.userPoolId, clientIds: null, jwks: pool.jwks() },
      tokenUse: 'any',
      isRevoked: async () => false,
      clock,
    });
    const app = express();
    app.get('/healthz', (_req, res) => void res.json('healthy'));
    app.use('/other', cutoverAuth({ verifier: other }), (_req, res) => void res.json('passed'));
    app.use(cutoverAuth({ verifier }), (_req, res) => void res.json('passed'));
    const refuse: ErrorRequestHandler = ({ code }, _req, res, _next) =>
      void res.status(code === 'ERR_REVOCATION_UNAVAILABLE' ? 503 : 401).json(code);
    app.use(refuse);
    const get = async (path: string, sent?: string) => {
      const asking = request(app).get(path);
      const { status, body } = await (sent === undefined ? asking : asking.auth(sent, { type: 'bearer' }));
      return [status, body];
    };
    const exp = clock.seconds - 60;
    expect({
      'one more': await get('/', one),
      health: await get('/healthz'),
      'another verifier': await get('/other', one),
      'no token': await get('/'),
      'an expired one': await get('/', pool.machineToken({ iat: exp - 60, exp })),
      'a tampered one': await get('/', `${one.slice(0, one.lastIndexOf('.'))}.${'A'.repeat(342)}`),
      ready: (await readinessCheck({ verifier })()).ready,
    }).toEqual({
      'one more': [503, 'ERR_REVOCATION_UNAVAILABLE'],
      health: [200, 'healthy'],
      'another verifier': [200, 'passed'],
      'no token': [401, 'ERR_TOKEN_MISSING'],
      'an expired one': [401, 'ERR_TOKEN_EXPIRED'],
      'a tampered one': [401, 'ERR_SIGNATURE_INVALID'],
      ready: true,
    });

    for (const [at, answer] of asked.entries()) answer(at === 0);
    const verdicts = await Promise.all(waiting);
    expect(verdicts.filter((code) => code === 'accepted')).toHaveLength(999);
    expect(verdicts[0]).toBe('ERR_TOKEN_REVOKED');
    const after = get('/', one);
    await expect.poll(() => asked.length).toBe(1_001);
    asked.at(-1)?.(false);
    expect(await after).toEqual([200, 'passed']);
    expect(processFaults).toEqual([]);
  },
);
