import { beforeEach, describe, expect, it, vi } from 'vitest';
import { legacyAccountOf } from '../../../src/triggers/migration/legacy-account.js';
import { createUserMigrationTrigger } from '../../../src/triggers/user-migration.js';
import { fails, LEGACY_POOL, type MemberInput, MemoryPool, NEW_POOL, PASSWORD, signInEvent } from '../support.js';

const EMAIL = 'anna@example.com';
const { signal } = new AbortController();
let pool: MemoryPool;

beforeEach(() => {
  pool = new MemoryPool(LEGACY_POOL);
  // This legacy pool signs in with usernames alone.
  const byUsername = (name: string) => pool.members.find(({ username }) => username === name);
  vi.spyOn(pool, 'getUser').mockImplementation(async (name) => byUsername(name));
});

const anna: MemberInput = {
  username: 'anna',
  password: PASSWORD,
  attributes: { email: EMAIL, email_verified: 'true' },
};
const byEmail = (typed = EMAIL) => legacyAccountOf(typed, pool, true, signal);

describe('an e-mail address typed where the legacy pool knows usernames', () => {
  it('is nobody’s name unless asked to be', async () => {
    pool.add(anna);
    expect(await legacyAccountOf(EMAIL, pool, false, signal)).toEqual({ user: undefined, reason: 'no user' });
  });

  it.each([EMAIL, 'Anna@Example.COM'])('is the name of the one user who verified it (%s)', async (typed) => {
    pool.add(anna);
    expect(await byEmail(typed)).toMatchObject({ user: { username: 'anna' } });
  });

  it.each<[string, readonly MemberInput[], string]>([
    ['nobody has it', [], 'no user'],
    ['who has it has not verified it', [{ ...anna, attributes: { email: EMAIL } }], 'no user'],
    ['two have verified it, and it is a username', [anna, { ...anna, username: EMAIL }], 'several users'],
    ['two have verified it', [anna, { ...anna, username: 'anna2' }], 'several users'],
    ['one of the two is disabled', [anna, { ...anna, username: 'anna2', enabled: false }], 'several users'],
    ['one of the two never confirmed', [anna, { ...anna, username: 'anna2', status: 'UNCONFIRMED' }], 'several users'],
    ['an identity provider’s user has it', [{ ...anna, status: 'EXTERNAL_PROVIDER' }], 'no user'],
  ])('is nobody’s where %s', async (_name, members, reason) => {
    for (const member of members) pool.add(member);
    expect(await byEmail()).toEqual({ user: undefined, reason });
  });

  it.each([{ email: EMAIL, email_verified: 'false' }, { email: 'b@example.com', email_verified: 'true' }, {}])(
    'is a username where nobody has verified it (%j)',
    async (attributes) => {
      pool.add({ username: EMAIL, attributes });
      expect(await byEmail()).toMatchObject({ user: { username: EMAIL } });
    },
  );

  it('is its owner’s, whoever has it for a username', async () => {
    pool.add({ username: EMAIL, attributes: { email: 'mallory@example.com', email_verified: 'true' } });
    pool.add(anna);
    expect(await byEmail()).toMatchObject({ user: { username: 'anna' } });
  });

  it('is nobody’s where the pool answers a user of another name', async () => {
    const user = pool.add({ ...anna, attributes: { email: EMAIL } });
    vi.spyOn(pool, 'getUser').mockResolvedValue(user);
    expect(await byEmail()).toEqual({ user: undefined, reason: 'no user' });
  });

  it.each<[string, (MemberInput & { readonly sub?: string }) | undefined]>([
    ['was given to another account with the same address', { ...anna, sub: '22222222-2222-4222-8222-222222222222' }],
    ['has another address by then', { ...anna, attributes: { email: 'b@example.com', email_verified: 'true' } }],
    ['is gone', undefined],
  ])('is nobody’s where the name of its owner %s', async (_name, later) => {
    pool.add(anna);
    const other = new MemoryPool(LEGACY_POOL);
    const user = later === undefined ? undefined : { ...other.add(later), ...(later.sub && { sub: later.sub }) };
    vi.spyOn(pool, 'getUser').mockResolvedValue(user);
    expect(await byEmail()).toEqual({ user: undefined, reason: 'no user' });
  });

  it('is looked for as a name where the pool cannot be searched', async () => {
    const user = pool.add({ ...anna, username: EMAIL });
    const getUser = async () => user;
    expect(await legacyAccountOf(EMAIL, { getUser }, true, signal)).toEqual({ user });
  });

  it('is its owner’s although somebody has a user of an identity provider with it', async () => {
    pool.add({ ...anna, username: 'Corp_mallory', status: 'EXTERNAL_PROVIDER' });
    pool.add(anna);
    expect(await byEmail()).toMatchObject({ user: { username: 'anna' } });
  });

  it('is nobody’s when the pool answers other people', async () => {
    pool.add({ ...anna, attributes: { email: 'x@example.com', email_verified: 'true' } });
    vi.spyOn(pool, 'findUsers').mockResolvedValue(pool.members);
    expect(await byEmail()).toEqual({ user: undefined, reason: 'no user' });
  });

  it('is nobody’s when its owner changed it meanwhile', async () => {
    const user = pool.add(anna);
    vi.spyOn(pool, 'getUser').mockResolvedValue({
      ...user,
      attributes: { ...user.attributes, email: 'b@example.com' },
    });
    expect(await byEmail()).toEqual({ user: undefined, reason: 'no user' });
  });

  it('leaves other names alone, and costs them nothing', async () => {
    pool.add(anna);
    expect(await byEmail('anna')).toMatchObject({ user: { username: 'anna' } });
    expect(pool.calls).toEqual([]);
  });
});

