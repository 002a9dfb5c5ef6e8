import express from 'express';
import request from 'supertest';
import { expect } from 'vitest';
import { cutoverAuth, requireUser } from '../../../middleware/express.js';
import { startTimeline } from '../../support/key-timeline.js';
import { fault } from '../fault.js';

fault(
  'the keys are missing while two middlewares stand one after the other, or one is mounted twice',
  'one 503 with a time to come back, the keys are asked for once, and neither a guard nor a handler lets the request pass',
  async (context) => {
    const { clock, endpoint, pool, verifier } = await startTimeline(context);
    const enforcing = cutoverAuth({ verifier });
    const observing = cutoverAuth({ verifier, mode: 'observe' });
    const pairs = { twice: [enforcing, enforcing], first: [enforcing, observing], second: [observing, enforcing] };
    const app = express();
    let handled = 0;
    for (const [name, pair] of Object.entries(pairs)) {
      const router = express.Router().use(pair[1]!);
      router.get('/', requireUser(), (_req, res) => {
        handled += 1;
        res.json({});
      });
      app.use(`/${name}`, pair[0]!, router);
    }
    const token = pool.accessToken({ exp: clock.seconds + 86_400, legacy_sub: '0b6a3f0e-5c3e-4a8e-9d7e-111111111111' });
    const get = (name: string) => request(app).get(`/${name}`).auth(token, { type: 'bearer' });
    endpoint.status = 500;
    for (const [at, name] of Object.keys(pairs).entries()) {
      const { status, headers } = await get(name);
      expect([name, status, Number(headers['retry-after'])]).toEqual([name, 503, 2 ** at]);
      expect(endpoint.askedAt).toHaveLength(at + 1);
      await clock.advance(2 ** at * 1_000);
    }
    expect(handled).toBe(0);
    endpoint.status = 200;
    for (const name of Object.keys(pairs)) expect([name, (await get(name)).status]).toEqual([name, 200]);
    expect([handled, endpoint.askedAt.length]).toEqual([3, 4]);
  },
);

fault(
  'the source of legacy ids is down while two middlewares stand one after the other',
  'enforcing after enforcing asks once and answers 503; observing in front asks for itself, and changes no answer',
  async (context) => {
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      throw new Error('down');
    };
    const { clock, pool, verifier } = await startTimeline(context, {}, { legacyId: { resolve } });
    const enforcing = cutoverAuth({ verifier });
    const app = express();
    app.use('/twice', enforcing, enforcing, (_req, res) => void res.json({}));
    app.use('/observed', cutoverAuth({ verifier, mode: 'observe' }), enforcing, (_req, res) => void res.json({}));
    const token = pool.accessToken({ exp: clock.seconds + 86_400 });
    const get = (path: string) => request(app).get(path).auth(token, { type: 'bearer' });
    expect([(await get('/twice')).status, asked]).toEqual([503, 1]);
    expect([(await get('/observed')).status, asked]).toEqual([503, 3]);
  },
);
