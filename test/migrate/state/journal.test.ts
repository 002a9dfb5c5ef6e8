import { describe, expect, it } from 'vitest';
import type { WriteStatus } from '../../../src/migrate/outcomes.js';
import {
  Journal,
  type PlannedOperation,
  SHOWN_LATE_MS,
  settleByListing,
  UndoJournal,
} from '../../../src/migrate/state/journal.js';
import { failure } from '../support/fake-directory.js';
import { makePlanTables } from '../support/plan-tables.js';
import { state } from '../support/workspace.js';

const UNANSWERED = 'TimeoutError, after a call without an answer';

const ATTRIBUTE = 'custom:legacy_sub';
const ANN: PlannedOperation = {
  ...{ kind: 'attribute', username: 'ann', sub: 'n1', target: ATTRIBUTE },
  ...{ value: 'old', before: '', earlier: undefined },
};

function setUp(earlier?: WriteStatus, earlierError?: string) {
  const { db } = state();
  const journal = new Journal(db, 1, { now: () => 7 });
  const operation = { ...ANN, earlier, earlierError };
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

it('keeps what stood before the first try, and the time of the last one', () => {
  const { db } = state();
  const first = new Journal(db, 1, { now: () => 7 });
  first.begin(ANN);
  first.end(ANN, 'failed', 'TimeoutError');
  new Journal(db, 1, { now: () => 9 }).begin({ ...ANN, before: 'old' });
  expect(db.all('SELECT before, status, begun_at, ended_at, error FROM operations')).toEqual([
    ['', 'begun', 9, null, null],
  ]);
});

it('of a dry run records nothing', () => {
  const { db } = state();
  const recorded = () => db.all('SELECT * FROM operations');
  const dry = new Journal(db, 1, { now: () => 7, dryRun: true });
  const tryOut = () => {
    dry.begin(ANN);
    dry.end(ANN, 'written');
    dry.cancel(ANN);
  };
  tryOut();
  expect(recorded()).toEqual([]);
  new Journal(db, 1, { now: () => 7 }).begin(ANN);
  const before = recorded();
  tryOut();
  const undo = new UndoJournal(db, { now: () => 9, dryRun: true });
  undo.begin([1]);
  undo.end([1], 'rolled-back');
  undo.endAll(ANN, 'rolled-back');
  expect(recorded()).toEqual(before);
});

describe('what is taken back', () => {
  const written = () => {
    const { db } = state();
    for (const plan of [1, 2]) {
      const journal = new Journal(db, plan, { now: () => plan });
      for (const kind of ['attribute', 'member'] as const) {
        journal.begin({ ...ANN, kind });
        journal.end({ ...ANN, kind }, 'written');
      }
    }
    const rows = () => db.all('SELECT plan, kind, status, ended_at, undo_begun_at FROM operations ORDER BY id');
    return { rows, undo: new UndoJournal(db, { now: () => 5 }) };
  };

  it('is begun and ended by id, and not begun any more where it had no effect', () => {
    const { rows, undo } = written();
    const [first, second, third, fourth] = rows();
    undo.begin([1, 3]);
    undo.cancel([3]);
    undo.end([1], 'rolled-back');
    expect(rows()).toEqual([[1, 'attribute', 'rolled-back', 5, 5], second, third, fourth]);
    expect(first).toEqual([1, 'attribute', 'written', 1, null]);
  });

  it('ends in every plan that added it', () => {
    const { rows, undo } = written();
    undo.endAll({ ...ANN, kind: 'member' }, 'skipped');
    expect(rows()).toEqual([
      [1, 'attribute', 'written', 1, null],
      [1, 'member', 'skipped', 5, null],
      [2, 'attribute', 'written', 2, null],
      [2, 'member', 'skipped', 5, null],
    ]);
  });
});

describe('an operation that a killed run left open', () => {
  const BEGUN_AT = 10 * SHOWN_LATE_MS;

  // Of groups: groups/plan-groups.test.ts, with groups that were listed.
  it.each<[string, Partial<PlannedOperation>, number, string[]]>([
    ['shown by the listing, is written', {}, BEGUN_AT, ['written']],
    ['shown by the listing, but begun after it, stays open', {}, BEGUN_AT + 1, ['begun']],
    ['not shown, is forgotten', { value: 'other' }, BEGUN_AT - SHOWN_LATE_MS, []],
    ['not shown yet, stays open', { value: 'other' }, BEGUN_AT - SHOWN_LATE_MS + 1, ['begun']],
    ['of another attribute, stays open', { target: 'custom:other' }, 1, ['begun']],
    ['of a user whom the listing lacks, stays open', { username: 'bob' }, 1, ['begun']],
    ['of a group, of which nothing was listed, stays open', { kind: 'group', username: '' }, 1, ['begun']],
  ])('%s', (_, operation, at, left) => {
    const { db } = state();
    makePlanTables(db);
    db.run("INSERT INTO new_users (username, verified, value) VALUES ('ann', 0, 'old')");
    new Journal(db, 1, { now: () => at }).begin({ ...ANN, ...operation });
    settleByListing(db, { begunAt: BEGUN_AT, attribute: ATTRIBUTE }, { groups: false });
    expect(db.all('SELECT status FROM operations').flat()).toEqual(left);
  });
});
