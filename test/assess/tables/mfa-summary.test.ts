import { describe, expect, it } from 'vitest';
import { summariseMfa } from '../../../src/assess/tables/mfa-summary.js';
import { type Changes, LEGACY_ID, legacyParts } from '../pools.js';

const summaryOf = ({ settings, mfa, users }: Changes) =>
  summariseMfa({
    userPoolId: LEGACY_ID,
    settings: { ...legacyParts.settings, ...settings },
    mfa: { ...legacyParts.mfa, ...mfa },
    users: { ...legacyParts.users, ...users },
  });

describe('what is known of second factors', () => {
  it.each([
    ['OPTIONAL', 0, 800],
    ['ON', 800, 800],
  ] as const)('knows of MFA %s that %i to %i users have it', (mfa, atLeast, atMost) => {
    const summary = summaryOf({ settings: { mfa }, mfa: { email: true } });
    expect(summary).toMatchObject({ mode: mfa, kinds: ['e-mail'], atLeast, atMost });
    expect(summary.ways.map(({ way }) => way)).toEqual([
      'federation',
      'migration at first sign-in',
      'import and reset',
    ]);
  });

  it('leaves second factors to the identity providers where nobody has a password', () => {
    const legacy = { settings: { mfa: 'ON' as const }, mfa: { softwareToken: true }, users: { native: 0 } };
    expect(summaryOf(legacy)).toMatchObject({ mode: 'ON', atLeast: 0, atMost: 0, ways: [] });
  });

  it('offers no kinds where MFA is off, whatever is configured', () => {
    expect(summaryOf({ mfa: { sms: true } })).toMatchObject({ mode: 'OFF', kinds: [], atMost: 0, ways: [] });
  });
});
