import { describe, expect, it } from 'vitest';
import type { CutoverIdentity } from '../../src/index.js';
import * as target from '../support/attack-target.js';
import { part, signToken } from '../support/issuer.js';
import { outcome, verdict } from '../support/outcome.js';

const { accessClaims, header, idClaims, LEGACY_ID, legacyAccessClaims, legacyIdClaims, machineClaims, NOW } = target;
const { identityOf, judgeClaims: judge } = target;
const INVALID = 'ERR_CLAIM_INVALID';
const ABSENT = undefined;

/** JSON with a value that an object cannot hold, as 1e400. */
const withRaw = (claims: object, claim: string, raw: string) =>
  `${JSON.stringify({ ...claims, [claim]: ABSENT }).slice(0, -1)},${JSON.stringify(claim)}:${raw}}`;

const notText: readonly unknown[] = [null, 0, 1, true, false, [], ['text'], {}, { toString: 'text' }];
const notNumber: readonly unknown[] = [
  null,
  '',
  '1',
  String(NOW + 60),
  true,
  false,
  [],
  [NOW + 60],
  {},
  { valueOf: 1 },
];

describe.each([
  ['access token', accessClaims],
  ['ID token', idClaims],
  ['machine token', machineClaims],
  ['legacy access token', legacyAccessClaims],
  ['legacy ID token', legacyIdClaims],
])('claims of a wrong type in a %s', (_, claims) => {
  const client = 'aud' in claims ? 'aud' : 'client_id';
  const username = 'aud' in claims ? 'cognito:username' : 'username';
  const change = (claim: string, value: unknown) => judge({ ...claims, [claim]: value });

  it.each(['sub', 'token_use', client])('%s must be a text that says something', async (claim) => {
    for (const value of [...notText, ABSENT]) expect([value, await change(claim, value)]).toEqual([value, INVALID]);
    expect(await change(claim, '')).toMatch(/^ERR_(CLAIM_INVALID|TOKEN_USE_NOT_ALLOWED|CLIENT_NOT_ALLOWED)$/);
  });

  it('sub must not be empty', async () => {
    expect(await change('sub', '')).toBe(INVALID);
  });

  it.each([username, 'scope', 'jti'])('%s must be a text if there is one', async (claim) => {
    for (const value of notText) expect([value, await change(claim, value)]).toEqual([value, INVALID]);
  });

  it.each(['exp', 'iat'])('%s must be a number', async (claim) => {
    for (const value of [...notNumber, ABSENT]) expect([value, await change(claim, value)]).toEqual([value, INVALID]);
    if (target.isLegacy(claims)) return;
    for (const raw of ['1e400', '-1e400']) expect(await judge(withRaw(claims, claim, raw))).toBe(INVALID);
  });

  it.each(['nbf', 'auth_time'])('%s must be a number if there is one', async (claim) => {
    for (const value of notNumber) expect([value, await change(claim, value)]).toEqual([value, INVALID]);
    if (target.isLegacy(claims)) return;
    for (const raw of ['1e400', '-1e400']) expect(await judge(withRaw(claims, claim, raw))).toBe(INVALID);
  });

  it('iss must be a trusted text', async () => {
    const key = target.isLegacy(claims) ? target.legacyKey : target.newKey;
    for (const iss of [...notText, ABSENT, '', [claims['iss']], { iss: claims['iss'] }]) {
      const token = signToken(header(key), { ...claims, iss }, key);
      expect([iss, await outcome(target.targetVerifier(), token)]).toEqual([iss, 'ERR_ISSUER_NOT_TRUSTED']);
    }
  });

  it('cognito:groups must be a list of texts if there is one', async () => {
    for (const groups of [null, '', 'admin', 1, true, {}, [1], ['admin', null], [['admin']], [{}]]) {
      expect([groups, await change('cognito:groups', groups)]).toEqual([groups, INVALID]);
    }
    expect(await identityOf({ ...claims, 'cognito:groups': ['admin'] })).toMatchObject({ groups: ['admin'] });
  });

  it.each([
    ['exp', NOW - 4, 'good'],
    ['exp', NOW - 5, 'ERR_TOKEN_EXPIRED'],
    ['exp', 0, 'ERR_TOKEN_EXPIRED'],
    ['exp', -1, 'ERR_TOKEN_EXPIRED'],
    ['exp', -1e308, 'ERR_TOKEN_EXPIRED'],
    ['exp', 1e308, 'good'],
    ['iat', NOW + 300, 'good'],
    ['iat', NOW + 301, 'ERR_TOKEN_NOT_YET_VALID'],
    ['iat', 1e308, 'ERR_TOKEN_NOT_YET_VALID'],
    ['nbf', NOW + 5, 'good'],
    ['nbf', NOW + 6, 'ERR_TOKEN_NOT_YET_VALID'],
    ['nbf', -1, 'good'],
  ])('%s of %d is %s', async (claim, value, expected) => {
    const verdict = await change(claim, value);
    expect(verdict.startsWith('ERR_') ? verdict : 'good').toBe(expected);
  });

  it.each(['ID', 'Access', 'access ', 'refresh', 'id\u0000', '__proto__', 'any'])(
    'token_use %j is refused',
    async (use) => {
      expect(await change('token_use', use)).toBe('ERR_TOKEN_USE_NOT_ALLOWED');
    },
  );
});

