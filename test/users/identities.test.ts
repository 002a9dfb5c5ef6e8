import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { checkProviderMap, isProviderGroup, parseIdentities, providersOf } from '../../src/users/identities.js';

describe('parseIdentities', () => {
  it('reads every identity of the attribute', () => {
    const attribute =
      '[{"userId":"1","providerName":"Google","primary":true},{"userId":"x_2","providerName":"Old_Pool"}]';
    expect(parseIdentities(attribute)).toEqual([
      { provider: 'Google', userId: '1' },
      { provider: 'Old_Pool', userId: 'x_2' },
    ]);
  });

  it.each([
    undefined,
    '',
    'null',
    '{}',
    '7',
    '[null]',
    '["x"]',
    '[{"userId":1,"providerName":"G"}]',
    '[{"userId":"1"}]',
    '[{"userId":"","providerName":"G"}]',
    '[',
  ])('finds none in %j', (attribute) => {
    expect(parseIdentities(attribute)).toEqual([]);
  });
});

describe('providersOf', () => {
  const google = '{"userId":"1","providerName":"Google"}';

  it.each<[string, string | undefined, string, (string | undefined)[]]>([
    ['nobody of a user of the pool', undefined, 'CONFIRMED', []],
    ['nobody of a user who was unlinked', '[]', 'CONFIRMED', []],
    [
      'every provider once',
      `[${google},{"userId":"2","providerName":"Okta"},${google}]`,
      'CONFIRMED',
      ['Google', 'Okta'],
    ],
    ['a provider without a user id', '[{"providerName":"Okta"}]', 'CONFIRMED', ['Okta']],
    ['somebody without a name, where the status says so', undefined, 'EXTERNAL_PROVIDER', [undefined]],
    ['somebody without a name in an empty list of such a user', '[]', 'EXTERNAL_PROVIDER', [undefined]],
    ['somebody without a name in what cannot be read', '[{', 'CONFIRMED', [undefined]],
    ['somebody without a name in what is not a list', '{}', 'CONFIRMED', [undefined]],
    ['somebody without a name beside others', `[${google},{"userId":"2"}]`, 'CONFIRMED', ['Google', undefined]],
  ])('finds %s', (_, attribute, status, providers) => {
    expect(providersOf(attribute, status)).toEqual(providers);
  });
});

describe('isProviderGroup', () => {
  it.each([
    ['eu-west-1_Old_Corp_SAML', true],
    ['eu-west-1_Old', false],
    ['eu-west-1_Older', false],
    ['staff', false],
  ])('%s: %s', (name, isOne) => {
    expect(isProviderGroup(name, 'eu-west-1_Old')).toBe(isOne);
  });
});

describe('checkProviderMap', () => {
  it('takes providers of one name for one provider, unless it says otherwise', () => {
    const { toNew, toLegacy } = checkProviderMap({ OldOkta: 'Okta' });
    expect([toNew('Google'), toLegacy('Google')]).toEqual(['Google', ['Google']]);
    expect([toNew('OldOkta'), toLegacy('Okta')]).toEqual(['Okta', ['OldOkta']]);
  });

  it('lets a name that it uses mean nothing else', () => {
    const { toNew, toLegacy } = checkProviderMap({ OldOkta: 'Okta', Okta: 'OktaEU' });
    expect([toNew('OldOkta'), toNew('Okta'), toNew('OktaEU')]).toEqual(['Okta', 'OktaEU', undefined]);
    expect([toLegacy('Okta'), toLegacy('OktaEU'), toLegacy('OldOkta')]).toEqual([['OldOkta'], ['Okta'], []]);
    expect(checkProviderMap({ OldOkta: 'Okta' }).toNew('Okta')).toBeUndefined();
    expect(checkProviderMap({ OldOkta: 'Okta' }).toLegacy('OldOkta')).toEqual([]);
  });

  it('can say that a name means itself, and that two providers became one', () => {
    const { toNew, toLegacy } = checkProviderMap({ OldOkta: 'Okta', Okta: 'Okta' });
    expect([toNew('OldOkta'), toNew('Okta'), toLegacy('Okta')]).toEqual(['Okta', 'Okta', ['OldOkta', 'Okta']]);
  });

  it('reads names in any case where these come from usernames', () => {
    const { toLegacy } = checkProviderMap({ OldOkta: 'Okta' });
    expect([toLegacy('okta', true), toLegacy('oldokta', true), toLegacy('okta')]).toEqual([['OldOkta'], [], ['okta']]);
  });

  it.each([[null], ['x'], [{ Okta: '' }], [{ Okta: 5 }]])('refuses %j', (map) => {
    expect(() => checkProviderMap(map)).toThrow(ConfigurationError);
  });
});
