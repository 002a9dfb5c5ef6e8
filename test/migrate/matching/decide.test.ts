import { describe, expect, it } from 'vitest';
import { type Decision, decide, type Finding, type MatchInput } from '../../../src/migrate/matching/decide.js';
import type { HeldValue } from '../../../src/migrate/matching/held-value.js';

/** Legacy users are named by one letter; what else is held is no legacy user's sub. */
const user = (
  findings: readonly Finding[],
  { mapped, value, ...held }: Partial<HeldValue> & { mapped?: string } = {},
): MatchInput => ({
  sub: 'new-1',
  held:
    value === undefined
      ? null
      : {
          value,
          id: value,
          isLegacySub: /^[a-z]$/.test(value),
          backedBy: findings.filter(({ sub }) => sub === value).map(({ rule }) => rule),
          isShared: false,
          provider: null,
          isUnconfirmed: false,
          isWritten: false,
          ...held,
        },
  mapped: mapped ?? null,
  findings,
});
const UUID = 'a1000000-0000-4000-8000-00000000abcd';
const email = (sub: string | null): Finding => ({ rule: 'email', sub, pool: 1, strength: 'proof' });
const unverified = (sub: string, unverifiedIn: 'legacy' | 'new' | 'both' = 'new'): Finding => ({
  rule: 'email',
  sub,
  pool: 1,
  strength: 'unverified',
  unverifiedIn,
});
const identity = (sub: string): Finding => ({ rule: 'identity', sub, pool: 1, strength: 'proof' });
const username = (sub: string, emailsDiffer = false): Finding => ({
  rule: 'username',
  sub,
  pool: 1,
  strength: 'username',
  emailsDiffer,
});
const otherCase = (sub: string): Finding => ({ rule: 'username', sub, pool: 1, strength: 'username-case' });

interface Case {
  readonly when: string;
  readonly user: MatchInput;
  readonly trustUsernames?: boolean;
  readonly expected: Partial<Decision>;
}

