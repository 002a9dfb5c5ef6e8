import type { RequestHandler } from 'express';
import { describe, expect, it, vi } from 'vitest';
import { MAX_UNDER_WAY } from '../../../middleware/core/observe.js';
import { requireAnyGroup, requireGroup, requireScope, requireUser } from '../../../middleware/express.js';
import type { CutoverIdentity } from '../../../src/verify/types.js';
import {
  admin,
  anna,
  app,
  atOnce,
  enforcing,
  foreign,
  frameworks,
  get,
  journal,
  later,
  machine,
  observing,
  verifierOf,
  watchProcess,
} from '../support.js';

watchProcess();

describe.each(frameworks)('behind %s', (_, framework) => {
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

    it('after an enforcing one does not tighten anything either, and reports for itself', async () => {
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
  });
});
