import { describe, expect, it } from 'vitest';
import {
  checkPolicy,
  checkPreferred,
  listingOptions,
  type MatchOptions,
  matchedAttributes,
  matchesContacts,
} from '../../../src/migrate/matching/policy.js';

describe('a policy', () => {
  it('has defaults that trust nothing unproven', () => {
    expect(checkPolicy({})).toMatchObject({
      ...{ rules: ['mapping', 'identity', 'username', 'email'], attribute: 'custom:legacy_sub' },
      ...{ trustUsernames: undefined, trustProviderEmail: [], trustAttribute: false, stampNewBorn: false },
      ...{ allowWritableMatch: false, prefer: [], legacyProvider: undefined },
    });
  });

  it.each<[string, MatchOptions, string]>([
    ['attribute', { attribute: 'email' }, 'a custom attribute'],
    ['attribute', { attribute: 'custom:a b' }, 'a custom attribute'],
    ['attribute', { attribute: 'not-custom:a' }, 'a custom attribute'],
    ['attribute', { attribute: `custom:${'a'.repeat(21)}` }, 'a custom attribute'],
    ['prefer', { prefer: 'eu-west-1_A' as never }, 'an array of strings'],
    ['match', { match: ['not-attribute:a' as 'email'] }, 'attribute:NAME'],
    ['match', { match: [] }, 'at least one rule'],
    ['match', { match: ['email', 'email'] }, 'more than once'],
    ['match', { match: ['attribute:custom:a\nb'] }, 'attribute:NAME'],
    ['match', { match: ['name' as 'email'] }, 'attribute:NAME'],
    ['match', { match: ['attribute:email'] }, 'cannot identify a person'],
    ['match', { match: ['attribute:custom:legacy_sub'] }, 'cannot identify a person'],
    ['trustProviderEmail', { match: ['identity'], trustProviderEmail: ['Okta'] }, 'neither'],
    ['trustProviderEmail', { trustProviderEmail: ['Okta', 'Okta'] }, 'more than once'],
    ['legacyProvider', { match: ['email'], legacyProvider: 'Old' }, "does not contain 'identity'"],
    ['legacyProvider', { legacyProvider: 'Old', providerMap: { A: 'Old' } }, 'maps another provider to it'],
  ])('is refused naming %s: %j', (option, options, message) => {
    expect(() => checkPolicy(options)).toThrow(
      expect.objectContaining({ option, message: expect.stringContaining(message) }),
    );
  });

  it('prefers legacy pools only', () => {
    const policy = checkPolicy({ prefer: ['eu-west-1_B'] });
    checkPreferred(policy, [{ userPoolId: 'eu-west-1_A' }, { userPoolId: 'eu-west-1_B' }]);
    expect(() => checkPreferred(policy, [{ userPoolId: 'eu-west-1_A' }])).toThrow(
      expect.objectContaining({ option: 'prefer', message: expect.stringContaining('these are eu-west-1_A') }),
    );
  });

  it('knows which of its rules compare what', () => {
    const policy = checkPolicy({ match: ['identity', 'attribute:custom:number', 'attribute:nickname'] });
    expect(matchedAttributes(policy)).toEqual(['custom:number', 'nickname']);
    expect(matchesContacts(policy)).toBe(false);
    expect(matchesContacts(checkPolicy({ match: ['phone'] }))).toBe(true);
  });
});

describe('the options that what is listed depends on', () => {
  const of = (options: MatchOptions) => listingOptions(checkPolicy(options));

  it.each<[string, MatchOptions, MatchOptions]>([
    ['the order of rules', { match: ['email', 'username'] }, { match: ['username', 'email'] }],
    ['a mapping file', { match: ['mapping', 'email'] }, { match: ['email'] }],
    ['what is only believed', {}, { trustUsernames: true, trustAttribute: true, prefer: ['eu-west-1_A'] }],
  ])('are not %s', (_name, one, other) => expect(of(one)).toBe(of(other)));

  it.each<MatchOptions>([
    { attribute: 'custom:other' },
    { match: ['email'] },
    { providerMap: { A: 'B' } },
    { legacyProvider: 'Old' },
    { trustProviderEmail: ['Okta'] },
  ])('are %j', (options) => expect(of(options)).not.toBe(of({})));

  it('are which provider is the legacy pool, and not only that one is', () => {
    expect(of({ legacyProvider: 'Old' })).not.toBe(of({ legacyProvider: 'Older' }));
  });
});
