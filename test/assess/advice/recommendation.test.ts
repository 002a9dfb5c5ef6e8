import { describe, expect, it } from 'vitest';
import { recommend } from '../../../src/assess/advice/recommendation.js';
import { SETTLED } from '../../../src/assess/advice/settled.js';
import { CHECKS } from '../../../src/assess/checks/index.js';
import type { PoolSettings, UserStatistics } from '../../../src/assess/snapshot/pool-snapshot.js';
import { context, LEGACY_ID, legacyParts, NEW_ID } from '../pools.js';

const region = 'eu-west-1';
const { settings } = legacyParts;

function advice(
  changes: {
    users?: Partial<UserStatistics>;
    settings?: Partial<PoolSettings>;
    newRegion?: string | null;
    newSettings?: Partial<PoolSettings>;
    newUsers?: Partial<UserStatistics>;
  } = {},
) {
  const { newRegion = region } = changes;
  const legacy = [
    {
      userPoolId: LEGACY_ID,
      region,
      settings: { ...settings, ...changes.settings },
      users: { ...legacyParts.users, ...changes.users },
    },
  ];
  const newPool =
    newRegion === null
      ? undefined
      : {
          userPoolId: NEW_ID,
          region: newRegion,
          settings: { ...settings, ...changes.newSettings },
          users: changes.newUsers === undefined ? undefined : { ...legacyParts.users, ...changes.newUsers },
        };
  return recommend({ legacy, new: newPool, options: context.options, findings: [] });
}

describe('which way fits whom', () => {
  it('gives every user one way', () => {
    const { shares } = advice({
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
    expect(Object.fromEntries(shares.map(({ way, users }) => [way, users]))).toEqual({
      federation: 200,
      'migration-at-sign-in': 490,
      'import-and-reset': 240,
      'sign-up-again': 50,
      'leave-behind': 20,
    });
    expect(shares.reduce((sum, { users }) => sum + users, 0)).toBe(1000);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('counts nobody twice who is disabled and unconfirmed', () => {
    const { shares } = advice({
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
    expect(shares.map(({ way, users }) => [way, users])).toEqual([['leave-behind', 10]]);
  });

  it('says whom an import cannot take', () => {
    const importing = advice({ users: { withoutVerifiedContact: 7 } }).shares.find(
      ({ way }) => way === 'import-and-reset',
    );
    expect(importing?.why).toContain('Up to 7 of them');
  });
});

describe('replication instead of a move', () => {
  it('is named where another Region may be the only motive', () => {
    expect(advice({ newRegion: 'us-east-1' }).replication).toContain('A replica of the legacy pool in us-east-1');
    expect(advice({ newRegion: null }).replication).toContain('the other Region');
    expect(advice({ newRegion: null, settings: { plan: 'LITE' } }).replication).toContain('the pool is on Lite');
  });

  it('is not named where it cannot serve', () => {
    expect(advice().replication).toBeUndefined();
    expect(advice({ newRegion: 'us-east-1', settings: { account: '999999999999' } }).replication).toBeUndefined();
  });
});

describe('an identity provider directly, instead of a pool', () => {
  const federatedOnly = {
    total: 200,
    native: 0,
    byStatus: { EXTERNAL_PROVIDER: 200 },
    ableToSignIn: 0,
    lastModifiedNative: [],
  };

  it('is named where nobody has a password', () => {
    expect(advice({ users: federatedOnly }).providerDirectly).toContain(
      'it only forwards sign-ins to Google. Applications can use that provider directly',
    );
  });

  it('is not named where anybody has one, or nobody is there', () => {
    expect(advice().providerDirectly).toBeUndefined();
    expect(advice({ users: { ...federatedOnly, total: 201, native: 1 } }).providerDirectly).toBeUndefined();
    expect(
      advice({ users: { ...federatedOnly, total: 0, ableToSignInFederated: 0 } }).providerDirectly,
    ).toBeUndefined();
  });
});

describe('a second factor', () => {
  const wayOf = (changes: Parameters<typeof advice>[0]) =>
    advice(changes).shares.filter(({ way }) => way.startsWith('migration') || way.endsWith('legacy-pool'));

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
    const legacy = [{ userPoolId: LEGACY_ID, region, users: legacyParts.users }];
    const { shares } = recommend({ legacy, new: undefined, options: context.options, findings: [] });
    expect(shares.find(({ way }) => way === 'migration-at-sign-in')?.why).toContain('could not be read');
  });
});

describe('a move that is half done', () => {
  it('counts those who are in the new pool once, and shares out the rest', () => {
    const { shares } = advice({
      newUsers: { total: 333, native: 233, customAttributes: { 'custom:legacy_sub': 300 } },
    });
    expect(shares.map(({ way, users }) => [way, users])).toEqual([
      ['already-moved', 300],
      ['backfill', 33],
      ['federation', 100],
      ['migration-at-sign-in', 284],
      ['import-and-reset', 283],
    ]);
  });
});

describe('the steps', () => {
  it('before there is a new pool say how to create it, and what these users need', () => {
    expect(advice({ newRegion: null }).steps).toEqual([
      'Create the new pool. Copy the settings that can never be changed from the legacy pool (sign-in names, case sensitivity of usernames, required attributes), and add custom:legacy_sub: a String, mutable, MaxLength 2048.',
      'Set up the identity providers, and register the URLs of the new pool at each of them (for SAML, its entity id too) before users sign in.',
      'Mount the middleware in every API, so that APIs accept tokens of both pools before the new pool issues its first token.',
      'Set the triggers of the new pool (pre token generation, user migration, post confirmation), and test them with a few accounts.',
      'Switch applications over one at a time: users with a password move when they sign in, users of identity providers arrive with their first sign-in.',
      'After 90 days, run export-csv and import-csv for the users with a password who have not moved. Then run plan --groups, apply and verify again.',
      'Set legacyTokens.acceptUntil to now plus the longest token lifetime, and check that no user is refused.',
      'Keep the legacy pool, with deletion protection, for as long as you may need to check a mapping.',
    ]);
  });

  it('before there is a new pool name the legacy pool as a provider where MFA is required', () => {
    const { steps } = advice({ newRegion: null, settings: { mfa: 'ON' } });
    expect(steps).toContain(
      'Make the legacy pool an identity provider of the new one (eu-west-1_Legacy001): MFA is required there, so the migration trigger cannot move its users.',
    );
    expect(steps.join()).not.toContain('user migration');
  });

  it('settle every finding there can be, each in one of them', () => {
    const settled = Object.values(SETTLED).flat();
    expect([...settled].sort()).toEqual(CHECKS.map(({ id }) => id).sort());
  });
});
