import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PoolAttribute, PoolUser } from '../../../src/directory/lambda/trigger-pools.js';
import { carriedAttributes, verifiedContacts } from '../../../src/triggers/migration/carried-attributes.js';

const SUB = '11111111-1111-4111-8111-111111111111';
const mapping = { attribute: 'custom:legacy_sub', legacyId: SUB };

function user(attributes: Readonly<Record<string, string>>): PoolUser {
  return { username: 'anna', sub: SUB, status: 'CONFIRMED', enabled: true, attributes: { sub: SUB, ...attributes } };
}

function pool(...attributes: readonly (string | PoolAttribute)[]): readonly PoolAttribute[] {
  return [...attributes, 'custom:legacy_sub'].map((one) => (typeof one === 'string' ? { name: one } : one));
}

describe('carriedAttributes', () => {
  it('carries what the new pool has, and names what it has not', () => {
    const legacy = user({ email: 'a@example.com', given_name: 'Anna', 'custom:plan': 'gold', nickname: 'Ann' });
    const { attributes, leftOut } = carriedAttributes(
      legacy,
      pool('email', 'given_name', 'custom:plan'),
      mapping,
      undefined,
    );
    expect(attributes).toEqual({
      email: 'a@example.com',
      email_verified: 'false',
      given_name: 'Anna',
      'custom:plan': 'gold',
      'custom:legacy_sub': SUB,
    });
    expect(leftOut).toEqual(['nickname']);
  });

  it('carries only what is allowed', () => {
    const legacy = user({ email: 'a@example.com', email_verified: 'true', given_name: 'Anna' });
    const { attributes, leftOut } = carriedAttributes(legacy, pool('email', 'given_name'), mapping, ['email']);
    expect(attributes).toEqual({ email: 'a@example.com', email_verified: 'true', 'custom:legacy_sub': SUB });
    expect(leftOut).toEqual([]);
  });

  it.each([
    ['true', 'true'],
    ['false', 'false'],
    ['', 'false'],
    ['True', 'false'],
    ['1', 'false'],
    [undefined, 'false'],
  ])('a flag that says %j is %s in the new pool', (flag, expected) => {
    const flags: Record<string, string> =
      flag === undefined ? {} : { email_verified: flag, phone_number_verified: flag };
    const legacy = user({ email: 'a@example.com', phone_number: '+491234', ...flags });
    const { attributes } = carriedAttributes(legacy, pool('email', 'phone_number'), mapping, undefined);
    expect(attributes).toMatchObject({ email_verified: expected, phone_number_verified: expected });
  });

  it('a flag comes only with its contact', () => {
    const { attributes } = carriedAttributes(user({ email_verified: 'true' }), pool('email'), mapping, undefined);
    expect(attributes).toEqual({ 'custom:legacy_sub': SUB });
  });

  it('a flag is neither carried nor missed without its contact, though the pool has both', () => {
    const legacy = user({ email_verified: 'true', phone_number_verified: 'true', email: '' });
    const flags = pool('email', 'email_verified', 'phone_number', 'phone_number_verified');
    for (const schema of [flags, pool('email'), undefined]) {
      expect(carriedAttributes(legacy, schema, mapping, undefined)).toEqual({
        attributes: { 'custom:legacy_sub': SUB },
        leftOut: [],
      });
    }
  });

  it('carries everything where the schema is unknown', () => {
    const { attributes, leftOut } = carriedAttributes(user({ nickname: 'Ann' }), undefined, mapping, undefined);
    expect(attributes).toEqual({ nickname: 'Ann', 'custom:legacy_sub': SUB });
    expect(leftOut).toEqual([]);
  });

  it.each(['custom:old_sub', 'subscription', 'custom:username', 'username_2', 'custom:dev:x', 'custom:cognito:x'])(
    '%s is not one of Cognito’s own',
    (name) => {
      const { attributes } = carriedAttributes(user({ [name]: 'x' }), pool(name), mapping, undefined);
      expect(attributes).toEqual({ [name]: 'x', 'custom:legacy_sub': SUB });
    },
  );

  it('an attribute that the pool requires is missed only where it is not there', () => {
    const schema = pool({ name: 'nickname', required: true }, { name: 'sub', required: true });
    expect(carriedAttributes(user({ nickname: 'Ann' }), schema, mapping, undefined).leftOut).toEqual([]);
    expect(() => carriedAttributes(user({}), schema, mapping, undefined)).toThrow(
      expect.objectContaining({ code: 'ERR_ATTRIBUTE_MISSING', reason: 'nickname' }),
    );
  });

  it.each(['sub', 'identities', 'username', 'cognito:user_status', 'cognito:mfa_enabled', 'dev:custom:x'])(
    '%s never goes into the answer: the first sign-in would fail',
    (name) => {
      const { attributes } = carriedAttributes(user({ [name]: 'x' }), pool(name), mapping, undefined);
      expect(attributes).toEqual({ 'custom:legacy_sub': SUB });
    },
  );

  it('values that do not fit are left out', () => {
    const target = pool({ name: 'custom:plan', required: false, minLength: 3, maxLength: 4 });
    const carried = (value: string) => carriedAttributes(user({ 'custom:plan': value }), target, mapping, undefined);
    for (const value of ['abc', 'abcd']) expect(carried(value).attributes['custom:plan']).toBe(value);
    for (const value of ['ab', 'abcde']) expect(carried(value).leftOut).toEqual(['custom:plan']);
    expect(carried('').leftOut).toEqual([]);
  });

  it('a required attribute that is missing is named, before Cognito calls it a wrong password', () => {
    const target = pool({ name: 'sub', required: true }, { name: 'phone_number', required: true });
    expect(() => carriedAttributes(user({}), target, mapping, undefined)).toThrow(
      expect.objectContaining({ code: 'ERR_ATTRIBUTE_MISSING', reason: 'phone_number' }),
    );
  });

  it('a pool without the mapping attribute is an error, not a user without mapping', () => {
    const target = [{ name: 'email' }];
    expect(() => carriedAttributes(user({}), target, mapping, undefined)).toThrow(
      expect.objectContaining({ reason: 'custom:legacy_sub' }),
    );
  });

  it('a legacy attribute of the mapping’s name is not missed when it does not fit', () => {
    const target = [{ name: 'custom:legacy_sub', maxLength: 36 }];
    const { leftOut } = carriedAttributes(user({ 'custom:legacy_sub': 'x'.repeat(40) }), target, mapping, undefined);
    expect(leftOut).toEqual([]);
  });

  it('whatever the legacy attributes are: the mapping is the sub, and nothing outside the schema is there', () => {
    const names = fc.constantFrom(
      'sub',
      'identities',
      'cognito:x',
      'custom:legacy_sub',
      'email',
      'email_verified',
      'zone',
      '__proto__',
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.string(), { noNullPrototype: false }), (attributes) => {
        const carried = carriedAttributes(user(attributes), pool('email', 'zone'), mapping, undefined).attributes;
        expect(carried['custom:legacy_sub']).toBe(SUB);
        for (const name of Object.keys(carried)) {
          expect(['custom:legacy_sub', 'email', 'email_verified', 'zone']).toContain(name);
        }
      }),
    );
  });
});

