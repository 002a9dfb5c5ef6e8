import express from 'express';
import { describe, expect, it, vi } from 'vitest';
import { MAX_UNDER_WAY } from '../../../middleware/core/observe.js';
import { requireGroup } from '../../../middleware/express.js';
import type { CutoverIdentity } from '../../../src/verify/types.js';
import { anna, app, get, journal, observing, verifierOf, watchProcess } from '../support.js';

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
});