describe('the sub, which admin calls take for a name', () => {
  const SUB = 'abcdef11-1111-4111-8111-111111111111';
  const refused = { user: undefined, reason: 'no name of the user' };
  const found = (member: MemberInput, typed: string) => {
    const user = pool.add(member);
    vi.spyOn(pool, 'getUser').mockResolvedValue(user);
    return legacyAccountOf(typed, pool, false, signal);
  };

  it.each([SUB, SUB.toUpperCase()])('is not one that people sign in with (%s)', async (typed) => {
    expect(await found({ ...anna, attributes: { ...anna.attributes, sub: SUB } }, typed)).toEqual(refused);
  });

  it.each<[string, object]>([
    [SUB, refused],
    [SUB.toUpperCase(), refused],
    ['Anna@example.com', { user: { username: SUB } }],
    ['+4912345', { user: { username: SUB } }],
    ['annie', refused],
  ])('is not either where it is the username and people sign in with contacts (%s)', async (typed, expected) => {
    const attributes = { sub: SUB, email: EMAIL, phone_number: '+4912345' };
    expect(await found({ username: SUB, attributes }, typed)).toMatchObject(expected);
  });

  it('may be a name in a directory of your own', async () => {
    expect(await found({ username: 'anna', attributes: { sub: 'anna' } }, 'anna')).toMatchObject({
      user: { username: 'anna' },
    });
  });
});

describe('the sign-in after it', () => {
  const newPool = new MemoryPool(NEW_POOL);
  const trigger = () => createUserMigrationTrigger({ legacyPool: pool, newPool, lookUpByEmail: true });

  it('is with the username, and moves the user', async () => {
    const { sub } = pool.add(anna);
    const { response } = await trigger()(signInEvent(EMAIL));
    expect(response).toMatchObject({
      finalUserStatus: 'CONFIRMED',
      userAttributes: { 'custom:legacy_sub': sub, email: EMAIL, email_verified: 'true' },
    });
    expect(pool.calls).toContain('signIn anna');
  });

  it('is refused with a wrong password, and for two users with either’s', async () => {
    pool.add(anna);
    await expect(trigger()(signInEvent(EMAIL, 'wrong'))).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REFUSED' });
    pool.add({ ...anna, username: 'anna2', password: 'Another-1' });
    for (const password of [PASSWORD, 'Another-1']) {
      await expect(trigger()(signInEvent(EMAIL, password))).rejects.toMatchObject({
        code: 'ERR_SIGN_IN_REFUSED',
        reason: 'several users',
        message: 'The sign-in was refused.',
      });
    }
  });

  it('asks as much of the legacy pool for an address that nobody has', async () => {
    await expect(trigger()(signInEvent(EMAIL))).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REFUSED' });
    expect(pool.calls).toEqual([`findUsers email ${EMAIL}`, `signIn ${EMAIL}`]);
  });

  it('is not a wrong password while the legacy pool is throttled', async () => {
    pool.add(anna);
    pool.faults = { findUsers: fails(new Error('throttled')) };
    await expect(trigger()(signInEvent(EMAIL))).rejects.toMatchObject({ code: 'ERR_LEGACY_POOL_UNAVAILABLE' });
  });
});
