import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestPools, type TestPools } from '../../src/testing/index.js';

describe('a pair of pools', () => {
  let pools: TestPools;
  beforeAll(async () => {
    pools = await createTestPools({ serve: false });
  });
  afterAll(() => pools.close());

  it('give one person an account in each pool, mapped unless told otherwise', () => {
    const anna = pools.person({ username: 'anna' });
    expect(anna.legacy).toMatchObject({ sub: anna.userId, username: 'anna', email: 'anna@example.com' });
    expect(anna.new.sub).not.toBe(anna.userId);
    expect(decodeJwt(anna.legacy.idToken())).toMatchObject({
      iss: pools.legacyPool.issuer,
      'cognito:username': 'anna',
    });
    expect(decodeJwt(anna.new.idToken())).toMatchObject({ sub: anna.new.sub, 'custom:legacy_sub': anna.userId });
    expect(decodeJwt(anna.new.accessToken({ scope: 'x' }))).toMatchObject({ legacy_sub: anna.userId, scope: 'x' });
    const unmapped = pools.person({ mapped: false });
    expect(decodeJwt(unmapped.new.idToken())).not.toHaveProperty('custom:legacy_sub');
    expect(decodeJwt(unmapped.new.accessToken())).not.toHaveProperty('legacy_sub');
  });
});
