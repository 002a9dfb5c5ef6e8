import { describe, expect, it } from 'vitest';
import { coverageOf } from '../../../../src/operate/drain/report/coverage.js';
import { REASONS, unknownInstances } from '../../../../src/operate/drain/report/drain-reasons.js';
import { runOf } from '../support.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const names = Array.from({ length: 12 }, (_, n) => `api-${n}`);

/** Each reason with values of every kind. */
const SENTENCES: Readonly<Record<keyof typeof REASONS, string>> = {
  noInstances: REASONS.noInstances,
  nobodyCounts: REASONS.nobodyCounts,
  nothingCounted: REASONS.nothingCounted,
  noLegacyPool: REASONS.noLegacyPool,
  refreshUnknown: REASONS.refreshUnknown,
  noStore: REASONS.noStore,
  notWritten: REASONS.notWritten('api-1', 'Redis', 'ECONNREFUSED'),
  unreadable: REASONS.unreadable('Redis', 'ECONNREFUSED'),
  damaged: REASONS.damaged(2),
  silent: REASONS.silent(names),
  doubled: REASONS.doubled(['api-1']),
  clockAhead: REASONS.clockAhead(['api-1']),
  lambda: REASONS.lambda(['authorizer']),
  tooFew: REASONS.tooFew(1, 3),
  neverEnough: REASONS.neverEnough(3),
  notLegacy: REASONS.notLegacy(['p']),
  twoSides: REASONS.twoSides(['p']),
  otherPools: REASONS.otherPools(['p'], ['q']),
  stillUsed: REASONS.stillUsed(NOW, NOW, []),
  unjudged: REASONS.unjudged(NOW),
  gap: REASONS.gap({ kind: 'nobody', from: NOW, until: NOW }),
  started: REASONS.started(NOW, 'api-1', undefined),
  storeBegan: REASONS.storeBegan(NOW),
  retention: REASONS.retention(NOW, 86_400_000),
  wait: REASONS.wait(NOW, NOW, 86_400_000),
};

describe('a reason', () => {
  it.each(Object.entries(SENTENCES))('%s is a sentence, with times for people', (_, sentence) => {
    expect(sentence).toMatch(/^[\w(].*\.$/);
    expect(sentence).not.toMatch(/undefined|NaN|\d{13}|T\d\d:/);
  });

  it('names ten instances, and how many more there are', () => {
    expect(SENTENCES.silent).toMatch(/api-9 and 2 more stopped reporting/);
  });

  it('names the clients that still come, with their users', () => {
    const client = {
      userPoolId: 'p',
      pool: 'legacy',
      clientId: 'web',
      tokens: 1200,
      users: 1,
      latestExpiry: null,
      hours: [],
    } as const;
    const [sentence, never] = ['2026-01-15T11:00:00.000Z', null].map((lastToken) =>
      REASONS.stillUsed(NOW, NOW, [{ ...client, lastToken }]),
    );
    expect(sentence).toMatch(/App clients: web \(1,200 tokens of 1 user, the last on 2026-01-15 11:00:00 UTC\)\./);
    expect(never).toMatch(/App clients: web \(1,200 tokens of 1 user\)\./);
  });

  it('is found for every kind of doubt about the instances, all at once', () => {
    const instances = [
      runOf({ startedAt: 0, reportedAt: 1 }),
      runOf({ instance: 'b', run: 'r2', startedAt: 0, reportedAt: NOW }),
      runOf({ instance: 'b', run: 'r3', startedAt: 0, reportedAt: NOW }),
      runOf({ instance: 'c', run: 'r4', startedAt: 0, reportedAt: NOW + 600_000 }),
      runOf({ instance: 'd', run: 'r5', startedAt: 0, reportedAt: NOW, lambda: true }),
    ];
    expect(unknownInstances(coverageOf(instances, NOW, 9), 9)).toEqual([
      REASONS.silent(['api-1']),
      REASONS.doubled(['b']),
      REASONS.clockAhead(['c']),
      REASONS.lambda(['d']),
      REASONS.tooFew(3, 9),
    ]);
    expect(unknownInstances(coverageOf([], NOW, 9), 9)).toEqual([REASONS.noInstances]);
  });
});
