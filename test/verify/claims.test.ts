import { describe, expect, it } from 'vitest';
import type { PoolOptions } from '../../src/index.js';
import { verdictSync } from '../support/outcome.js';
import { UUID, verifierOfTwoPools } from './support.js';

const API = 'https://orders.example.com';

const { pools, start } = verifierOfTwoPools();

describe('audience', () => {
  it.each<[unknown, PoolOptions['audience'], string]>([
    [API, API, 'accepted'],
    [API, ['https://else.example.com', API], 'accepted'],
    [['client', API], API, 'accepted'],
    ['https://else.example.com', API, 'ERR_AUDIENCE_NOT_ALLOWED'],
    [`${API}/`, API, 'ERR_AUDIENCE_NOT_ALLOWED'],
    [[], API, 'ERR_AUDIENCE_NOT_ALLOWED'],
    [undefined, API, 'ERR_AUDIENCE_NOT_ALLOWED'],
    [5, API, 'ERR_CLAIM_INVALID'],
    [undefined, undefined, 'accepted'],
    ['https://else.example.com', null, 'accepted'],
  ])('an access token for %j where %j is wanted is %s', (aud, audience, expected) => {
    const verifier = start(audience === undefined ? {} : { audience });
    const claims = { aud: aud as string, legacy_sub: UUID };
    for (const token of [pools.newPool.accessToken(claims), pools.newPool.machineToken(claims)]) {
      expect([verdictSync(verifier, token), verdictSync(verifier, token)]).toEqual([expected, expected]);
    }
  });

  it('is said to be missing only where it is', () => {
    const refused = (aud?: string) => () =>
      start({ audience: API }).verifySync(pools.newPool.accessToken({ aud, legacy_sub: UUID }));
    expect(refused()).toThrow(expect.objectContaining({ message: expect.stringContaining('It has no aud') }));
    expect(refused('else')).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/newPool\.audience\.$/) }),
    );
  });

  it('is of this pool only, and not asked of ID tokens, whose aud is the client', () => {
    const verifier = start({ audience: API });
    expect(verdictSync(verifier, pools.legacyPool.accessToken())).toBe('accepted');
    expect(verdictSync(verifier, pools.newPool.idToken({ 'custom:legacy_sub': UUID }))).toBe('accepted');
  });
});

it('a client that is not listed is refused, also beside a pool that accepts any client', () => {
  const verifier = start({ clientIds: null });
  expect(verdictSync(verifier, pools.legacyPool.accessToken({ client_id: 'else' }))).toBe('ERR_CLIENT_NOT_ALLOWED');
  expect(verdictSync(verifier, pools.newPool.accessToken({ client_id: 'else', legacy_sub: UUID }))).toBe('accepted');
});

it('a pool may take another use of tokens than the verifier', () => {
  const verifier = start({ tokenUse: 'id' }, { tokenUse: 'access' });
  const wrong = 'ERR_TOKEN_USE_NOT_ALLOWED';
  expect([
    verdictSync(verifier, pools.legacyPool.accessToken()),
    verdictSync(verifier, pools.legacyPool.idToken()),
    verdictSync(verifier, pools.newPool.accessToken({ legacy_sub: UUID })),
    verdictSync(verifier, pools.newPool.idToken({ 'custom:legacy_sub': UUID })),
  ]).toEqual(['accepted', wrong, wrong, 'accepted']);
});

describe('acceptSignInsBefore', () => {
  const limited = () => start({}, { legacyTokens: { acceptSignInsBefore: new Date(0) } });

  it('cuts off nobody of the new pool, from the cache neither', () => {
    const verifier = limited();
    const token = pools.newPool.accessToken({ legacy_sub: UUID });
    expect([verdictSync(verifier, token), verdictSync(verifier, token)]).toEqual(['accepted', 'accepted']);
  });

  it('cuts off no machine: nobody signs in for one, and acceptUntil ends its tokens', () => {
    for (const auth_time of [undefined, 1_768_000_000]) {
      const token = pools.legacyPool.machineToken({ auth_time });
      expect(verdictSync(limited(), token)).toBe('accepted');
      expect(verdictSync(start({}, { legacyTokens: { acceptUntil: new Date(0) } }), token)).toBe(
        'ERR_LEGACY_POOL_CLOSED',
      );
    }
  });

  it('is not got round by a user who looks like a machine in part', () => {
    const { clientId } = pools.legacyPool;
    for (const token of [
      pools.legacyPool.accessToken({ sub: clientId }),
      pools.legacyPool.accessToken({ username: undefined }),
      pools.legacyPool.idToken({ sub: clientId, client_id: clientId, 'cognito:username': undefined }),
    ]) {
      expect(verdictSync(limited(), token)).toBe('ERR_LEGACY_POOL_CLOSED');
    }
  });
});

describe('a refusal says which option refused', () => {
  const messageOf = (verifier: ReturnType<typeof start>, token: string) => {
    try {
      verifier.verifySync(token);
      return 'accepted';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it.each<[string, () => string, string]>([
    ['the app clients of the new pool', () => pools.newPool.accessToken({ client_id: 'x' }), 'newPool.clientIds'],
    [
      'the app clients of the legacy pool',
      () => pools.legacyPool.accessToken({ client_id: 'x' }),
      'legacyPool.clientIds',
    ],
    ['the audience', () => pools.newPool.accessToken({ legacy_sub: UUID }), 'newPool.audience'],
    ['the use', () => pools.legacyPool.idToken(), 'Only access tokens are accepted (tokenUse).'],
    ['the claim that is not of its type', () => pools.newPool.accessToken({ scope: 5 as never }), 'The claim scope'],
  ])('%s', (_, token, expected) => {
    expect(messageOf(start({ audience: API }, { tokenUse: 'access' }), token())).toContain(expected);
  });

  it('of the two that close the legacy pool', () => {
    const closedBy = (legacyTokens: object) => messageOf(start({}, { legacyTokens }), pools.legacyPool.accessToken());
    expect(closedBy({ acceptUntil: new Date(0) })).toContain('legacyTokens.acceptUntil');
    expect(closedBy({ acceptSignInsBefore: new Date(0) })).toContain('legacyTokens.acceptSignInsBefore');
  });
});
