import { describe, expect, it } from 'vitest';
import type { PoolGroup } from '../../../src/directory/group-types.js';
import { decideGroups, MOST_GROUPS, sameGroup } from '../../../src/migrate/groups/decide-groups.js';

const group = (name: string, more: Partial<PoolGroup> = {}): PoolGroup => ({
  name,
  description: undefined,
  precedence: undefined,
  roleArn: undefined,
  ...more,
});
const legacy = (...groups: PoolGroup[]) => ({ userPoolId: 'eu-west-1_Old', groups });
const fresh = (...groups: PoolGroup[]) => ({ userPoolId: 'eu-west-1_New', groups });
const ROLE = 'arn:aws:iam::111122223333:role/Admin';
const keep = { copyRoles: false };

describe('groups of the legacy pool', () => {
  it('are to be created where the new pool lacks them, as they are', () => {
    const admins = group('admins', { description: 'All rights', precedence: 0 });
    expect(decideGroups([legacy(admins, group('staff'))], fresh(group('staff'), group('other')), keep)).toEqual({
      groups: [
        { ...admins, present: false },
        { ...group('staff'), present: true },
      ],
      notes: [],
    });
  });

  it('of identity providers are left out, whichever pool they are named after', () => {
    const groups = [group('eu-west-1_Old_Google'), group('eu-west-1_New_Google'), group('eu-west-1_Older')];
    expect(decideGroups([legacy(...groups)], fresh(), keep).groups.map(({ name }) => name)).toEqual([
      'eu-west-1_Older',
    ]);
  });

  it('of one name in several pools become one, as the first pool has it', () => {
    const other = { userPoolId: 'eu-west-1_Older', groups: [group('staff', { precedence: 2, description: 'b' })] };
    const { groups, notes } = decideGroups([legacy(group('staff', { precedence: 1 })), other], fresh(), keep);
    expect(groups).toEqual([{ ...group('staff', { precedence: 1 }), present: false }]);
    expect(notes).toEqual([
      'Groups that differ between the legacy pools: staff (description, precedence). The settings in the first pool are used.',
    ]);
  });
});

describe('roles', () => {
  const pools = [legacy(group('admins', { roleArn: ROLE }))];

  it('are told, and not copied', () => {
    const { groups, notes } = decideGroups(pools, fresh(), keep);
    expect(groups[0]?.roleArn).toBeUndefined();
    expect(notes).toEqual([
      `Groups that have a role in the legacy pool: admins (${ROLE}). It is copied only with --copy-roles.`,
    ]);
  });

  it('are copied when asked for, and told', () => {
    const { groups, notes } = decideGroups(pools, fresh(), { copyRoles: true });
    expect(groups[0]?.roleArn).toBe(ROLE);
    expect(notes).toEqual([
      expect.stringContaining(`get the role that they have in the legacy pool: admins (${ROLE})`),
    ]);
  });
});

it.each<[string, Partial<PoolGroup>, string]>([
  ['description', { description: 'x' }, 'description'],
  ['precedence', { precedence: 0 }, 'precedence'],
  ['role', { roleArn: ROLE }, 'role'],
  ['everything', { description: 'x', precedence: 0, roleArn: ROLE }, 'description, precedence, role'],
])('says of a group that is there what differs: %s', (_, more, words) => {
  for (const [before, after] of [
    [group('a', more), group('a')],
    [group('a'), group('a', more)],
  ] as const) {
    const { groups, notes } = decideGroups([legacy(before)], fresh(after), keep);
    expect(groups).toMatchObject([{ name: 'a', present: true }]);
    expect(notes).toEqual([`Groups that differ in the new pool: a (${words}). They are not changed.`]);
    expect(sameGroup(before, after)).toBe(false);
  }
});

it.each<[string, PoolGroup]>([
  ['a name that is too long', group('x'.repeat(129))],
  ['a name with a space', group('two words')],
  ['an empty name', group('')],
  ['a description that is too long', group('ok', { description: 'x'.repeat(2049) })],
])('leaves out a group that Cognito would refuse: %s', (_, impossible) => {
  const { groups, notes } = decideGroups([legacy(impossible, group('fine'))], fresh(), keep);
  expect(groups.map(({ name }) => name)).toEqual(['fine']);
  expect(notes).toEqual([expect.stringContaining('cannot be created')]);
});

it('names ten groups, and counts the rest', () => {
  const groups = Array.from({ length: 12 }, (_, n) => group(`g${n}`, { roleArn: ROLE }));
  const [note] = decideGroups([legacy(...groups)], fresh(), keep).notes;
  expect(note).toContain('g9 (');
  expect(note).toContain(' and 2 more.');
  expect(note).not.toContain('g10');
});

describe('the number of groups a pool can have', () => {
  const many = (count: number, name = 'g') => Array.from({ length: count }, (_, n) => group(`${name}${n}`));

  it('may be reached', () => {
    const { groups } = decideGroups([legacy(...many(2))], fresh(...many(MOST_GROUPS - 2, 'x')), keep);
    expect(groups).toHaveLength(2);
  });

  it('must not be exceeded', () => {
    const decide = () => decideGroups([legacy(...many(3))], fresh(...many(MOST_GROUPS - 2, 'x')), keep);
    expect(decide).toThrow(
      expect.objectContaining({ code: 'ERR_POOL', message: expect.stringContaining('10001 groups') }),
    );
  });

  it('does not matter where nothing is to be created', () => {
    const there = many(MOST_GROUPS + 1);
    expect(decideGroups([legacy(...many(2))], fresh(...there), keep).groups).toHaveLength(2);
  });
});
