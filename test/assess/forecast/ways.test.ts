import { describe, expect, it } from 'vitest';
import { enrolsAgain, type KnownParts, nativeWay } from '../../../src/assess/forecast/ways.js';
import type { PoolSettings } from '../../../src/assess/snapshot/pool-snapshot.js';
import { google, LEGACY_ID, legacyParts, NEW_ID } from '../pools.js';

const pool = (userPoolId: string, changes: Partial<PoolSettings>, more: Partial<KnownParts> = {}): KnownParts => ({
  userPoolId,
  region: 'eu-west-1',
  settings: { ...legacyParts.settings, ...changes },
  ...more,
});
const triggers = [{ name: 'UserMigration', version: null }];
const details = { oidc_issuer: `https://cognito-idp.eu-west-1.amazonaws.com/${LEGACY_ID}` };
const providers = [{ ...google, name: 'LegacyPool', type: 'OIDC', details }];

describe('users with a password', () => {
  it.each<[string, KnownParts, KnownParts | undefined, string]>([
    ['without MFA', pool(LEGACY_ID, {}), undefined, 'migration-at-sign-in'],
    ['with MFA that some have', pool(LEGACY_ID, { mfa: 'OPTIONAL' }), undefined, 'migration-at-sign-in'],
    ['with MFA that all have', pool(LEGACY_ID, { mfa: 'ON' }), pool(NEW_ID, {}), 'federation-with-legacy-pool'],
    [
      'with MFA that all set up again',
      pool(LEGACY_ID, { mfa: 'ON' }),
      pool(NEW_ID, { mfa: 'ON', triggers }),
      'migration-at-sign-in',
    ],
    [
      'where the legacy pool is an identity provider',
      pool(LEGACY_ID, {}),
      pool(NEW_ID, {}, { providers }),
      'federation-with-legacy-pool',
    ],
    ['whose settings are not known', { userPoolId: LEGACY_ID, region: 'eu-west-1' }, undefined, 'migration-at-sign-in'],
  ])('%s move by: %#', (_which, legacy, newPool, expected) => {
    expect(nativeWay(legacy, newPool)).toBe(expected);
  });
});

it('lets users set up a factor again only with both required MFA and the trigger', () => {
  const enrols = (changes: Partial<PoolSettings>) => enrolsAgain(pool(NEW_ID, changes));
  expect([enrols({ mfa: 'ON', triggers }), enrols({ mfa: 'ON' }), enrols({ triggers })]).toEqual([true, false, false]);
  expect(enrolsAgain(undefined)).toBe(false);
});
