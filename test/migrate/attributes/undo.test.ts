import { describe, expect, it } from 'vitest';
import { attributeUndos, countWrittenUsers } from '../../../src/migrate/attributes/undo.js';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { UserLookup } from '../../../src/migrate/recheck/lookup.js';
import { Journal, type PlannedOperation, SHOWN_LATE_MS, UndoJournal } from '../../../src/migrate/state/journal.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeUser, failure } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';

const ATTRIBUTE = 'custom:legacy_sub';
const EVERYTHING = { plan: undefined, since: undefined, isLimited: false };
const ANN: PlannedOperation = {
  ...{ kind: 'attribute', username: 'ann', sub: 'n1', target: ATTRIBUTE },
  ...{ value: 'L', before: '', earlier: undefined },
};

/** What this state wrote of one user, the first write first; and the pool's users now. */
function setUp(writes: readonly (Partial<PlannedOperation> & { readonly open?: true })[], users: readonly FakeUser[]) {
  const { db } = state();
  const clock = new AutoClock();
  for (const [index, { open, ...write }] of writes.entries()) {
    const journal = new Journal(db, index + 1, clock);
    journal.begin({ ...ANN, ...write });
    if (open !== true) journal.end({ ...ANN, ...write }, 'written');
  }
  const directory = new FakeDirectory('new', { users, clock });
  const told: string[] = [];
  const next = attributeUndos({
    ...{ db, directory, clock, scope: EVERYTHING },
    journal: new UndoJournal(db, clock),
    lookup: new UserLookup(directory, { clock, pace: new Pace(100, clock) }),
    onUndone: (what) => told.push(`undone: ${what}`),
    onFound: (what) => told.push(what),
    onStranger: () => told.push('stranger'),
  });
  const statuses = () => db.all('SELECT status FROM operations ORDER BY id').flat();
  return { db, clock, directory, told, next, statuses };
}

const holding = (value: string | undefined, more: Partial<FakeUser> = {}): FakeUser => ({
  ...{ username: 'ann', sub: 'n1', attributes: value === undefined ? {} : { [ATTRIBUTE]: value } },
  ...more,
});

describe('what was written to a user', () => {
  it.each<[string, Parameters<typeof setUp>[0], FakeUser[], string[], string[], string | undefined]>([
    ['is removed', [{}], [holding('L')], ['undone: removed'], ['rolled-back'], undefined],
    ['is restored', [{ before: 'B' }], [holding('L')], ['undone: restored'], ['rolled-back'], 'B'],
    [
      'by several plans goes back to what stood before all',
      [{ before: 'B' }, { value: 'M', before: 'L' }],
      [holding('M')],
      ['undone: restored'],
      ['rolled-back', 'rolled-back'],
      'B',
    ],
    ['and changed since is left alone', [{}], [holding('other')], ['changed'], ['written'], 'other'],
    ['who is gone is skipped', [{}], [], ['gone'], ['skipped'], undefined],
    [
      'who has another name now is skipped',
      [{}],
      [holding('L', { username: 'eve' })],
      ['gone'],
      ['skipped'],
      undefined,
    ],
    [
      'and stands at a stranger is removed',
      [{}],
      [holding('L', { sub: 'n2' })],
      ['stranger', 'undone: removed'],
      ['rolled-back'],
      undefined,
    ],
    [
      'and stands at a stranger who came later is theirs',
      [{}],
      [holding('L', { sub: 'n2', createdAt: new Date(Date.UTC(2026, 0, 16)) })],
      ['changed'],
      ['written'],
      'L',
    ],
    ['and never arrived may still come', [{ open: true, before: 'B' }], [holding('B')], ['nothing'], ['begun'], 'B'],
  ])('%s', async (_, writes, users, told, statuses, value) => {
    const made = setUp(writes, users);
    for (let job = await made.next(); job !== undefined; job = await made.next()) {
      job.begin();
      await job.send();
      job.end('written');
    }
    expect(made.told).toEqual(told);
    expect(made.statuses()).toEqual(statuses);
    expect(made.directory.value('ann')).toBe(value);
  });

  it('and never arrived is settled once a listing would show it', async () => {
    const { next, clock, statuses } = setUp([{ open: true }], [holding(undefined)]);
    await clock.sleep(SHOWN_LATE_MS);
    expect(await next()).toBeUndefined();
    expect(statuses()).toEqual(['rolled-back']);
  });

  it('was taken back already by a rollback that was killed', async () => {
    const { db, next, told, statuses } = setUp([{}], [holding(undefined)]);
    db.run('UPDATE operations SET undo_begun_at = 1');
    expect(await next()).toBeUndefined();
    expect([told, statuses()]).toEqual([['removed'], ['rolled-back']]);
  });

  it.each([
    ['unavailable', 1],
    ['invalid', 0],
  ] as const)('stays marked where taking it back failed and may have arrived: %s', async (kind, marked) => {
    const { db, directory, next } = setUp([{}], [holding('L')]);
    directory.options = {
      before: (operation) => {
        if (operation === 'AdminDeleteUserAttributes') throw failure(kind, operation);
      },
    };
    const job = await next();
    job?.begin();
    await expect(job?.send()).rejects.toThrow();
    job?.end('failed');
    expect(db.count('SELECT count(*) FROM operations WHERE undo_begun_at IS NOT NULL')).toBe(marked);
    expect(countWrittenUsers(db, EVERYTHING)).toBe(1);
  });
});
