import { describe, expect, it } from 'vitest';
import type { WriteStatus } from '../../../src/migrate/outcomes.js';
import { Journal } from '../../../src/migrate/state/journal.js';
import { failure } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';

const UNANSWERED = 'TimeoutError, after a call without an answer';

function setUp(earlier?: WriteStatus, earlierError?: string) {
  const { db } = state();
  const journal = new Journal(db, 1, () => 7);
  const user = { kind: 'attribute', username: 'ann', sub: 'n1', target: 'custom:legacy_sub', value: 'old', before: '' };
  const operation = { ...user, earlier, earlierError };
  if (earlier !== undefined) {
    journal.begin(operation);
    journal.end(operation, earlier, earlierError);
  }
  const doubted: string[] = [];
  const job = (send: () => Promise<void>) => journal.job(operation, send, () => doubted.push('in doubt'));
  const rows = () => db.all('SELECT status, error FROM operations');
  return { job, rows, doubted };
}

const failing = (kind: Parameters<typeof failure>[0]) => async () => {
  throw failure(kind);
};

describe('a write that failed', () => {
  it.each([
    ['unavailable', true],
    ['answer', true],
    ['throttled', false],
    ['invalid', false],
  ] as const)('as %s may have arrived: %s', async (kind, isDoubted) => {
    const { job, rows, doubted } = setUp();
    const one = job(failing(kind));
    one.begin();
    await expect(one.send()).rejects.toThrow();
    expect(one.mayHaveArrived()).toBe(isDoubted);
    one.end('failed', 'TimeoutError');
    expect(rows()).toEqual([['failed', isDoubted ? UNANSWERED : 'TimeoutError']]);
    expect(doubted).toHaveLength(isDoubted ? 1 : 0);
  });

  it.each<[WriteStatus, string | undefined, boolean]>([
    ['begun', undefined, true],
    ['failed', UNANSWERED, true],
    ['failed', 'InvalidParameterException', false],
  ])('in an earlier run, %s with %s, may have arrived: %s', (earlier, error, isDoubted) => {
    const { job } = setUp(earlier, error);
    expect(job(async () => undefined).mayHaveArrived()).toBe(isDoubted);
  });
});

it.each<[WriteStatus | undefined, string | undefined, unknown[]]>([
  [undefined, undefined, []],
  ['begun', undefined, [['begun', null]]],
  ['failed', UNANSWERED, [['failed', UNANSWERED]]],
])('a write that was not sent leaves what was there: %s', (earlier, error, left) => {
  const { job, rows } = setUp(earlier, error);
  const one = job(async () => undefined);
  one.begin();
  one.cancel();
  expect(rows()).toEqual(left);
});
