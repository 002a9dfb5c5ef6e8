import { describe, expect, it } from 'vitest';
import { isSameId, refusalOfToken, refusalOfUser, useOf } from '../../../src/triggers/handover/handover-rules.js';
import type { CutoverIdentity } from '../../../src/verify/types.js';

/* What the rules mean for whole tokens and users is in handover-answer.test.ts; here are values that no pool gives. */

const NOW = 1_800_000_000;
const identity = {
  kind: 'user',
  tokenUse: 'access',
  userPoolId: 'eu-west-1_Legacy123',
  scopes: ['openid', 'aws.cognito.signin.user.admin'],
  authTime: NOW - 60,
  expiresAt: NOW + 60,
  claims: { jti: 'a' },
} as unknown as CutoverIdentity;
const judged = (more: object, maxAge = 3600) => refusalOfToken({ ...identity, ...more }, NOW * 1000, maxAge)?.code;

describe('a token', () => {
  it.each([
    ['is right', {}, undefined],
    ['is of a machine', { kind: 'machine' }, 'ERR_TOKEN_WITHOUT_USER'],
    ['has an empty id', { claims: { jti: '' } }, 'ERR_TOKEN_ID_MISSING'],
    ['has no sign-in', { authTime: undefined }, 'ERR_SIGN_IN_TIME_INVALID'],
    ['has another use', { tokenUse: 'id' }, 'ERR_TOKEN_WITHOUT_USER'],
    [
      'has a scope that only begins the same',
      { scopes: ['aws.cognito.signin.user.admin2'] },
      'ERR_TOKEN_SCOPE_MISSING',
    ],
    ['has an id that is not text', { claims: { jti: 7 } }, 'ERR_TOKEN_ID_MISSING'],
    ['has a sign-in that is not a number', { authTime: Number.NaN }, 'ERR_SIGN_IN_TIME_INVALID'],
    ['is as old as can be', { authTime: NOW - 3600 }, undefined],
    ['is a second older', { authTime: NOW - 3601 }, 'ERR_SIGN_IN_TOO_OLD'],
    ['is five minutes early', { authTime: NOW + 300 }, undefined],
    ['is a second earlier', { authTime: NOW + 301 }, 'ERR_SIGN_IN_TIME_INVALID'],
  ])('%s', (_what, more, code) => {
    expect(judged(more)).toBe(code);
  });

  it('has a name of its own in its pool', () => {
    const names = [
      useOf(identity),
      useOf({ ...identity, claims: { jti: 'b' } }),
      useOf({ ...identity, userPoolId: 'eu-west-1_Legacy1234' }),
      // Ids that run into each other: neither may use up the token of the other.
      useOf({ ...identity, userPoolId: 'eu-west-1_Legacy', claims: { jti: '123a' } }),
    ].map(({ name }) => name);
    expect(new Set(names).size).toBe(4);
    expect(names[0]).toMatch(/^handover:[0-9a-f]{64}$/);
    expect(useOf(identity)).toEqual(useOf({ ...identity, scopes: [] }));
  });
});

it('the use of a token is remembered for a day after the last moment at which it is accepted', () => {
  expect(useOf(identity).until).toBe(identity.expiresAt + 5 + 86_400);
});

it.each([
  ['CONFIRMED', ['CONFIRMED'], undefined],
  ['RESET_REQUIRED', ['CONFIRMED'], { code: 'ERR_USER_STATUS', reason: 'RESET_REQUIRED' }],
  ['anna@example.com', ['CONFIRMED'], { code: 'ERR_USER_STATUS', reason: 'unknown' }],
  [undefined, ['CONFIRMED'], { code: 'ERR_USER_STATUS', reason: 'unknown' }],
  ['RESET_REQUIRED', ['RESET_REQUIRED'], undefined],
] as const)('a user of status %s where %j is accepted', (status, statuses, refusal) => {
  expect(refusalOfUser({ sub: 's', status, account: null }, { statuses, secondFactor: 'refuse' })).toEqual(refusal);
});

it.each([
  ['refuse', ['SMS_MFA'], 'ERR_SECOND_FACTOR'],
  ['refuse', [], undefined],
  ['accept', ['SMS_MFA'], undefined],
] as const)('second factors: %s for a user with %j', (secondFactor, factors, code) => {
  const account = { username: 'u', sub: 's', attributes: {}, status: 'CONFIRMED', enabled: true, factors };
  const user = { sub: 's', status: 'CONFIRMED', account } as never;
  expect(refusalOfUser(user, { statuses: ['CONFIRMED'], secondFactor })?.code).toBe(code);
});

it('a user without a sub is unknown, whoever the account is of', () => {
  const account = { username: 'u', sub: undefined, attributes: {}, status: 'CONFIRMED', enabled: true, factors: [] };
  const user = { sub: undefined, status: 'CONFIRMED', account } as never;
  expect(refusalOfUser(user, { statuses: ['CONFIRMED'], secondFactor: 'refuse' })?.code).toBe('ERR_USER_UNKNOWN');
});

it.each([undefined, null])('a user whose account is %s', (account) => {
  const user = { sub: 's', status: 'CONFIRMED', account };
  const code = account === null ? undefined : 'ERR_USER_UNKNOWN';
  expect(refusalOfUser(user, { statuses: ['CONFIRMED'], secondFactor: 'refuse' })?.code).toBe(code);
});

it.each([
  ['reset', { status: 'RESET_REQUIRED' }, 'ERR_USER_STATUS'],
  ['disabled', { enabled: false }, 'ERR_USER_DISABLED'],
  ['given to somebody else', { sub: 't' }, 'ERR_USER_UNKNOWN'],
  ['left alone', {}, undefined],
])('a user whose account was %s after the event described them', (_what, more, code) => {
  const account = { username: 'u', sub: 's', attributes: {}, status: 'CONFIRMED', enabled: true, factors: [], ...more };
  const user = { sub: 's', status: 'CONFIRMED', account };
  expect(refusalOfUser(user, { statuses: ['CONFIRMED'], secondFactor: 'refuse' })?.code).toBe(code);
});

it('a user whom the event describes as not to be signed in stays refused, whatever the account says now', () => {
  const account = { username: 'u', sub: 's', attributes: {}, status: 'CONFIRMED', enabled: true, factors: [] };
  const user = { sub: 's', status: 'RESET_REQUIRED', account } as never;
  const refusal = { code: 'ERR_USER_STATUS', reason: 'RESET_REQUIRED' };
  expect(refusalOfUser(user, { statuses: ['CONFIRMED'], secondFactor: 'refuse' })).toEqual(refusal);
});

it.each([
  ['11111111-1111-4111-8111-11111111111a', '11111111-1111-4111-8111-11111111111A', true],
  ['11111111-1111-4111-8111-11111111111a', '11111111-1111-4111-8111-11111111111b', false],
  ['anna', 'anna', true],
  ['anna', 'Anna', false],
  ['', 'anna', false],
])('%s and %s are the same: %s', (one, other, isSame) => {
  expect(isSameId(one, other)).toBe(isSame);
});
