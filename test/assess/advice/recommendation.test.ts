import { describe, expect, it } from 'vitest';
import { recommend } from '../../../src/assess/advice/recommendation.js';
import { SETTLED } from '../../../src/assess/advice/settled.js';
import { CHECKS } from '../../../src/assess/checks/index.js';
import type { PoolSettings, UserStatistics } from '../../../src/assess/snapshot.js';
import { context, LEGACY_ID, legacyParts, NEW_ID } from '../pools.js';

const region = 'eu-west-1';
const { settings } = legacyParts;

function advice(
  changes: { users?: Partial<UserStatistics>; settings?: Partial<PoolSettings>; newRegion?: string | null } = {},
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
  const newPool = newRegion === null ? undefined : { userPoolId: NEW_ID, region: newRegion, settings };
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
    expect(advice({ newRegion: 'us-east-1' }).replication).toContain('a replica of the legacy pool in us-east-1');
    expect(advice({ newRegion: null }).replication).toContain('the other Region');
    expect(advice({ newRegion: null, settings: { plan: 'LITE' } }).replication).toContain('the pool is on Lite');
  });

  it('is not named where it cannot serve', () => {
    expect(advice().replication).toBeUndefined();
    expect(advice({ newRegion: 'us-east-1', settings: { account: '999999999999' } }).replication).toBeUndefined();
  });
});

describe('the steps', () => {
  it('settle every finding there can be, each in one of them', () => {
    const settled = Object.values(SETTLED).flat();
    expect([...settled].sort()).toEqual(CHECKS.map(({ id }) => id).sort());
  });
});
