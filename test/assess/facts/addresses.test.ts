import { describe, expect, it } from 'vitest';
import { arnOf, domainsOf, issuerOf } from '../../../src/assess/facts/addresses.js';
import type { PoolSettings } from '../../../src/assess/snapshot/pool-snapshot.js';
import { legacyParts } from '../pools.js';

const pool = (changes: Partial<PoolSettings> = {}, region = 'eu-west-1') => ({
  userPoolId: `${region}_Pool`,
  region,
  settings: { ...legacyParts.settings, ...changes },
});

describe('the hosts of the sign-in pages', () => {
  it.each([
    [{ domainPrefix: 'shop', customDomain: null }, 'eu-west-1', ['shop.auth.eu-west-1.amazoncognito.com']],
    [{ domainPrefix: null, customDomain: 'login.shop.example' }, 'eu-west-1', ['login.shop.example']],
    [{ domainPrefix: 'shop' }, 'us-gov-west-1', ['shop.auth-fips.us-gov-west-1.amazoncognito.com']],
    [{ domainPrefix: null, customDomain: null }, 'eu-west-1', []],
  ])('of %j in %s are %j', (settings, region, expected) => {
    expect(domainsOf(pool(settings, region))).toEqual(expected);
  });
});

it('has the issuer in the form of the pool', () => {
  expect(issuerOf(pool())).toBe('https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool');
  expect(issuerOf(pool({ issuerForm: 'UPDATED' }))).toBe(
    'https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool',
  );
});

it.each([
  ['eu-west-1', 'aws'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['cn-north-1', 'aws-cn'],
])('has an ARN in %s in the partition %s', (region, partition) => {
  expect(arnOf(pool({}, region))).toBe(`arn:${partition}:cognito-idp:${region}:111122223333:userpool/${region}_Pool`);
  expect(arnOf(pool({ account: null }, region))).toContain(':ACCOUNT:');
});
