import { describe, expect, it } from 'vitest';
import { providerDirectly, replicationInstead } from '../../../src/assess/advice/alternatives.js';
import { situation } from './situations.js';

describe('replication instead of a move', () => {
  it('is named where another Region may be the only motive', () => {
    expect(replicationInstead(situation({ newRegion: 'us-east-1' }))).toContain(
      'A replica of the legacy pool in us-east-1',
    );
    expect(replicationInstead(situation({ newRegion: null }))).toContain('the other Region');
    expect(replicationInstead(situation({ newRegion: null, settings: { plan: 'LITE' } }))).toContain(
      'the pool is on Lite',
    );
  });

  it('is not named where it cannot serve', () => {
    expect(replicationInstead(situation())).toBeUndefined();
    expect(
      replicationInstead(situation({ newRegion: 'us-east-1', settings: { account: '999999999999' } })),
    ).toBeUndefined();
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
    expect(providerDirectly(situation({ users: federatedOnly }))).toContain(
      'it only forwards sign-ins to Google. Applications can use that provider directly',
    );
  });

  it('is not named where anybody has one, or nobody is there', () => {
    expect(providerDirectly(situation())).toBeUndefined();
    expect(providerDirectly(situation({ users: { ...federatedOnly, total: 201, native: 1 } }))).toBeUndefined();
    expect(
      providerDirectly(situation({ users: { ...federatedOnly, total: 0, ableToSignInFederated: 0 } })),
    ).toBeUndefined();
  });
});
