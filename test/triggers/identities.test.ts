import { describe, expect, it } from 'vitest';
import { parseIdentities } from '../../src/triggers/identities.js';

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
    '[',
  ])('finds none in %j', (attribute) => {
    expect(parseIdentities(attribute)).toEqual([]);
  });
});
