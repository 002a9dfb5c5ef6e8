import { describe, expect, it } from 'vitest';
import { sharesOf } from '../../../src/assess/advice/shares.js';
import { context, LEGACY_ID, legacyParts } from '../pools.js';
import { type SituationChanges, situation } from './situations.js';

const shares = (changes?: SituationChanges) => sharesOf(situation(changes));

describe('which way fits whom', () => {
  it('gives every user one way', () => {
    const found = shares({
      users: {
        byStatus: { CONFIRMED: 700, UNCONFIRMED: 50, FORCE_CHANGE_PASSWORD: 40, EXTERNAL_PROVIDER: 210 },
        native: 790,
        disabled: 20,
        ableToSignIn: 690,
        lastModifiedNative: [
          { days: 10, users: 400 },
          { days: 89, users: 90 },
          { days: 90, users: 200 },
        ],
      },
    });
    expect(Object.fromEntries(found.map(({ way, users }) => [way, users]))).toEqual({
      federation: 200,
      'migration-at-sign-in': 490,
      'import-and-reset': 240,
      'sign-up-again': 50,
      'leave-behind': 20,
    });
    expect(found.reduce((sum, { users }) => sum + users, 0)).toBe(1000);
    expect(found.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('counts nobody twice who is disabled and unconfirmed', () => {
    const found = shares({
      users: {
        total: 10,
        byStatus: { UNCONFIRMED: 10 },
        native: 10,
        disabled: 10,
        ableToSignIn: 0,
        ableToSignInFederated: 0,
        lastModifiedNative: [],
        lastModifiedFederated: [],
      },
    });
    expect(found.map(({ way, users }) => [way, users])).toEqual([['leave-behind', 10]]);
  });

  it('says whom an import cannot take', () => {
    const importing = shares({ users: { withoutVerifiedContact: 7 } }).find(({ way }) => way === 'import-and-reset');
    expect(importing?.why).toContain('Up to 7 of them');
  });
});

describe('a second factor', () => {
  const wayOf = (changes: SituationChanges) =>
    shares(changes).filter(({ way }) => way.startsWith('migration') || way.endsWith('legacy-pool'));

  it('that everybody has leaves the legacy pool as an identity provider', () => {
    const [share] = wayOf({ settings: { mfa: 'ON' }, newUsers: { total: 0, native: 0 } });
    expect(share).toMatchObject({ way: 'federation-with-legacy-pool', users: 400 });
    expect(share?.why).toContain('password and second factor work as before');
  });

  it('can be set up again where the new pool is made for it', () => {
    const triggers = [{ name: 'UserMigration', version: null }];
    const newSettings = { mfa: 'ON' as const, triggers };
    const [share] = wayOf({ settings: { mfa: 'ON' }, newSettings, newUsers: { total: 0, native: 0 } });
    expect(share).toMatchObject({ way: 'migration-at-sign-in', users: 400 });
    expect(share?.why).toContain('challenges: "reset-and-enrol"');
  });

  it('that some have is said to stop those', () => {
    const [share] = wayOf({ settings: { mfa: 'OPTIONAL' }, newRegion: null });
    expect(share?.why).toContain('The trigger refuses users with a second factor');
    const [without] = wayOf({ newRegion: null });
    expect(without?.why).not.toContain('second factor');
  });

  it('is not said to be none where the settings could not be read', () => {
    const legacy = [{ userPoolId: LEGACY_ID, region: 'eu-west-1', users: legacyParts.users }];
    const found = sharesOf({ legacy, new: undefined, options: context.options, findings: [] });
    expect(found.find(({ way }) => way === 'migration-at-sign-in')?.why).toContain('could not be read');
  });
});

describe('a move that is half done', () => {
  it('counts those who are in the new pool once, and shares out the rest', () => {
    const found = shares({
      newUsers: { total: 333, native: 233, customAttributes: { 'custom:legacy_sub': 300 } },
    });
    expect(found.map(({ way, users }) => [way, users])).toEqual([
      ['already-moved', 300],
      ['backfill', 33],
      ['federation', 100],
      ['migration-at-sign-in', 284],
      ['import-and-reset', 283],
    ]);
  });
});
