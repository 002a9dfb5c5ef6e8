import { describe, expect, it } from 'vitest';
import { tokenFacts } from '../../../../src/cli/commands/token/token-facts.js';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (payload: unknown, header: unknown = { alg: 'RS256', kid: 'k' }) =>
  `${part(header)}.${part(payload)}.sig`;

const NOTHING = {
  algorithm: undefined,
  keyId: undefined,
  issuer: undefined,
  userPoolId: undefined,
  region: undefined,
  tokenUse: undefined,
  clientId: undefined,
  sub: undefined,
  audience: [],
  scopes: [],
  groups: [],
  issuedAt: undefined,
  notBefore: undefined,
  expiresAt: undefined,
  signedInAt: undefined,
  claims: [],
};

describe('what a token says', () => {
  it('of an access token', () => {
    const iss = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_New';
    const claims = { iss, sub: 's', client_id: 'c', token_use: 'access', scope: ' a  b ', 'cognito:groups': ['g'] };
    expect(tokenFacts(token({ ...claims, aud: 'api', iat: 1, nbf: 2, exp: 3, auth_time: 4 }))).toEqual({
      algorithm: 'RS256',
      keyId: 'k',
      issuer: iss,
      userPoolId: 'eu-west-1_New',
      region: 'eu-west-1',
      tokenUse: 'access',
      clientId: 'c',
      sub: 's',
      audience: ['api'],
      scopes: ['a', 'b'],
      groups: ['g'],
      issuedAt: 1,
      notBefore: 2,
      expiresAt: 3,
      signedInAt: 4,
      claims: [
        ...['aud', 'auth_time', 'client_id', 'cognito:groups', 'exp', 'iat', 'iss', 'nbf', 'scope', 'sub'],
        'token_use',
      ],
    });
  });

  it('of an ID token, whose aud is its client, without anything personal', () => {
    const claims = { token_use: 'id', aud: 'c', email: 'anna@example.com', phone_number: '+441', name: 'Anna' };
    const facts = tokenFacts(token({ ...claims, 'cognito:username': 'anna', identities: [{ userId: 'anna-1' }] }));
    expect(facts).toMatchObject({ clientId: 'c', audience: [] });
    expect(facts.claims).toContain('email');
    expect(JSON.stringify(facts)).not.toMatch(/anna|441/i);
  });

  it.each([
    ['https://issuer-cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_A', 'us-gov-west-1', 'us-gov-west-1_A'],
    ['https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_A', 'cn-north-1', 'cn-north-1_A'],
    ['https://cognito-idp.eu-west-1.amazonaws.com.example.com/eu-west-1_A', undefined, undefined],
    ['https://accounts.example.com', undefined, undefined],
  ])('of the issuer %s', (iss, region, userPoolId) => {
    expect(tokenFacts(token({ iss }))).toMatchObject({ issuer: iss, region, userPoolId });
  });

  it.each(['', 'a', 'a.b.c', `${part([])}.${part(5)}.x`, '{}.{}', `..${part({ iss: 'x' })}`])(
    'is nothing where it is not one: %j',
    (text) => expect(tokenFacts(text)).toEqual(NOTHING),
  );

  it('is nothing of claims of the wrong type', () => {
    const odd = { iss: 5, sub: {}, token_use: [], scope: 5, aud: [5], 'cognito:groups': 5, iat: '1', exp: 1e300 };
    const { algorithm, keyId, claims, ...facts } = tokenFacts(token(odd, { alg: 5, kid: null }));
    expect({ ...NOTHING, ...facts }).toEqual(NOTHING);
    expect([algorithm, keyId]).toEqual([undefined, undefined]);
    expect(claims).toHaveLength(8);
  });
});
