import { generateKeyPairSync } from 'node:crypto';
import { CognitoJwtVerifier } from 'aws-jwt-verify/cognito-verifier';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { checkPools, isAllowedJwksUri } from '../../src/verify/pool-options.js';
import type { PoolOptions } from '../../src/verify/types.js';

const LEGACY: PoolOptions = { userPoolId: 'eu-west-1_Legacy', clientIds: ['legacy-client'] };
const NEW: PoolOptions = { userPoolId: 'eu-west-1_New', clientIds: ['new-client'] };
const jwk = { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }), kid: 'a' };

const bad = (more: object): PoolOptions => ({ ...NEW, ...more }) as PoolOptions;

describe('checkPools', () => {
  it.each([
    ['eu-west-1_Abc123', 'eu-west-1'],
    ['us-gov-west-1_Abc123', 'us-gov-west-1'],
    ['eusc-de-east-1_Abc123', 'eusc-de-east-1'],
  ])('trusts both documented issuers of %s', (userPoolId, region) => {
    const [, pool] = checkPools(LEGACY, { ...NEW, userPoolId });
    expect(pool?.issuers).toEqual([
      `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
      `https://issuer-cognito-idp.${region}.amazonaws.com/${userPoolId}`,
    ]);
    expect(pool?.jwksUri).toBe(`https://cognito-idp.${region}.amazonaws.com/${userPoolId}/.well-known/jwks.json`);
  });

  it.each([
    '!eu-west-1_Abc123',
    'eu-west-1_Abc123!',
    'eu-west-1_Abc123 ',
    'eu-west-1_',
    'e-west-1_Abc123',
    'eu-west-x_Abc123',
    'eu--1_Abc123',
    'eusc-d-east-1_Abc123',
    'eusc-12-east-1_Abc123',
    'eusc-east-1_Abc123',
  ])('knows no issuer of %j', (userPoolId) => {
    expect(() => checkPools(undefined, { ...NEW, userPoolId })).toThrow(
      expect.objectContaining({ option: 'newPool.userPoolId' }),
    );
  });

  it('reads pool ids as aws-jwt-verify does', () => {
    const issuersOf = (userPoolId: string) => {
      try {
        return checkPools(undefined, { ...NEW, userPoolId })[0]?.issuers;
      } catch {
        return undefined;
      }
    };
    const theirs = (userPoolId: string) => {
      try {
        const forms = ['', 'https://issuer-cognito-idp'].map((form) =>
          CognitoJwtVerifier.parseUserPoolId(userPoolId, form),
        );
        return forms.map(({ issuer }) => issuer);
      } catch {
        return undefined;
      }
    };
    const piece = fc.constantFrom(
      'eu',
      'us',
      'eusc',
      'de',
      'gov',
      'west',
      'isob',
      '-',
      '_',
      '1',
      '12',
      'Ab3',
      'Ä',
      '\n',
      '.',
    );
    const id = fc.oneof(
      fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
      fc
        .tuple(
          fc.constantFrom('eu-west-1', 'us-gov-west-1', 'eusc-de-east-1', 'us-isob-east-1', 'eu-west'),
          piece,
          piece,
        )
        .map(([region, ...rest]) => `${region}_${rest.join('')}`),
    );
    fc.assert(
      fc.property(id, (userPoolId) => {
        expect(issuersOf(userPoolId)).toEqual(theirs(userPoolId));
      }),
      { numRuns: 2_000 },
    );
    expect(issuersOf('us-gov-west-1_A')).toHaveLength(2);
  });

  it('takes the issuers given, and only these', () => {
    const [, pool] = checkPools(LEGACY, { ...NEW, issuers: ['https://login.example.com/x'] });
    expect(pool?.issuers).toEqual(['https://login.example.com/x']);
  });

  it('takes an id of an emulator with issuers and keys', () => {
    const given = { userPoolId: 'local_abc', clientIds: ['c'], issuers: ['http://localhost:9229/local_abc'] };
    expect(checkPools(LEGACY, { ...given, jwks: { keys: [jwk] } })[1]).toMatchObject({ jwksUri: undefined });
    expect(checkPools(LEGACY, { ...given, jwksUri: 'http://127.0.0.1:1/jwks' })[1]?.jwksUri).toBe(
      'http://127.0.0.1:1/jwks',
    );
  });

  it('fetches nothing for keys handed in, unless told where', () => {
    const jwks = { keys: [jwk] };
    expect(checkPools(LEGACY, { ...NEW, jwks })[1]?.jwksUri).toBeUndefined();
    expect(checkPools(LEGACY, { ...NEW, jwks, jwksUri: 'https://x.example/jwks' })[1]?.jwksUri).toBe(
      'https://x.example/jwks',
    );
  });

  it.each([
    ['left out', undefined],
    ['an empty list', []],
  ])('takes no legacy pool: %s', (_, none) => {
    expect(checkPools(none, NEW).map(({ side }) => side)).toEqual(['new']);
  });

  it.each([
    ['https://auth.example.com', 'https://auth.example.com/.well-known/jwks.json'],
    ['https://auth.example.com/', 'https://auth.example.com/.well-known/jwks.json'],
    ['http://127.0.0.1:9229/local_1', 'http://127.0.0.1:9229/local_1/.well-known/jwks.json'],
  ])('looks for the keys at the first issuer that is given: %s', (issuer, jwksUri) => {
    for (const userPoolId of ['eu-west-1_New', 'local_1']) {
      const pool = { userPoolId, clientIds: null, issuers: [issuer, 'https://second.example.com'] };
      expect(checkPools(LEGACY, pool)[1]).toMatchObject({ jwksUri });
    }
  });

  it('takes an audience as one text or several, and null for not checked', () => {
    const audienceOf = (audience: PoolOptions['audience']) => checkPools(LEGACY, bad({ audience }))[1]?.audience;
    expect(audienceOf('https://api.example.com')).toEqual(new Set(['https://api.example.com']));
    expect(audienceOf(['a', 'b'])).toEqual(new Set(['a', 'b']));
    for (const none of [null, undefined]) expect(audienceOf(none)).toBeNull();
  });

  it('takes several legacy pools', () => {
    const second = { userPoolId: 'us-east-1_Second', clientIds: null };
    expect(checkPools([LEGACY, second], NEW).map(({ side }) => side)).toEqual(['legacy', 'legacy', 'new']);
  });

  it.each<[string, string, PoolOptions | PoolOptions[], PoolOptions]>([
    ['no new pool', 'newPool', LEGACY, undefined as never],
    ['a pool id that is missing', 'newPool.userPoolId', LEGACY, bad({ userPoolId: undefined })],
    ['a pool id of no form', 'newPool.userPoolId', LEGACY, bad({ userPoolId: 'New' })],
    ['an emulator id without issuers', 'newPool.userPoolId', LEGACY, bad({ userPoolId: 'local_1' })],
    ['an emulator id without keys', 'newPool.jwksUri', LEGACY, bad({ userPoolId: 'local_1', issuers: ['http://x'] })],
    ['client ids left out', 'newPool.clientIds', LEGACY, bad({ clientIds: undefined })],
    ['an empty client list', 'newPool.clientIds', LEGACY, bad({ clientIds: [] })],
    ['client ids as a text', 'newPool.clientIds', LEGACY, bad({ clientIds: 'client' })],
    ['an empty client id', 'newPool.clientIds[1]', LEGACY, bad({ clientIds: ['a', ''] })],
    ['issuers as a text', 'newPool.issuers', LEGACY, bad({ issuers: 'https://x' })],
    ['no issuers', 'newPool.issuers', LEGACY, bad({ issuers: [] })],
    ['a misspelt option', 'newPool.clientId', LEGACY, bad({ clientId: 'x' })],
    ['keys over http', 'newPool.jwksUri', LEGACY, bad({ jwksUri: 'http://example.com/jwks' })],
    ['keys with a password', 'newPool.jwksUri', LEGACY, bad({ jwksUri: 'https://me:x@example.com/' })],
    ['keys from a file', 'newPool.jwksUri', LEGACY, bad({ jwksUri: 'file:///jwks.json' })],
    ['keys of no use', 'newPool.jwks', LEGACY, bad({ jwks: { keys: [] } })],
    ['an issuer that is not an address, and no keys', 'newPool.jwksUri', LEGACY, bad({ issuers: ['New'] })],
    ['an empty audience', 'newPool.audience', LEGACY, bad({ audience: '' })],
    ['an audience of none', 'newPool.audience', LEGACY, bad({ audience: [] })],
    ['an audience that is not a string', 'newPool.audience[0]', LEGACY, bad({ audience: [5] })],
    ['an audience where only ID tokens are taken', 'newPool.audience', LEGACY, bad({ audience: 'a', tokenUse: 'id' })],
    ['an unknown token use', 'newPool.tokenUse', LEGACY, bad({ tokenUse: 'refresh' })],
    ['aliases as a list', 'newPool.clientAliases', LEGACY, bad({ clientAliases: ['a'] })],
    ['an alias that is no text', 'newPool.clientAliases.a', LEGACY, bad({ clientAliases: { a: 1 } })],
    ['the same pool twice', 'newPool.userPoolId', LEGACY, bad({ userPoolId: LEGACY.userPoolId })],
    ['the same legacy pool twice', 'legacyPool[1].userPoolId', [LEGACY, LEGACY], NEW],
    ['a client in both lists', 'newPool.clientIds', LEGACY, bad({ clientIds: ['legacy-client'] })],
    [
      'an issuer in both pools',
      'newPool.issuers',
      LEGACY,
      bad({ issuers: ['https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Legacy'] }),
    ],
  ])('refuses %s, naming %s', (_, option, legacyPool, newPool) => {
    expect(() => checkPools(legacyPool, newPool)).toThrow(ConfigurationError);
    expect(() => checkPools(legacyPool, newPool)).toThrow(expect.objectContaining({ option }));
  });
});

describe('isAllowedJwksUri', () => {
  it.each([
    ['https://example.com/jwks', true],
    ['http://localhost:9229/x', true],
    ['http://127.0.0.1/x', true],
    ['http://127.8.0.1/x', true],
    ['http://127.10.20.30/x', true],
    ['https://user@example.com/x', false],
    ['https://:password@example.com/x', false],
    ['http://[::1]:80/x', true],
    ['http://example.com/x', false],
    ['http://localhost.example.com/x', false],
    ['http://127.0.0.1.example.com/x', false],
    ['http://10.0.0.1/x', false],
    ['https://user:password@example.com/x', false],
    ['ftp://example.com/x', false],
    ['ftp://localhost/x', false],
    ['file://localhost/x', false],
    ['/x', false],
    ['', false],
  ])('%s: %s', (uri, expected) => {
    expect(isAllowedJwksUri(uri)).toBe(expected);
  });
});
