import type { RequestHandler } from 'express';
import { describe, expect, it, vi } from 'vitest';
import { cutoverAuth, requireGroup } from '../../middleware/express.js';
import { CutoverError } from '../../src/errors.js';
import { anna, app, atOnce, enforcing, frameworks, get, later, verifierOf, watchProcess } from './support.js';

watchProcess();

describe.each(frameworks)('behind %s', (_, framework) => {
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
      const stream: RequestHandler = (req, res) => void res.end(req.auth?.userId);
      expect((await get(app(framework, early, handler, stream))).text).toBe('anna');
    });
  });
});
