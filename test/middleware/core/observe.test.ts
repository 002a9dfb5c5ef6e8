import express from 'express';
import { describe, expect, it, vi } from 'vitest';
import { MAX_UNDER_WAY } from '../../../middleware/core/observe.js';
import { requireGroup } from '../../../middleware/express.js';
import type { CutoverIdentity } from '../../../src/verify/types.js';
import { anna, app, enforcing, get, journal, observing, pass, verifierOf, watchProcess } from '../support.js';

watchProcess();

/** What it reports, and lets through: test/middleware/hosts.test.ts. */
describe('an observing cutoverAuth', () => {
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
    expect((await get(app(express, handler, requireGroup('admins')))).status).toBe(200);
    for (const answer of answers) answer(anna);
    await new Promise(setImmediate);
    arrive();
    expect(answers).toHaveLength(MAX_UNDER_WAY + 1);
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

  it('puts the identity where there is none, whatever stands for that', () => {
    for (const nothing of [{}, { auth: undefined }, { auth: null }]) {
      const req = { headers: { authorization: 'Bearer good' }, ...nothing };
      pass(observing(), req);
      expect(req).toMatchObject({ auth: anna });
    }
    for (const auth of [false, '', { id: 1 }]) {
      const req = { headers: { authorization: 'Bearer good' }, auth };
      pass(observing(), req);
      expect(req.auth).toBe(auth);
    }
  });

  it('puts none on a request that another one has let through as anonymous', () => {
    const req = { headers: { authorization: 'Bearer good' } };
    pass(enforcing({ credentialsRequired: false, getToken: () => undefined }), req);
    pass(observing(), req);
    expect(req).not.toHaveProperty('auth');
  });
});
