import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestPools, type TestPools } from '../../src/testing/index.js';

describe('the claims of tokens', () => {
  let pools: TestPools;
  beforeAll(async () => {
    pools = await createTestPools({ serve: false });
  });
  afterAll(() => pools.close());

  it('shape the claims as Cognito does', () => {
    const { newPool } = pools;
    const id = decodeJwt(newPool.idToken({ sub: 's' }));
    expect(id).toMatchObject({ sub: 's', aud: newPool.clientId, 'cognito:username': 's', email_verified: true });
    expect(id).not.toHaveProperty('client_id');
    const access = decodeJwt(newPool.accessToken({ sub: 's' }));
    expect(access).toMatchObject({ sub: 's', client_id: newPool.clientId, username: 's' });
    for (const absent of ['aud', 'email', 'legacy_sub']) expect(access).not.toHaveProperty(absent);
    const machine = decodeJwt(newPool.machineToken());
    expect(machine).toMatchObject({ sub: newPool.clientId, client_id: newPool.clientId });
    for (const absent of ['aud', 'username', 'cognito:username']) expect(machine).not.toHaveProperty(absent);
    expect(decodeJwt(newPool.machineToken({ client_id: 'other' })).sub).toBe('other');
  });

  it('replace, add and leave out claims as told', () => {
    const claims = { email: 'a@b.c', 'custom:legacy_sub': 'L', auth_time: 5, jti: undefined, extra: [1] };
    const token = decodeJwt(pools.newPool.idToken(claims));
    expect(token).toMatchObject({ email: 'a@b.c', 'custom:legacy_sub': 'L', auth_time: 5, extra: [1] });
    expect(token).not.toHaveProperty('jti');
    expect(decodeJwt(pools.newPool.accessToken({ iat: 1000 }))).toMatchObject({
      iat: 1000,
      auth_time: 1000,
      exp: 4600,
    });
  });
});
