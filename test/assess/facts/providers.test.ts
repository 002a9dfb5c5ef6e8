import { describe, expect, it } from 'vitest';
import { copiedGroups, pairProviders, providerOfLegacyPool } from '../../../src/assess/facts/providers.js';
import { google, LEGACY_ID, legacyParts } from '../pools.js';

const okta = { ...google, name: 'Okta' };
const old = { ...google, name: 'OldOkta' };

describe('identity providers of two pools', () => {
  it('are one where they have one name, or the map says so', () => {
    const names = (map: Record<string, string>) =>
      pairProviders([google, old], [google, okta], map).map((pair) => [pair.legacy.name, pair.new.name]);
    expect(names({})).toEqual([['Google', 'Google']]);
    expect(names({ OldOkta: 'Okta' })).toEqual([
      ['Google', 'Google'],
      ['OldOkta', 'Okta'],
    ]);
  });

  it.each([
    ['OIDC', `https://cognito-idp.eu-west-1.amazonaws.com/${LEGACY_ID}`, true],
    ['OIDC', `https://issuer-cognito-idp.eu-west-1.amazonaws.com/${LEGACY_ID}`, true],
    ['OIDC', 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other', false],
    ['SAML', `https://cognito-idp.eu-west-1.amazonaws.com/${LEGACY_ID}`, false],
  ])('may be the legacy pool itself: %s %s: %s', (type, issuer, expected) => {
    const provider = { ...google, name: 'LegacyPool', type, details: { oidc_issuer: issuer } };
    expect(providerOfLegacyPool([google, provider], LEGACY_ID)).toBe(expected ? provider : undefined);
  });
});

it('copies the groups that people made', () => {
  const groups = copiedGroups({ userPoolId: LEGACY_ID, groups: legacyParts.groups });
  expect(groups.map(({ name }) => name)).toEqual(['admins']);
});
