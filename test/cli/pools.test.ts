import { describe, expect, it } from 'vitest';
import { COMMON_OPTIONS } from '../../src/cli/options/common.js';
import { bothPoolIds, legacyPoolAddress, newPoolAddress, refuseOthers } from '../../src/cli/pools.js';

const legacyPool = COMMON_OPTIONS.legacyPool.check('legacyPool', [
  'eu-west-1_A',
  { userPoolId: 'us-east-1_B', profile: 'b', endpoint: 'http://localhost:9229' },
]);
const settings = {
  legacyPool,
  newPool: undefined,
  legacyRegion: 'eu-west-1',
  legacyProfile: 'all',
  legacyRoleArn: undefined,
  legacyEndpoint: undefined,
  newRegion: undefined,
  newProfile: undefined,
  newRoleArn: undefined,
  newEndpoint: undefined,
  attribute: undefined,
};

describe('how a legacy pool is reached', () => {
  it('is as the options say for all', () => {
    expect(legacyPoolAddress('eu-west-1_A', settings)).toEqual({
      userPoolId: 'eu-west-1_A',
      region: 'eu-west-1',
      profile: 'all',
    });
  });

  it('is as the pool says itself, where it does', () => {
    expect(legacyPoolAddress('us-east-1_B', settings)).toEqual({
      userPoolId: 'us-east-1_B',
      region: 'eu-west-1',
      profile: 'b',
      endpoint: 'http://localhost:9229',
    });
  });
});

it('reaches the new pool by its own options', () => {
  const address = newPoolAddress('eu-west-1_New', { ...settings, newProfile: 'new' });
  expect(address).toEqual({ userPoolId: 'eu-west-1_New', profile: 'new' });
});

describe('the pools of a new plan', () => {
  const named = { ...settings, newPool: 'eu-west-1_New', state: 'cutover.db' };

  it('must both be named', () => {
    expect(bothPoolIds(named)).toEqual({ legacy: ['eu-west-1_A', 'us-east-1_B'], new: 'eu-west-1_New' });
    expect(() => bothPoolIds({ ...named, newPool: undefined })).toThrow('--new-pool: is required');
    expect(() => bothPoolIds({ ...named, legacyPool: undefined })).toThrow('--legacy-pool: is required');
  });

  it('must differ', () => {
    expect(() => bothPoolIds({ ...named, newPool: 'us-east-1_B' })).toThrow('us-east-1_B is the legacy pool too');
  });
});

describe('other pools than something was made for', () => {
  const made = { legacyPools: ['us-east-1_B', 'eu-west-1_A'], newPool: 'eu-west-1_New', attribute: 'custom:id' };
  const given = { legacyPool, newPool: 'eu-west-1_New', attribute: 'custom:id' };

  it.each([[given], [{ legacyPool: undefined, newPool: undefined, attribute: undefined }]])('are not %j', (same) =>
    expect(() => refuseOthers(same, made, 'cutover.db')).not.toThrow(),
  );

  it.each([
    [{ newPool: 'eu-west-1_X' }, '--new-pool: expected eu-west-1_New, as in cutover.db, got "eu-west-1_X"'],
    [{ legacyPool: legacyPool?.slice(1) }, '--legacy-pool: expected us-east-1_B, eu-west-1_A, as in cutover.db'],
    [{ attribute: 'custom:x' }, '--attribute: expected custom:id, as in cutover.db, got "custom:x"'],
  ])('are refused: %j', (other, message) => {
    expect(() => refuseOthers({ ...given, ...other }, made, 'cutover.db')).toThrow(message);
  });

  it('are a new pool where there was none', () => {
    const before = { legacyPools: made.legacyPools, newPool: null };
    expect(() => refuseOthers(given, before, 'before.json')).toThrow('--new-pool: expected none, as in before.json');
  });
});
