import type { SchemaAttributeType } from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it } from 'vitest';
import {
  toAppClient,
  toAttributes,
  toIdentityProvider,
  toItems,
  toPage,
  toPoolAttribute,
  toPoolDescription,
  toToken,
  toUserPage,
} from '../../src/directory/answers.js';

const answerError = (operation: string) => expect.objectContaining({ kind: 'answer', operation });

describe('attributes', () => {
  it('are every attribute by name', () => {
    const list = [{ Name: 'email', Value: 'a@example.com' }, { Name: 'empty' }];
    expect(toAttributes('GetUser', list)).toEqual({ email: 'a@example.com', empty: '' });
    expect(toAttributes('GetUser', undefined)).toEqual({});
  });

  it('of any name are attributes, and nothing of an object’s own', () => {
    expect(toAttributes('GetUser', [])['constructor']).toBeUndefined();
    expect(Object.keys(toAttributes('GetUser', [{ Name: '__proto__', Value: 'x' }]))).toEqual(['__proto__']);
  });

  it.each([[{ Value: 'x' }], [{ Name: 'email', Value: 1 }]])('of another form are an odd answer: %j', (attribute) => {
    expect(() => toAttributes('GetUser', [attribute as { Name: string }])).toThrow(answerError('GetUser'));
  });
});

describe('a user', () => {
  const userOf = (user: object) => toUserPage({ Users: [{ Username: 'anna', ...user }] }).users[0];

  it('without a sub has none, and an unknown status is said to be unknown', () => {
    expect(userOf({ Attributes: [{ Name: 'sub', Value: '' }] })).toMatchObject({ sub: undefined, status: 'UNKNOWN' });
  });

  it('is disabled only where the pool says so', () => {
    expect([userOf({})?.enabled, userOf({ Enabled: false })?.enabled]).toEqual([true, false]);
  });

  it('has no date where the pool gives none that can be read', () => {
    expect(userOf({ UserCreateDate: new Date(Number.NaN) })?.createdAt).toBeUndefined();
  });
});

describe('a page', () => {
  it('is a list with the token of the next one', () => {
    expect(toPage('ListGroups', [1], 'next')).toEqual({ items: [1], nextToken: 'next' });
    expect(() => toPage('ListGroups', undefined, undefined)).toThrow(answerError('ListGroups'));
  });

  it.each([[undefined], [null], ['']])('is the last one with the token %j', (token) => {
    expect(toToken('ListGroups', token)).toBeUndefined();
  });

  it('with a token that is not a string is an odd answer', () => {
    expect(() => toToken('ListGroups', 7)).toThrow(answerError('ListGroups'));
  });

  it.each([[undefined], [['a', undefined]], [['']]])('of names is never %j', (names) => {
    expect(() => toItems('ListIdentityProviders', names)).toThrow(answerError('ListIdentityProviders'));
  });
});

describe('an attribute of the schema', () => {
  it('has the limits that the pool sets, as numbers', () => {
    const level: SchemaAttributeType = {
      Name: 'custom:level',
      AttributeDataType: 'Number',
      Required: true,
      NumberAttributeConstraints: { MinValue: '0', MaxValue: '' },
    };
    expect(toPoolAttribute(level)).toStrictEqual({ name: 'custom:level', type: 'Number', required: true, minValue: 0 });
  });

  it('of a type that is not known has none', () => {
    expect(toPoolAttribute({ Name: 'x', AttributeDataType: 'Set' as 'String' })).not.toHaveProperty('type');
  });
});

describe('a pool, its clients and providers', () => {
  it('without a schema is an odd answer', () => {
    expect(() => toPoolDescription({})).toThrow(answerError('DescribeUserPool'));
  });

  it('keeps an estimate only where it is a number', () => {
    expect(toPoolDescription({ SchemaAttributes: [] }).estimatedUsers).toBeUndefined();
    expect(toPoolDescription({ SchemaAttributes: [], EstimatedNumberOfUsers: 0 }).estimatedUsers).toBe(0);
  });

  it('restricts nothing by an empty list', () => {
    const client = toAppClient('web', { WriteAttributes: [], ReadAttributes: ['email'] });
    expect(client).toEqual({
      clientId: 'web',
      clientName: '',
      writeAttributes: undefined,
      readAttributes: ['email'],
    });
  });

  it('tells what a provider fills, and where the username is from', () => {
    const provider = {
      ProviderType: 'OIDC' as const,
      AttributeMapping: { username: 'sub', email: 'mail' },
      ProviderDetails: { oidc_issuer: 'https://idp.example' },
    };
    expect(toIdentityProvider('Okta', provider)).toEqual({
      name: 'Okta',
      type: 'OIDC',
      mappedAttributes: ['username', 'email'],
      issuer: 'https://idp.example',
      usernameFrom: 'sub',
    });
  });
});
