import { describe, expect, it } from 'vitest';
import type { DirectoryUser } from '../../../src/directory/user-types.js';
import { judgeMember, judgeWrite, type PlannedUser } from '../../../src/migrate/recheck/still-planned.js';

const NAME = 'custom:legacy_sub';
const UUID = '0000aaaa-0000-4000-8000-000000000001';
const PLANNED: PlannedUser = {
  username: 'ann',
  sub: 'n1',
  enabled: true,
  before: 'old',
  value: UUID,
  isLegacyId: true,
};

const user = (value: string | undefined, more: Partial<DirectoryUser> = {}): DirectoryUser => ({
  username: 'ann',
  sub: 'n1',
  attributes: value === undefined ? {} : { [NAME]: value },
  status: 'CONFIRMED',
  enabled: true,
  createdAt: undefined,
  modifiedAt: undefined,
  ...more,
});
const found = (one: DirectoryUser | undefined, holder = one) => ({ user: one, holder, at: 0 });
const stranger = user('old', { sub: 'n2' });

describe('a user is written', () => {
  it.each([
    ['as planned', PLANNED, found(user('old'))],
    ['without a value, as planned', { ...PLANNED, before: '' }, found(user(undefined))],
    ['disabled, as planned', { ...PLANNED, enabled: false }, found(user('old', { enabled: false }))],
    ['of a pool without subs', { ...PLANNED, sub: '' }, found(undefined, user('old', { sub: undefined }))],
  ])('%s', (_, planned, now) => {
    expect(judgeWrite(planned, now, NAME, false)).toBeUndefined();
  });
});

describe('a user is left alone', () => {
  it.each([
    ['who is gone', PLANNED, found(undefined), /^gone/],
    ['whose username another sub has', PLANNED, found(undefined, stranger), /^changed: another sub/],
    ['who has another username', PLANNED, found(user('old', { username: 'eve' }), undefined), /^changed: .*username/],
    ['who was disabled', PLANNED, found(user('old', { enabled: false })), /^changed: .*disabled/],
    ['whose value was set since', PLANNED, found(user('other')), /^changed: .*somebody else/],
    ['whose value was removed since', PLANNED, found(user(undefined)), /^changed: .*somebody else/],
    ['who has the value by somebody else', PLANNED, found(user(UUID)), /^already right/],
    ['who has the value in another case', PLANNED, found(user(UUID.toUpperCase())), /^already right/],
    [
      'who was planned without a sub',
      { ...PLANNED, sub: '' },
      found(undefined, user('old')),
      /^changed: .*without a sub/,
    ],
    ['who is gone from a pool without subs', { ...PLANNED, sub: '' }, found(undefined), /^gone/],
  ])('%s', (_, planned, now, reason) => {
    const settled = judgeWrite(planned, now, NAME, false);
    expect(settled).toMatchObject({ status: 'skipped', reason: expect.stringMatching(reason) });
  });

  it('counts as written who has the value by an attempt of ours', () => {
    expect(judgeWrite(PLANNED, found(user(UUID)), NAME, true)).toEqual({ status: 'written' });
  });

  it('fails where the value is no legacy sub of the listing, whoever they are', () => {
    const settled = judgeWrite({ ...PLANNED, isLegacyId: false }, found(user('old')), NAME, false);
    expect(settled).toMatchObject({ status: 'failed', reason: expect.stringContaining('damaged') });
  });
});

describe('a user becomes a member', () => {
  it.each([
    ['with the planned value', PLANNED, found(user(UUID)), false, undefined],
    ['with a value that was just written, and is not shown yet', PLANNED, found(user('old')), true, undefined],
    ['not with the value from before', PLANNED, found(user('old')), false, 'skipped'],
    ['not with another value that was just written', PLANNED, found(user('other')), true, 'skipped'],
    ['not as a stranger', PLANNED, found(undefined, stranger), true, 'skipped'],
    ['not when disabled', PLANNED, found(user(UUID, { enabled: false })), false, 'skipped'],
    ['not with a damaged plan', { ...PLANNED, isLegacyId: false }, found(user(UUID)), false, 'failed'],
  ])('%s', (_, planned, now, justWritten, status) => {
    expect(judgeMember(planned, now, NAME, justWritten)?.status).toBe(status);
  });
});