const cases: Case[] = [
  {
    when: 'one legacy user is found and the attribute is empty',
    user: user([email('a')]),
    expected: { outcome: 'set', rule: 'email', value: 'a', detail: '' },
  },
  {
    when: 'several rules find the same legacy user',
    user: user([identity('a'), username('a'), email('a')]),
    expected: { outcome: 'set', rule: 'identity+username+email', value: 'a' },
  },
  {
    when: 'the attribute is right already',
    user: user([email('a')], { value: 'a' }),
    expected: { outcome: 'ok', value: 'a', detail: '' },
  },
  {
    when: 'the attribute is right already, and in another case, which verifiers do not tell apart',
    user: user([email(UUID)], { value: UUID.toUpperCase(), id: UUID }),
    expected: { outcome: 'ok', value: UUID, detail: 'the value differs in upper and lower case' },
  },
  {
    when: 'the attribute holds the id in another case, and ids of that form are compared to the letter',
    user: user([email('a')], { value: 'A' }),
    expected: {
      outcome: 'conflict',
      value: 'a',
      detail: 'the attribute holds "A", which is not the sub of a legacy user',
    },
  },
  {
    when: 'the attribute holds the sub of somebody else in another case',
    user: user([email('a')], { value: UUID.toUpperCase(), id: UUID, isLegacySub: true }),
    expected: {
      outcome: 'conflict',
      detail: `the attribute holds "${UUID.toUpperCase()}", the sub of a legacy user in another case`,
    },
  },
  {
    when: 'the attribute holds the own sub in another case',
    user: { ...user([], { value: UUID.toUpperCase(), id: UUID }), sub: UUID },
    expected: { outcome: 'new-born', detail: 'already has its own sub' },
  },
  {
    when: 'the attribute holds another value',
    user: user([email('a')], { value: 'b' }),
    expected: { outcome: 'conflict', value: 'a', detail: 'the attribute holds "b", the sub of a legacy user' },
  },
  {
    when: 'nobody is found, and the attribute holds a value that is no legacy user’s sub',
    user: user([], { value: 'junk' }),
    expected: {
      outcome: 'unexplained',
      rule: '',
      value: null,
      detail: 'the attribute holds "junk", which is not the sub of a legacy user',
    },
  },
  {
    when: 'only unverified e-mail backs the value',
    user: user([unverified('a')], { value: 'a' }),
    expected: {
      outcome: 'unexplained',
      detail: 'the attribute holds "a", the sub of a legacy user; email finds a, but is unverified in the new pool',
    },
  },
  {
    when: 'only an untrusted username backs the value',
    user: user([username('a')], { value: 'a' }),
    expected: { outcome: 'unexplained', value: null },
  },
  {
    when: 'one rule finds several legacy users',
    user: user([email('b'), email('a')]),
    expected: { outcome: 'ambiguous', rule: '', value: null, detail: 'email finds several legacy users: a, b' },
  },
  {
    when: 'one rule finds several, and another rule one of them',
    user: user([username('a'), email('a'), email('b')]),
    expected: { outcome: 'ambiguous', value: null },
  },
  {
    when: 'the ambiguous user holds a value',
    user: user([email('a'), email('b')], { value: 'a' }),
    expected: {
      outcome: 'ambiguous',
      detail: 'email finds several legacy users: a, b; the attribute holds "a", the sub of a legacy user',
    },
  },
  {
    when: 'rules find different legacy users',
    user: user([identity('a'), email('b')]),
    expected: { outcome: 'contradiction', rule: '', value: null, detail: 'identity finds a, email finds b' },
  },
  {
    when: 'an untrusted username finds another one than the verified e-mail',
    user: user([username('a'), email('b')]),
    expected: { outcome: 'contradiction', value: null },
  },
  {
    when: 'the username matches and both verified e-mails differ',
    user: user([username('a', true)]),
    expected: { outcome: 'contradiction', detail: 'username finds a, but the verified e-mails differ' },
  },
  {
    when: 'the username is trusted and both verified e-mails differ',
    user: user([username('a', true)]),
    trustUsernames: true,
    expected: { outcome: 'contradiction', value: null },
  },
  {
    when: 'the username matches, an identity too, and both verified e-mails differ',
    user: user([identity('a'), username('a', true)]),
    expected: { outcome: 'contradiction', value: null },
  },
  {
    when: 'the e-mail is unverified on a side',
    user: user([unverified('a', 'legacy')]),
    expected: { outcome: 'unverified', value: null, detail: 'email finds a, but is unverified in the legacy pool' },
  },
  {
    when: 'only an untrusted username matches',
    user: user([username('a')]),
    expected: { outcome: 'unverified', value: null, detail: 'username finds a, but nothing verified confirms it' },
  },
  {
    when: 'the username is trusted',
    user: user([username('a')]),
    trustUsernames: true,
    expected: { outcome: 'set', rule: 'username', value: 'a' },
  },
  {
    when: 'a username differs in upper and lower case, though usernames are trusted',
    user: user([otherCase('a')]),
    trustUsernames: true,
    expected: { outcome: 'unverified', value: null },
  },
  {
    when: 'a username of another case finds somebody else than the verified e-mail',
    user: user([otherCase('a'), email('b')]),
    expected: { outcome: 'set', rule: 'email', value: 'b' },
  },
  {
    when: 'an unverified e-mail points at somebody else than the identity',
    user: user([identity('a'), unverified('b')]),
    expected: { outcome: 'set', rule: 'identity', value: 'a' },
  },
  {
    when: 'the legacy user found has no sub',
    user: user([email(null)]),
    expected: { outcome: 'unverified', detail: 'email finds a legacy user without a sub' },
  },
  {
    when: 'another rule finds a legacy user without a sub',
    user: user([email(null), identity('a')]),
    expected: { outcome: 'set', rule: 'identity', value: 'a', detail: '' },
  },
  { when: 'nobody is found', user: user([]), expected: { outcome: 'new-born', rule: '', value: null, detail: '' } },
  {
    when: 'nobody is found, and the attribute holds the own sub',
    user: user([], { value: 'new-1' }),
    expected: { outcome: 'new-born', value: null, detail: 'already has its own sub' },
  },
  {
    when: 'somebody is found, and the attribute holds the own sub',
    user: user([email('a')], { value: 'new-1' }),
    expected: { outcome: 'conflict', value: 'a' },
  },
  {
    when: 'the mapping file names a legacy user, whatever the rules find',
    user: user([email('b'), email('c'), username('d', true)], { mapped: 'a' }),
    expected: { outcome: 'set', rule: 'mapping', value: 'a' },
  },
  {
    when: 'the mapping file names another legacy user than the attribute',
    user: user([], { mapped: 'a', value: 'b' }),
    expected: { outcome: 'conflict', rule: 'mapping', value: 'a' },
  },
];

