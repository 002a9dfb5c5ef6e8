import { describe, expect, it } from 'vitest';
import { poolSnapshot } from '../../../src/assess/snapshot/pool-snapshot.js';
import { pair } from '../pools.js';

const [pool] = pair().legacy;

describe('the snapshot of a pool', () => {
  it('is a pool as it was read', () => {
    expect(poolSnapshot.check('pool', pool)).toEqual(pool);
  });

  it.each(['denied', 'not-supported'])('may lack a part that was %s', (reason) => {
    const quotas = { known: 'no', permission: 'cognito-idp:GetProvisionedLimit', reason };
    expect(poolSnapshot.check('pool', { ...pool, quotas })).toMatchObject({ quotas });
  });

  it.each([
    ['a part left out', { users: undefined }, 'pool.users'],
    ['a part without its value', { users: { known: 'yes' } }, 'pool.users.value'],
    ['a reason of another kind', { mfa: { known: 'no', permission: 'x', reason: 'late' } }, 'pool.mfa.reason'],
  ])('never has %s', (_what, change, path) => {
    expect(() => poolSnapshot.check('pool', { ...pool, ...change })).toThrow(expect.objectContaining({ option: path }));
  });
});
