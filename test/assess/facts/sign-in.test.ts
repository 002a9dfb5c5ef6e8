import { expect, it } from 'vitest';
import { mfaKinds, signInNames } from '../../../src/assess/facts/sign-in.js';
import { legacyParts } from '../pools.js';

const { settings, mfa } = legacyParts;

it.each([
  [[], [], ['username']],
  [[], ['preferred_username', 'email'], ['username', 'email', 'preferred_username']],
  [['phone_number', 'email'], [], ['email', 'phone_number']],
])('with the username attributes %j and the aliases %j people sign in with %j', (usernames, aliases, expected) => {
  expect(signInNames({ ...settings, usernameAttributes: usernames, aliasAttributes: aliases })).toEqual(expected);
});

it('names the second factors that are on', () => {
  expect(mfaKinds(mfa)).toEqual([]);
  expect(mfaKinds({ ...mfa, email: true, sms: true })).toEqual(['SMS', 'e-mail']);
});
