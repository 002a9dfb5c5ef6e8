import { describe, expect, it } from 'vitest';
import { COMMON_OPTIONS } from '../../src/cli/options/common.js';
import { legacyPoolAddress } from '../../src/cli/pools.js';

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