describe('app clients', () => {
  const NOT_ALLOWED = 'ERR_CLIENT_NOT_ALLOWED';
  it.each(['legacyclient', 'newclient ', 'NEWCLIENT', 'newclient,legacyclient', '__proto__', 'constructor', 'size'])(
    '%j is no client of the new pool',
    async (client) => {
      expect(await judge({ ...accessClaims, client_id: client })).toBe(NOT_ALLOWED);
      expect(await judge({ ...idClaims, aud: client })).toBe(NOT_ALLOWED);
      expect(await judge({ ...machineClaims, client_id: client, sub: client })).toBe(NOT_ALLOWED);
    },
  );

  it('are those of the pool that signed', async () => {
    expect(await judge({ ...legacyAccessClaims, client_id: 'newclient' })).toBe(NOT_ALLOWED);
    expect(await judge({ ...legacyIdClaims, aud: 'newclient' })).toBe(NOT_ALLOWED);
  });

  it('are read where the kind of token has them, and nowhere else', async () => {
    expect(await judge({ ...accessClaims, client_id: 'x', aud: 'newclient' })).toBe(NOT_ALLOWED);
    expect(await judge({ ...idClaims, aud: 'x', client_id: 'newclient' })).toBe(NOT_ALLOWED);
    expect(await judge({ ...accessClaims, client_id: ABSENT, aud: 'newclient' })).toBe(INVALID);
    expect(await judge({ ...idClaims, aud: ABSENT, client_id: 'newclient' })).toBe(INVALID);
    for (const aud of [1, null, {}, [1], true]) expect(await judge({ ...accessClaims, aud })).toBe(INVALID);
    for (const aud of ['newclient', 'x', ['x']])
      expect(await judge({ ...accessClaims, aud })).toBe(`claim:${LEGACY_ID}`);
    for (const aud of [['newclient'], ['newclient', 'x'], []]) expect(await judge({ ...idClaims, aud })).toBe(INVALID);
  });

  it('with names of inherited properties are names like any other', async () => {
    const newPool = { ...target.newPool, clientIds: null, clientAliases: { known: 'before' } };
    for (const client of ['constructor', '__proto__', 'toString']) {
      expect(await identityOf({ ...accessClaims, client_id: client }, { newPool })).toMatchObject({ clientId: client });
    }
  });

  it('that moved are reported as before, also as the user id of a machine', async () => {
    const newPool = { ...target.newPool, clientAliases: { newclient: 'before' } };
    expect(await identityOf(accessClaims, { newPool })).toMatchObject({ clientId: 'before', userId: LEGACY_ID });
    expect(await identityOf(machineClaims, { newPool })).toMatchObject({ clientId: 'before', userId: 'before' });
  });
});

describe('names that mean something to JavaScript', () => {
  const raw = (claims: object, extra: string) => `${JSON.stringify(claims).slice(0, -1)},${extra}}`;
  const { legacy_sub: _, ...unmapped } = accessClaims;

  it('are not honoured as claims', async () => {
    expect(await judge(raw(unmapped, `"__proto__":{"legacy_sub":"${LEGACY_ID}"}`))).toBe('ERR_LEGACY_ID_MISSING');
    for (const claim of ['sub', 'exp', 'iat', 'token_use', 'client_id']) {
      const { [claim]: value, ...others } = accessClaims;
      expect(await judge(raw(others, `"__proto__":{"${claim}":${JSON.stringify(value)}}`))).toBe(INVALID);
    }
  });

  it('pollute nothing, not even a careless copy of the claims', async () => {
    const evil =
      '"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"a":{"__proto__":{"admin":true}}';
    const identity = (await identityOf(raw(accessClaims, evil))) as CutoverIdentity;
    const { claims } = identity;
    const copies = [{}, [], claims, claims['a'], Object.assign({}, claims), { ...claims }, structuredClone(claims)];
    for (const one of copies) expect((one as Record<string, unknown>)['admin']).toBeUndefined();
    expect(Object.assign({}, claims['a'])).not.toHaveProperty('admin');
  });

  it('and repeated claims are read once, the last', async () => {
    const identity = (await identityOf(raw(accessClaims, '"sub":"last","exp":1e10'))) as CutoverIdentity;
    expect([identity.sub, identity.claims['sub'], identity.expiresAt]).toEqual(['last', 'last', 1e10]);
    expect(await judge(raw(accessClaims, '"exp":1'))).toBe('ERR_TOKEN_EXPIRED');
  });
});

describe('claims of absurd size and depth', () => {
  const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const arrays = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  // The payload itself is the first of 64 levels.
  it.each([
    ['objects', objects, 63, `claim:${LEGACY_ID}`],
    ['arrays', arrays, 63, `claim:${LEGACY_ID}`],
    ['objects', objects, 64, 'ERR_TOKEN_MALFORMED'],
    ['arrays', arrays, 64, 'ERR_TOKEN_MALFORMED'],
    ['objects', objects, 1_900, 'ERR_TOKEN_MALFORMED'],
    ['arrays', arrays, 5_500, 'ERR_TOKEN_MALFORMED'],
  ])('%s nested too deep are refused (%#)', async (_, nested, depth, expected) => {
    const claims = withRaw(accessClaims, 'deep', nested(depth));
    expect(part(claims).length).toBeLessThan(15_900);
    expect(await judge(claims)).toBe(expected);
    expect(await judge(withRaw(accessClaims, '__proto__', nested(depth)))).toBe(expected);
    const token = signToken(withRaw(header(), 'deep', nested(depth)), accessClaims, target.newKey);
    expect(await verdict(target.targetVerifier(), token)).toBe(expected.startsWith('ERR_') ? expected : 'accepted');
  });

  it('cannot be changed by one caller for another', async () => {
    const identity = (await identityOf({
      ...accessClaims,
      'cognito:groups': ['a'],
      list: [{ a: 1 }],
    })) as CutoverIdentity;
    const { claims, groups, scopes } = identity;
    const list = claims['list'] as { a: number }[];
    for (const one of [identity, claims, groups, scopes, list, list[0]]) expect(Object.isFrozen(one)).toBe(true);
    expect(claims['cognito:groups']).toEqual(['a']);
  });
});
