import { describe, expect, it } from 'vitest';
import { stepsFor } from '../../../src/assess/advice/steps.js';
import { CHECKS } from '../../../src/assess/checks/index.js';
import { type SituationChanges, situation } from './situations.js';

const steps = (changes: SituationChanges) => stepsFor(situation(changes)).map(({ step }) => step);

describe('the steps', () => {
  it('before there is a new pool say how to create it, and what these users need', () => {
    expect(steps({ newRegion: null })).toEqual([
      'Create the new pool. Copy the settings that can never be changed from the legacy pool (sign-in names, case sensitivity of usernames, required attributes), and add custom:legacy_sub: a String, mutable, MaxLength 2048.',
      'Set up the identity providers, and register the URLs of the new pool at each of them (for SAML, its entity id too) before users sign in.',
      'Mount the middleware in every API, so that APIs accept tokens of both pools before the new pool issues its first token.',
      'Set the triggers of the new pool (pre token generation, user migration, post confirmation), and test them with a few accounts.',
      'Switch applications over one at a time: users with a password move when they sign in, users of identity providers arrive with their first sign-in.',
      'After 90 days, run export-csv and import-csv for the users with a password who have not moved. Then run plan --groups, apply and verify again.',
      'Set legacyTokens.acceptUntil to now plus the longest lifetime of a refresh token, and check that no user is refused.',
      'Keep the legacy pool, with deletion protection, for as long as you may need to check a mapping.',
    ]);
  });

  it('before there is a new pool name the legacy pool as a provider where MFA is required', () => {
    const found = steps({ newRegion: null, settings: { mfa: 'ON' } });
    expect(found).toContain(
      'Make the legacy pool an identity provider of the new one (eu-west-1_Legacy001): MFA is required there, so the migration trigger cannot move its users.',
    );
    expect(found.join()).not.toContain('user migration');
  });

  it('resolve the findings that there are, and are left out where there is nothing to do', () => {
    const finding = { severity: 'blocker', userPoolId: 'p', title: '', seen: '', why: '', fix: '', docs: '' } as const;
    const findings = ['attribute-writable', 'groups-missing'].map((id) => ({ ...finding, id }));
    const procedure = stepsFor({ ...situation({ newUsers: {} }), findings });
    const settles = procedure.filter((one) => one.settles.length > 0);
    expect(settles.map((one) => one.settles)).toEqual([['attribute-writable'], ['groups-missing']]);
    expect(settles.map(({ step }) => step.slice(0, 24))).toEqual([
      'Make sure that custom:le',
      'Run cognito-cutover plan',
    ]);
  });

  it('have a title each, which takes half a line', () => {
    const finding = { severity: 'blocker', userPoolId: 'p', title: '', seen: '', why: '', fix: '', docs: '' } as const;
    const findings = CHECKS.map(({ id }) => ({ ...finding, id }));
    const all = [
      ...stepsFor({ ...situation({ newUsers: {} }), findings }),
      ...stepsFor({ ...situation({ newUsers: {}, settings: { mfa: 'ON' } }), findings }),
      ...stepsFor(situation({ newRegion: null })),
    ];
    expect(all.length).toBeGreaterThan(30);
    expect(
      all.filter(({ title, step }) => title.length > 60 || (title.length >= step.length && step !== `${title}.`)),
    ).toEqual([]);
    expect(all.map(({ title }) => title)).toContain('First settle what is fixed at creation');
  });
});
