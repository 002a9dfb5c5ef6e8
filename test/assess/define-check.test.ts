import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/assess/checks/index.js';
import { type Check, checkPair, checkPool } from '../../src/assess/define-check.js';
import type { Snapshot } from '../../src/assess/snapshot/pool-snapshot.js';
import { context, LEGACY_ID, NEW_ID, pair } from './pools.js';

const found = { severity: 'info', title: 't', seen: 's', why: 'w', fix: 'f', docs: 'd' } as const;
const denied = (permission: string) => ({ known: 'no', permission, reason: 'denied' }) as const;

/** A pair of which nothing could be read. */
function blind(): Snapshot {
  const { legacy, new: newPool, takenAt } = pair();
  const shut = (pool: Snapshot['legacy'][number]) => ({
    ...pool,
    settings: denied('cognito-idp:DescribeUserPool'),
    mfa: denied('cognito-idp:GetUserPoolMfaConfig'),
    clients: denied('cognito-idp:ListUserPoolClients'),
    providers: denied('cognito-idp:ListIdentityProviders'),
    resourceServers: denied('cognito-idp:ListResourceServers'),
    groups: denied('cognito-idp:ListGroups'),
    replicas: denied('cognito-idp:ListUserPoolReplicas'),
    quotas: denied('cognito-idp:GetProvisionedLimit'),
    users: denied('cognito-idp:ListUsers'),
  });
  return { takenAt, legacy: legacy.map(shut), new: newPool === null ? null : shut(newPool) };
}

describe('a check', () => {
  it('of one pool runs for every pool, or for those of its side', () => {
    const each = checkPool({ id: 'each', needs: ['users'], find: () => found });
    const legacy = checkPool({ id: 'legacy', side: 'legacy', needs: ['users'], find: () => found });
    const idsOf = (check: Check) => check.run(pair(), context).map(({ findings }) => findings[0]?.userPoolId);
    expect(idsOf(each)).toEqual([LEGACY_ID, NEW_ID]);
    expect(idsOf(legacy)).toEqual([LEGACY_ID]);
  });

  it('of a pair runs for every legacy pool, and not before the new pool exists', () => {
    const check = checkPair({ id: 'pair', needs: { legacy: [], new: [] }, find: () => found });
    const second = pair().legacy.map((pool) => ({ ...pool, userPoolId: 'eu-west-1_Legacy002' }));
    const several = { ...pair(), legacy: [...pair().legacy, ...second] };
    expect(check.run(several, context).map(({ findings }) => findings[0])).toMatchObject([
      { userPoolId: NEW_ID, comparedWith: LEGACY_ID },
      { userPoolId: NEW_ID, comparedWith: 'eu-west-1_Legacy002' },
    ]);
    expect(check.run({ ...several, new: null }, context)).toEqual([]);
  });

  it('names the pool to act on, and the one it is compared with', () => {
    const needs = { legacy: [], new: [] } as const;
    const inNew = checkPair({ id: 'x', needs, find: () => found }).run(pair(), context);
    const inLegacy = checkPair({ id: 'x', needs, fixIn: 'legacy', find: () => found }).run(pair(), context);
    expect(inNew[0]?.findings).toEqual([{ id: 'x', userPoolId: NEW_ID, comparedWith: LEGACY_ID, ...found }]);
    expect(inLegacy[0]?.findings[0]).toMatchObject({ userPoolId: LEGACY_ID, comparedWith: NEW_ID });
  });

  it('is not made where a part it needs is missing, and says which permission it takes', () => {
    const snapshot = blind();
    const check = checkPair({
      id: 'x',
      needs: { legacy: ['users', 'mfa'], new: ['clients'] },
      find: () => {
        throw new Error('was made');
      },
    });
    expect(check.run(snapshot, context)).toEqual([
      {
        id: 'x',
        findings: [],
        missing: [
          { userPoolId: LEGACY_ID, permission: 'cognito-idp:ListUsers', reason: 'denied' },
          { userPoolId: LEGACY_ID, permission: 'cognito-idp:GetUserPoolMfaConfig', reason: 'denied' },
          { userPoolId: NEW_ID, permission: 'cognito-idp:ListUserPoolClients', reason: 'denied' },
        ],
      },
    ]);
  });

  it('never passes on what nobody could read', () => {
    const results = CHECKS.flatMap((check) => check.run(blind(), context));
    const passed = results.filter(({ findings, missing }) => findings.length + missing.length === 0);
    // The ids of the pools are known without asking.
    expect(passed.map(({ id }) => id)).toEqual(['same-pool']);
  });
});