/** What a user of each kind comes to without and with `trustAttribute`. */
const held: { when: string; user: MatchInput; detail: string; trusted: Partial<Decision> }[] = [
  {
    when: 'nobody else holds it and no rule finds anybody',
    user: user([], { value: 'a' }),
    detail: 'the attribute holds "a", the sub of a legacy user',
    trusted: { outcome: 'ok', rule: 'attribute', value: 'a', detail: '' },
  },
  {
    when: 'an unverified e-mail and an untrusted username find the same',
    user: user([unverified('a'), username('a')], { value: 'a' }),
    detail:
      'the attribute holds "a", the sub of a legacy user; email finds a, but is unverified in the new pool, username finds a, but nothing verified confirms it',
    trusted: { outcome: 'ok', rule: 'attribute', value: 'a' },
  },
  {
    when: 'an unverified e-mail finds several, that user among them',
    user: user([unverified('b'), unverified('a')], { value: 'a' }),
    detail:
      'the attribute holds "a", the sub of a legacy user; email finds a, but is unverified in the new pool, email finds b, but is unverified in the new pool',
    trusted: { outcome: 'ok', rule: 'attribute', value: 'a' },
  },
  {
    when: 'the value is the id at an identity provider',
    user: user([], { value: 'a', provider: 'Old_Pool' }),
    detail: `the attribute holds "a", the sub of a legacy user; it is the user's id at the identity provider Old_Pool`,
    trusted: { outcome: 'ok', rule: 'attribute' },
  },
  {
    when: 'the value is the sub of a legacy user in another case',
    user: user([], { value: UUID.toUpperCase(), id: UUID, isLegacySub: true }),
    detail: `the attribute holds "${UUID.toUpperCase()}", the sub of a legacy user in another case`,
    trusted: { outcome: 'ok', value: UUID, detail: 'the value differs in upper and lower case' },
  },
];

const doubtful: { when: string; user: MatchInput; detail: string }[] = [
  {
    when: 'no legacy user has that sub',
    user: user([], { value: 'junk' }),
    detail: 'the attribute holds "junk", which is not the sub of a legacy user',
  },
  {
    when: 'another new user holds it',
    user: user([], { value: 'a', isShared: true }),
    detail: 'the attribute holds "a", the sub of a legacy user; another new user has the same value',
  },
  {
    when: 'the sign-up was never confirmed',
    user: user([], { value: 'a', isUnconfirmed: true }),
    detail:
      'the attribute holds "a", the sub of a legacy user; the user never confirmed the sign-up, which may have set the value',
  },
  {
    when: 'an unverified e-mail finds somebody else',
    user: user([unverified('b')], { value: 'a' }),
    detail: 'the attribute holds "a", the sub of a legacy user; email finds b, but is unverified in the new pool',
  },
  {
    when: 'one rule finds that user, and another somebody else',
    user: user([unverified('a'), otherCase('b')], { value: 'a' }),
    detail:
      'the attribute holds "a", the sub of a legacy user; email finds a, but is unverified in the new pool, username finds b, but the usernames differ in upper and lower case',
  },
  {
    when: 'a rule finds a legacy user without a sub',
    user: user([email(null)], { value: 'a' }),
    detail: 'the attribute holds "a", the sub of a legacy user; email finds a legacy user without a sub',
  },
  {
    when: 'it is the own sub, and a legacy user’s too',
    user: user([username('a')], { value: 'new-1', isLegacySub: true, backedBy: ['username'] }),
    detail: `the attribute holds "new-1", the user's own sub; username finds a, but nothing verified confirms it`,
  },
];