describe('the mapping attribute', () => {
  it.each<Partial<PoolAttribute>>([{ maxLength: 35 }, { minLength: 37 }, { type: 'Number' }, { type: 'Boolean' }])(
    'of %j cannot hold a legacy id: an error with its name, not a sign-in that Cognito fails',
    (limits) => {
      const target = [{ name: 'custom:legacy_sub', ...limits }];
      expect(() => carriedAttributes(user({}), target, mapping, undefined)).toThrow(
        expect.objectContaining({ code: 'ERR_ATTRIBUTE_MISSING', reason: 'custom:legacy_sub' }),
      );
    },
  );
});

describe('verifiedContacts', () => {
  it.each([
    [{ email: 'a@example.com', email_verified: 'true' }, ['email']],
    [{ phone_number: '+491234', phone_number_verified: 'true' }, ['phone_number']],
    [
      { email: 'a@example.com', email_verified: 'false', phone_number: '+49', phone_number_verified: 'true' },
      ['phone_number'],
    ],
    [{ email: 'a@example.com', email_verified: 'false' }, []],
    [{ email: 'a@example.com' }, []],
    [{ email_verified: 'true' }, []],
    [{ email: '', email_verified: 'true' }, []],
    [{}, []],
  ])('%j: %j', (attributes, expected) => {
    expect(verifiedContacts(attributes)).toEqual(expected);
  });
});
