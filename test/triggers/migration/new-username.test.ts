import { describe, expect, it } from 'vitest';
import type { AliasAttribute, LegacyUser } from '../../../src/directory/lambda/trigger-pools.js';
import { usernameBeside } from '../../../src/triggers/migration/new-username.js';

const SUB = '11111111-1111-4111-8111-111111111111';
const EMAIL = 'anna@example.com';
const PHONE = '+4912345';
const contacts = { email: EMAIL, email_verified: 'true', phone_number: PHONE, phone_number_verified: 'true' };

const named = (username: string, more: Readonly<Record<string, string>> = {}): LegacyUser => ({
  username,
  sub: SUB,
  attributes: { sub: SUB, ...contacts, ...more },
  status: 'CONFIRMED',
  enabled: true,
  factors: [],
});

const beside = (
  typed: string,
  user: LegacyUser,
  aliases: readonly AliasAttribute[] | undefined,
  carried: Readonly<Record<string, string>> = user.attributes,
) => usernameBeside(typed, user, carried, async () => aliases);

const refused = { code: 'ERR_NO_VERIFIED_CONTACT', message: 'The sign-in was refused.' };

describe('the username in the answer', () => {
  it.each([
    ['the e-mail address, an alias', EMAIL, ['email'], 'anna'],
    ['the e-mail address in other letters', 'Anna@Example.com', ['email'], 'anna'],
    ['the phone number, an alias', PHONE, ['email', 'phone_number'], 'anna'],
    ['the preferred username, an alias', 'annie', ['preferred_username'], 'anna'],
    ['the e-mail address, no alias', EMAIL, ['phone_number'], undefined],
    ['the e-mail address, which is the username', EMAIL, [], undefined],
    ['the username', 'anna', ['email'], undefined],
    ['the username in other letters', 'Anna', ['email'], undefined],
    ['a name that is neither', 'annette', ['email', 'preferred_username'], undefined],
  ] as const)('where %s was typed: %s, aliases %j: %s', async (_name, typed, aliases, expected) => {
    expect(await beside(typed, named('anna', { preferred_username: 'annie' }), aliases)).toBe(expected);
  });

  it.each([
    ['e-mail address', EMAIL, EMAIL, ['email'], SUB],
    ['e-mail address in capitals', 'ANNA@EXAMPLE.COM', EMAIL, ['email'], SUB],
    ['e-mail address, and the phone number was typed', EMAIL, PHONE, ['email', 'phone_number'], SUB],
    ['phone number', PHONE, PHONE, ['phone_number'], SUB],
    ['e-mail address, which is no alias', EMAIL, EMAIL, ['phone_number'], undefined],
    ['e-mail address, and the phone number was typed, which is no alias', EMAIL, PHONE, ['email'], undefined],
  ] as const)(
    'is the sub where the legacy username is an alias: %s',
    async (_name, username, typed, aliases, expected) => {
      expect(await beside(typed, named(username), aliases)).toBe(expected);
    },
  );

  it.each([
    ['+491234 ext 5', ['phone_number'], '+491234 ext 5'],
    ['tel:+491234', ['phone_number'], 'tel:+491234'],
    ['anna', ['phone_number'], 'anna'],
  ] as const)(
    'stays %s, which is not an alias, where the e-mail address was typed',
    async (username, more, expected) => {
      expect(await beside(EMAIL, named(username), ['email', ...more])).toBe(expected);
    },
  );

  it('does not depend on an alias that is not carried, if it was not typed', async () => {
    const user = named('anna', { preferred_username: 'annie' });
    expect(await beside('annie', user, ['email'], { email: EMAIL })).toBeUndefined();
    await expect(beside('annie', user, ['preferred_username'], contacts)).rejects.toMatchObject(refused);
  });

  it('is not looked for where a name was typed that says nothing of an alias', async () => {
    const ask = async () => expect.fail('asked');
    expect(await usernameBeside('annette', named('anna'), contacts, ask)).toBeUndefined();
    expect(await usernameBeside('anna', named('anna'), contacts, ask)).toBeUndefined();
  });

  it('is not the sub where nobody could sign in with the username again', async () => {
    const moved = named('old@example.com');
    await expect(beside('old@example.com', moved, ['email'])).rejects.toMatchObject(refused);
    expect(await beside('old@example.com', moved, [])).toBeUndefined();
  });

  it.each([
    ['not verified', { ...contacts, email_verified: 'false' }, ['email']],
    ['not carried over', {}, ['email']],
    ['not carried over, and no alias', {}, []],
    ['not carried over, whatever the aliases', {}, undefined],
  ] as const)(
    'is not told for an address that is %s: nobody could sign in with it again',
    async (_name, carried, aliases) => {
      for (const user of [named('anna'), named(EMAIL)]) {
        await expect(beside(EMAIL, user, aliases, carried)).rejects.toMatchObject({ ...refused, reason: 'email' });
      }
    },
  );

  it('may be an address that nobody has verified, where that is the username', async () => {
    const unverified = { email_verified: 'false' };
    expect(await beside(EMAIL, named(SUB, unverified), [])).toBeUndefined();
  });
});

describe('while the aliases cannot be told', () => {
  it('an address names no username, which no pool with such an alias takes', async () => {
    for (const user of [named('anna'), named(EMAIL), named(SUB)]) {
      expect(await beside(EMAIL, user, undefined)).toBeUndefined();
    }
  });

  it('a preferred username is not decided: every pool would take it for a username', async () => {
    await expect(beside('annie', named('anna', { preferred_username: 'annie' }), undefined)).rejects.toMatchObject({
      code: 'ERR_NEW_POOL_UNAVAILABLE',
    });
  });

  it('they are not asked for, where the username was typed', async () => {
    const never = async () => Promise.reject(new Error('asked'));
    expect(await usernameBeside('anna', named('anna'), contacts, never)).toBeUndefined();
  });
});