describe('a value that nothing verified backs', () => {
  const without = { trustUsernames: false, trustAttribute: false };
  const trusting = { trustUsernames: false, trustAttribute: true };

  it.each(held)('is unexplained, and ok where the attribute is trusted, when $when', ({ user, detail, trusted }) => {
    expect(decide(user, without)).toEqual({ outcome: 'unexplained', rule: '', value: null, detail, trustable: true });
    expect(decide(user, trusting)).toMatchObject(trusted);
  });

  it.each(doubtful)('is unexplained, the attribute trusted or not, when $when', ({ user, detail }) => {
    const expected = { outcome: 'unexplained', rule: '', value: null, detail };
    expect(decide(user, without)).toEqual(expected);
    expect(decide(user, trusting)).toEqual(expected);
  });

  it('decides nobody else differently where the attribute is trusted', () => {
    for (const { user, trustUsernames = false } of cases) {
      const untrusted = decide(user, { trustUsernames, trustAttribute: false });
      if (untrusted.trustable !== true) {
        expect(decide(user, { trustUsernames, trustAttribute: true })).toEqual(untrusted);
      }
    }
  });
});

describe('a new user is decided', () => {
  it.each(cases)('$expected.outcome when $when', ({ user, trustUsernames = false, expected }) => {
    expect(decide(user, { trustUsernames, trustAttribute: false })).toMatchObject(expected);
  });

  it('the same in whatever order the rules answer', () => {
    for (const { user, trustUsernames = false } of cases) {
      const turned = { ...user, findings: user.findings.toReversed() };
      const { outcome, value } = decide(user, { trustUsernames, trustAttribute: false });
      expect(decide(turned, { trustUsernames, trustAttribute: false })).toMatchObject({ outcome, value });
    }
  });
});

describe('a value that this state wrote', () => {
  const holds = { value: 'a', isWritten: true };
  const decided = (findings: readonly Finding[], more: Partial<HeldValue> & { mapped?: string } = holds) =>
    decide(user(findings, { ...holds, ...more }), { trustUsernames: true, trustAttribute: false });

  it.each<[string, readonly Finding[], Partial<HeldValue>, string]>([
    ['the rules agree', [email('a')], {}, ''],
    ['no rule finds anybody any more', [], {}, 'this state wrote the value; no rule finds the legacy user'],
    [
      'the legacy user is gone',
      [],
      { isLegacySub: false },
      'this state wrote the value; no legacy user has this sub any more',
    ],
    ['a rule finds somebody else', [email('b')], {}, 'this state wrote the value; email finds b'],
    ['a rule finds several', [email('b'), email('c')], {}, 'this state wrote the value; email finds b, email finds c'],
    [
      'rules contradict each other',
      [email('b'), username('a')],
      {},
      'this state wrote the value; email finds b, username finds a',
    ],
    [
      'the e-mails of the namesake differ',
      [username('a', true)],
      {},
      'this state wrote the value; username finds a, but the verified e-mails differ',
    ],
    [
      'a weak finding names somebody else',
      [unverified('b')],
      {},
      'this state wrote the value; email finds b, but is unverified in the new pool',
    ],
    ['another new user has the same value', [email('a')], { isShared: true }, 'another new user has the same value'],
    [
      'it was written in another case',
      [email(UUID)],
      { value: UUID.toUpperCase(), id: UUID },
      'the value differs in upper and lower case',
    ],
  ])('is right where %s, and the detail tells', (_, findings, held, detail) => {
    const value = held.id ?? 'a';
    expect(decided(findings, held)).toEqual({ outcome: 'ok', rule: 'written', value, detail });
  });

  it('is right whoever else is found only while nobody decided otherwise', () => {
    expect(decided([], { mapped: 'b' })).toMatchObject({ outcome: 'conflict', rule: 'mapping', value: 'b' });
    expect(decided([email('b')], { isWritten: false })).toMatchObject({ outcome: 'conflict', value: 'b' });
  });

  it('and is the own sub of a new-born user, is new-born as before, and right when somebody is found', () => {
    const own = { value: 'new-1', isLegacySub: false };
    expect(decided([], own)).toMatchObject({ outcome: 'new-born', rule: '' });
    expect(decided([unverified('b')], own)).toMatchObject({ outcome: 'ok', rule: 'written', value: 'new-1' });
    // The own sub of somebody who passes for a legacy user.
    expect(decided([unverified('b')], { ...own, isLegacySub: true })).toMatchObject({ outcome: 'unexplained' });
  });
});
