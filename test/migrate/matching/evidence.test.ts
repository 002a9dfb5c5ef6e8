import { describe, expect, it } from 'vitest';
import { type Finding, hinted, isFind, settles, type Trust } from '../../../src/migrate/matching/evidence.js';

const finding = (strength: Finding['strength'], more: Partial<Finding> = {}): Finding => ({
  ...{ rule: 'username', sub: 'ann-sub', pool: 1, strength },
  ...more,
});
const trust = (trustUsernames: Trust['trustUsernames']): Trust => ({ trustUsernames, trustAttribute: false });

describe('a finding', () => {
  it.each([
    ['proof', true],
    ['username', true],
    ['username-case', false],
    ['unverified', false],
  ] as const)('of strength %s finds somebody: %s', (strength, is) => expect(isFind(finding(strength))).toBe(is));

  it('is settled by a proof always, and by a username only where usernames of that pool are trusted', () => {
    const doubts = trust(new Map([[2, 'people can sign themselves up']]));
    expect(settles(finding('proof'), trust(false))).toBe(true);
    expect([true, false].map((all) => settles(finding('username'), trust(all)))).toEqual([true, false]);
    expect([1, 2].map((pool) => settles(finding('username', { pool }), doubts))).toEqual([true, false]);
    expect(settles(finding('unverified'), trust(true))).toBe(false);
  });
});

describe('why a finding settles nothing', () => {
  it.each<[Finding, Trust['trustUsernames'], string]>([
    [finding('username'), false, 'username finds ann-sub, but nothing verified confirms it'],
    [
      finding('username'),
      new Map([[1, 'people can sign themselves up in pool a']]),
      'username finds ann-sub, but nothing verified confirms it: people can sign themselves up in pool a',
    ],
    [finding('username-case'), true, 'username finds ann-sub, but the usernames differ in upper and lower case'],
    [
      finding('unverified', { rule: 'email', unverifiedIn: 'both', given: { legacy: 'Okta', new: '' } }),
      true,
      'email finds ann-sub, but is unverified in both pools (in the legacy pool it comes from identity provider Okta, in the new pool it comes from an identity provider without a name)',
    ],
    [finding('proof', { rule: 'email', sub: null }), true, 'email finds a legacy user without a sub'],
  ])('%#: is said in words', (one, trustUsernames, text) => expect(hinted(one, trust(trustUsernames))).toBe(text));
});
