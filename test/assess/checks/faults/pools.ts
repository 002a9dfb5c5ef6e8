import type { Snapshot } from '../../../../src/assess/snapshot/pool-snapshot.js';
import { LEGACY_ID, NEW_ID, pair } from '../../pools.js';
import type { Fault } from './fault.js';

const inOtherRegion = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  legacy: snapshot.legacy.map((pool) => ({ ...pool, region: 'us-east-1' })),
});
const replica = (region: string, role: string) => ({ region, role, status: 'ACTIVE' });
const once = pair();

export const poolFaults: readonly Fault[] = [
  {
    id: 'same-pool',
    severity: 'blocker',
    snapshot: { ...once, legacy: once.new === null ? [] : [once.new] },
  },
  {
    id: 'replica-region',
    severity: 'blocker',
    snapshot: pair({ new: { replicas: [replica('us-east-1', 'PRIMARY'), replica('eu-west-1', 'SECONDARY')] } }),
    fix: '--new-region us-east-1',
  },
  {
    id: 'replicas-missing',
    severity: 'warning',
    snapshot: pair({ legacy: { replicas: [replica('eu-west-1', 'PRIMARY'), replica('us-east-1', 'SECONDARY')] } }),
    fix: 'create-user-pool-replica --user-pool-id eu-west-1_NewPool01 --region eu-west-1 --region-name us-east-1',
  },
  {
    id: 'accounts-differ',
    severity: 'info',
    snapshot: pair({ new: { settings: { account: '444455556666' } } }),
    seen: '444455556666',
  },
  {
    id: 'quotas-lower',
    severity: 'warning',
    snapshot: inOtherRegion(
      pair({ legacy: { quotas: [{ category: 'UserAuthentication', provisioned: 500, free: 120 }] } }),
    ),
    seen: "UserAuthentication 500 in the legacy pool's account and Region, 120 in the new pool's",
    fix: '--requested-limit-value 500',
  },
  {
    id: 'domain-missing',
    severity: 'blocker',
    snapshot: pair({ new: { settings: { domainPrefix: null } } }),
    fix: 'create-user-pool-domain',
  },
  {
    id: 'custom-domain-moves',
    severity: 'warning',
    snapshot: pair({ legacy: { settings: { customDomain: 'auth.shop.example' } } }),
    seen: 'auth.shop.example',
  },
  {
    id: 'resource-servers-missing',
    severity: 'blocker',
    snapshot: pair({ new: { resourceServers: [] } }),
    seen: 'orders/read',
    fix: `create-resource-server --region eu-west-1 --cli-input-json '{"UserPoolId":"${NEW_ID}","Identifier":"orders","Name":"Orders","Scopes":[{"ScopeName":"read"`,
  },
  {
    id: 'resource-servers-missing',
    case: 'a scope of one that exists',
    severity: 'blocker',
    snapshot: pair({
      new: {
        resourceServers: [
          {
            identifier: 'orders',
            name: 'Orders',
            managedByCognito: false,
            scopes: [{ name: 'write', description: 'Write' }],
          },
        ],
      },
    }),
    fix: '"Scopes":[{"ScopeName":"write","ScopeDescription":"Write"},{"ScopeName":"read"',
  },
  // True of every move, as no call to a user pool can rule it out.
  {
    id: 'identity-pools',
    severity: 'info',
    snapshot: pair(),
    seen: 'No group of the pool has an IAM role',
    fix: `endswith("/${LEGACY_ID}")`,
  },
  {
    id: 'identity-pools',
    case: 'with roles of groups as a sign',
    severity: 'warning',
    snapshot: pair({
      legacy: { groups: [{ name: 'admins', precedence: 1, hasRole: true }] },
      new: { groups: [{ name: 'admins', precedence: 1, hasRole: true }] },
    }),
    seen: '1 group has an IAM role, which is what identity pools give to members: admins.',
    fix: 'list-identity-pools --region eu-west-1',
  },
  {
    id: 'identity-pools',
    case: 'before there is a new pool, and with groups that could not be read',
    severity: 'info',
    snapshot: {
      ...pair(),
      legacy: pair().legacy.map((pool) => ({
        ...pool,
        groups: { known: 'no', permission: 'cognito-idp:ListGroups', reason: 'denied' },
      })),
      new: null,
    },
    seen: 'The groups of the pool could not be read.',
  },
];
